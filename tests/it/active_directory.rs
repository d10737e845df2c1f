//! An Active Directory, read as it is: a real domain controller, an account with the rights of any user, and after each
//! change exactly the people, managers, groups and states that the domain has.

mod refusal;
mod scope;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{Person, PersonState, SyncRunState};
use freehold_tests::ldif::{Entry, escape};
use freehold_tests::samba::{AD_BASE, AdDc, group, unit, user, user_at};

use crate::world::{Engine, World, manifest};

/// What every domain has: accounts of its own, and the one we bind as.
const BUILT_IN: [&str; 5] = ["Administrator", "Guest", "dns-dc1", "krbtgt", "sync"];
/// More than Active Directory gives of one attribute at once.
const MANY: usize = 1_600;

fn person_dn(name: &str) -> String {
    format!("CN={},OU=People,{AD_BASE}", escape(name))
}

fn group_dn(name: &str) -> String {
    format!("CN={},OU=Groups,{AD_BASE}", escape(name))
}

/// One person in words: state, manager, groups (a star: not directly).
fn told(person: &Person, people: &[Person]) -> String {
    let state = if person.state() == PersonState::Active { "active" } else { "gone" };
    let manager = people.iter().find(|other| other.id == person.manager_id).map(|other| other.user_name.as_str());
    let mut groups: Vec<String> = person
        .directory_groups
        .iter()
        .map(|group| format!("{}{}", group.name, if group.direct { "" } else { "*" }))
        .collect();
    groups.sort();
    format!("{state} {} [{}]", manager.unwrap_or("-"), groups.join(" "))
}

struct Domain {
    dc: AdDc,
    world: World,
}

impl Domain {
    async fn with(engine: Engine, entries: &[Entry]) -> Result<Self> {
        let dc = AdDc::start(entries)?;
        let world = World::start(engine).await?;
        world.line.declare(manifest::company_of_domain("acme", &dc)?).await?;
        Ok(Self { dc, world })
    }

    async fn people(&self) -> Result<Vec<Person>> {
        let people = self.world.line.people("acme").await?.into_iter();
        Ok(people.filter(|person| !BUILT_IN.contains(&person.user_name.as_str())).collect())
    }

    async fn person(&self, account: &str) -> Result<Person> {
        let mut people = self.people().await?.into_iter();
        people.find(|person| person.user_name == account).with_context(|| format!("{account} is not known"))
    }

    /// Syncs, and then everybody is exactly this.
    async fn is_now(&self, after: &str, wanted: &[(&str, &str)]) -> Result<()> {
        let run = self.world.line.sync("acme").await?;
        assert_eq!(run.state(), SyncRunState::Done, "{after}: {}", run.error);
        let people = self.people().await?;
        let found: BTreeMap<&str, String> =
            people.iter().map(|person| (person.user_name.as_str(), told(person, &people))).collect();
        let wanted: BTreeMap<&str, String> = wanted.iter().map(|(name, told)| (*name, (*told).to_owned())).collect();
        assert_eq!(found, wanted, "{after}");
        Ok(())
    }
}

fn company() -> Vec<Entry> {
    let [anna, ben, cem] = ["anna", "ben", "cem"].map(person_dn);
    vec![
        unit("Sales", &format!("OU=People,{AD_BASE}")),
        user("anna", "Anna", "Groß").with("mail", "anna@acme.test").with("employeeID", "0007"),
        user("ben", "Łukasz", "Öztürk").with("manager", &anna).with("physicalDeliveryOfficeName", "Köln"),
        user("cem", "İbrahim", "Işık ıİiI").with("manager", &ben).with("mail", "anna@acme.test"),
        group("staff", [anna.as_str(), &ben]),
        group("area", [group_dn("staff").as_str()]),
        group("company", [group_dn("area").as_str(), &cem]),
        Entry::new(format!("CN=pc1,OU=People,{AD_BASE}"))
            .with("objectClass", "computer")
            .with("sAMAccountName", "pc1$")
            .with("userAccountControl", "4128"),
        Entry::new(format!("CN=gmsa,CN=Managed Service Accounts,{AD_BASE}"))
            .with("objectClass", "msDS-GroupManagedServiceAccount")
            .with("sAMAccountName", "gmsa$")
            .with("msDS-ManagedPasswordInterval", "30"),
    ]
}

async fn the_table_of_changes(engine: Engine) -> Result<()> {
    let domain = Domain::with(engine, &company()).await?;
    let dc = &domain.dc;
    let [anna, ben, cem] =
        ["active - [area* company* staff]", "active anna [area* company* staff]", "active ben [company]"];
    domain.is_now("the first sync", &[("anna", anna), ("ben", ben), ("cem", cem)]).await?;
    let first = domain.person("anna").await?;
    assert_eq!((first.display_name.as_str(), first.employee_number.as_str()), ("Anna Groß", "0007"));
    assert_eq!(first.directory_entry_id, dc.guid(&person_dn("anna"))?);
    assert_eq!(domain.person("ben").await?.site, "Köln");
    assert_eq!(domain.person("cem").await?.display_name, "İbrahim Işık ıİiI");

    dc.add(&user("eva", "Eva", "Neu").with("manager", person_dn("cem")))?;
    let eva = "active cem []";
    domain.is_now("create", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", eva)]).await?;

    let special = "#Ben, \"der\" <Chef>; a+b=c\\d ";
    dc.rename(&person_dn("ben"), &person_dn(special))?;
    domain.is_now("rename", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", eva)]).await?;

    dc.rename(&person_dn("anna"), &format!("CN=anna,OU=Sales,OU=People,{AD_BASE}"))?;
    domain.is_now("move", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", eva)]).await?;
    dc.rename(&format!("OU=Sales,OU=People,{AD_BASE}"), &format!("OU=Vertrieb Süd,OU=People,{AD_BASE}"))?;
    domain.is_now("rename of the OU", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", eva)]).await?;
    let moved = domain.person("anna").await?;
    assert_eq!((moved.id.as_str(), &moved.directory_entry_id), (first.id.as_str(), &first.directory_entry_id));
    assert!(moved.distinguished_name.contains("OU=Vertrieb Süd"), "{}", moved.distinguished_name);

    dc.disable(&person_dn("cem"))?;
    domain.is_now("disable", &[("anna", anna), ("ben", ben), ("cem", "gone ben [company]"), ("eva", eva)]).await?;
    dc.enable(&person_dn("cem"))?;
    domain.is_now("enable", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", eva)]).await?;

    deletion(&domain, [anna, ben, cem]).await?;
    nesting(&domain).await
}

/// Deleted and brought back, the same person comes back; the domain keeps only what a tombstone keeps.
async fn deletion(domain: &Domain, [anna, ben, cem]: [&str; 3]) -> Result<()> {
    let (before, guid) = (domain.person("eva").await?, domain.dc.guid(&person_dn("eva"))?);
    domain.dc.delete(&person_dn("eva"))?;
    let run = domain.world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    assert_eq!(domain.person("eva").await?.state(), PersonState::Deactivated);
    domain.dc.restore(&guid, &person_dn("eva"))?;
    domain.dc.enable(&person_dn("eva"))?;
    domain.is_now("restore", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", "active - []")]).await?;
    assert_eq!(domain.person("eva").await?.id, before.id);
    Ok(())
}

async fn nesting(domain: &Domain) -> Result<()> {
    let dc = &domain.dc;
    dc.add(&group("circle", [group_dn("company").as_str(), &person_dn("eva")]))?;
    dc.nest(&group_dn("staff"), &group_dn("circle"))?;
    let all = ["active - [area* circle* company* staff]", "active anna [area* circle* company* staff]"];
    let (cem, eva) = ("active ben [area* circle* company staff*]", "active - [area* circle company* staff*]");
    domain.is_now("nest, in a circle", &[("anna", all[0]), ("ben", all[1]), ("cem", cem), ("eva", eva)]).await?;
    // The domain's own rule says the same of who is in a group through others.
    for person in domain.people().await? {
        let rule = format!("(member:1.2.840.113556.1.4.1941:={})", in_filter(&person.distinguished_name));
        let names: BTreeSet<String> = dc.search(&rule)?.into_iter().collect();
        let ours: BTreeSet<String> = person.directory_groups.iter().map(|group| group_dn(&group.name)).collect();
        assert_eq!(ours, names, "{}", person.user_name);
    }

    dc.unnest(&group_dn("staff"), &group_dn("circle"))?;
    dc.unnest(&group_dn("company"), &group_dn("area"))?;
    dc.delete(&group_dn("circle"))?;
    let wanted = [
        ("anna", "active - [area* staff]"),
        ("ben", "active anna [area* staff]"),
        ("cem", "active ben [company]"),
        ("eva", "active - []"),
    ];
    domain.is_now("un-nest", &wanted).await
}

/// A value as it stands in a filter (RFC 4515).
fn in_filter(value: &str) -> String {
    value.replace('\\', "\\5c").replace('*', "\\2a").replace('(', "\\28").replace(')', "\\29")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_domain_arrives_exactly_on_sqlite() -> Result<()> {
    the_table_of_changes(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_domain_arrives_exactly_on_postgresql() -> Result<()> {
    the_table_of_changes(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_sixteen_hundred_is_read_whole() -> Result<()> {
    let people = (0..MANY).map(|number| {
        let account = format!("u{number:04}");
        user_at(&person_dn(&account), &account, "Many", "Hands")
    });
    let mut entries: Vec<Entry> = people.collect();
    let members: Vec<String> = entries.iter().map(|entry| entry.dn().to_owned()).collect();
    entries.push(group("all", members.iter().map(String::as_str)));
    let domain = Domain::with(Engine::Sqlite, &entries).await?;
    let run = domain.world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let people = domain.people().await?;
    assert_eq!(people.len(), MANY);
    let inside = |person: &Person| person.directory_groups.iter().any(|group| group.name == "all" && group.direct);
    assert!(people.iter().all(inside));

    domain.dc.unnest(&group_dn("all"), &person_dn("u1599"))?;
    domain.world.line.synced("acme").await?;
    assert_eq!(domain.people().await?.iter().filter(|person| inside(person)).count(), MANY - 1);
    Ok(())
}
