//! A real Active Directory: Samba as a domain controller, TLS under a private authority, a service account with the
//! rights of any user.

mod administrator;
mod seed;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::ldif::{Entry, escape};
use crate::part::{Folder, Part, program, run};
use crate::tls::Authority;
use administrator::{Administrator, encoded};

const PACKAGE: &str = "the Debian package samba-ad-dc";
const START_LIMIT: Duration = Duration::from_secs(120);
const CONNECT_LIMIT: Duration = Duration::from_millis(200);
const LDAP_PORT: u16 = 389;
const LDAPS_PORT: u16 = 636;
/// An account that needs no password of its own, so that nobody has to make one up: NORMAL_ACCOUNT, PASSWD_NOTREQD.
const ACCOUNT: i64 = 0x0220;
const ACCOUNT_DISABLED: i64 = 2;
/// A global security group.
const GROUP_TYPE: &str = "-2147483646";

/// The suffix of every test domain.
pub const AD_BASE: &str = "DC=ad,DC=acme,DC=test";
/// Who Freehold binds as: an ordinary user.
pub const AD_BIND_DN: &str = "CN=sync,OU=Service,DC=ad,DC=acme,DC=test";
/// The password of [`AD_BIND_DN`].
pub const AD_BIND_PASSWORD: &str = "sync-Passw0rd!";

/// The domain controller of one test. It listens on Samba's fixed ports, on a loopback address of its own.
pub struct AdDc {
    part: Option<Part>,
    administrator: Administrator,
    folder: Folder,
    address: Ipv4Addr,
    ca_file: PathBuf,
}

impl AdDc {
    /// Starts a domain `ad.acme.test` with these entries; `OU=People`, `OU=Groups` and the service account are there
    /// already. Making the first domain of a build folder takes half a minute, every later one copies that.
    pub fn start(entries: &[Entry]) -> Result<Self> {
        program("samba", &["/usr/sbin"], PACKAGE)?;
        let folder = Folder::new("samba")?;
        let dc = folder.path().join("dc");
        run(Command::new("cp").args(["-a", "--sparse=always"]).arg(seed::folder()?).arg(&dc))?;
        let address = free_address()?;
        let authority = Authority::new()?;
        let identity = authority.certify(&["dc1.ad.acme.test", &address.to_string()])?;
        let ca_file = folder.write("ca.pem", authority.pem())?;
        folder.write("server.pem", &identity.certificate)?;
        let key = folder.write("server.key", &identity.key)?;
        // Samba does without TLS, and without a word, when others may read its key.
        fs::set_permissions(key, fs::Permissions::from_mode(0o600))?;
        for name in ["log", "pid", "ncalrpc", "cache"] {
            fs::create_dir_all(dc.join(name))?;
        }
        let configuration = folder.write("smb.conf", configuration(folder.path(), address))?;
        let administrator = Administrator::start(&configuration, &dc.join("private/sam.ldb"), folder.path())?;
        let mut server = Self { part: None, administrator, folder, address, ca_file };
        if !entries.is_empty() {
            server.load(entries)?;
        }
        server.start_again()?;
        Ok(server)
    }

    /// Starts a stopped server again, at the same address and with the same entries.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop();
        let samba = program("samba", &["/usr/sbin"], PACKAGE)?.display().to_string();
        let configuration = self.folder.path().join("smb.conf").display().to_string();
        let arguments = ["-i", "--no-process-group", "-M", "single", "-s", &configuration];
        let command: Vec<String> = [samba].into_iter().chain(arguments.map(str::to_owned)).collect();
        let mut part = Part::start("samba", &self.folder, "TERM", &command)?;
        let addresses = [LDAP_PORT, LDAPS_PORT].map(|port| SocketAddr::from((self.address, port)));
        part.ready(START_LIMIT, || {
            let listens = |address| TcpStream::connect_timeout(address, CONNECT_LIMIT).is_ok();
            Ok(addresses.iter().all(listens).then_some(()))
        })?;
        self.part = Some(part);
        Ok(())
    }

    /// Stops the server; its entries stay and can be changed.
    pub fn stop(&mut self) {
        self.part = None;
    }

    /// Ends the server without a goodbye, as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        self.part.as_ref().context("samba does not run")?.signal("KILL")?;
        self.part = None;
        Ok(())
    }

    /// `ldap://127.x.y.z`: binds only after StartTLS.
    #[must_use]
    pub fn ldap_url(&self) -> String {
        format!("ldap://{}", self.address)
    }

    /// `ldaps://127.x.y.z`.
    #[must_use]
    pub fn ldaps_url(&self) -> String {
        format!("ldaps://{}", self.address)
    }

    /// The certificate of the authority that signed the server's, as a PEM file.
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// Adds entries, thousands too: all of them or none, but for more than a hundred in steps of a thousand.
    pub fn load(&self, entries: &[Entry]) -> Result<()> {
        let operations = entries.iter().map(|entry| {
            let attributes: Vec<Value> =
                entry.attributes().iter().map(|(name, value)| json!([name, encoded(value)])).collect();
            json!({ "do": "add", "dn": entry.dn(), "attributes": attributes })
        });
        self.administrator.change(operations.collect())
    }

    /// Adds one entry.
    pub fn add(&self, entry: &Entry) -> Result<()> {
        self.load(std::slice::from_ref(entry))
    }

    /// Removes an entry and what is below it. It stays as a tombstone that keeps its `objectGUID`.
    pub fn delete(&self, dn: &str) -> Result<()> {
        self.administrator.change(vec![json!({ "do": "delete", "dn": dn })])
    }

    /// Brings a removed entry back under this name, as it was left: with its `objectGUID`, its account name and little
    /// else.
    pub fn restore(&self, guid: &str, dn: &str) -> Result<()> {
        self.administrator.change(vec![json!({ "do": "restore", "guid": guid, "to": dn })])
    }

    /// Moves or renames an entry, with all that is below it.
    pub fn rename(&self, dn: &str, to: &str) -> Result<()> {
        self.administrator.change(vec![json!({ "do": "rename", "dn": dn, "to": to })])
    }

    /// Sets all values of an attribute; no values removes it.
    pub fn replace(&self, dn: &str, attribute: &str, values: &[&str]) -> Result<()> {
        self.modify(dn, "replace", attribute, values)
    }

    /// Sets the one value of an attribute that is no text.
    pub fn replace_bytes(&self, dn: &str, attribute: &str, value: &[u8]) -> Result<()> {
        let change = json!({
            "do": "modify", "dn": dn, "how": "replace", "attribute": attribute, "values": [encoded(value)],
        });
        self.administrator.change(vec![change])
    }

    /// Makes somebody, or a group, a member.
    pub fn nest(&self, group: &str, member: &str) -> Result<()> {
        self.modify(group, "add", "member", &[member])
    }

    /// Takes a member out.
    pub fn unnest(&self, group: &str, member: &str) -> Result<()> {
        self.modify(group, "delete", "member", &[member])
    }

    /// Closes an account.
    pub fn disable(&self, dn: &str) -> Result<()> {
        self.replace(dn, "userAccountControl", &[&(ACCOUNT | ACCOUNT_DISABLED).to_string()])
    }

    /// Opens an account.
    pub fn enable(&self, dn: &str) -> Result<()> {
        self.replace(dn, "userAccountControl", &[&ACCOUNT.to_string()])
    }

    /// Gives an account a password of its own.
    pub fn set_password(&self, dn: &str, password: &str) -> Result<()> {
        let quoted: Vec<u8> = format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
        let change = json!({
            "do": "modify", "dn": dn, "how": "replace", "attribute": "unicodePwd", "values": [encoded(&quoted)],
        });
        self.administrator.change(vec![change])
    }

    /// Lets an account see what was deleted, as an administrator does once with `dsacls`.
    pub fn allow_seeing_deletions(&self, dn: &str) -> Result<()> {
        self.administrator.change(vec![json!({ "do": "see_deletions", "dn": dn })])
    }

    /// The `objectGUID` of an entry in its usual spelling.
    pub fn guid(&self, dn: &str) -> Result<String> {
        self.administrator.guid(dn)
    }

    /// The DNs a search with all rights finds below the suffix, sorted.
    pub fn search(&self, filter: &str) -> Result<Vec<String>> {
        self.administrator.search(AD_BASE, filter)
    }

    fn modify(&self, dn: &str, how: &str, attribute: &str, values: &[&str]) -> Result<()> {
        let values: Vec<String> = values.iter().map(|value| encoded(value.as_bytes())).collect();
        let change = json!({ "do": "modify", "dn": dn, "how": how, "attribute": attribute, "values": values });
        self.administrator.change(vec![change])
    }
}

/// `OU=NAME` below this entry.
#[must_use]
pub fn unit(name: &str, parent: &str) -> Entry {
    Entry::new(format!("OU={},{parent}", escape(name))).with("objectClass", "organizationalUnit")
}

/// A user below `OU=People`; `account` is the name to sign in with.
#[must_use]
pub fn user(account: &str, given: &str, family: &str) -> Entry {
    user_at(&format!("CN={},OU=People,{AD_BASE}", escape(account)), account, given, family)
}

/// A user anywhere.
#[must_use]
pub fn user_at(dn: &str, account: &str, given: &str, family: &str) -> Entry {
    Entry::new(dn)
        .with("objectClass", "user")
        .with("sAMAccountName", account)
        .with("displayName", format!("{given} {family}"))
        .with("givenName", given)
        .with("sn", family)
        .with("userAccountControl", ACCOUNT.to_string())
}

/// A group below `OU=Groups`.
#[must_use]
pub fn group<'a>(name: &str, members: impl IntoIterator<Item = &'a str>) -> Entry {
    let dn = format!("CN={},OU=Groups,{AD_BASE}", escape(name));
    let group = Entry::new(dn).with("objectClass", "group").with("sAMAccountName", name).with("groupType", GROUP_TYPE);
    members.into_iter().fold(group, |group, member| group.with("member", member))
}

/// A loopback address on which Samba's ports are free.
fn free_address() -> Result<Ipv4Addr> {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [_, _, high, low] = std::process::id().to_be_bytes();
    for _ in 0..u8::MAX {
        let address = Ipv4Addr::new(127, 64 + high % 128, low, NEXT.fetch_add(1, Ordering::Relaxed));
        match TcpListener::bind((address, LDAP_PORT)) {
            Ok(_free) => return Ok(address),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => bail!(
                "Samba needs port {LDAP_PORT}, which is kept for root: run the tests as root, set the sysctl \
                 net.ipv4.ip_unprivileged_port_start to {LDAP_PORT}, or run them in a namespace of their own: \
                 unshare -Urn bash -c 'ip link set lo up; exec cargo test'"
            ),
            Err(_taken) => {}
        }
    }
    bail!("no loopback address has port {LDAP_PORT} free")
}

fn configuration(folder: &Path, address: Ipv4Addr) -> String {
    let folder = folder.display();
    format!(
        "[global]\n\
         netbios name = DC1\n\
         workgroup = ACME\n\
         realm = AD.ACME.TEST\n\
         server role = active directory domain controller\n\
         interfaces = {address}/8\n\
         bind interfaces only = yes\n\
         server services = ldap\n\
         dcerpc endpoint servers =\n\
         private dir = {folder}/dc/private\n\
         state directory = {folder}/dc/state\n\
         lock directory = {folder}/dc\n\
         cache directory = {folder}/dc/cache\n\
         pid directory = {folder}/dc/pid\n\
         ncalrpc dir = {folder}/dc/ncalrpc\n\
         binddns dir = {folder}/dc/bind-dns\n\
         log file = {folder}/dc/log/samba.log\n\
         tls enabled = yes\n\
         tls keyfile = {folder}/server.key\n\
         tls certfile = {folder}/server.pem\n\
         tls cafile = {folder}/ca.pem\n\
         ldap server require strong auth = yes\n\
         [sysvol]\n\
         path = {folder}/dc/state/sysvol\n\
         [netlogon]\n\
         path = {folder}/dc/state/sysvol/ad.acme.test/scripts\n"
    )
}
