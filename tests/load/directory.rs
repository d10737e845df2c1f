//! The directory that is read: a company's entries in a real server, and what that server does by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, Result};
use freehold_tests::company::Company;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::openldap::{BIND_DN, BIND_PASSWORD, Slapd};
use freehold_tests::part::{program, run};
use freehold_tests::samba::{self, AD_BASE, AD_BIND_DN, AD_BIND_PASSWORD, AdDc};

/// A filter and the attributes that a sync asks for of what it finds.
pub type Search = (&'static str, &'static [&'static str]);

const OPENLDAP_SEARCHES: [Search; 2] = [
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

const SAMBA_SEARCHES: [Search; 2] = [
    (
        "(&(objectClass=user)(objectCategory=person))",
        &[
            "objectGUID",
            "cn",
            "department",
            "displayName",
            "employeeID",
            "employeeNumber",
            "givenName",
            "l",
            "mail",
            "manager",
            "mobile",
            "name",
            "physicalDeliveryOfficeName",
            "sAMAccountName",
            "sn",
            "telephoneNumber",
            "title",
            "userAccountControl",
        ],
    ),
    ("(objectClass=group)", &["objectGUID", "cn", "description", "displayName", "groupType", "member"]),
];

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    OpenLdap,
    Samba,
}

/// A server with a company in it.
pub enum Directory {
    OpenLdap(Slapd),
    Samba(Box<AdDc>),
}

impl Directory {
    pub fn start(kind: Kind, company: &Company) -> Result<Self> {
        Ok(match kind {
            Kind::OpenLdap => Self::OpenLdap(Slapd::start_with_changes(&company.entries())?),
            Kind::Samba => Self::Samba(Box::new(AdDc::start(&domain(company))?)),
        })
    }

    /// The `[[directory]]` of a manifest.
    pub fn manifest(&self, password_file: &str) -> String {
        let (kind, url, ca_file, bind_dn, base_dn) = match self {
            Self::OpenLdap(slapd) => ("openldap", slapd.ldaps_url(), slapd.ca_file(), BIND_DN, BASE),
            Self::Samba(domain) => ("active-directory", domain.ldaps_url(), domain.ca_file(), AD_BIND_DN, AD_BASE),
        };
        format!(
            "[[directory]]\nname = \"head-office\"\nkind = \"{kind}\"\nurl = \"{url}\"\nca_file = \"{}\"\n\
             bind_dn = \"{bind_dn}\"\nbind_password_file = \"{password_file}\"\nbase_dn = \"{base_dn}\"\n\
             max_deactivations = \"50%\"\n",
            ca_file.display()
        )
    }

    /// The password of the account that reads it.
    pub const fn bind_password(&self) -> &'static str {
        match self {
            Self::OpenLdap(_) => BIND_PASSWORD,
            Self::Samba(_) => AD_BIND_PASSWORD,
        }
    }

    /// The searches of a whole reading.
    pub const fn searches(&self) -> &'static [Search] {
        match self {
            Self::OpenLdap(_) => &OPENLDAP_SEARCHES,
            Self::Samba(_) => &SAMBA_SEARCHES,
        }
    }

    /// `ldapsearch` as Freehold binds, over TLS.
    pub fn ldapsearch(&self) -> Result<Command> {
        let mut command = Command::new(program("ldapsearch", &["/usr/bin"], "the Debian package ldap-utils")?);
        let (url, ca_file, bind_dn) = match self {
            Self::OpenLdap(slapd) => (slapd.ldaps_url(), slapd.ca_file(), BIND_DN),
            Self::Samba(domain) => (domain.ldaps_url(), domain.ca_file(), AD_BIND_DN),
        };
        command.env("LDAPTLS_CACERT", ca_file).args(["-H", &url, "-x", "-LLL", "-o", "ldif-wrap=no"]);
        command.args(["-D", bind_dn, "-w", self.bind_password()]);
        Ok(command)
    }

    /// The suffix.
    pub const fn base(&self) -> &'static str {
        match self {
            Self::OpenLdap(_) => BASE,
            Self::Samba(_) => AD_BASE,
        }
    }

    /// Removes somebody.
    pub fn delete(&self, dn: &str) -> Result<()> {
        match self {
            Self::OpenLdap(slapd) => slapd.delete(dn),
            Self::Samba(domain) => domain.delete(dn),
        }
    }

    /// The cheapest answer there is to the question whether anything changed.
    pub fn nothing_changed(&self) -> Result<Command> {
        let mut command = self.ldapsearch()?;
        match self {
            Self::OpenLdap(_) => {
                let (people, attributes) = self.searches().first().context("a search of people")?;
                let sync = format!("!sync=ro/{}", self.cookie()?);
                command.args(["-b", BASE, "-E", &sync, people]).args(*attributes);
            }
            Self::Samba(_) => {
                command.args(["-b", "", "-s", "base", "(objectClass=*)", "highestCommittedUSN"]);
            }
        }
        Ok(command)
    }

    /// Where an OpenLDAP stands now (RFC 4533).
    fn cookie(&self) -> Result<String> {
        let said = run(self.ldapsearch()?.args(["-b", BASE, "-s", "base", "(objectClass=*)", "contextCSN"]))?;
        let said = String::from_utf8(said)?;
        let csn = said.lines().find_map(|line| line.strip_prefix("contextCSN: "));
        Ok(format!("rid=000,csn={}", csn.context("the directory has no contextCSN")?))
    }
}

/// The company as users and groups of a domain. A member that does not exist yet is left out, so there are no circles.
fn domain(company: &Company) -> Vec<Entry> {
    let people = company.people.iter().map(|person| (person.dn.as_str(), samba::user(&person.uid, "", "")));
    let groups = company.groups.iter().map(|group| (group.dn.as_str(), samba::group(&plain(&group.name), [])));
    let names: BTreeMap<&str, String> = people.chain(groups).map(|(dn, entry)| (dn, entry.dn().to_owned())).collect();
    let mut there = BTreeSet::new();
    let mut entries = Vec::with_capacity(names.len());
    for person in &company.people {
        let mut entry = samba::user(&person.uid, person.given, person.family)
            .with("department", person.department)
            .with("l", person.site)
            .with("employeeNumber", person.uid.trim_start_matches('u'));
        if let Some(mail) = &person.mail {
            entry = entry.with("mail", mail).with("title", "Fachkraft für Arbeit");
        }
        let manager = person.manager.and_then(|place| names.get(company.people.get(place)?.dn.as_str()));
        entries.push(manager.into_iter().fold(entry, |entry, dn| entry.with("manager", dn)));
        there.insert(person.dn.as_str());
    }
    for group in &company.groups {
        let members = group.members.iter().filter(|dn| there.contains(dn.as_str()));
        let members = members.filter_map(|dn| names.get(dn.as_str())).map(String::as_str);
        entries.push(samba::group(&plain(&group.name), members));
        there.insert(group.dn.as_str());
    }
    entries
}

/// A name without what an account's name cannot have.
fn plain(name: &str) -> String {
    name.replace(',', "")
}
