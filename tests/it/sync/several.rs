//! Two directories of one company: who is in both is one person by an explicit rule and never by chance, the first one
//! in the manifest tells of them, and moving from one to the other is no leaving.

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{
    DirectorySettings, Person, PersonState, SyncDirectoryRequest, SyncRun, SyncRunState, UndoSyncRunRequest,
};
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::openldap::Slapd;

use super::skips_of;
use crate::world::{Engine, World, manifest};

const OFFICE: &str = "office";
const PLANT: &str = "plant";

fn person(uid: &str, number: &str) -> Entry {
    Entry::person(uid, uid, "Probe").with("employeeNumber", number)
}

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

fn directory(name: &str, slapd: &Slapd, same_person: &str) -> Result<DirectorySettings> {
    let same_person = same_person.to_owned();
    Ok(DirectorySettings { name: name.to_owned(), same_person, ..manifest::openldap(slapd)? })
}

/// A company with an office and a plant.
struct Both {
    world: World,
    office: Slapd,
    plant: Slapd,
}

impl Both {
    async fn start(engine: Engine, office: &[Entry], plant: &[Entry]) -> Result<Self> {
        let (office, plant) = (Slapd::start(office)?, Slapd::start(plant)?);
        let both = Self { world: World::start(engine).await?, office, plant };
        both.declare("employee_number").await?;
        Ok(both)
    }

    async fn declare(&self, same_person: &str) -> Result<()> {
        let directories =
            vec![directory(OFFICE, &self.office, same_person)?, directory(PLANT, &self.plant, same_person)?];
        self.world.line.declare(TenantManifest { directories, ..manifest::company("acme") }).await?;
        Ok(())
    }

    async fn sync(&self, name: &str) -> Result<SyncRun> {
        let request = SyncDirectoryRequest { directory_name: name.to_owned(), ..Default::default() };
        let run = self.world.line.sync_as("acme", request).await?;
        assert_eq!(run.state(), SyncRunState::Done, "{name}: {}", run.error);
        Ok(run)
    }

    /// Who is called so: the name is the user name of either directory.
    async fn person(&self, name: &str) -> Result<Person> {
        let people = self.world.line.people("acme").await?;
        people.into_iter().find(|person| person.user_name == name).with_context(|| format!("{name} is not known"))
    }

    async fn groups(&self, name: &str) -> Result<Vec<String>> {
        let groups = self.person(name).await?.directory_groups;
        Ok(groups.into_iter().map(|group| group.name).collect())
    }

    async fn names(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for person in self.world.line.people("acme").await? {
            let word = if person.state() == PersonState::Active { "" } else { " left" };
            names.push(format!("{}{word}", person.user_name));
        }
        names.sort();
        Ok(names)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_two_directories_is_one_person_on_postgresql() -> Result<()> {
    who_is_in_two_directories_is_one_person(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_two_directories_is_one_person_on_sqlite() -> Result<()> {
    who_is_in_two_directories_is_one_person(Engine::Sqlite).await
}

async fn who_is_in_two_directories_is_one_person(engine: Engine) -> Result<()> {
    let crew = Entry::group("crew", [dn("a.smith").as_str(), dn("cem").as_str()]);
    let plant = [person("a.smith", "7"), person("cem", "9").with("manager", dn("a.smith")), crew];
    let both = Both::start(engine, &[person("anna", "7"), person("ben", "8")], &plant).await?;
    both.sync(OFFICE).await?;
    let anna = both.person("anna").await?;
    let run = both.sync(PLANT).await?;
    assert!(skips_of(&run, &dn("a.smith"))[0].contains("office comes first"), "{:?}", run.skips);
    assert_eq!(both.names().await?, ["anna", "ben", "cem"]);
    let cem = both.person("cem").await?;
    assert_eq!(cem.manager_id, anna.id, "a manager by the name she has in the other directory");
    assert_eq!(both.groups("anna").await?, ["crew"]);
    assert_eq!(both.sync(PLANT).await?.counts.unwrap_or_default().changed_count, 0, "nothing to do twice");

    // She is taken out of the office: the plant goes on, and she never left.
    both.office.delete(&dn("anna"))?;
    let run = both.sync(OFFICE).await?;
    assert!(skips_of(&run, &dn("anna"))[0].contains("plant goes on"), "{:?}", run.skips);
    assert_eq!(run.counts.unwrap_or_default().deactivated_count, 0);
    let run = both.sync(PLANT).await?;
    assert_eq!(run.counts.unwrap_or_default().joined_count, 0, "{:?}", run.counts);
    let moved = both.person("a.smith").await?;
    assert_eq!((moved.id.as_str(), moved.state()), (anna.id.as_str(), PersonState::Active));
    assert_eq!(both.person("cem").await?.manager_id, anna.id);
    assert_eq!(both.groups("a.smith").await?, ["crew"]);

    // And comes back there under another name, with another immutable id: the office comes first again.
    both.office.add(&person("anna.smith", "7"))?;
    both.sync(OFFICE).await?;
    assert_eq!(both.person("anna.smith").await?.id, anna.id);
    both.sync(PLANT).await?;
    assert_eq!(both.names().await?, ["anna.smith", "ben", "cem"]);

    // Only when no directory lists her does she leave.
    both.plant.delete(&dn("a.smith"))?;
    both.sync(PLANT).await?;
    assert_eq!(both.names().await?, ["anna.smith", "ben", "cem"]);
    both.office.delete(&dn("anna.smith"))?;
    assert_eq!(both.sync(OFFICE).await?.counts.unwrap_or_default().deactivated_count, 1);
    assert_eq!(both.names().await?, ["anna.smith left", "ben", "cem"]);
    // Who left the one and comes to the other is the same person.
    both.plant.add(&person("anna.again", "7"))?;
    both.sync(PLANT).await?;
    assert_eq!(both.person("anna.again").await?.id, anna.id);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_not_read_any_more_goes_on_with_nobody() -> Result<()> {
    let both =
        Both::start(Engine::Sqlite, &[person("anna", "7"), person("ben", "8")], &[person("a.smith", "7")]).await?;
    both.sync(OFFICE).await?;
    both.sync(PLANT).await?;
    assert_eq!(both.names().await?, ["anna", "ben"]);
    let directories = vec![directory(OFFICE, &both.office, "employee_number")?];
    both.world.line.declare(TenantManifest { directories, ..manifest::company("acme") }).await?;
    both.office.delete(&dn("anna"))?;
    both.sync(OFFICE).await?;
    assert_eq!(both.names().await?, ["anna left", "ben"], "the plant lists her, and nobody reads it");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_rule_whoever_is_in_two_directories_is_two_people() -> Result<()> {
    let both = Both::start(Engine::Sqlite, &[person("anna", "7")], &[person("a.smith", "7")]).await?;
    both.declare("").await?;
    both.sync(OFFICE).await?;
    both.sync(PLANT).await?;
    assert_eq!(both.names().await?, ["a.smith", "anna"]);
    both.declare("shoe_size").await.unwrap_err();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_several_people_have_says_nothing_of_who_somebody_is() -> Result<()> {
    let office = [person("anna", "7"), person("ben", "7"), person("cem", "9")];
    let plant = [person("x", "7"), person("c.one", "9"), person("c.two", "9"), person("dan", "10")];
    let both = Both::start(Engine::Sqlite, &office, &plant).await?;
    both.sync(OFFICE).await?;
    let run = both.sync(PLANT).await?;
    for uid in ["x", "c.one", "c.two"] {
        assert!(skips_of(&run, &dn(uid))[0].contains("nobody can say"), "{:?}", run.skips);
    }
    assert_eq!(both.names().await?, ["anna", "ben", "cem", "dan"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_gives_people_back_to_the_directory_that_told_of_them() -> Result<()> {
    let both = Both::start(Engine::Sqlite, &[person("ben", "8")], &[person("a.smith", "7")]).await?;
    both.sync(PLANT).await?;
    let anna = both.person("a.smith").await?;
    both.office.add(&person("anna", "7"))?;
    let taken = both.sync(OFFICE).await?;
    assert_eq!(both.person("anna").await?.id, anna.id);
    let request = UndoSyncRunRequest { sync_run_id: taken.id, ..Default::default() };
    let mut calls = both.world.line.inside("acme").await?;
    let mut events = calls.directory.undo_sync_run(request).await?.into_inner();
    while events.message().await?.is_some() {}
    assert_eq!(both.person("a.smith").await?, Person { updated_at: both.person("a.smith").await?.updated_at, ..anna });
    both.sync(PLANT).await?;
    assert_eq!(both.names().await?, ["a.smith", "ben left"].map(str::to_owned).to_vec());
    Ok(())
}
