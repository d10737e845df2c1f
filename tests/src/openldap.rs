//! A real slapd: OpenLDAP with the standard schemas, TLS under a private authority, a service account.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::ldif::{BASE, Entry, ldif, line};
use crate::part::{Folder, Part, free_port, program, run, run_on};
use crate::tls::Authority;

const PACKAGE: &str = "the Debian package slapd";
const TOOLS_PACKAGE: &str = "the Debian package ldap-utils";
const START_LIMIT: Duration = Duration::from_secs(30);
/// A free port is only probably free, so a lost race is repeated.
const START_ATTEMPTS_MAX: usize = 5;
const ROOT_DN: &str = "cn=admin,dc=acme,dc=test";
const CONFIG_DN: &str = "olcDatabase={1}mdb,cn=config";
const ROOT_PASSWORD: &str = "root of the test directory";

/// Who Freehold binds as.
pub const BIND_DN: &str = "cn=sync,ou=service,dc=acme,dc=test";
/// The password of [`BIND_DN`] when the server starts.
pub const BIND_PASSWORD: &str = "sync-Passw0rd!";

/// A directory server of one test.
pub struct Slapd {
    part: Option<Part>,
    folder: Folder,
    port: u16,
    tls_port: u16,
    ca_file: PathBuf,
}

impl Slapd {
    /// Starts a server that holds these entries below `dc=acme,dc=test`; `ou=people`, `ou=groups` and the service
    /// account are there already. Entries are loaded as they are, so they may carry an `entryUUID`, even a used one.
    pub fn start(entries: &[Entry]) -> Result<Self> {
        Self::start_configured(entries, true, "")
    }

    /// [`Slapd::start`], and the server keeps a line of changes (RFC 4533).
    pub fn start_with_changes(entries: &[Entry]) -> Result<Self> {
        Self::start_configured(entries, true, "overlay syncprov\nsyncprov-sessionlog 1000\n")
    }

    /// [`Slapd::start`], but the server knows no TLS: StartTLS is refused, LDAPS does not answer.
    pub fn start_without_tls(entries: &[Entry]) -> Result<Self> {
        Self::start_configured(entries, false, "")
    }

    fn start_configured(entries: &[Entry], tls: bool, overlays: &str) -> Result<Self> {
        program("slapd", &["/usr/sbin"], PACKAGE)?;
        let folder = Folder::new("slapd")?;
        let authority = Authority::new()?;
        let identity = authority.certify(&["localhost", "127.0.0.1"])?;
        let ca_file = folder.write("ca.pem", authority.pem())?;
        folder.write("server.pem", &identity.certificate)?;
        folder.write("server.key", &identity.key)?;
        let configuration = folder.write("slapd.conf", configuration(folder.path(), tls) + overlays)?;
        fs::create_dir(folder.path().join("db"))?;

        let mut all = foundation();
        all.extend_from_slice(entries);
        let data = folder.write("data.ldif", ldif(&all))?;
        let mut load = Command::new(program("slapadd", &["/usr/sbin"], PACKAGE)?);
        run(load.args(["-q", "-b", BASE, "-f"]).arg(&configuration).arg("-l").arg(&data))
            .context("slapd refuses the entries")?;
        fs::remove_file(data)?;

        let mut slapd = Self { part: None, folder, port: 0, tls_port: 0, ca_file };
        slapd.start_on_free_ports()?;
        Ok(slapd)
    }

    fn start_on_free_ports(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        for _ in 0..START_ATTEMPTS_MAX {
            (self.port, self.tls_port) = (free_port()?, free_port()?);
            outcome = self.start_again();
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    /// Starts a stopped server again, on the same ports and with the same entries.
    pub fn start_again(&mut self) -> Result<()> {
        self.stop();
        let configuration = self.folder.path().join("slapd.conf").display().to_string();
        let addresses = format!("ldap://127.0.0.1:{} ldaps://127.0.0.1:{}", self.port, self.tls_port);
        let slapd = program("slapd", &["/usr/sbin"], PACKAGE)?.display().to_string();
        // "stats" logs one line per operation, for tests that count them; it also keeps slapd in the foreground.
        let command = [slapd, "-d".into(), "stats".into(), "-f".into(), configuration, "-h".into(), addresses];
        let mut part = Part::start("slapd", &self.folder, "INT", &command)?;
        part.ready(START_LIMIT, || {
            let answer = run(self.tool("ldapsearch")?.args(["-x", "-LLL", "-s", "base", "-b", "", "namingContexts"]));
            Ok(answer.ok())
        })?;
        self.part = Some(part);
        Ok(())
    }

    /// Stops the server; its entries stay.
    pub fn stop(&mut self) {
        self.part = None;
    }

    /// Ends the server without a goodbye, as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        self.part.as_ref().context("slapd does not run")?.signal("KILL")?;
        self.part = None;
        Ok(())
    }

    /// The server goes silent: connections are accepted by the kernel, nobody answers.
    pub fn pause(&self) -> Result<()> {
        self.part.as_ref().context("slapd does not run")?.signal("STOP")
    }

    /// Ends the silence.
    pub fn resume(&self) -> Result<()> {
        self.part.as_ref().context("slapd does not run")?.signal("CONT")
    }

    /// `ldap://127.0.0.1:PORT`, in clear or with StartTLS.
    #[must_use]
    pub fn ldap_url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    /// `ldaps://127.0.0.1:PORT`.
    #[must_use]
    pub fn ldaps_url(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.tls_port)
    }

    /// The certificate of the authority that signed the server's, as a PEM file.
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    /// Adds an entry. An `entryUUID` of the test's choice is accepted here too.
    pub fn add(&self, entry: &Entry) -> Result<()> {
        let mut record = line("dn", entry.dn().as_bytes());
        record.push_str("changetype: add\n");
        let text = entry.ldif();
        let (_, attributes) = text.split_once('\n').context("a record begins with its DN")?;
        record.push_str(attributes);
        self.change(&record)
    }

    /// Removes an entry. Groups keep naming it, as in a directory without referential integrity.
    pub fn delete(&self, dn: &str) -> Result<()> {
        self.change(&format!("{}changetype: delete\n", line("dn", dn.as_bytes())))
    }

    /// Sets all values of an attribute; no values removes it.
    pub fn replace(&self, dn: &str, attribute: &str, values: &[&str]) -> Result<()> {
        let mut record = format!("{}changetype: modify\nreplace: {attribute}\n", line("dn", dn.as_bytes()));
        for value in values {
            record.push_str(&line(attribute, value.as_bytes()));
        }
        self.change(&record)
    }

    /// Sets the one value of an attribute that is no text.
    pub fn replace_bytes(&self, dn: &str, attribute: &str, value: &[u8]) -> Result<()> {
        let record = format!("{}changetype: modify\nreplace: {attribute}\n", line("dn", dn.as_bytes()));
        self.change(&(record + &line(attribute, value)))
    }

    /// Moves or renames an entry: `new_name` is its first part, for example `uid=anna`, `parent` where it goes.
    pub fn rename(&self, dn: &str, new_name: &str, parent: &str) -> Result<()> {
        let mut record = format!("{}changetype: modrdn\n", line("dn", dn.as_bytes()));
        record.push_str(&line("newrdn", new_name.as_bytes()));
        record.push_str("deleteoldrdn: 1\n");
        record.push_str(&line("newsuperior", parent.as_bytes()));
        self.change(&record)
    }

    /// Any change to the entries, as LDIF change records.
    pub fn change(&self, records: &str) -> Result<()> {
        let mut command = self.tool("ldapmodify")?;
        // With "relax" the server takes operational attributes such as entryUUID from us.
        command.args(["-x", "-D", ROOT_DN, "-w", ROOT_PASSWORD, "-e", "!relax"]);
        run_on(&mut command, records.as_bytes()).map(|_| ())
    }

    /// The service account gets at most this many entries per search, and then the error 4 (size limit exceeded).
    pub fn limit_answers(&self, entries: usize) -> Result<()> {
        self.configure(&format!("replace: olcLimits\n-\nreplace: olcSizeLimit\nolcSizeLimit: {entries}\n"))
    }

    /// The service account no longer sees what is at and below `dn`. Its searches succeed all the same.
    pub fn hide(&self, dn: &str) -> Result<()> {
        let rule = format!("{{0}}to dn.subtree=\"{}\" by * none", dn.replace('\\', "\\\\").replace('"', "\\\""));
        self.configure(&format!("add: olcAccess\n{}", line("olcAccess", rule.as_bytes())))
    }

    /// The service account no longer sees an attribute of anybody. Entries come all the same.
    pub fn hide_attribute(&self, name: &str) -> Result<()> {
        self.configure(&format!("add: olcAccess\nolcAccess: {{0}}to attrs={name} by * none\n"))
    }

    /// Undoes the latest [`Slapd::hide`] or [`Slapd::hide_attribute`].
    pub fn show(&self) -> Result<()> {
        self.configure("delete: olcAccess\nolcAccess: {0}\n")
    }

    /// Gives the service account another password.
    pub fn set_bind_password(&self, password: &str) -> Result<()> {
        self.replace(BIND_DN, "userPassword", &[password])
    }

    /// The DNs a search of the service account finds over LDAPS, sorted.
    pub fn search(&self, filter: &str) -> Result<Vec<String>> {
        let mut command = Command::new(program("ldapsearch", &["/usr/bin"], TOOLS_PACKAGE)?);
        command.env("LDAPTLS_CACERT", &self.ca_file).args([
            "-H",
            &self.ldaps_url(),
            "-x",
            "-LLL",
            "-o",
            "ldif-wrap=no",
        ]);
        command.args(["-D", BIND_DN, "-w", BIND_PASSWORD, "-b", BASE, filter, "1.1"]);
        let answer = String::from_utf8(run(&mut command)?)?;
        let mut found: Vec<String> = answer.lines().filter(|text| text.starts_with("dn:")).map(str::to_owned).collect();
        found.sort();
        Ok(found)
    }

    /// How many operations of each kind (`BIND`, `SRCH`, `MOD`, …) the server has begun since its first start.
    #[must_use]
    pub fn operations(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for text in self.folder.read("log").lines() {
            // conn=1000 op=1 SRCH base="…": a request. Its answer has RESULT or ENTRY in that place.
            let mut words = text.split_whitespace().skip_while(|word| !word.starts_with("op="));
            if let (Some(_), Some(kind)) = (words.next(), words.next())
                && !text.contains(" SRCH attr=")
            {
                *counts.entry(kind.to_owned()).or_default() += 1;
            }
        }
        counts
    }

    /// How many entries the server gave in searches that it has ended, since its first start.
    #[must_use]
    pub fn listed_entries(&self) -> usize {
        let log = self.folder.read("log");
        let counts = log.lines().filter_map(|text| text.split_once(" nentries="));
        counts.filter_map(|(_, rest)| rest.split_whitespace().next()?.parse::<usize>().ok()).sum()
    }

    /// The searches that the server answers to and has not ended, as `conn=1000 op=1`: who follows it keeps them open.
    #[must_use]
    pub fn open_searches(&self) -> BTreeSet<String> {
        let mut open = BTreeSet::new();
        for text in self.folder.read("log").lines() {
            let mut words = text.split_whitespace().skip_while(|word| !word.starts_with("conn="));
            let (Some(connection), Some(operation)) = (words.next(), words.next()) else { continue };
            match words.next() {
                Some("SRCH") => drop(open.insert(format!("{connection} {operation}"))),
                Some("SEARCH") => drop(open.remove(&format!("{connection} {operation}"))),
                _ if text.contains(" closed") => open.retain(|search| !search.starts_with(&format!("{connection} "))),
                _ => {}
            }
        }
        open
    }

    fn configure(&self, change: &str) -> Result<()> {
        let record = format!("dn: {CONFIG_DN}\nchangetype: modify\n{change}");
        let mut command = self.tool("ldapmodify")?;
        command.args(["-x", "-D", "cn=config", "-w", ROOT_PASSWORD]);
        run_on(&mut command, record.as_bytes()).map(|_| ())
    }

    fn tool(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(program(name, &["/usr/bin"], TOOLS_PACKAGE)?);
        command.args(["-H", &self.ldap_url()]);
        Ok(command)
    }
}

/// What every test directory holds before its own entries.
fn foundation() -> Vec<Entry> {
    let folder =
        |name: &str| Entry::new(format!("ou={name},{BASE}")).with("objectClass", "organizationalUnit").with("ou", name);
    let top = Entry::new(BASE).with("objectClass", "dcObject").with("objectClass", "organization");
    let account = Entry::new(BIND_DN)
        .with("objectClass", "organizationalRole")
        .with("objectClass", "simpleSecurityObject")
        .with("cn", "sync")
        .with("userPassword", BIND_PASSWORD);
    vec![top.with("dc", "acme").with("o", "Acme"), folder("people"), folder("groups"), folder("service"), account]
}

fn configuration(folder: &Path, tls: bool) -> String {
    let folder = folder.display();
    let mut text = String::new();
    for schema in ["core", "cosine", "inetorgperson"] {
        // Writing to a String does not fail.
        writeln!(text, "include /etc/ldap/schema/{schema}.schema").ok();
    }
    text.push_str("modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload syncprov\nthreads 4\ntool-threads 2\n");
    if tls {
        text.push_str(&format!(
            "TLSCACertificateFile {folder}/ca.pem\nTLSCertificateFile {folder}/server.pem\n\
             TLSCertificateKeyFile {folder}/server.key\nTLSVerifyClient never\n"
        ));
    }
    // cn=config with a password makes every setting changeable while the server runs. dbnosync: nobody needs the
    // entries after the test. The size limit of 500 is slapd's own for everybody without a "limits" line.
    text.push_str(&format!(
        "database config\nrootpw \"{ROOT_PASSWORD}\"\n\
         database mdb\nsuffix \"{BASE}\"\nrootdn \"{ROOT_DN}\"\nrootpw \"{ROOT_PASSWORD}\"\n\
         directory {folder}/db\nmaxsize 4294967296\ndbnosync\n\
         index objectClass eq\nindex entryUUID,entryCSN eq\nindex uid,mail,employeeNumber eq\nindex member eq\n\
         access to attrs=userPassword by anonymous auth by * none\n\
         access to * by dn.exact=\"{BIND_DN}\" read by anonymous auth by * none\n\
         limits dn.exact=\"{BIND_DN}\" size=unlimited time=unlimited\n"
    ));
    text
}
