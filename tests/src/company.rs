//! A company of any size, the same every time, with the names that break software.

use std::collections::{BTreeMap, BTreeSet};

use crate::ldif::{BASE, Entry, escape, ldif};

const DEPARTMENTS: [&str; 20] = [
    "Sales",
    "Production",
    "Logistik",
    "Qualität",
    "Kundendienst",
    "Finance",
    "Recherche & Développement",
    "IT",
    "Legal, Risk",
    "Achats",
    "Marketing",
    "Personalwesen",
    "Łódź Plant",
    "İzmir",
    "Maintenance",
    "Sécurité",
    "Forum",
    "Design",
    "\"Special\" Projects",
    "Night Shift",
];
const SITES: [&str; 6] = ["Paris", "Köln", "Łódź", "İzmir", "Saint-Étienne", "Tokyo"];
const GIVEN: [&str; 24] = [
    "Jürgen",
    "Anna",
    "Zoë",
    "İpek",
    "Işıl",
    "Søren",
    "Łukasz",
    "Renée",
    "Ægir",
    "D'Arcy",
    "François",
    "Đặng",
    "محمد",
    "שרה",
    "Ольга",
    "美咲",
    "Seán",
    "Ben",
    "Chiara",
    "Zoe\u{308}",
    "Jean-Luc",
    "Ýmir",
    "Kim 🌻",
    "Nuño",
];
const FAMILY: [&str; 23] = [
    "Groß",
    "Müller",
    "O'Brien",
    "de la Cruz",
    "Şahin",
    "Ó Súilleabháin",
    "van der Berg",
    "García \"Paco\" Ruiz",
    "Smith, Jr.",
    "Nguyễn",
    "Łęcki",
    "Ångström",
    "العربي",
    "כהן",
    "田中",
    "Becker",
    "Rossi",
    "Žižek",
    "Weiß-Straßer",
    "Ğüneş",
    "Ivanov",
    "Null",
    "N'Diaye <Dakar>",
];

/// People in one team; teams in one area; areas in one division.
const TEAM_PEOPLE: usize = 25;
const AREA_TEAMS: usize = 20;
const DIVISION_AREAS: usize = 10;

/// The people and groups of a company's directory.
#[derive(Debug, Clone)]
pub struct Company {
    /// Everybody; who comes later reports to somebody who comes earlier.
    pub people: Vec<Person>,
    /// Teams, areas, divisions, the whole company, two groups that contain each other, and one with everybody in it.
    pub groups: Vec<Group>,
}

/// Somebody, as the directory knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// `u000001` and on.
    pub uid: String,
    /// Every eleventh is named by `cn=Family\, Given` as Active Directory does it.
    pub dn: String,
    /// The directory's own id of the entry.
    pub uuid: String,
    /// First name.
    pub given: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Every seventh has none.
    pub mail: Option<String>,
    /// Place of the manager in [`Company::people`]; the first has none.
    pub manager: Option<usize>,
    /// Name of the organizational unit above.
    pub department: &'static str,
    /// Where they work.
    pub site: &'static str,
    /// Every seventeenth.
    pub contractor: bool,
}

/// A group of people and of groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its `cn`.
    pub name: String,
    /// Its DN.
    pub dn: String,
    /// The directory's own id of the entry.
    pub uuid: String,
    /// DNs of its direct members, of people and of groups.
    pub members: Vec<String>,
}

impl Company {
    /// A company of `size` people. The same size gives the same company.
    #[must_use]
    pub fn of(size: usize) -> Self {
        let people: Vec<Person> = (1..=size).map(person).collect();
        let groups = groups(&people);
        Self { people, groups }
    }

    /// The entries: departments, people, groups, so that parents come first.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let departments = DEPARTMENTS.iter().map(|name| Entry::department(name));
        let people = self.people.iter().map(|person| self.entry(person));
        let groups = self
            .groups
            .iter()
            .map(|group| Entry::group(&group.name, group.members.iter().map(String::as_str)).with_uuid(&group.uuid));
        departments.chain(people).chain(groups).collect()
    }

    /// The entries as one LDIF text with everything above them, for a directory read from a file.
    #[must_use]
    pub fn ldif(&self) -> String {
        let top = Entry::new(BASE).with("objectClass", "dcObject").with("objectClass", "organization");
        let folder = |name: &str| {
            Entry::new(format!("ou={name},{BASE}")).with("objectClass", "organizationalUnit").with("ou", name)
        };
        let mut entries = vec![top.with("dc", "acme").with("o", "Acme"), folder("people"), folder("groups")];
        entries.extend(self.entries());
        format!("version: 1\n\n{}", ldif(&entries))
    }

    /// The people a group reaches, itself and through the groups in it.
    #[must_use]
    pub fn reached_by(&self, group: &str) -> BTreeSet<&str> {
        let uids: BTreeMap<&str, &str> = self.people.iter().map(|p| (p.dn.as_str(), p.uid.as_str())).collect();
        let groups: BTreeMap<&str, &Group> = self.groups.iter().map(|g| (g.dn.as_str(), g)).collect();
        let mut reached = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Group> = self.groups.iter().filter(|g| g.name == group).collect();
        while let Some(group) = open.pop() {
            if !seen.insert(&group.dn) {
                continue;
            }
            for member in &group.members {
                reached.extend(uids.get(member.as_str()));
                open.extend(groups.get(member.as_str()));
            }
        }
        reached
    }

    /// What must not be found in clear in a stored copy: full names, mail addresses, group names.
    #[must_use]
    pub fn clear_texts(&self) -> Vec<String> {
        let names = self.people.iter().map(|person| format!("{} {}", person.given, person.family));
        let mails = self.people.iter().filter_map(|person| person.mail.clone());
        let groups = self.groups.iter().map(|group| group.name.clone());
        names.chain(mails).chain(groups).collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn entry(&self, person: &Person) -> Entry {
        let mut entry = Entry::person_at(&person.dn, &person.uid, person.given, person.family)
            .with_uuid(&person.uuid)
            .with("ou", person.department)
            .with("l", person.site)
            .with("employeeNumber", person.uid.trim_start_matches('u'))
            .with("employeeType", if person.contractor { "contractor" } else { "employee" });
        if let Some(mail) = &person.mail {
            entry = entry.with("mail", mail).with("title", "Fachkraft für Arbeit");
        }
        match person.manager.and_then(|place| self.people.get(place)) {
            Some(manager) => entry.with("manager", &manager.dn),
            None => entry,
        }
    }
}

fn person(number: usize) -> Person {
    let given = GIVEN[number % GIVEN.len()];
    let family = FAMILY[number % FAMILY.len()];
    let department = DEPARTMENTS[number % DEPARTMENTS.len()];
    let uid = format!("u{number:06}");
    let name = if number.is_multiple_of(11) {
        format!("cn={}", escape(&format!("{family}, {given} {number}")))
    } else {
        format!("uid={uid}")
    };
    Person {
        dn: format!("{name},ou={},ou=people,{BASE}", escape(department)),
        uuid: uuid(number as u64),
        given,
        family,
        mail: (!number.is_multiple_of(7)).then(|| format!("{uid}@acme.test")),
        // A tree in which everybody leads eight people.
        manager: (number > 1).then(|| (number + 6) / 8 - 1),
        department,
        site: SITES[number % SITES.len()],
        contractor: number.is_multiple_of(17),
        uid,
    }
}

fn groups(people: &[Person]) -> Vec<Group> {
    let dns = |people: &[&Person]| people.iter().map(|person| person.dn.clone()).collect::<Vec<_>>();
    let count = (people.len() / TEAM_PEOPLE).max(1);
    let mut teams = vec![Vec::new(); count];
    for (place, person) in people.iter().enumerate() {
        teams[place % count].push(person);
        if place % 10 == 0 && count > 1 {
            teams[(place + 1) % count].push(person);
        }
    }
    let teams: Vec<Group> =
        teams.iter().enumerate().map(|(place, team)| group(&format!("team {:04}", place + 1), dns(team))).collect();
    let areas = gather("Bereich", &teams, AREA_TEAMS);
    let divisions = gather("Geschäft", &areas, DIVISION_AREAS);
    let company = gather("tout le monde", &divisions, divisions.len().max(1));

    let everybody = group("all staff, flat", people.iter().map(|person| person.dn.clone()).collect());
    let edge = |place: usize| people.get(place).map(|person| person.dn.clone());
    let mut first = group("cycle a", edge(0).into_iter().collect());
    let mut second = group("cycle b", edge(people.len().saturating_sub(1)).into_iter().collect());
    first.members.push(second.dn.clone());
    second.members.push(first.dn.clone());

    let mut all = [teams, areas, divisions, company, vec![everybody, first, second]].concat();
    all.retain(|group| !group.members.is_empty());
    all
}

/// Groups of groups, `size` in each.
fn gather(name: &str, groups: &[Group], size: usize) -> Vec<Group> {
    let chunks = groups.chunks(size).enumerate();
    let members = |chunk: &[Group]| chunk.iter().map(|group| group.dn.clone()).collect();
    chunks.map(|(place, chunk)| group(&format!("{name} {}", place + 1), members(chunk))).collect()
}

fn group(name: &str, members: Vec<String>) -> Group {
    let dn = format!("cn={},ou=groups,{BASE}", escape(name));
    let number = name.bytes().fold(1 << 40, |sum: u64, byte| sum.wrapping_mul(257).wrapping_add(byte.into()));
    Group { name: name.to_owned(), dn, uuid: uuid(number), members }
}

/// A UUID that looks random and is the same every time: two steps of SplitMix64.
fn uuid(number: u64) -> String {
    let mix = |seed: u64| {
        let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let (high, low) = (mix(number), mix(number ^ (1 << 63)));
    let text = format!("{high:016x}{low:016x}");
    format!("{}-{}-4{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..])
}
