//! A company's manifest in words.

use std::fs;

use anyhow::Result;
use freehold_proto::auth::v1::{ConnectionSettings, SignInPolicy};
use freehold_proto::content::v1::group_settings::Members;
use freehold_proto::content::v1::{GroupPrivacy, GroupSettings};
use freehold_proto::directory::v1::{DirectoryKind, DirectorySettings, Everybody, LinkAttribute};
use freehold_proto::tenant::v1::{PlanChoice, TenantManifest};
use freehold_tests::idp::{CLIENT_ID, CLIENT_SECRET, Idp};
use freehold_tests::ldif::{BASE, Entry, ldif};
use freehold_tests::openldap::{BIND_DN, BIND_PASSWORD, Slapd};
use freehold_tests::samba::{AD_BASE, AD_BIND_DN, AD_BIND_PASSWORD, AdDc};

use super::Place;

/// The directory of every company here.
pub const DIRECTORY: &str = "head-office";
/// The connection of every company that has one.
pub const CONNECTION: &str = "sso";

/// A company that lets people in with access codes and pays per active person.
pub fn company(name: &str) -> TenantManifest {
    TenantManifest {
        name: name.to_owned(),
        company: format!("{name} & Söhne"),
        language: "en".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        sign_in: Some(SignInPolicy { access_codes: true, ..Default::default() }),
        plan: Some(PlanChoice { name: "company".to_owned(), currency: "EUR".to_owned() }),
        groups: vec![group("Everybody", GroupPrivacy::Open, Members::Everybody(Everybody {}))],
        ..Default::default()
    }
}

/// A company that is filled from a server over LDAPS.
pub fn company_of(name: &str, slapd: &Slapd) -> Result<TenantManifest> {
    Ok(TenantManifest { directories: vec![openldap(slapd)?], ..company(name) })
}

/// A server over LDAPS, trusted by its own authority.
pub fn openldap(slapd: &Slapd) -> Result<DirectorySettings> {
    Ok(DirectorySettings {
        name: DIRECTORY.to_owned(),
        kind: DirectoryKind::Openldap.into(),
        urls: vec![slapd.ldaps_url()],
        ca_pem: fs::read_to_string(slapd.ca_file())?,
        bind_dn: BIND_DN.to_owned(),
        bind_password: BIND_PASSWORD.to_owned(),
        base_dn: BASE.to_owned(),
        // What a sync run does is counted; a service that was there before would leave it nothing to do.
        follow: Some(false),
        ..Default::default()
    })
}

/// A company that is filled from an Active Directory over LDAPS, from the top of the domain on.
pub fn company_of_domain(name: &str, domain: &AdDc) -> Result<TenantManifest> {
    let directory = DirectorySettings {
        name: DIRECTORY.to_owned(),
        kind: DirectoryKind::ActiveDirectory.into(),
        urls: vec![domain.ldaps_url()],
        ca_pem: fs::read_to_string(domain.ca_file())?,
        bind_dn: AD_BIND_DN.to_owned(),
        bind_password: AD_BIND_PASSWORD.to_owned(),
        base_dn: AD_BASE.to_owned(),
        follow: Some(false),
        ..Default::default()
    };
    Ok(TenantManifest { directories: vec![directory], ..company(name) })
}

/// A provider whose claim `oid` is the directory's own id of the person.
pub fn connection(idp: &Idp) -> ConnectionSettings {
    ConnectionSettings {
        name: CONNECTION.to_owned(),
        issuer: idp.issuer().to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned(),
        domains: Vec::new(),
        link_claim: "oid".to_owned(),
        link_attribute: LinkAttribute::DirectoryId.into(),
        ca_pem: String::new(),
        ..Default::default()
    }
}

/// A group that is filled by rule.
pub fn group(name: &str, privacy: GroupPrivacy, members: Members) -> GroupSettings {
    GroupSettings { name: name.to_owned(), privacy: privacy.into(), members: Some(members), ..Default::default() }
}

/// A company that is filled from a file of these entries.
pub fn company_of_file(name: &str, place: &Place, entries: &[Entry]) -> Result<TenantManifest> {
    let top = Entry::new(BASE).with("objectClass", "dcObject").with("dc", "acme");
    let file = place.folder.write(&format!("{name}.ldif"), ldif(&[&[top], entries].concat()))?;
    let directory = DirectorySettings {
        name: DIRECTORY.to_owned(),
        kind: DirectoryKind::Ldif.into(),
        urls: vec![file.display().to_string()],
        base_dn: BASE.to_owned(),
        ..Default::default()
    };
    Ok(TenantManifest { directories: vec![directory], ..company(name) })
}
