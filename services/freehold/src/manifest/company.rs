//! What the keys of a manifest mean: each becomes a field of the contract.

mod group;

use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use freehold_proto::directory::v1::{DirectoryKind, LinkAttribute};
use freehold_proto::tenant::v1 as tenant;

use super::reader::Reader;
use super::section::Section;

const KINDS: [(&str, DirectoryKind); 7] = [
    ("active-directory", DirectoryKind::ActiveDirectory),
    ("openldap", DirectoryKind::Openldap),
    ("ldap", DirectoryKind::Ldap),
    ("ldif", DirectoryKind::Ldif),
    ("csv", DirectoryKind::Csv),
    ("xlsx", DirectoryKind::Xlsx),
    ("scim", DirectoryKind::Scim),
];
/// Kinds whose url is a path.
const FILES: [DirectoryKind; 3] = [DirectoryKind::Ldif, DirectoryKind::Csv, DirectoryKind::Xlsx];
const LINK_ATTRIBUTES: [(&str, LinkAttribute); 2] =
    [("directory_id", LinkAttribute::DirectoryId), ("employee_number", LinkAttribute::EmployeeNumber)];
/// Roles that a directory group can give; administrators have a table of their own.
const ROLES: [(&str, auth::Role); 5] = [
    ("account-manager", auth::Role::AccountManager),
    ("analyst", auth::Role::Analyst),
    ("area-coordinator", auth::Role::AreaCoordinator),
    ("auditor", auth::Role::Auditor),
    ("moderator", auth::Role::Moderator),
];
/// Fields of a person that an attribute of the directory can be named for.
const PERSON_FIELDS: [&str; 15] = [
    "department",
    "display_name",
    "email",
    "employee_number",
    "entry_id",
    "family_name",
    "given_name",
    "groups",
    "manager",
    "phone",
    "photo",
    "site",
    "status",
    "title",
    "user_name",
];
/// Reads the whole manifest.
pub(super) fn read(reader: &mut Reader<'_>, mut top: Section<'_>) -> tenant::TenantManifest {
    let manifest = tenant::TenantManifest {
        name: top.text(reader, "name", "name"),
        company: top.text(reader, "company", "company"),
        language: top.text(reader, "language", "language"),
        time_zone: top.text(reader, "time_zone", "time_zone"),
        directories: top
            .tables(reader, "directory", "directories")
            .into_iter()
            .map(|section| read_directory(reader, section))
            .collect(),
        connections: top
            .tables(reader, "connection", "connections")
            .into_iter()
            .map(|section| read_connection(reader, section))
            .collect(),
        sign_in: top.table(reader, "sign_in", "sign_in").map(|section| read_sign_in(reader, section)),
        administrators_group: top
            .table(reader, "administrators", "administrators")
            .map(|section| read_only_key(reader, section, "directory_group", "administrators_group"))
            .unwrap_or_default(),
        role_groups: top
            .tables(reader, "role", "role_groups")
            .into_iter()
            .map(|section| read_role(reader, section))
            .collect(),
        groups: top.tables(reader, "group", "groups").into_iter().map(|section| group::read(reader, section)).collect(),
        key_provider: top
            .table(reader, "key", "key")
            .map(|section| read_only_key(reader, section, "provider", "key_provider"))
            .unwrap_or_default(),
        plan: top.table(reader, "plan", "plan").map(|section| read_plan(reader, section)),
        people_sets: top
            .tables(reader, "people_set", "people_sets")
            .into_iter()
            .map(|section| group::read_people_set(reader, section))
            .collect(),
    };
    top.finish(reader);
    manifest
}

fn read_role(reader: &mut Reader<'_>, mut section: Section<'_>) -> auth::RoleGroupSettings {
    let settings = auth::RoleGroupSettings {
        role: section.choice(reader, "name", "role", &ROLES),
        directory_group: section.text(reader, "directory_group", "directory_group"),
        area_group: section.text(reader, "area", "area_group"),
    };
    section.finish(reader);
    settings
}

fn read_directory(reader: &mut Reader<'_>, mut section: Section<'_>) -> directory::DirectorySettings {
    let kind = section.choice(reader, "kind", "kind", &KINDS);
    let mut urls = section.texts(reader, "url", "url");
    if FILES.iter().any(|file| kind == i32::from(*file)) {
        urls = urls.iter().map(|path| reader.path(path).display().to_string()).collect();
    }
    let (says_follow, says_photos) = (section.has("follow"), section.has("photos"));
    let settings = directory::DirectorySettings {
        name: section.text(reader, "name", "name"),
        kind,
        urls,
        start_tls: section.flag(reader, "start_tls", "start_tls"),
        ca_pem: section.certificates(reader, "ca_file", "ca_pem"),
        bind_dn: section.text(reader, "bind_dn", "bind_dn"),
        bind_password: section.secret(reader, "bind_password_file", "bind_password"),
        base_dn: section.text(reader, "base_dn", "base_dn"),
        people_filter: section.text(reader, "people_filter", "people_filter"),
        group_filter: section.text(reader, "group_filter", "group_filter"),
        max_deactivations: section.share(reader, "max_deactivations", "max_deactivations"),
        attributes: section
            .table(reader, "attributes", "attributes")
            .map(|attributes| attributes.pairs(reader, &PERSON_FIELDS))
            .unwrap_or_default(),
        follow: Some(section.flag(reader, "follow", "follow")).filter(|_| says_follow),
        photos: Some(section.flag(reader, "photos", "photos")).filter(|_| says_photos),
        same_person: section.text(reader, "same_person", "same_person"),
        primary_groups: section.flag(reader, "primary_groups", "primary_groups"),
        encoding: section.text(reader, "encoding", "encoding"),
        connector: section.flag(reader, "connector", "connector"),
    };
    section.finish(reader);
    settings
}

fn read_connection(reader: &mut Reader<'_>, mut section: Section<'_>) -> auth::ConnectionSettings {
    let (link_claim, link_attribute) = read_link(reader, &mut section);
    let settings = auth::ConnectionSettings {
        name: section.text(reader, "name", "name"),
        issuer: section.text(reader, "issuer", "issuer"),
        client_id: section.text(reader, "client_id", "client_id"),
        client_secret: section.secret(reader, "client_secret_file", "client_secret"),
        domains: section.texts(reader, "domains", "domains"),
        link_claim,
        link_attribute,
        ca_pem: section.certificates(reader, "ca_file", "ca_pem"),
        scopes: section.texts(reader, "scopes", "scopes"),
        pin: section.table(reader, "pin", "pin").map(|section| read_pin(reader, section)),
        demands: section.table(reader, "demands", "demands").map(|section| read_demands(reader, section)),
    };
    section.finish(reader);
    settings
}

fn read_pin(reader: &mut Reader<'_>, mut section: Section<'_>) -> auth::ClaimPin {
    let pin =
        auth::ClaimPin { claim: section.text(reader, "claim", "claim"), value: section.text(reader, "value", "value") };
    section.finish(reader);
    pin
}

fn read_demands(reader: &mut Reader<'_>, mut section: Section<'_>) -> auth::SignInDemands {
    let demands = auth::SignInDemands {
        acr: section.texts(reader, "acr", "acr"),
        amr: section.texts(reader, "amr", "amr"),
        max_age_minutes: section.count(reader, "max_age_minutes", "max_age_minutes"),
    };
    section.finish(reader);
    demands
}

fn read_link(reader: &mut Reader<'_>, section: &mut Section<'_>) -> (String, i32) {
    let missing = !section.has("link");
    let Some(mut link) = section.table(reader, "link", "link") else {
        if missing {
            let right = "is missing; must say how a subject meets its person, such as { claim = \"oid\", attribute = \"directory_id\" }";
            section.misses(reader, "link", right);
        }
        // One mistake, although the contract has two fields for it.
        reader.cover(&format!("{}.link_claim", section.path));
        reader.cover(&format!("{}.link_attribute", section.path));
        return (String::new(), 0);
    };
    link.path.clone_from(&section.path);
    if !link.has("attribute") {
        link.misses(reader, "attribute", "is missing; must be \"directory_id\" or \"employee_number\"");
        reader.cover(&format!("{}.link_attribute", section.path));
    }
    let claim = link.text(reader, "claim", "link_claim");
    let attribute = link.choice(reader, "attribute", "link_attribute", &LINK_ATTRIBUTES);
    link.finish(reader);
    (claim, attribute)
}

fn read_sign_in(reader: &mut Reader<'_>, mut section: Section<'_>) -> auth::SignInPolicy {
    let policy = auth::SignInPolicy {
        access_codes: section.flag(reader, "access_codes", "access_codes"),
        sso_only: section.flag(reader, "sso_only", "sso_only"),
        emergency_accounts: section.texts(reader, "emergency_accounts", "emergency_accounts"),
    };
    section.finish(reader);
    policy
}

fn read_plan(reader: &mut Reader<'_>, mut section: Section<'_>) -> tenant::PlanChoice {
    let plan = tenant::PlanChoice {
        name: section.text(reader, "name", "name"),
        currency: section.text(reader, "currency", "currency"),
    };
    section.finish(reader);
    plan
}

/// A table for one key, which is a field of its own in the contract.
fn read_only_key(reader: &mut Reader<'_>, mut section: Section<'_>, key: &'static str, field: &str) -> String {
    section.path = String::new();
    let text = section.text(reader, key, field);
    section.finish(reader);
    text
}
