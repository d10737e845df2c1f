//! Servers that lie, stall and attack: a scripted peer on a TCP port instead of a directory.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream as StdTcpStream};
use std::sync::mpsc;
use std::thread;

use freehold_types::Secret;

use super::super::ldap::LdapSource;
use super::super::{Complete, Entry, Listing, Read, Reading, SourceKind, SourceSettings};
use super::*;

/// What the peer does after its last answer.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Hold,
}

struct Peer {
    port: u16,
    heard: mpsc::Receiver<Vec<u8>>,
}

impl Peer {
    /// Answers the first request with the first answer, and so on.
    fn start(answers: Vec<Vec<u8>>, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (say, heard) = mpsc::channel();
        thread::spawn(move || {
            let (mut stream, _peer) = listener.accept().unwrap();
            for answer in answers {
                say.send(hear(&mut stream)).ok();
                // A guard that hung up in the middle is the success of some tests.
                stream.write_all(&answer).ok();
            }
            if matches!(then, Then::Hold) {
                stream.read_to_end(&mut Vec::new()).ok();
            }
        });
        Self { port, heard }
    }

    fn settings(&self) -> SourceSettings {
        SourceSettings {
            kind: SourceKind::OpenLdap,
            urls: vec![format!("ldap://127.0.0.1:{}", self.port)],
            start_tls: false,
            ca_pem: String::new(),
            bind_dn: "cn=sync,dc=acme,dc=test".to_owned(),
            bind_password: Secret::new("s3cret-words".to_owned()),
            base_dn: "dc=acme,dc=test".to_owned(),
            people_filter: String::new(),
            group_filter: String::new(),
            attributes: vec!["cn".to_owned(), "member".to_owned()],
            watched: Vec::new(),
            columns: std::collections::BTreeMap::new(),
            encoding: String::new(),
        }
    }

    async fn people(&self) -> Result<Reading, SourceError> {
        source(self.settings()).read(Listing::People).await
    }

    fn heard_password(&self) -> bool {
        self.heard.iter().any(|request| request.windows(12).any(|window| window == b"s3cret-words"))
    }
}

fn hear(stream: &mut StdTcpStream) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    let count = stream.read(&mut bytes).unwrap_or(0);
    bytes.truncate(count);
    bytes
}

fn source(settings: SourceSettings) -> LdapSource {
    let short = Duration::from_millis(400);
    let limits = Limits { connect: short, tls: short, bind: short, page: short, in_flight_kib: 1024 };
    LdapSource::with_limits(settings, limits).unwrap()
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [[tag, 0x84].as_slice(), &length, content].concat()
}

fn message(id: u8, operation: u8, content: &[u8]) -> Vec<u8> {
    element(0x30, &[element(2, &[id]), element(operation, content)].concat())
}

fn result(id: u8, operation: u8, code: u8) -> Vec<u8> {
    message(id, operation, &[element(10, &[code]), element(4, b""), element(4, b"because")].concat())
}

fn bound() -> Vec<u8> {
    result(1, 0x61, 0)
}

fn attribute(name: &str, value: &[u8]) -> Vec<u8> {
    element(0x30, &[element(4, name.as_bytes()), element(0x31, &element(4, value))].concat())
}

fn entry(name: &[u8], attributes: &[u8]) -> Vec<u8> {
    message(2, 0x64, &[element(4, name), element(0x30, attributes)].concat())
}

fn three() -> Vec<u8> {
    [b"cn=a".as_slice(), b"cn=b", b"cn=c"].map(|name| entry(name, &attribute("cn", b"x"))).concat()
}

/// The end of a page whose paging control has this value.
fn page_end(id: u8, value: &[u8]) -> Vec<u8> {
    let done = [element(10, &[0]), element(4, b""), element(4, b"")].concat();
    let control = [element(4, b"1.2.840.113556.1.4.319"), element(4, value)].concat();
    element(0x30, &[element(2, &[id]), element(0x65, &done), element(0xa0, &element(0x30, &control))].concat())
}

fn cookie(bytes: &[u8]) -> Vec<u8> {
    element(0x30, &[element(2, &[0]), element(4, bytes)].concat())
}

fn nested(levels: usize) -> Vec<u8> {
    let mut headers: Vec<Vec<u8>> = Vec::new();
    let mut length = 0_usize;
    for _level in 0..levels {
        let header = [[0x30, 0x84].as_slice(), &u32::try_from(length).unwrap().to_be_bytes()].concat();
        length += header.len();
        headers.push(header);
    }
    headers.into_iter().rev().flatten().collect()
}

async fn drain(reading: &mut Reading) -> (Vec<Entry>, Result<Complete, SourceError>) {
    let mut entries = Vec::new();
    loop {
        match reading.next().await {
            Ok(Read::Entry(entry)) => entries.push(entry),
            Ok(Read::Complete(complete)) => return (entries, Ok(complete)),
            Err(error) => return (entries, Err(error)),
        }
    }
}

/// What reading the people ends in when the search is answered so.
async fn search(answers: Vec<Vec<u8>>, then: Then) -> (Vec<Entry>, Result<Complete, SourceError>) {
    let peer = Peer::start([vec![bound()], answers].concat(), then);
    drain(&mut peer.people().await.unwrap()).await
}

async fn bind_answered_with(bytes: Vec<u8>) -> SourceError {
    Peer::start(vec![bytes], Then::Hold).people().await.unwrap_err()
}

fn refusal(error: SourceError) -> FrameRefused {
    let SourceError::Hostile { source, .. } = error else { panic!("{error:?}") };
    source
}

#[tokio::test]
async fn hostile_answers_to_a_bind_are_cut_off() {
    assert_eq!(refusal(bind_answered_with(nested(20_000)).await), FrameRefused::Depth);
    let two_gigabytes = [vec![0x30, 0x84, 0x80, 0, 0, 0], vec![0; 1024 * 1024]].concat();
    assert_eq!(refusal(bind_answered_with(two_gigabytes).await), FrameRefused::Size(0x8000_0006));
    assert_eq!(refusal(bind_answered_with(b"HTTP/1.1 400 No\r\n".to_vec()).await), FrameRefused::NotLdap(b'H'));
    assert_eq!(refusal(bind_answered_with(vec![0x30, 0]).await), FrameRefused::Unexpected("message id"));
    let entry_instead = refusal(bind_answered_with(entry(b"cn=a", b"")).await);
    assert_eq!(entry_instead, FrameRefused::Unexpected("answer to what was asked"));
}

#[tokio::test]
async fn hostile_answers_to_a_search_are_cut_off_after_what_came_before() {
    for (bytes, wanted) in [
        (nested(20_000), FrameRefused::Depth),
        (vec![0x30, 0x84, 0x80, 0, 0, 0], FrameRefused::Size(0x8000_0006)),
        (b"garbage".to_vec(), FrameRefused::NotLdap(b'g')),
        (bound(), FrameRefused::Unexpected("answer to what was asked")),
    ] {
        let (entries, ended) = search(vec![[three(), bytes].concat()], Then::Hold).await;
        assert!(entries.len() <= 3);
        assert_eq!(refusal(ended.unwrap_err()), wanted);
    }
    let reference = message(2, 0x73, &element(4, &[0xff, 0xfe]));
    let (_, ended) = search(vec![reference], Then::Hold).await;
    assert!(matches!(refusal(ended.unwrap_err()), FrameRefused::Text { what: "reference", .. }));
}

#[tokio::test]
async fn a_connection_that_breaks_is_not_the_end() {
    let (entries, ended) = search(vec![three()], Then::Close).await;
    assert_eq!(entries.len(), 3);
    assert!(matches!(ended, Err(SourceError::Broken { entries: 3, .. })), "{ended:?}");
    let half = three()[..20].to_vec();
    let (_, ended) = search(vec![half], Then::Close).await;
    assert!(matches!(ended, Err(SourceError::Broken { entries: 0, .. })), "{ended:?}");
    // A whole page, and then nothing more although it said that there is.
    let page = [three(), page_end(2, &cookie(b"more"))].concat();
    let (entries, ended) = search(vec![page], Then::Close).await;
    assert_eq!(entries.len(), 3);
    assert!(matches!(ended, Err(SourceError::Broken { .. })), "{ended:?}");
}

#[tokio::test]
async fn pages_follow_each_other_until_the_cookie_is_empty() {
    let first = [three(), page_end(2, &cookie(b"more"))].concat();
    let second = page_end(3, &cookie(b""));
    let (entries, ended) = search(vec![first, second], Then::Hold).await;
    let complete = ended.unwrap();
    assert_eq!((entries.len(), complete.entries(), complete.pages()), (3, 3, 2));
}

#[tokio::test]
async fn an_end_without_word_of_the_next_page_is_not_the_end() {
    for end in [
        result(2, 0x65, 0),
        page_end(2, b""),
        page_end(2, b"\x04\x01x"),
        page_end(2, &element(0x30, &element(4, b"x"))),
        page_end(2, &nested(20_000)),
        page_end(2, &cookie(&vec![0; 70_000])),
    ] {
        let (_, ended) = search(vec![[three(), end].concat()], Then::Hold).await;
        assert!(matches!(ended, Err(SourceError::PagingLost { page: 1, entries: 3 })), "{ended:?}");
    }
}

#[tokio::test]
async fn codes_other_than_success_are_not_the_end() {
    for (code, wanted) in [
        (3, "time limit"),
        (4, "size limit"),
        (10, "another server"),
        (11, "size limit"),
        (12, "paged results"),
        (32, "no entry"),
        (50, "code 50, insufficient access rights: because"),
        (51, "busy"),
    ] {
        let (entries, ended) = search(vec![[three(), result(2, 0x65, code)].concat()], Then::Hold).await;
        let error = ended.unwrap_err();
        assert_eq!(entries.len(), 3);
        assert!(error.to_string().contains(wanted), "{code}: {error}");
        assert!(!error.cure().is_empty());
    }
}

#[tokio::test]
async fn references_are_counted_and_not_followed() {
    let reference = message(2, 0x73, &element(4, b"ldap://127.0.0.1:1/dc=other"));
    let (entries, ended) = search(vec![[three(), reference, page_end(2, &cookie(b""))].concat()], Then::Hold).await;
    assert_eq!((entries.len(), ended.unwrap().references()), (3, 1));
}

#[tokio::test]
async fn a_notice_of_disconnection_is_told_in_the_server_s_words() {
    let (_, ended) = search(vec![[three(), result(0, 0x78, 52)].concat()], Then::Close).await;
    let error = ended.unwrap_err();
    assert!(matches!(&error, SourceError::HungUp { answer, .. } if answer.contains("unavailable: because")), "{error}");
}

#[tokio::test]
async fn silence_is_told_from_refusal() {
    let silent = Peer::start(vec![Vec::new()], Then::Hold).people().await.unwrap_err();
    assert!(matches!(silent, SourceError::Silent { doing: "binding", .. }), "{silent}");
    let (_, ended) = search(vec![three()], Then::Hold).await;
    assert!(matches!(ended, Err(SourceError::Silent { doing: "reading a page", .. })), "{ended:?}");
    let refused = Peer::start(vec![result(1, 0x61, 49)], Then::Hold).people().await.unwrap_err();
    assert!(matches!(refused, SourceError::WrongPassword { .. }), "{refused}");
    let refused = Peer::start(vec![result(1, 0x61, 53)], Then::Hold).people().await.unwrap_err();
    assert!(matches!(refused, SourceError::BindRefused { .. }), "{refused}");
}

#[tokio::test]
async fn attributes_nobody_asked_for_are_dropped_and_broken_names_stop_nobody() {
    let attributes =
        [attribute("userPassword", b"{SSHA}x"), attribute("CN", b"\xff"), attribute("member;range=0-*", b"m")];
    let bytes = [entry(b"cn=\xff", &attributes.concat()), page_end(2, &cookie(b""))].concat();
    let (entries, ended) = search(vec![bytes], Then::Hold).await;
    assert_eq!(ended.unwrap().entries(), 1);
    let names: Vec<&str> = entries[0].attributes.keys().map(String::as_str).collect();
    assert_eq!(names, ["cn", "member"]);
    assert_eq!(entries[0].values("cn"), [b"\xff".to_vec()]);
}

mod ranges;

#[tokio::test]
async fn a_server_is_not_read_faster_than_entries_are_taken_out() {
    const ENTRIES: usize = 150;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (say, sent) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _peer) = listener.accept().unwrap();
        hear(&mut stream);
        stream.write_all(&bound()).unwrap();
        hear(&mut stream);
        let large = entry(b"cn=a", &attribute("cn", &vec![b'x'; 100 * 1024]));
        for count in 0..ENTRIES {
            stream.write_all(&large).unwrap();
            say.send(count).ok();
        }
        stream.write_all(&page_end(2, &cookie(b""))).unwrap();
        stream.read_to_end(&mut Vec::new()).ok();
    });
    let peer = Peer { port, heard: mpsc::channel().1 };
    let mut reading = peer.people().await.unwrap();
    // Longer than a page may take: waiting for us is not the server's fault.
    tokio::time::sleep(Duration::from_millis(900)).await;
    // One MiB of credit, and what the sockets on the way hold.
    let ahead = sent.try_iter().count();
    assert!(ahead < ENTRIES, "everything came though nothing was taken out");
    let (entries, ended) = drain(&mut reading).await;
    assert_eq!((entries.len(), ended.unwrap().entries()), (ENTRIES, 150));
}

#[tokio::test]
async fn start_tls_that_is_not_granted_ends_before_the_password() {
    for (answer, wanted) in [
        (result(1, 0x78, 2), "refuses StartTLS"),
        (result(0, 0x78, 0), "refuses StartTLS"),
        (result(1, 0x61, 0), "cut off"),
        ([result(1, 0x78, 0), three()].concat(), "cut off"),
        (b"garbage".to_vec(), "cut off"),
        (Vec::new(), "did not answer"),
        // Granted, and then no TLS.
        (result(1, 0x78, 0), "did not answer"),
    ] {
        let peer = Peer::start(vec![answer], Then::Hold);
        let mut settings = peer.settings();
        settings.start_tls = true;
        let error = source(settings).read(Listing::People).await.unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert!(!peer.heard_password());
    }
}

#[tokio::test]
async fn clear_text_goes_to_this_machine_only() {
    let mut settings = Peer::start(Vec::new(), Then::Close).settings();
    settings.urls = vec!["ldap://192.0.2.1".to_owned()];
    let error = source(settings).probe().await.unwrap_err();
    assert!(matches!(error, SourceError::NotEncrypted { .. }), "{error}");
}

#[tokio::test]
async fn addresses_that_are_nobody_s_are_never_spoken_to() {
    for host in
        ["169.254.169.254", "[fe80::1]", "0.0.0.0", "[::]", "224.0.0.1", "255.255.255.255", "[::ffff:169.254.1.1]"]
    {
        let mut settings = Peer::start(Vec::new(), Then::Close).settings();
        settings.urls = vec![format!("ldaps://{host}")];
        let error = source(settings).probe().await.unwrap_err();
        assert!(matches!(error, SourceError::Nobodys { .. }), "{host}: {error}");
        assert!(!error.passing());
    }
}

#[tokio::test]
async fn nobody_listening_is_told_from_a_wrong_password() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut settings = Peer::start(Vec::new(), Then::Close).settings();
    settings.urls = vec![format!("ldap://127.0.0.1:{port}")];
    let error = source(settings).probe().await.unwrap_err();
    assert!(matches!(error, SourceError::Unreachable { .. }), "{error}");
    assert!(error.passing());
}
