//! The sample company: a directory in LDIF, the same every time.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use freehold_proto::auth::v1 as auth;
use freehold_proto::content::v1 as content;
use freehold_proto::directory::v1 as directory;
use freehold_proto::tenant::v1 as tenant;

/// Where everything is.
pub(super) const BASE: &str = "dc=moulin,dc=example";
/// Who administers the company.
pub(super) const ADMINISTRATORS: &str = "cn=it,ou=groups,dc=moulin,dc=example";

const GIVEN: [&str; 16] = [
    "Anaïs", "Bastien", "Chloé", "Driss", "Élodie", "Farid", "Giulia", "Hugo", "Inès", "Jürgen", "Khadija", "Léo",
    "Maëlle", "Nils", "Océane", "Priya",
];
const FAMILY: [&str; 15] = [
    "Moreau",
    "Lefèvre",
    "Nair",
    "Bianchi",
    "Özdemir",
    "Keller",
    "Diallo",
    "Strauß",
    "Nguyễn",
    "Petit",
    "Haddad",
    "Sørensen",
    "Garcia",
    "O'Neill",
    "Kowalska",
];
const SITES: [&str; 3] = ["Paris", "Lyon", "Lille"];
const WORK: [(&str, &str); 4] =
    [("Baking", "Baker"), ("Shops", "Shop assistant"), ("Logistics", "Driver"), ("Office", "Accountant")];

/// One person of the sample company.
pub(super) struct Sample {
    pub user_name: String,
    number: usize,
    name: String,
    family: String,
    given: String,
    site: &'static str,
    department: &'static str,
    title: &'static str,
}

/// So many people; the first is the head, every eighth person leads the next seven. Four in five have no e-mail.
pub(super) fn people(count: usize) -> Vec<Sample> {
    (0..count).map(person).collect()
}

fn person(number: usize) -> Sample {
    let pick = |list: &[&'static str], place: usize| list.iter().copied().cycle().nth(place).unwrap_or_default();
    let given = pick(&GIVEN, number);
    // 16 and 15 have no common divisor: 240 different names.
    let family = pick(&FAMILY, number);
    let (department, title) = WORK.iter().copied().cycle().nth(number / 2).unwrap_or_default();
    let title = if number == 0 { "Managing director" } else { title };
    Sample {
        user_name: format!("p{:05}", number.saturating_add(1)),
        number,
        name: format!("{given} {family}"),
        family: family.to_owned(),
        given: given.to_owned(),
        site: pick(&SITES, number),
        department,
        title,
    }
}

impl Sample {
    fn dn(&self) -> String {
        format!("uid={},ou=people,{BASE}", self.user_name)
    }
}

/// The whole directory as LDIF (RFC 2849).
pub(super) fn ldif(people: &[Sample]) -> String {
    let mut text = String::from("version: 1\n\n");
    for person in people {
        let mut line = |name: &str, value: &str| attribute(&mut text, name, value);
        line("dn", &person.dn());
        line("objectClass", "inetOrgPerson");
        line("entryUUID", &uuid(0, person.number));
        line("uid", &person.user_name);
        line("cn", &person.name);
        line("givenName", &person.given);
        line("sn", &person.family);
        line("title", person.title);
        line("departmentNumber", person.department);
        line("l", person.site);
        line("employeeNumber", &format!("M{:05}", person.number.saturating_add(1)));
        if person.number.is_multiple_of(5) {
            line("mail", &format!("{}@moulin.example", person.user_name));
        }
        if let Some(manager) = person.number.checked_sub(1).and_then(|before| people.get(before / 7)) {
            line("manager", &manager.dn());
        }
        text.push('\n');
    }
    groups(&mut text, people);
    text
}

fn groups(text: &mut String, people: &[Sample]) {
    let mut number = 0;
    let mut group = |name: &str, members: Vec<String>| {
        number += 1;
        attribute(text, "dn", &format!("cn={name},ou=groups,{BASE}"));
        attribute(text, "objectClass", "groupOfNames");
        attribute(text, "entryUUID", &uuid(1, number));
        attribute(text, "cn", name);
        for member in members {
            attribute(text, "member", &member);
        }
        text.push('\n');
    };
    let dns =
        |wanted: &dyn Fn(&Sample) -> bool| people.iter().filter(|person| wanted(person)).map(Sample::dn).collect();
    for site in SITES {
        group(&site.to_lowercase(), dns(&|person| person.site == site));
    }
    // Nested: everybody on a site is in it through the site's own group.
    group("sites", SITES.map(|site| format!("cn={},ou=groups,{BASE}", site.to_lowercase())).to_vec());
    group("leads", dns(&|person| person.number < people.len().div_ceil(7)));
    group("it", people.first().map(Sample::dn).into_iter().collect());
}

/// An id that is the same every time.
fn uuid(kind: usize, number: usize) -> String {
    format!("6d6f756c-{kind:04x}-4000-8000-{number:012x}")
}

/// One attribute line; base 64 where RFC 2849 asks for it.
fn attribute(text: &mut String, name: &str, value: &str) {
    let plain = value.is_ascii() && !value.starts_with([' ', ':', '<']) && !value.ends_with(' ');
    let written =
        if plain { writeln!(text, "{name}: {value}") } else { writeln!(text, "{name}:: {}", STANDARD.encode(value)) };
    written.expect("a string takes any text");
}

/// What the company is declared as.
pub(super) fn manifest(name: &str, ldif: &Path) -> tenant::TenantManifest {
    use content::group_settings::Members;
    let group = |name: &str, privacy: content::GroupPrivacy, members| content::GroupSettings {
        name: name.to_owned(),
        privacy: privacy.into(),
        members: Some(members),
        ..Default::default()
    };
    let site = |site: &str| {
        let equals = [("site".to_owned(), site.to_owned())].into();
        Members::Attributes(directory::AttributeRule { equals, ..Default::default() })
    };
    tenant::TenantManifest {
        name: name.to_owned(),
        company: "Moulin & Fils".to_owned(),
        language: "en".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        directories: vec![directory::DirectorySettings {
            name: "head-office".to_owned(),
            kind: directory::DirectoryKind::Ldif.into(),
            urls: vec![ldif.display().to_string()],
            base_dn: BASE.to_owned(),
            ..Default::default()
        }],
        connections: Vec::new(),
        sign_in: Some(auth::SignInPolicy { access_codes: true, ..Default::default() }),
        administrators_group: ADMINISTRATORS.to_owned(),
        role_groups: Vec::new(),
        people_sets: Vec::new(),
        groups: vec![
            group("Everybody", content::GroupPrivacy::Open, Members::Everybody(directory::Everybody {})),
            group("Paris", content::GroupPrivacy::Closed, site("Paris")),
            group("Lyon", content::GroupPrivacy::Closed, site("Lyon")),
            group(
                "Team leads",
                content::GroupPrivacy::Secret,
                Members::DirectoryGroup(format!("cn=leads,ou=groups,{BASE}")),
            ),
        ],
        key_provider: "installation".to_owned(),
        plan: Some(tenant::PlanChoice { name: "company".to_owned(), currency: "EUR".to_owned() }),
    }
}
