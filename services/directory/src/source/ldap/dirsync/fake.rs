//! A domain controller in a few lines, for what neither Windows nor Samba does on demand: answers in many rounds, a
//! notification that is refused, an older database.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use freehold_types::Secret;

use super::super::super::ber::{self, ENUMERATED, Elements, INTEGER, OCTET_STRING, SEQUENCE, SET};
use super::super::super::{SourceKind, SourceSettings};
use super::{DIRSYNC, LdapSource};

pub const CONTEXT: &str = "DC=ad,DC=acme,DC=test";
const SERVICE: &str = "CN=NTDS Settings,CN=DC1,CN=Configuration,DC=ad,DC=acme,DC=test";
const DONE: u8 = 0x65;

#[derive(Clone)]
pub struct Object {
    pub dn: String,
    pub class: &'static str,
    pub deleted: bool,
    changed: u64,
    named: u64,
    created: u64,
}

/// What the server holds and how it behaves.
#[derive(Default)]
pub struct State {
    pub usn: u64,
    pub invocation: Vec<u8>,
    pub objects: BTreeMap<u8, Object>,
    pub hides_deletions: bool,
    pub refuses_notification: bool,
    pub refuses_cookies: bool,
    /// Changes told in one round; none for all.
    pub per_round: Option<usize>,
    /// Hangs up when DirSync is asked for the second round.
    pub hangs_up: bool,
    pub rounds: usize,
    bells: Vec<(u8, TcpStream)>,
}

impl State {
    pub fn put(&mut self, id: u8, class: &'static str, dn: &str) {
        self.usn += 1;
        let usn = self.usn;
        let fresh = Object { dn: String::new(), class, deleted: false, changed: usn, named: 0, created: usn };
        let object = self.objects.entry(id).or_insert(fresh);
        if object.dn != dn {
            object.dn = dn.to_owned();
            object.named = usn;
        }
        object.changed = usn;
        self.ring();
    }

    pub fn delete(&mut self, id: u8) {
        let dn = format!("CN={id}\\0ADEL,CN=Deleted Objects,{CONTEXT}");
        self.objects.get_mut(&id).unwrap().deleted = true;
        self.put(id, "", &dn);
    }

    fn ring(&mut self) {
        self.bells.retain_mut(|(id, stream)| stream.write_all(&entry(*id, "CN=x", &[])).is_ok());
    }
}

#[derive(Clone)]
pub struct Fake {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State { usn: 100, invocation: b"0123456789abcdef".to_vec(), ..State::default() };
        let fake = Self { port, state: Arc::new(Mutex::new(state)) };
        let serving = fake.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let fake = serving.clone();
                thread::spawn(move || fake.serve(stream.unwrap()));
            }
        });
        fake
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn source(&self) -> LdapSource {
        LdapSource::new(SourceSettings {
            kind: SourceKind::ActiveDirectory,
            urls: vec![format!("ldap://127.0.0.1:{}", self.port)],
            start_tls: false,
            ca_pem: String::new(),
            bind_dn: "sync@ad.acme.test".to_owned(),
            bind_password: Secret::new("Passw0rd!".to_owned()),
            base_dn: format!("OU=Staff,{CONTEXT}"),
            people_filter: String::new(),
            group_filter: String::new(),
            attributes: vec!["cn".to_owned()],
            watched: Vec::new(),
            columns: std::collections::BTreeMap::new(),
            encoding: String::new(),
        })
        .unwrap()
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut waiting = Vec::new();
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let Ok(count @ 1..) = stream.read(&mut bytes) else { return };
            waiting.extend_from_slice(&bytes[..count]);
            while let Some(header) = ber::header(&waiting).unwrap()
                && waiting.len() >= header.size + header.length
            {
                let request: Vec<u8> = waiting.drain(..header.size + header.length).collect();
                let Some(answer) = self.answer(&request, &stream) else { return };
                stream.write_all(&answer).ok();
            }
        }
    }

    /// Nothing to hang up.
    fn answer(&self, request: &[u8], stream: &TcpStream) -> Option<Vec<u8>> {
        let mut parts = Elements::new(Elements::new(request).expect(SEQUENCE, "request").unwrap());
        let id = parts.expect(INTEGER, "id").unwrap()[0];
        let (operation, content) = parts.take().unwrap().unwrap();
        let controls = parts.take().unwrap().map(|(_tag, controls)| controls).unwrap_or_default();
        match operation {
            0x60 => return Some(end(id, 0x61, 0, &[])),
            0x63 => {}
            _ => return Some(Vec::new()),
        }
        let has = |oid: &str| controls.windows(oid.len()).any(|window| window == oid.as_bytes());
        let base = String::from_utf8(Elements::new(content).expect(OCTET_STRING, "base").unwrap().to_vec()).unwrap();
        let mut state = self.state();
        if has(DIRSYNC) {
            return dirsync(&mut state, id, content, controls);
        }
        if has("1.2.840.113556.1.4.528") {
            if state.refuses_notification {
                return Some(end(id, DONE, 53, &[]));
            }
            state.bells.push((id, stream.try_clone().unwrap()));
            return Some(Vec::new());
        }
        let deleted = has("1.2.840.113556.1.4.417");
        Some(if has("1.2.840.113556.1.4.319") {
            ids(&state, id, content)
        } else {
            read(&state, id, &base, content, deleted)
        })
    }
}

/// A base search.
fn read(state: &State, id: u8, base: &str, content: &[u8], deleted: bool) -> Vec<u8> {
    let usn = state.usn.to_string();
    let context = CONTEXT.as_bytes();
    let found = match base {
        "" => entry(
            id,
            "",
            &[
                ("namingContexts", context),
                ("dsServiceName", SERVICE.as_bytes()),
                ("highestCommittedUSN", usn.as_bytes()),
                ("currentTime", b"20261123020453.0Z"),
                ("supportedControl", DIRSYNC.as_bytes()),
            ],
        ),
        SERVICE => entry(id, SERVICE, &[("invocationId", &state.invocation)]),
        _ if base.starts_with("CN=Deleted Objects") && state.hides_deletions => return end(id, DONE, 32, &[]),
        _ if base.starts_with("CN=Deleted Objects") => entry(id, base, &[("objectGUID", &[0; 16])]),
        _ => {
            let number = base.strip_prefix("<GUID=").map(|guid| guid.split_at_checked(2).unwrap().0);
            let number = u8::from_str_radix(number.unwrap(), 16).unwrap();
            let Some(object) = state.objects.get(&number).filter(|object| deleted || !object.deleted) else {
                return end(id, DONE, 32, &[]);
            };
            if !selects(content, object) { Vec::new() } else { shown(id, number, object) }
        }
    };
    [found, end(id, DONE, 0, &[])].concat()
}

fn ids(state: &State, id: u8, content: &[u8]) -> Vec<u8> {
    let there = state.objects.iter().filter(|(_number, object)| !object.deleted && selects(content, object));
    let entries: Vec<u8> = there.flat_map(|(number, object)| shown(id, *number, object)).collect();
    let value = element(SEQUENCE, &[element(INTEGER, &[0]), element(OCTET_STRING, b"")].concat());
    [entries, end(id, DONE, 0, &control("1.2.840.113556.1.4.319", &value))].concat()
}

/// The default filters of people and groups name what they want; the others want anything.
fn selects(content: &[u8], object: &Object) -> bool {
    let names = |word: &str| content.windows(word.len()).any(|window| window == word.as_bytes());
    match (names("objectCategory"), names("group")) {
        (true, _) => object.class == "user",
        (false, true) => object.class == "group",
        (false, false) => true,
    }
}

fn shown(id: u8, number: u8, object: &Object) -> Vec<u8> {
    let mut attributes: Vec<(&str, &[u8])> = vec![
        ("objectClass", object.class.as_bytes()),
        ("whenChanged", b"20261123020453.0Z"),
        ("cn", object.dn.as_bytes()),
    ];
    if object.deleted {
        attributes.push(("isDeleted", b"TRUE"));
    }
    let guid = [number; 16];
    attributes.push(("objectGUID", &guid));
    entry(id, &object.dn, &attributes)
}

fn dirsync(state: &mut State, id: u8, content: &[u8], controls: &[u8]) -> Option<Vec<u8>> {
    let mut asked = Elements::new(Elements::new(controls).expect(SEQUENCE, "control").unwrap());
    asked.expect(OCTET_STRING, "oid").unwrap();
    asked.take().unwrap();
    let value = asked.expect(OCTET_STRING, "value").unwrap();
    let mut parts = Elements::new(Elements::new(value).expect(SEQUENCE, "value").unwrap());
    parts.take().unwrap();
    parts.take().unwrap();
    let cookie = parts.expect(OCTET_STRING, "cookie").unwrap();
    state.rounds += 1;
    if state.hangs_up && state.rounds > 1 {
        return None;
    }
    if state.refuses_cookies && !cookie.is_empty() {
        return Some(end(id, DONE, 12, &[]));
    }
    let since = cookie.try_into().map_or(0, u64::from_be_bytes);
    let nothing = content.contains(&0xa2);
    let mut changed: Vec<(u8, Object)> = state
        .objects
        .iter()
        .filter(|(_, object)| object.changed > since)
        .map(|(id, object)| (*id, object.clone()))
        .collect();
    changed.sort_by_key(|(_, object)| object.changed);
    let told = state.per_round.unwrap_or(usize::MAX).min(changed.len());
    let more = told < changed.len();
    let here = if more { changed[told - 1].1.changed } else { state.usn };
    let mut entries = Vec::new();
    for (number, object) in changed.into_iter().take(told).filter(|_| !nothing) {
        let guid = [number; 16];
        let mut attributes: Vec<(&str, &[u8])> = vec![("objectGUID", &guid)];
        if object.named > since {
            attributes.push(("name", b"x"));
        }
        if object.created > since {
            attributes.push(("objectClass", object.class.as_bytes()));
        }
        entries.extend(entry(id, &object.dn, &attributes));
    }
    let value =
        [element(INTEGER, &[u8::from(more)]), element(INTEGER, &[0]), element(OCTET_STRING, &here.to_be_bytes())];
    Some([entries, end(id, DONE, 0, &control(DIRSYNC, &element(SEQUENCE, &value.concat())))].concat())
}

fn control(oid: &str, value: &[u8]) -> Vec<u8> {
    let content = [element(OCTET_STRING, oid.as_bytes()), element(OCTET_STRING, value)].concat();
    element(0xa0, &element(SEQUENCE, &content))
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [[tag, 0x84].as_slice(), &length, content].concat()
}

fn entry(id: u8, dn: &str, attributes: &[(&str, &[u8])]) -> Vec<u8> {
    let attribute = |(name, value): &(&str, &[u8])| {
        let values = element(SET, &element(OCTET_STRING, value));
        element(SEQUENCE, &[element(OCTET_STRING, name.as_bytes()), values].concat())
    };
    let attributes: Vec<u8> = attributes.iter().flat_map(attribute).collect();
    let content = [element(OCTET_STRING, dn.as_bytes()), element(SEQUENCE, &attributes)].concat();
    element(SEQUENCE, &[element(INTEGER, &[id]), element(0x64, &content)].concat())
}

fn end(id: u8, operation: u8, code: u8, controls: &[u8]) -> Vec<u8> {
    let result = [element(ENUMERATED, &[code]), element(OCTET_STRING, b""), element(OCTET_STRING, b"because")].concat();
    element(SEQUENCE, &[element(INTEGER, &[id]), element(operation, &result), controls.to_vec()].concat())
}
