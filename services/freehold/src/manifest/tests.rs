mod roles;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use freehold_proto::auth::v1 as auth;
use freehold_proto::content::v1 as content;
use freehold_proto::content::v1::group_settings::Members;
use freehold_proto::directory::v1 as directory;
use freehold_proto::tenant::v1 as tenant;
use freehold_types::Violation;

use super::Manifest;

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/// A folder with the files that the manifests here name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, text, mode) in [
        ("ldap", "swordfish\n", 0o600),
        ("oidc", "open sesame", 0o600),
        ("open", "seen by all", 0o644),
        ("ca.pem", CERTIFICATE, 0o644),
        ("people.ldif", "version: 1\n", 0o644),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode can be set");
    }
    folder
}

fn parse(text: &str, folder: &Path) -> Manifest {
    Manifest::parse(text, Path::new("acme.toml"), folder)
}

fn lines(manifest: &Manifest) -> Vec<String> {
    manifest.mistakes.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(lines(&parse(text, folder().path())), expected);
}

const GOOD: &str = r#"name = "acme"                                  # address and command-line name; a-z, 0-9, -
company = "Acme SAS"
language = "fr"
time_zone = "Europe/Paris"

[[directory]]
name = "head-office"
kind = "active-directory"                      # active-directory | openldap | ldap | ldif | csv | xlsx
url = ["ldaps://dc1.acme.example", "ldaps://dc2.acme.example"]
start_tls = false
ca_file = "ca.pem"
bind_dn = "CN=freehold,OU=Services,DC=acme,DC=example"
bind_password_file = "ldap"
base_dn = "DC=acme,DC=example"
people_filter = "(&(objectClass=user)(objectCategory=person))"    # defaults per kind
group_filter = "(objectClass=group)"
max_deactivations = "5%"
follow = false
[directory.attributes]
employee_number = "employeeID"
site = "physicalDeliveryOfficeName"

[[connection]]
name = "corporate"
issuer = "https://login.acme.example"
client_id = "freehold"
client_secret_file = "oidc"
domains = ["acme.example"]
link = { claim = "oid", attribute = "directory_id" }
scopes = ["offline_access"]
pin = { claim = "tid", value = "acme" }
demands = { amr = ["mfa"], max_age_minutes = 480 }

[sign_in]
access_codes = true
sso_only = false
emergency_accounts = ["Ada, emergency", "Bo, emergency"]

[administrators]
directory_group = "CN=Freehold Admins,OU=Groups,DC=acme,DC=example"

[[group]]
name = "Paris plant"
privacy = "closed"
members = { site = "Paris" }

[[group]]
name = "Plant leads"
privacy = "secret"
members = { directory_group = "CN=Leads,DC=acme,DC=example" }

[[group]]
name = "Everybody"
privacy = "open"
members = { everybody = true }

[key]
provider = "installation"

[plan]
name = "company"
currency = "EUR"
"#;

#[test]
fn a_good_manifest_says_everything() {
    let manifest = parse(GOOD, folder().path());
    assert_eq!(lines(&manifest), [""; 0]);
    let group = |name: &str, privacy: content::GroupPrivacy, members| content::GroupSettings {
        name: name.to_owned(),
        privacy: privacy.into(),
        members: Some(members),
        ..Default::default()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let rule = directory::AttributeRule { equals: [pair("site", "Paris")].into(), ..Default::default() };
    let leads = Members::DirectoryGroup("CN=Leads,DC=acme,DC=example".to_owned());
    let expected = tenant::TenantManifest {
        name: "acme".to_owned(),
        company: "Acme SAS".to_owned(),
        language: "fr".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        directories: vec![directory::DirectorySettings {
            name: "head-office".to_owned(),
            kind: directory::DirectoryKind::ActiveDirectory.into(),
            urls: vec!["ldaps://dc1.acme.example".to_owned(), "ldaps://dc2.acme.example".to_owned()],
            start_tls: false,
            ca_pem: CERTIFICATE.to_owned(),
            bind_dn: "CN=freehold,OU=Services,DC=acme,DC=example".to_owned(),
            bind_password: "swordfish".to_owned(),
            base_dn: "DC=acme,DC=example".to_owned(),
            people_filter: "(&(objectClass=user)(objectCategory=person))".to_owned(),
            group_filter: "(objectClass=group)".to_owned(),
            max_deactivations: "5%".to_owned(),
            attributes: [pair("employee_number", "employeeID"), pair("site", "physicalDeliveryOfficeName")].into(),
            follow: Some(false),
            photos: None,
            same_person: String::new(),
            connector: false,
            primary_groups: false,
            encoding: String::new(),
        }],
        connections: vec![auth::ConnectionSettings {
            name: "corporate".to_owned(),
            issuer: "https://login.acme.example".to_owned(),
            client_id: "freehold".to_owned(),
            client_secret: "open sesame".to_owned(),
            domains: vec!["acme.example".to_owned()],
            link_claim: "oid".to_owned(),
            link_attribute: directory::LinkAttribute::DirectoryId.into(),
            ca_pem: String::new(),
            scopes: vec!["offline_access".to_owned()],
            pin: Some(auth::ClaimPin { claim: "tid".to_owned(), value: "acme".to_owned() }),
            demands: Some(auth::SignInDemands { acr: Vec::new(), amr: vec!["mfa".to_owned()], max_age_minutes: 480 }),
        }],
        sign_in: Some(auth::SignInPolicy {
            access_codes: true,
            sso_only: false,
            emergency_accounts: vec!["Ada, emergency".to_owned(), "Bo, emergency".to_owned()],
        }),
        administrators_group: "CN=Freehold Admins,OU=Groups,DC=acme,DC=example".to_owned(),
        groups: vec![
            group("Paris plant", content::GroupPrivacy::Closed, Members::Attributes(rule)),
            group("Plant leads", content::GroupPrivacy::Secret, leads),
            group("Everybody", content::GroupPrivacy::Open, Members::Everybody(directory::Everybody {})),
        ],
        key_provider: "installation".to_owned(),
        plan: Some(tenant::PlanChoice { name: "company".to_owned(), currency: "EUR".to_owned() }),
        people_sets: Vec::new(),
        role_groups: Vec::new(),
    };
    assert_eq!(manifest.message, expected);
}

#[test]
fn five_mistakes_are_five_reports() {
    let text = r#"name = "acme"
compny = "Acme SAS"

[[directory]]
name = "head-office"
kind = "ad"
url = "ldaps://dc1.acme.example"
start_tls = "yes"
bind_password_file = "nowhere"

[[group]]
name = "Paris"
privacy = "hidden"
members = { everybody = true }
"#;
    let folder = folder();
    let nowhere = folder.path().join("nowhere").display().to_string();
    assert_eq!(
        lines(&parse(text, folder.path())),
        [
            "line 2: compny: there is no such key; did you mean company?".to_owned(),
            "line 6: directory.kind = \"ad\": must be \"active-directory\", \"openldap\", \"ldap\", \"ldif\", \"csv\", \"xlsx\" or \"scim\""
                .to_owned(),
            "line 8: directory.start_tls = \"yes\": is text; must be true or false, without quotes".to_owned(),
            format!(
                "line 9: directory.bind_password_file = \"nowhere\": cannot read {nowhere}: No such file or directory \
                 (os error 2); must be a file that its owner alone can read"
            ),
            "line 13: group.privacy = \"hidden\": must be \"open\", \"closed\" or \"secret\"".to_owned(),
        ]
    );
}

#[test]
fn broken_lines_are_reported_beside_all_else_and_never_shown() {
    check(
        "name = acme\nname = \"two\"\ncompany = \"Acme\nplann = 3\n[[group\nname = \"g\"\n[sign_in]\nsso_only = 1\n",
        &[
            "line 1: name: string values must be quoted; expected literal string",
            "line 2: name: duplicate key",
            "line 3: company: invalid basic string; expected `\"`",
            "line 4: plann: there is no such key; did you mean plan?",
            "line 5: unclosed array table; expected `]]`",
            "line 8: sign_in.sso_only = 1: is a number; must be true or false, without quotes",
        ],
    );
}

#[test]
fn a_secret_that_others_can_read_is_a_mistake_and_no_secret_is_shown() {
    let folder = folder();
    let text = "[[directory]]\nname = \"a\"\nbind_password_file = \"open\"\nbind_password = \"hunter2\"\n\
                [[connection]]\nclient_secret_file = { secret = \"hunter2\" }\nlink = { claim = \"sub\", attribute = \"directory_id\" }\n";
    let manifest = parse(text, folder.path());
    let lines = lines(&manifest);
    let open = folder.path().join("open").display().to_string();
    assert_eq!(
        lines,
        [
            format!(
                "line 3: directory.bind_password_file = \"open\": {open} can be read by others; run `chmod 600 {open}`; \
                 must be a file that its owner alone can read"
            ),
            "line 4: directory.bind_password: there is no such key; did you mean bind_password_file?".to_owned(),
            "line 6: connection.client_secret_file: is a table; must be text in quotes".to_owned(),
        ]
    );
    assert!(!lines.concat().contains("hunter2"));
    assert_eq!(manifest.message.directories[0].bind_password, "");
}

#[test]
fn brackets_members_and_links_have_their_own_words() {
    check(
        "[directory]\nname = \"a\"\nkindd = \"ldif\"\n[[connection]]\nname = \"c\"\n[[connection]]\nlink = { claim = \"oid\" }\n\
         [[group]]\nname = \"g\"\nprivacy = \"open\"\nmembers = { site = \"Paris\", everybody = true }\n[[group]]\nmembers = { sitte = \"Paris\" }\n[[group]]\nmembers = {}\n",
        &[
            "line 1: directory: there can be several, so it must be [[directory]], with two brackets",
            "line 3: directory.kindd: there is no such key; did you mean kind?",
            "line 4: connection.link: is missing; must say how a subject meets its person, such as { claim = \"oid\", attribute = \"directory_id\" }",
            "line 7: connection.link.attribute: is missing; must be \"directory_id\" or \"employee_number\"",
            "line 11: group.members: names people in two ways; must be { everybody = true }, or what people have in common, such as { site = [\"Paris\", \"Lyon\"], directory_group = \"CN=...\", manager = \"...\" } or { people_set = \"...\" }",
            "line 13: group.members.sitte: there is no such key; did you mean site?",
            "line 15: group.members: must be { everybody = true }, or what people have in common, such as { site = [\"Paris\", \"Lyon\"], directory_group = \"CN=...\", manager = \"...\" } or { people_set = \"...\" }",
        ],
    );
}

#[test]
fn a_rule_names_what_people_have_in_common_and_exceptions_stand_beside_it() {
    let text = "[[people_set]]\nname = \"plants\"\nrule = { site = [\"Paris\", \"Lyon\"], manager = \"E1\" }\n\
                [[group]]\nname = \"g\"\nprivacy = \"open\"\nmembers = { people_set = \"plants\", department = \"Ops\", directory_group = \"cn=x\" }\n\
                also = \"E7\"\nexcept = [\"E8\", \"ben\"]\nadministrators = [\"anna\"]\n";
    let folder = folder();
    let mut manifest = parse(text, folder.path());
    assert_eq!(lines(&manifest), [""; 0]);
    let set = directory::PeopleSet {
        name: "plants".to_owned(),
        rule: Some(directory::AttributeRule {
            any_of: [(
                "site".to_owned(),
                directory::FieldValues { values: vec!["Paris".to_owned(), "Lyon".to_owned()] },
            )]
            .into(),
            manager: "E1".to_owned(),
            ..Default::default()
        }),
    };
    assert_eq!(manifest.message.people_sets, [set]);
    let group = content::GroupSettings {
        name: "g".to_owned(),
        privacy: content::GroupPrivacy::Open.into(),
        members: Some(Members::Attributes(directory::AttributeRule {
            equals: [("department".to_owned(), "Ops".to_owned())].into(),
            directory_group: "cn=x".to_owned(),
            people_set: "plants".to_owned(),
            ..Default::default()
        })),
        also: vec!["E7".to_owned()],
        except: vec!["E8".to_owned(), "ben".to_owned()],
        administrators: vec!["anna".to_owned()],
    };
    assert_eq!(manifest.message.groups, [group]);
    let violation = |field: &str| Violation { field: field.to_owned(), message: "is wrong".to_owned() };
    manifest.add(&["groups[0].attributes.people_set", "groups[0].except[1]", "people_sets[0].rule"].map(violation));
    assert_eq!(
        lines(&manifest),
        [
            "line 3: people_set.rule: is wrong",
            "line 7: group.members.people_set = \"plants\": is wrong",
            "line 9: group.except = [\"E8\", \"ben\"]: is wrong",
        ]
    );
    check(
        "[[people_set]]\nname = \"a\"\nrule = { sitte = \"Paris\" }\n[[group]]\nexept = \"E1\"\n",
        &[
            "line 3: people_set.rule.sitte: there is no such key; did you mean site?",
            "line 5: group.exept: there is no such key; did you mean except?",
        ],
    );
}

#[test]
fn paths_are_seen_from_the_manifest() {
    let folder = folder();
    let text = "[[directory]]\nkind = \"ldif\"\nurl = \"people.ldif\"\nmax_deactivations = 40\n";
    let manifest = parse(text, folder.path());
    assert_eq!(lines(&manifest), [""; 0]);
    let settings = &manifest.message.directories[0];
    assert_eq!(settings.urls, [folder.path().join("people.ldif").display().to_string()]);
    assert_eq!(settings.max_deactivations, "40");
}

#[test]
fn what_the_installation_says_comes_back_to_its_line() {
    let violation = |field: &str, message: &str| Violation { field: field.to_owned(), message: message.to_owned() };
    let mut manifest = parse(GOOD, folder().path());
    manifest.add(&[
        violation("groups[1].directory_group", "is wrong"),
        violation("directories[0].base_dn", "there is no such entry"),
        violation("connections[0].issuer", "must be reachable"),
        violation("connections[0].demands.max_age_minutes", "is wrong"),
        violation("directories[0].bind_password", "is wrong"),
        violation("groups[0].attributes.equals[\"site\"]", "is wrong"),
        violation("sign_in.sso_only", "is wrong"),
        violation("key_provider", "is wrong"),
    ]);
    assert_eq!(
        lines(&manifest),
        [
            "line 13: directory.bind_password_file = \"ldap\": is wrong",
            "line 14: directory.base_dn = \"DC=acme,DC=example\": there is no such entry",
            "line 25: connection.issuer = \"https://login.acme.example\": must be reachable",
            "line 32: connection.demands.max_age_minutes = 480: is wrong",
            "line 36: sign_in.sso_only = false: is wrong",
            "line 45: group.members.site = \"Paris\": is wrong",
            "line 50: group.members.directory_group = \"CN=Leads,DC=acme,DC=example\": is wrong",
            "line 58: key.provider = \"installation\": is wrong",
        ]
    );
}

#[test]
fn nothing_is_said_twice() {
    let violation = |field: &str| Violation { field: field.to_owned(), message: "is missing".to_owned() };
    let text = "name = \"acme\"\n[[directory]]\nkind = \"ad\"\n[[connection]]\nname = \"c\"\n";
    let mut manifest = parse(text, folder().path());
    manifest.add(&["directories[0].kind", "connections[0].link_claim", "connections[0].link_attribute"].map(violation));
    assert_eq!(lines(&manifest).len(), 2);
    manifest.add(&["company", "directories[0].name"].map(violation));
    let lines = lines(&manifest);
    assert_eq!(
        (lines[0].as_str(), lines[1].as_str()),
        ("line 1: company: is missing", "line 2: directory.name: is missing")
    );
}

#[test]
fn the_examples_can_be_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tenants/examples");
    let mut read = 0;
    for item in fs::read_dir(&folder).expect("there are examples") {
        let path = item.expect("a folder of the repository is readable").path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let manifest = Manifest::read(&path).expect("an example can be read");
            // Secrets are on the machine of whoever uses the example.
            let wrong: Vec<_> = lines(&manifest).into_iter().filter(|line| !line.contains("_file = ")).collect();
            assert_eq!(wrong, [""; 0], "{}", path.display());
            assert!(!manifest.message.groups.is_empty(), "{}", path.display());
            read += 1;
        }
    }
    assert_eq!(read, 4);
}
