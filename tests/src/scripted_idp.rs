//! An OpenID Connect provider by script, over TLS: for what a real one cannot do on demand. It answers each path with
//! what the test put there, and keeps what it was asked.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::response::Response;
use axum::serve::Listener;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

use crate::tls::Authority;

/// Larger than any request of ours.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Between two bytes of an answer that is given slowly.
const SLOW_PACE: Duration = Duration::from_secs(1);

/// Where it describes itself.
pub const METADATA_PATH: &str = "/.well-known/openid-configuration";
/// Where its keys are.
pub const KEYS_PATH: &str = "/jwks";
/// Where it takes codes.
pub const TOKEN_PATH: &str = "/token";

/// What it answers.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    slowly: bool,
}

impl Answer {
    /// These bytes, as JSON.
    #[must_use]
    pub fn bytes(body: Vec<u8>) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status: 200, headers, body, slowly: false }
    }

    /// This value, as JSON.
    #[must_use]
    pub fn json(value: &Value) -> Self {
        Self::bytes(value.to_string().into_bytes())
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self::json(&json!({})).status(302).header(LOCATION.as_str(), to)
    }

    /// With this status instead of 200.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One byte a second.
    #[must_use]
    pub fn slowly(mut self) -> Self {
        self.slowly = true;
        self
    }
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its path.
    pub path: String,
    /// Its body.
    pub body: String,
}

#[derive(Default)]
struct Script {
    answers: Mutex<HashMap<String, Answer>>,
    asked: Mutex<Vec<Asked>>,
    connections: AtomicUsize,
}

/// A provider on loopback that says whatever it is told to say.
pub struct ScriptedIdp {
    issuer: String,
    ca_pem: String,
    script: Arc<Script>,
    // Dropped, it is gone.
    _serving: JoinSet<()>,
}

impl ScriptedIdp {
    /// Starts one on a free port, with honest metadata and no keys.
    pub async fn start() -> Result<Self> {
        let authority = Authority::new()?;
        let identity = authority.certify(&["127.0.0.1", "idp.acme.test"])?;
        let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes())?;
        let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes())?;
        let tls = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
        let tcp = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
        let issuer = format!("https://{}", tcp.local_addr()?);
        let script = Arc::new(Script::default());
        let door = Door { tcp, tls: TlsAcceptor::from(Arc::new(tls)), script: Arc::clone(&script) };
        let router = Router::new().fallback(answer).with_state(Arc::clone(&script));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            axum::serve(door, router).await.ok();
        });
        let idp = Self { issuer, ca_pem: authority.pem().to_owned(), script, _serving: serving };
        idp.put(METADATA_PATH, Answer::json(&idp.metadata()));
        idp.publish(&[]);
        Ok(idp)
    }

    /// Its issuer, `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.issuer.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default()
    }

    /// The authority to trust.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// An address of its own.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Honest metadata, to be changed and put at [`METADATA_PATH`].
    #[must_use]
    pub fn metadata(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": self.url("/auth"),
            "token_endpoint": self.url(TOKEN_PATH),
            "jwks_uri": self.url(KEYS_PATH),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    /// Puts metadata with these members changed.
    pub fn describe(&self, changed: &Value) {
        let mut metadata = self.metadata();
        if let (Some(metadata), Some(changed)) = (metadata.as_object_mut(), changed.as_object()) {
            metadata.extend(changed.clone());
        }
        self.put(METADATA_PATH, Answer::json(&metadata));
    }

    /// Publishes these keys, each in its JSON form, and no others.
    pub fn publish(&self, keys: &[Value]) {
        self.put(KEYS_PATH, Answer::json(&json!({ "keys": keys })));
    }

    /// From now on answers this path so.
    pub fn put(&self, path: &str, answer: Answer) {
        held(&self.script.answers).insert(path.to_owned(), answer);
    }

    /// What it was asked at this path.
    #[must_use]
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        held(&self.script.asked).iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// How often somebody connected, whether or not they asked anything.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.script.connections.load(Ordering::SeqCst)
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(script): State<Arc<Script>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let body = to_bytes(request.into_body(), REQUEST_BYTES_MAX).await.unwrap_or_default();
    held(&script.asked).push(Asked { path: path.clone(), body: String::from_utf8_lossy(&body).into_owned() });
    let answer = held(&script.answers).get(&path).cloned().unwrap_or_else(|| Answer::json(&json!({})).status(404));
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let body = if answer.slowly { dripping(answer.body) } else { Body::from(answer.body) };
    response.body(body).unwrap_or_default()
}

fn dripping(bytes: Vec<u8>) -> Body {
    Body::from_stream(futures::stream::unfold(bytes.into_iter(), |mut rest| async move {
        let byte = rest.next()?;
        tokio::time::sleep(SLOW_PACE).await;
        Some((Ok::<_, Infallible>(Bytes::copy_from_slice(&[byte])), rest))
    }))
}

struct Door {
    tcp: TcpListener,
    tls: TlsAcceptor,
    script: Arc<Script>,
}

impl Listener for Door {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.tcp.accept().await else { continue };
            self.script.connections.fetch_add(1, Ordering::SeqCst);
            // Who does not speak TLS, or does not trust the certificate, is gone.
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}
