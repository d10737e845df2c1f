//! What the same machine does with the same data when nothing but the moving of it is wanted.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use freehold_tests::ldif::BASE;
use freehold_tests::openldap::{BIND_DN, BIND_PASSWORD, Slapd};
use freehold_tests::part::{Folder, program, run};
use freehold_tests::postgres::query;

use crate::figures::timed;

/// Filters and attributes of the two searches of a sync.
const SEARCHES: [(&str, &[&str]); 2] = [
    (
        "(objectClass=inetOrgPerson)",
        &[
            "objectClass",
            "entryDN",
            "entryUUID",
            "cn",
            "departmentNumber",
            "displayName",
            "employeeNumber",
            "givenName",
            "l",
            "mail",
            "manager",
            "mobile",
            "ou",
            "physicalDeliveryOfficeName",
            "sn",
            "telephoneNumber",
            "title",
            "uid",
        ],
    ),
    (
        "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))",
        &[
            "objectClass",
            "entryDN",
            "entryUUID",
            "cn",
            "displayName",
            "description",
            "member",
            "uniqueMember",
            "owner",
            "groupType",
        ],
    ),
];

/// Reads people and groups in pages with the attributes that a sync asks for, over TLS as Freehold does.
pub fn search(slapd: &Slapd) -> Result<()> {
    for (filter, attributes) in SEARCHES {
        let mut command = ldapsearch(slapd)?;
        command.args(["-E", "pr=1000/noprompt", filter]).args(attributes);
        let status = command.stdout(Stdio::null()).status().context("cannot run ldapsearch")?;
        ensure!(status.success(), "ldapsearch ended with {status}");
    }
    Ok(())
}

/// Where the directory stands now (RFC 4533).
pub fn cookie(slapd: &Slapd) -> Result<String> {
    let said = run(ldapsearch(slapd)?.args(["-s", "base", "(objectClass=*)", "contextCSN"]))?;
    let said = String::from_utf8(said)?;
    let csn =
        said.lines().find_map(|line| line.strip_prefix("contextCSN: ")).context("the directory has no contextCSN")?;
    Ok(format!("rid=000,csn={csn}"))
}

/// Asks what changed since then, which is nothing: the cheapest answer a server can give to a sync.
pub fn changes(slapd: &Slapd, cookie: &str) -> Result<()> {
    let (people, attributes) = SEARCHES.first().context("a search of people")?;
    let sync = format!("!sync=ro/{cookie}");
    run(ldapsearch(slapd)?.args(["-E", &sync, people]).args(*attributes)).map(|_said| ())
}

fn ldapsearch(slapd: &Slapd) -> Result<Command> {
    let mut command = Command::new(program("ldapsearch", &["/usr/bin"], "the Debian package ldap-utils")?);
    command.env("LDAPTLS_CACERT", slapd.ca_file()).args(["-H", &slapd.ldaps_url(), "-x", "-LLL", "-o", "ldif-wrap=no"]);
    command.args(["-D", BIND_DN, "-w", BIND_PASSWORD, "-b", BASE]);
    Ok(command)
}

/// Writes the rows of the people and memberships that a sync left into tables like theirs, with their keys and indexes.
/// How long that took, in seconds.
pub fn copy(folder: &Folder, url: &str) -> Result<f64> {
    let mut seconds = 0.0;
    for table in ["person", "directory_group", "directory_group_member"] {
        let schema =
            query(url, &format!("SELECT table_schema FROM information_schema.tables WHERE table_name = '{table}'"))?;
        let Some(schema) = schema.lines().next() else { continue };
        let file: PathBuf = folder.path().join(format!("{table}.rows"));
        let file = file.display();
        psql(url, &format!("\\copy {schema}.{table} TO '{file}' WITH (FORMAT binary)"))?;
        query(url, &format!("CREATE TABLE public.copied_{table} (LIKE {schema}.{table} INCLUDING ALL)"))?;
        let words = format!("\\copy public.copied_{table} FROM '{file}' WITH (FORMAT binary)");
        seconds += timed(|| psql(url, &words))?;
    }
    Ok(seconds)
}

fn psql(url: &str, words: &str) -> Result<()> {
    let psql = program("psql", &["/usr/bin"], "the Debian package postgresql")?;
    run(Command::new(psql).args(["--no-psqlrc", "-q", "-v", "ON_ERROR_STOP=1", "-c", words, url])).map(|_| ())
}
