//! Being told of changes leads to the same as reading everything: after every kind of change, what a company has by its
//! changes is what a new company gets that reads the same directory for the first time.

mod clock;
mod cost;
mod domain;

use std::collections::BTreeMap;

use anyhow::Result;
use freehold_proto::directory::v1::{Person, PersonState, SyncDirectoryRequest, SyncRunState};
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::openldap::Slapd;

use crate::world::{Engine, World, manifest};

const UUID: &str = "aaaaaaaa-bbbb-4ccc-8ddd-000000000002";

/// A company that lives on changes.
struct Changing {
    world: World,
    manifest: TenantManifest,
}

impl Changing {
    async fn with(engine: Engine, manifest: TenantManifest) -> Result<Self> {
        let world = World::start(engine).await?;
        world.line.declare(manifest.clone()).await?;
        world.line.synced(&manifest.name).await?;
        Ok(Self { world, manifest })
    }

    /// Takes the changes in, and fails unless everybody is as for somebody who reads everything now.
    async fn agrees(&self, after: &str) -> Result<()> {
        let line = &self.world.line;
        let run = line.sync(&self.manifest.name).await?;
        assert_eq!(run.state(), SyncRunState::Done, "{after}: {}", run.error);
        let fresh = format!("after-{}", after.replace(' ', "-"));
        line.declare(TenantManifest { name: fresh.clone(), ..self.manifest.clone() }).await?;
        let everything = SyncDirectoryRequest { full: true, ..Default::default() };
        let run = line.sync_as(&fresh, everything).await?;
        assert_eq!(run.state(), SyncRunState::Done, "{after}: {}", run.error);
        let (told, read) = (line.people(&self.manifest.name).await?, line.people(&fresh).await?);
        assert_eq!(in_words(&told), in_words(&read), "{after}");
        Ok(())
    }
}

/// Everybody who may come in: entry, name, title, manager, groups (a star: not directly). Who left is known only to
/// those who saw them.
fn in_words(people: &[Person]) -> BTreeMap<&str, String> {
    let is_active = |person: &&Person| person.state() == PersonState::Active;
    let words = |person: &Person| {
        let manager = people.iter().filter(is_active).find(|other| other.id == person.manager_id);
        let groups = person.directory_groups.iter();
        let mut groups: Vec<String> =
            groups.map(|group| format!("{}{}", group.name, if group.direct { "" } else { "*" })).collect();
        groups.sort();
        let manager = manager.map_or("-", |manager| manager.user_name.as_str());
        format!("{} {:?} {manager} {groups:?}", person.distinguished_name, person.title)
    };
    people.iter().filter(is_active).map(|person| (person.directory_entry_id.as_str(), words(person))).collect()
}

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

fn group_dn(name: &str) -> String {
    format!("cn={name},ou=groups,{BASE}")
}

fn person(uid: &str) -> Entry {
    Entry::person(uid, uid, "Probe").with("employeeType", "employee")
}

fn entries() -> Vec<Entry> {
    vec![
        Entry::department("Sales"),
        person("anna"),
        person("ben").with("manager", dn("anna")),
        person("cem").with("manager", dn("ben")),
        person("dora").with("manager", dn("cem")),
        Entry::group("staff", [dn("ben").as_str(), &dn("anna")]),
        Entry::group("area", [group_dn("staff").as_str(), &dn("cem")]),
        Entry::group("company", [dn("dora").as_str()]),
    ]
}

async fn every_change_leads_to_what_a_new_reading_says(engine: Engine, slapd: Slapd) -> Result<()> {
    let mut acme = manifest::company_of("acme", &slapd)?;
    acme.directories[0].people_filter = "(employeeType=employee)".to_owned();
    let company = Changing::with(engine, acme).await?;
    company.agrees("nothing").await?;

    let eva = person("eva").with_uuid(UUID).with("manager", dn("cem"));
    slapd.add(&eva)?;
    company.agrees("create").await?;
    slapd.rename(&dn("cem"), "uid=kem", &format!("ou=people,{BASE}"))?;
    company.agrees("rename").await?;
    slapd.rename(&dn("kem"), "uid=cem", &format!("ou=people,{BASE}"))?;
    company.agrees("rename back").await?;

    let (sales, moved) = (format!("ou=Sales,ou=people,{BASE}"), format!("uid=anna,ou=Sales,ou=people,{BASE}"));
    slapd.rename(&dn("anna"), "uid=anna", &sales)?;
    company.agrees("move").await?;
    slapd.replace(&dn("ben"), "manager", &[&moved])?;
    slapd.replace(&group_dn("staff"), "member", &[&moved, &dn("ben")])?;
    company.agrees("references after the move").await?;
    slapd.rename(&sales, "ou=Vertrieb", &format!("ou=people,{BASE}"))?;
    company.agrees("rename of the unit").await?;
    slapd.rename(&format!("ou=Vertrieb,ou=people,{BASE}"), "ou=Sales", &format!("ou=people,{BASE}"))?;
    company.agrees("rename of the unit back").await?;

    slapd.replace(&dn("cem"), "employeeType", &["former"])?;
    company.agrees("disable").await?;
    slapd.replace(&dn("cem"), "employeeType", &["employee"])?;
    company.agrees("enable").await?;
    slapd.delete(&dn("eva"))?;
    company.agrees("delete").await?;
    slapd.add(&eva)?;
    company.agrees("restore").await?;

    slapd.replace(&group_dn("company"), "member", &[&dn("dora"), &group_dn("area")])?;
    company.agrees("nest").await?;
    slapd.replace(&group_dn("company"), "member", &[&dn("dora")])?;
    company.agrees("un-nest").await?;
    slapd.delete(&group_dn("area"))?;
    company.agrees("group gone").await?;
    slapd.replace(&dn("dora"), "manager", &[&dn("ben")])?;
    company.agrees("change of manager").await?;
    slapd.delete(&dn("ben"))?;
    company.agrees("manager gone").await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_leads_to_what_a_new_reading_says_by_the_line_of_changes() -> Result<()> {
    every_change_leads_to_what_a_new_reading_says(Engine::Postgres, Slapd::start_with_changes(&entries())?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_leads_to_what_a_new_reading_says_by_the_time_of_change() -> Result<()> {
    every_change_leads_to_what_a_new_reading_says(Engine::Sqlite, Slapd::start(&entries())?).await
}
