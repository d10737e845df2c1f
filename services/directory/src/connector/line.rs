//! The connector's way to the installation: it dials, over TLS, and asks now and then whether the other side lives.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use freehold_types::{Fault, Kind, Reason};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tonic::transport::{Channel, Endpoint, Uri};

use crate::source::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How often a quiet connection is asked whether it still lives; also keeps it open in firewalls.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// An address that may be dialled.
#[derive(Clone)]
pub(super) struct Line {
    address: String,
    endpoint: Endpoint,
    /// Host, port and trust; none on loopback without TLS.
    tls: Option<(String, u16, Arc<ClientConfig>)>,
}

impl Line {
    /// # Errors
    /// When the address is none, or would send people's records in clear text.
    pub(super) fn new(address: &str, ca_pem: &str) -> Result<Self, Fault> {
        let wrong = |why: &str| {
            Fault::new(Kind::Invalid, Reason::InvalidRequest, format!("installation {address:?} {why}"))
                .cure("write it like https://freehold.example.com")
        };
        let uri: Uri = address.parse().map_err(|error| wrong("is no address").because(error))?;
        let host = uri.host().ok_or_else(|| wrong("names no host"))?.trim_matches(['[', ']']).to_owned();
        let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let tls = match uri.scheme_str() {
            Some("https") => {
                let mut config = ClientConfig::clone(&*tls::client_config(ca_pem)?);
                config.alpn_protocols = vec![b"h2".to_vec()];
                Some((host, uri.port_u16().unwrap_or(443), Arc::new(config)))
            }
            Some("http") if loopback => None,
            Some("http") => return Err(wrong("must begin with https:// (http:// is for loopback only)")),
            _ => return Err(wrong("must begin with https://")),
        };
        let endpoint = Endpoint::from(uri.clone())
            .origin(uri)
            .connect_timeout(CONNECT_TIMEOUT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
            .keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
            .keep_alive_while_idle(true);
        Ok(Self { address: address.to_owned(), endpoint, tls })
    }

    pub(super) async fn dial(&self) -> Result<Channel, Fault> {
        let dialled = match &self.tls {
            None => self.endpoint.connect().await,
            Some((host, port, config)) => {
                let (host, port, config) = (host.clone(), *port, Arc::clone(config));
                let dial = move |_uri: Uri| handshake(host.clone(), port, Arc::clone(&config));
                self.endpoint.connect_with_connector(tower::service_fn(dial)).await
            }
        };
        dialled.map_err(|error| {
            let mut cause: &(dyn std::error::Error + 'static) = &error;
            while let Some(deeper) = cause.source() {
                cause = deeper;
            }
            let message = format!("the installation at {} does not answer: {cause}", self.address);
            Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, message)
                .cure("see that the address is right, that the way out is open, and that ca_file is the authority that signed its certificate")
        })
    }
}

async fn handshake(
    host: String,
    port: u16,
    config: Arc<ClientConfig>,
) -> std::io::Result<TokioIo<tokio_rustls::client::TlsStream<TcpStream>>> {
    let name = ServerName::try_from(host.clone()).map_err(std::io::Error::other)?;
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    stream.set_nodelay(true)?;
    TlsConnector::from(config).connect(name, stream).await.map(TokioIo::new)
}
