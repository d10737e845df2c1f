//! After every kind of change on a slapd, exactly its people, managers, groups and states.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{Person, PersonState, SyncRunState};
use freehold_tests::ldif::{BASE, Entry, escape};
use freehold_tests::openldap::Slapd;

use crate::world::{Engine, World, manifest};

/// More members than some servers give at once.
const MANY: usize = 1_600;
const UUID: &str = "aaaaaaaa-bbbb-4ccc-8ddd-000000000001";

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

fn group_dn(name: &str) -> String {
    format!("cn={name},ou=groups,{BASE}")
}

/// One person in words: state, manager, groups (a star: not directly).
fn told(person: &Person, people: &[Person]) -> String {
    let state = if person.state() == PersonState::Active { "active" } else { "gone" };
    let manager = people.iter().find(|other| other.id == person.manager_id).map(|other| other.user_name.as_str());
    let groups = person.directory_groups.iter();
    let mut groups: Vec<String> =
        groups.map(|group| format!("{}{}", group.name, if group.direct { "" } else { "*" })).collect();
    groups.sort();
    format!("{state} {} [{}]", manager.unwrap_or("-"), groups.join(" "))
}

/// Syncs, and then everybody is exactly this.
async fn is_now(world: &World, after: &str, wanted: &[(&str, &str)]) -> Result<()> {
    let run = world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Done, "{after}: {}", run.error);
    let people = world.line.people("acme").await?;
    let found: BTreeMap<&str, String> =
        people.iter().map(|person| (person.user_name.as_str(), told(person, &people))).collect();
    let wanted: BTreeMap<&str, String> = wanted.iter().map(|(name, told)| (*name, (*told).to_owned())).collect();
    assert_eq!(found, wanted, "{after}");
    Ok(())
}

async fn id_of(world: &World, uid: &str) -> Result<String> {
    let people = world.line.people("acme").await?;
    Ok(people.into_iter().find(|person| person.user_name == uid).with_context(|| format!("no {uid}"))?.id)
}

async fn the_table_of_changes(engine: Engine) -> Result<()> {
    let entries = [
        Entry::department("Sales"),
        Entry::person("anna", "Anna", "Groß"),
        Entry::person("ben", "Łukasz", "Öztürk").with("manager", dn("anna")),
        Entry::person("cem", "İbrahim", "Işık").with("manager", dn("ben")),
        Entry::group("staff", [dn("ben").as_str(), &dn("anna")]),
        Entry::group("area", [group_dn("staff").as_str(), &dn("cem")]),
    ];
    let slapd = Slapd::start(&entries)?;
    let world = World::start(engine).await?;
    world.line.declare(manifest::company_of("acme", &slapd)?).await?;
    let [anna, ben, cem] = ["active - [area* staff]", "active anna [area* staff]", "active ben [area]"];
    is_now(&world, "the first sync", &[("anna", anna), ("ben", ben), ("cem", cem)]).await?;

    let eva = Entry::person("eva", "Eva", "Neu").with_uuid(UUID).with("manager", dn("cem"));
    slapd.add(&eva)?;
    is_now(&world, "create", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", "active cem []")]).await?;
    let eva_id = id_of(&world, "eva").await?;

    // This server leaves the names in groups and managers behind: what they name is not there, and is said so.
    let special = "cem, \"der\" <Chef>; a+b=c\\d";
    slapd.rename(&dn("cem"), &format!("uid={}", escape(special)), &format!("ou=people,{BASE}"))?;
    let before = id_of(&world, "cem").await?;
    is_now(&world, "rename", &[("anna", anna), ("ben", ben), (special, "active ben []"), ("eva", "active - []")])
        .await?;
    assert_eq!(id_of(&world, special).await?, before, "the same person under another name");
    slapd.rename(&dn(&escape(special)), "uid=cem", &format!("ou=people,{BASE}"))?;
    is_now(&world, "rename back", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", "active cem []")]).await?;

    slapd.rename(&dn("anna"), "uid=anna", &format!("ou=Sales,ou=people,{BASE}"))?;
    let moved = format!("uid=anna,ou=Sales,ou=people,{BASE}");
    slapd.replace(&dn("ben"), "manager", &[&moved])?;
    slapd.replace(&group_dn("staff"), "member", &[&moved, &dn("ben")])?;
    is_now(&world, "move", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", "active cem []")]).await?;

    slapd.delete(&dn("eva"))?;
    is_now(&world, "delete", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", "gone cem []")]).await?;
    slapd.add(&eva)?;
    is_now(&world, "restore", &[("anna", anna), ("ben", ben), ("cem", cem), ("eva", "active cem []")]).await?;
    assert_eq!(id_of(&world, "eva").await?, eva_id, "the same entryUUID, the same person");

    slapd.add(&Entry::group("company", [group_dn("area").as_str(), &dn("eva")]))?;
    let wanted = [
        ("anna", "active - [area* company* staff]"),
        ("ben", "active anna [area* company* staff]"),
        ("cem", "active ben [area company*]"),
        ("eva", "active cem [company]"),
    ];
    is_now(&world, "nest", &wanted).await?;
    slapd.replace(&group_dn("company"), "member", &[&dn("eva")])?;
    let wanted = [("anna", anna), ("ben", ben), ("cem", cem), ("eva", "active cem [company]")];
    is_now(&world, "un-nest", &wanted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_arrives_exactly_on_sqlite() -> Result<()> {
    the_table_of_changes(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_arrives_exactly_on_postgresql() -> Result<()> {
    the_table_of_changes(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_sixteen_hundred_is_read_whole() -> Result<()> {
    let names: Vec<String> = (0..MANY).map(|number| format!("u{number:04}")).collect();
    let mut entries: Vec<Entry> = names.iter().map(|uid| Entry::person(uid, "Many", "Hands")).collect();
    let members: Vec<String> = names.iter().map(|uid| dn(uid)).collect();
    entries.push(Entry::group("all", members.iter().map(String::as_str)));
    let slapd = Slapd::start(&entries)?;
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(manifest::company_of("acme", &slapd)?).await?;
    world.line.synced("acme").await?;
    let inside = async || -> Result<usize> {
        let people = world.line.people("acme").await?;
        let inside = |person: &&Person| person.directory_groups.iter().any(|group| group.name == "all" && group.direct);
        Ok(people.iter().filter(inside).count())
    };
    assert_eq!(inside().await?, MANY);
    let (_, left) = members.split_first().context("there are many")?;
    let left: Vec<&str> = left.iter().map(String::as_str).collect();
    slapd.replace(&group_dn("all"), "member", &left)?;
    world.line.synced("acme").await?;
    assert_eq!(inside().await?, MANY - 1);
    Ok(())
}
