//! A real slapd for the tests of this module: its own folder, free ports, gone when dropped.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;

const SLAPD: &str = "/usr/sbin/slapd";
const READY_TIMEOUT: Duration = Duration::from_secs(20);

/// How the server is to be.
pub struct Wanted {
    /// Names in its certificate; none for a server without TLS.
    pub names: Vec<&'static str>,
    pub people: usize,
    /// `limits` of the account, as slapd.conf says it.
    pub limits: &'static str,
    /// Whether it keeps a line of changes (RFC 4533).
    pub follows: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            names: vec!["localhost", "127.0.0.1"],
            people: 10,
            limits: "size=unlimited time=unlimited",
            follows: true,
        }
    }
}

pub struct Slapd {
    child: Child,
    pub port: u16,
    pub tls_port: u16,
    pub ca_pem: String,
    folder: TempDir,
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Slapd {
    pub fn start(wanted: &Wanted) -> Self {
        assert!(Path::new(SLAPD).exists(), "{SLAPD} is missing: apt-get install slapd");
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("db")).unwrap();
        let ca_pem = write_certificates(folder.path(), &wanted.names);
        let configuration = folder.path().join("slapd.conf");
        fs::write(&configuration, slapd_conf(folder.path(), wanted)).unwrap();
        let ldif = folder.path().join("people.ldif");
        fs::write(&ldif, people_ldif(wanted.people)).unwrap();
        let mut load = Command::new("/usr/sbin/slapadd");
        load.args(["-q", "-w", "-b", "dc=acme,dc=test", "-f"]).arg(&configuration).arg("-l").arg(&ldif);
        let loaded = load.stdin(Stdio::null()).output().unwrap();
        assert!(loaded.status.success(), "slapadd: {}", String::from_utf8_lossy(&loaded.stderr));
        // A port that was free may be taken by the time slapd wants it.
        for _attempt in 0..5 {
            let (port, tls_port) = (free_port(), free_port());
            let mut child = serve(folder.path(), port, tls_port);
            if answers(&mut child, port) {
                return Self { child, port, tls_port, ca_pem, folder };
            }
            child.kill().ok();
            child.wait().unwrap();
        }
        panic!("slapd did not start");
    }

    /// Stops it in good order and starts it again on the same ports; what it kept in memory is gone.
    pub fn start_again(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(&pid).status().unwrap().success());
        self.child.wait().unwrap();
        self.child = serve(self.folder.path(), self.port, self.tls_port);
        assert!(answers(&mut self.child, self.port), "slapd did not start again");
    }

    /// Makes changes as the directory's administrator, written as RFC 2849 has them.
    pub fn change(&self, records: &str) {
        let url = format!("ldap://127.0.0.1:{}", self.port);
        let mut modify = Command::new("ldapmodify");
        modify.args(["-x", "-H", &url, "-D", "cn=admin,dc=acme,dc=test", "-w", "secret"]);
        let mut modify = modify.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        modify.stdin.take().unwrap().write_all(records.as_bytes()).unwrap();
        let done = modify.wait_with_output().unwrap();
        assert!(done.status.success(), "ldapmodify: {}", String::from_utf8_lossy(&done.stderr));
    }

    pub fn kill(&mut self) {
        self.child.kill().ok();
        self.child.wait().unwrap();
    }
}

fn serve(folder: &Path, port: u16, tls_port: u16) -> Child {
    let urls = format!("ldap://127.0.0.1:{port} ldaps://127.0.0.1:{tls_port}");
    let mut server = Command::new("setpriv");
    server.args(["--pdeathsig", "KILL", SLAPD, "-d", "0", "-h", &urls, "-f"]).arg(folder.join("slapd.conf"));
    server.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn answers(child: &mut Child, port: u16) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < READY_TIMEOUT {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return true;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
    false
}

/// An authority and a server certificate for the names; gives the authority's.
pub fn write_certificates(folder: &Path, names: &[&str]) -> String {
    let mut authority = CertificateParams::new(Vec::<String>::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().unwrap();
    let ca = authority.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(authority, key);
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let server_key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(names).unwrap().signed_by(&server_key, &issuer).unwrap();
    fs::write(folder.join("ca.pem"), &ca).unwrap();
    fs::write(folder.join("server.pem"), server.pem()).unwrap();
    fs::write(folder.join("server.key"), server_key.serialize_pem()).unwrap();
    ca
}

/// Without `tool-threads 2` the slapadd of Debian 12 ends in a double free at some 2,000 entries.
fn slapd_conf(folder: &Path, wanted: &Wanted) -> String {
    let folder = folder.display();
    let tls = if wanted.names.is_empty() {
        String::new()
    } else {
        format!(
            "TLSCACertificateFile {folder}/ca.pem\nTLSCertificateFile {folder}/server.pem\n\
             TLSCertificateKeyFile {folder}/server.key\n"
        )
    };
    format!(
        "include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\n\
         include /etc/ldap/schema/inetorgperson.schema\npidfile {folder}/slapd.pid\n\
         modulepath /usr/lib/ldap\nmoduleload back_mdb\nmoduleload syncprov\n{tls}threads 2\ntool-threads 2\n\
         database mdb\nsuffix \"dc=acme,dc=test\"\nrootdn \"cn=admin,dc=acme,dc=test\"\nrootpw secret\n\
         directory {folder}/db\nmaxsize 1073741824\ndbnosync\nindex objectClass eq\n\
         limits dn.exact=\"cn=admin,dc=acme,dc=test\" {limits}\n\
         limits dn.exact=\"cn=sync,dc=acme,dc=test\" {limits}\n\
         access to attrs=userPassword by anonymous auth by * none\n\
         access to * by dn.exact=\"cn=sync,dc=acme,dc=test\" read by * none\n\
         {overlays}",
        limits = wanted.limits,
        overlays = if wanted.follows { "overlay syncprov\nsyncprov-sessionlog 1000\n" } else { "" }
    )
}

/// A person's number is in its name; every second one has letters that LDIF encodes.
fn people_ldif(people: usize) -> String {
    let mut ldif = "dn: dc=acme,dc=test\nobjectClass: dcObject\nobjectClass: organization\no: Acme\ndc: acme\n\n\
        dn: cn=sync,dc=acme,dc=test\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: sync\n\
        userPassword: Passw0rd!\n\ndn: ou=people,dc=acme,dc=test\nobjectClass: organizationalUnit\nou: people\n\n"
        .to_owned();
    for number in 1..=people {
        ldif.push_str(&format!(
            "dn: uid=u{number:06},ou=people,dc=acme,dc=test\nobjectClass: inetOrgPerson\nuid: u{number:06}\n\
             cn:: TcO8bGxlcg==\nsn: Miller\nmail: u{number:06}@acme.test\nuserPassword: x\n\n"
        ));
    }
    ldif.push_str("dn: cn=all,dc=acme,dc=test\nobjectClass: groupOfNames\ncn: all\n");
    for number in 1..=people {
        ldif.push_str(&format!("member: uid=u{number:06},ou=people,dc=acme,dc=test\n"));
    }
    ldif
}
