//! A connection to a directory server with the frame guard in it: TCP and TLS are ours, the LDAP client gets one end
//! of a socket pair, and what the server sends reaches it only message by message, checked and at the pace at which
//! entries are taken out.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, StdStream};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufWriter};
use tokio::net::{TcpStream, UnixStream, lookup_host};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion};

use super::address::{Encryption, ServerAddress, nobodys};
use super::error::{SourceError, quote};
use super::frame::{Answer, Frame, FrameChecker, FrameRefused, Outcome};
use super::tls;

/// To have a TCP connection to one address.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// To have TLS on it, StartTLS included.
pub const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// To have an answer to the bind.
pub const BIND_TIMEOUT: Duration = Duration::from_secs(30);
/// To have all of one page, not counting the time its entries waited for us. Active Directory gives up after 120 s.
pub const PAGE_TIMEOUT: Duration = Duration::from_secs(150);

/// How many of a name's addresses are tried.
const ADDRESSES_MAX: usize = 8;
const READ_BYTES: usize = 64 * 1024;
/// What may wait between the server and the far end of a reading: twice the largest message. The LDAP client's own
/// queue has no bound.
const IN_FLIGHT_KIB_MAX: u32 = 64 * 1024;

/// How long to wait for what, and how much to hold; the constants above outside of tests.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub connect: Duration,
    pub tls: Duration,
    pub bind: Duration,
    pub page: Duration,
    pub in_flight_kib: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: CONNECT_TIMEOUT,
            tls: TLS_TIMEOUT,
            bind: BIND_TIMEOUT,
            page: PAGE_TIMEOUT,
            in_flight_kib: IN_FLIGHT_KIB_MAX,
        }
    }
}

/// An open connection.
pub struct Guarded {
    pub ldap: Ldap,
    pub link: Arc<Link>,
    pub peer: SocketAddr,
    /// Such as `TLS 1.3`; nothing in clear.
    pub encryption: Option<&'static str>,
    /// The pump and the client's own loop; dropping them closes the connection.
    _tasks: JoinSet<()>,
}

/// What the pump and the reader of a connection tell each other.
#[derive(Debug)]
pub struct Link {
    ended: OnceLock<Ended>,
    searching: AtomicBool,
    following: AtomicBool,
    credit: Semaphore,
    in_flight_kib: u32,
    waiting_for_reader: AtomicBool,
    in_flight: Mutex<VecDeque<u32>>,
}

/// Why the pump stopped, if it was not us.
#[derive(Debug)]
enum Ended {
    Refused(FrameRefused),
    HungUp(Outcome),
    Failed(io::ErrorKind, String),
    Closed,
}

impl Link {
    fn new(in_flight_kib: u32) -> Self {
        Self {
            ended: OnceLock::new(),
            searching: AtomicBool::new(false),
            following: AtomicBool::new(false),
            credit: Semaphore::new(usize::try_from(in_flight_kib).unwrap_or(usize::MAX)),
            in_flight_kib,
            waiting_for_reader: AtomicBool::new(false),
            in_flight: Mutex::new(VecDeque::new()),
        }
    }

    /// From now on answers to searches are expected, and none to binds.
    pub fn begin_searches(&self) {
        self.searching.store(true, Ordering::Release);
    }

    /// From now on the server may also speak in the middle of a search.
    pub fn begin_following(&self) {
        self.following.store(true, Ordering::Release);
    }

    /// Well-formed, let through, and yet not what was asked for.
    pub fn nonsense(&self, server: &ServerAddress, missing: &'static str) -> SourceError {
        SourceError::Hostile { url: server.to_string(), source: FrameRefused::Unexpected(missing) }
    }

    /// Whether nothing comes because too much of what came was not taken out yet.
    pub fn waits_for_reader(&self) -> bool {
        self.waiting_for_reader.load(Ordering::Acquire)
    }

    /// One message of a search was taken out at the far end; makes room for the next.
    pub fn taken(&self) {
        let mut in_flight = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(size) = in_flight.pop_front() {
            self.credit.add_permits(usize::try_from(size).unwrap_or(0));
        }
    }

    /// What was taken out already is handed to the reader again, who will report it as taken once more.
    pub fn once_more(&self) {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).push_back(0);
    }

    /// The error behind a connection that does not answer any more.
    pub fn explain(&self, server: &ServerAddress, entries: u64, otherwise: Option<io::Error>) -> SourceError {
        let url = server.to_string();
        match self.ended.get() {
            Some(Ended::Refused(source)) => SourceError::Hostile { url, source: source.clone() },
            Some(Ended::HungUp(outcome)) => SourceError::HungUp { url, entries, answer: quote(outcome) },
            Some(Ended::Failed(kind, words)) => {
                SourceError::Broken { url, entries, source: Some(io::Error::new(*kind, words.clone())) }
            }
            Some(Ended::Closed) => SourceError::Broken { url, entries, source: None },
            None => SourceError::Broken { url, entries, source: otherwise },
        }
    }

    fn expects(&self, frame: &Frame<'_>) -> Result<(), Ended> {
        match (&frame.answer, self.searching.load(Ordering::Acquire)) {
            (Answer::Extended(outcome), _) if frame.message_id == 0 => Err(Ended::HungUp(outcome.clone())),
            (Answer::Bind(_), false) | (Answer::Entry | Answer::Reference | Answer::Done(_), true) => Ok(()),
            (Answer::Intermediate, true) if self.following.load(Ordering::Acquire) => Ok(()),
            _ => Err(Ended::Refused(FrameRefused::Unexpected("answer to what was asked"))),
        }
    }

    /// Waits until the reader has taken out enough for this message. What was passed on before must reach the reader
    /// for that, so it is flushed before a wait.
    async fn admit(&self, frame: &Frame<'_>, client: &mut (impl AsyncWrite + Unpin)) -> Result<(), Ended> {
        if !self.searching.load(Ordering::Acquire) {
            return Ok(());
        }
        let size = u32::try_from(frame.bytes.len().div_ceil(1024))
            .map_or(self.in_flight_kib, |size| size.min(self.in_flight_kib));
        match self.credit.try_acquire_many(size) {
            Ok(permit) => permit.forget(),
            Err(_none_left) => {
                client.flush().await?;
                self.waiting_for_reader.store(true, Ordering::Release);
                self.credit.acquire_many(size).await.map_err(|_closed| Ended::Closed)?.forget();
                self.waiting_for_reader.store(false, Ordering::Release);
            }
        }
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).push_back(size);
        Ok(())
    }
}

/// Connects, encrypts, and puts the guard in between. `pinned` is the address to use when one was chosen before.
pub async fn connect(
    server: &ServerAddress,
    config: &Arc<ClientConfig>,
    pinned: Option<SocketAddr>,
    limits: &Limits,
) -> Result<Guarded, SourceError> {
    let mut stream = connect_tcp(server, pinned, limits.connect).await?;
    let unreachable = |source| SourceError::Unreachable { url: server.to_string(), source };
    let peer = stream.peer_addr().map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    let link = Link::new(limits.in_flight_kib);
    if server.encryption == Encryption::None {
        return guard(stream, server, peer, None, link).await;
    }
    let encrypt = async {
        if server.encryption == Encryption::StartTls {
            tls::start_tls(&mut stream, server).await?;
        }
        tls::handshake(stream, server, config).await
    };
    let encrypted =
        timeout(limits.tls, encrypt).await.map_err(|_elapsed| silent(server, "beginning TLS", limits.tls))??;
    let version = match encrypted.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS 1.3",
    };
    guard(encrypted, server, peer, Some(version), link).await
}

/// A server that did not answer in time.
pub fn silent(server: &ServerAddress, doing: &'static str, waited: Duration) -> SourceError {
    SourceError::Silent { url: server.to_string(), doing, seconds: waited.as_secs() }
}

async fn connect_tcp(
    server: &ServerAddress,
    pinned: Option<SocketAddr>,
    wait: Duration,
) -> Result<TcpStream, SourceError> {
    let unreachable = |source| SourceError::Unreachable { url: server.to_string(), source };
    let addresses: Vec<SocketAddr> = match pinned {
        Some(address) => vec![address],
        None => timeout(wait, lookup_host((server.host.as_str(), server.port)))
            .await
            .map_err(|_elapsed| silent(server, "looking up its name", wait))?
            .map_err(unreachable)?
            .filter(|address| server.encryption != Encryption::None || address.ip().to_canonical().is_loopback())
            .take(ADDRESSES_MAX)
            .collect(),
    };
    if let Some(address) = addresses.iter().find(|address| nobodys(address.ip())) {
        return Err(SourceError::Nobodys { url: server.to_string(), address: address.ip() });
    }
    if addresses.is_empty() {
        return Err(match server.encryption {
            Encryption::None => SourceError::NotEncrypted { url: server.to_string() },
            Encryption::Tls | Encryption::StartTls => unreachable(io::ErrorKind::NotFound.into()),
        });
    }
    let mut last = silent(server, "connecting", wait);
    for address in addresses {
        match timeout(wait, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(source)) => last = unreachable(source),
            Err(_elapsed) => last = silent(server, "connecting", wait),
        }
    }
    Err(last)
}

async fn guard<S>(
    stream: S,
    server: &ServerAddress,
    peer: SocketAddr,
    encryption: Option<&'static str>,
    link: Link,
) -> Result<Guarded, SourceError>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let unreachable = |source| SourceError::Unreachable { url: server.to_string(), source };
    let (ours, theirs) = StdUnixStream::pair().map_err(unreachable)?;
    ours.set_nonblocking(true).map_err(unreachable)?;
    let ours = UnixStream::from_std(ours).map_err(unreachable)?;
    let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(theirs));
    let (connection, ldap) = LdapConnAsync::with_settings(settings, "ldapi:///")
        .await
        .map_err(|error| unreachable(io::Error::from(error)))?;
    let link = Arc::new(link);
    let mut tasks = JoinSet::new();
    tasks.spawn(pump(stream, ours, Arc::clone(&link)));
    tasks.spawn(async move {
        if let Err(error) = connection.drive().await {
            tracing::debug!(error = %error, "connection to the directory server ended");
        }
    });
    Ok(Guarded { ldap, link, peer, encryption, _tasks: tasks })
}

/// Carries bytes both ways until one side ends; then both sockets close. The reason is on the link before the client
/// notices.
async fn pump<S>(stream: S, client: UnixStream, link: Arc<Link>)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (from_server, mut to_server) = tokio::io::split(stream);
    let (mut from_client, to_client) = client.into_split();
    let mut to_client = BufWriter::with_capacity(READ_BYTES, to_client);
    let inbound = check_inbound(from_server, &mut to_client, &link);
    let outbound = tokio::io::copy(&mut from_client, &mut to_server);
    let ended = tokio::select! {
        ended = inbound => ended,
        // The client hung up, or the server does not take what it says; what it said before may explain it.
        copied = outbound => copied.map_or_else(Ended::from, |_bytes| Ended::Closed),
    };
    link.ended.get_or_init(|| ended);
    drop(to_client);
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        // TLS peers that close without saying so.
        if error.kind() == io::ErrorKind::UnexpectedEof {
            Self::Closed
        } else {
            Self::Failed(error.kind(), error.to_string())
        }
    }
}

async fn check_inbound(
    mut server: impl AsyncRead + Unpin,
    client: &mut (impl AsyncWrite + Unpin),
    link: &Link,
) -> Ended {
    let mut checker = FrameChecker::new();
    let mut bytes = vec![0_u8; READ_BYTES];
    loop {
        match server.read(&mut bytes).await {
            Ok(0) => return Ended::Closed,
            Ok(count) => checker.feed(bytes.get(..count).unwrap_or_default()),
            Err(error) => return Ended::from(error),
        }
        if let Err(ended) = forward(&mut checker, client, link).await {
            return ended;
        }
    }
}

async fn forward(checker: &mut FrameChecker, client: &mut (impl AsyncWrite + Unpin), link: &Link) -> Result<(), Ended> {
    while let Some(frame) = checker.take().map_err(Ended::Refused)? {
        link.expects(&frame)?;
        link.admit(&frame, client).await?;
        client.write_all(frame.bytes).await?;
    }
    client.flush().await?;
    Ok(())
}

#[cfg(test)]
mod tests;
