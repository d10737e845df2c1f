//! TLS towards a directory server: whom to trust, StartTLS by hand, and errors that name what was expected.

use std::error::Error;
use std::io;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, RootCertStore};

use super::address::ServerAddress;
use super::error::{SourceError, quote};
use super::frame::{Answer, FrameChecker, FrameRefused};

/// The extended request 1.3.6.1.4.1.1466.20037 as message 1 (RFC 4511 section 4.14.1).
const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// A grant is 14 bytes; a refusal has a sentence.
const START_TLS_ANSWER_BYTES_MAX: usize = 4096;

const CURE_CA: &str = "set ca_file to the certificate of the authority that signed the server's";
const CURE_NAME: &str = "use one of the names in the certificate as the host, or add this one to the certificate";
const CURE_TIME: &str = "renew the server's certificate, and check the clocks";
const CURE_OTHER: &str = "check that the port speaks TLS 1.2 or 1.3 with a current certificate";

/// Trusts only the given authorities, or the public ones when none is given. There is no way to trust everybody.
pub fn client_config(ca_pem: &str) -> Result<Arc<ClientConfig>, SourceError> {
    let mut roots = RootCertStore::empty();
    if ca_pem.trim().is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    } else {
        for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
            let certificate = certificate.map_err(|error| {
                SourceError::Settings(format!("ca_file is not a PEM file of certificates: {error}"))
            })?;
            roots
                .add(certificate)
                .map_err(|error| SourceError::Settings(format!("ca_file holds an unusable certificate: {error}")))?;
        }
        if roots.is_empty() {
            return Err(SourceError::Settings("ca_file holds no certificate in PEM form".to_owned()));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SourceError::Settings(format!("TLS is not available: {error}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Asks for StartTLS and accepts nothing but success. Never goes on in clear.
pub async fn start_tls(stream: &mut TcpStream, server: &ServerAddress) -> Result<(), SourceError> {
    let broken = |source| SourceError::Broken { url: server.to_string(), entries: 0, source };
    let hostile = |source| SourceError::Hostile { url: server.to_string(), source };
    stream.write_all(START_TLS).await.map_err(|error| broken(Some(error)))?;
    let mut checker = FrameChecker::new();
    let mut received = 0;
    let mut bytes = [0_u8; 512];
    loop {
        let count = stream.read(&mut bytes).await.map_err(|error| broken(Some(error)))?;
        if count == 0 {
            return Err(broken(None));
        }
        received += count;
        checker.feed(bytes.get(..count).unwrap_or_default());
        let answer = checker.take().map_err(hostile)?.map(|frame| (frame.message_id, frame.answer));
        match answer {
            None if received > START_TLS_ANSWER_BYTES_MAX => return Err(hostile(FrameRefused::Size(received))),
            None => {}
            // What follows the grant would be taken for the server's words under TLS, though anybody on the way
            // could have written it.
            Some(_) if checker.pending() > 0 => {
                return Err(hostile(FrameRefused::Unexpected("silence after the answer to StartTLS")));
            }
            Some((1, Answer::Extended(outcome))) if outcome.code == 0 => return Ok(()),
            Some((_, Answer::Extended(outcome))) => {
                return Err(SourceError::StartTlsRefused { url: server.to_string(), answer: quote(&outcome) });
            }
            Some(_) => return Err(hostile(FrameRefused::Unexpected("answer to StartTLS"))),
        }
    }
}

/// The handshake; the certificate must be for the configured host.
pub async fn handshake(
    stream: TcpStream,
    server: &ServerAddress,
    config: &Arc<ClientConfig>,
) -> Result<TlsStream<TcpStream>, SourceError> {
    let name = ServerName::try_from(server.host.clone()).map_err(|error| {
        SourceError::Settings(format!("host {:?} cannot be in a certificate: {error}", server.host))
    })?;
    TlsConnector::from(Arc::clone(config)).connect(name, stream).await.map_err(|error| explain(server, error))
}

fn explain(server: &ServerAddress, source: io::Error) -> SourceError {
    let cause = source.get_ref().and_then(|error| {
        let error: &(dyn Error + 'static) = error;
        error.downcast_ref::<rustls::Error>()
    });
    let (problem, cure) = match cause {
        Some(rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. })) => {
            let offered = if presented.is_empty() { "no name at all".to_owned() } else { presented.join(", ") };
            (format!("the certificate should be for {}, but is for {offered}", server.host), CURE_NAME)
        }
        Some(rustls::Error::InvalidCertificate(CertificateError::NotValidForName)) => {
            (format!("the certificate is not for {}", server.host), CURE_NAME)
        }
        // A renewed authority of the same name shows as a bad signature.
        Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)) => {
            ("the certificate was signed by an authority that is not trusted here".to_owned(), CURE_CA)
        }
        Some(rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        )) => ("the certificate is not valid today".to_owned(), CURE_TIME),
        Some(rustls::Error::InvalidCertificate(_)) => ("the certificate is not acceptable".to_owned(), CURE_CA),
        _ => ("the TLS handshake failed".to_owned(), CURE_OTHER),
    };
    SourceError::Tls { url: server.to_string(), problem, cure, source }
}
