//! Groups by rule: who is in them follows from the rule and the directories, and from nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use freehold_proto::content::v1::group_settings::Members;
use freehold_proto::content::v1::{GroupPrivacy, GroupRole, GroupSettings, ListGroupsRequest, ListMembersRequest};
use freehold_proto::directory::v1::{AttributeRule, DirectoryKind, DirectorySettings, FieldValues, PeopleSet};
use freehold_proto::tenant::v1::apply_tenant_response::Event;
use freehold_proto::tenant::v1::{ApplyTenantRequest, TenantManifest};
use freehold_tests::wait::wait_until;
use freehold_wire::fault;
use tokio_stream::StreamExt as _;

use crate::world::{Engine, World, manifest};

const LIMIT: Duration = Duration::from_secs(30);
const PEOPLE: &str = "Employee ID,Username,Full Name,Location,Department,Manager Employee ID\n\
                      E1,anna,Anna,Paris,Ops,\n\
                      E2,ben,Ben,Lyon,Ops,E1\n\
                      E3,cleo,Cleo,Paris,Sales,E2\n\
                      E4,dan,Dan,Nantes,Ops,\n";

fn any_of(field: &str, values: &[&str]) -> AttributeRule {
    let values = FieldValues { values: values.iter().map(|value| (*value).to_owned()).collect() };
    AttributeRule { any_of: [(field.to_owned(), values)].into(), ..Default::default() }
}

fn equals(field: &str, value: &str) -> AttributeRule {
    AttributeRule { equals: [(field.to_owned(), value.to_owned())].into(), ..Default::default() }
}

fn group(name: &str, rule: AttributeRule) -> GroupSettings {
    manifest::group(name, GroupPrivacy::Open, Members::Attributes(rule))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn company(file: &str) -> TenantManifest {
    let directory = DirectorySettings {
        name: manifest::DIRECTORY.to_owned(),
        kind: DirectoryKind::Csv.into(),
        urls: vec![file.to_owned()],
        ..Default::default()
    };
    let of_plants = AttributeRule { equals: equals("department", "Ops").equals, ..any_of("site", &["paris", "Lyon"]) };
    let of_set = AttributeRule { people_set: "Parisians".to_owned(), ..Default::default() };
    let of_team = AttributeRule { manager: "e1".to_owned(), ..Default::default() };
    TenantManifest {
        directories: vec![directory],
        people_sets: vec![PeopleSet { name: "Parisians".to_owned(), rule: Some(equals("site", "Paris")) }],
        groups: vec![
            group("Plants", of_plants),
            group("Set", of_set),
            group("Team", of_team),
            GroupSettings {
                also: names(&["dan"]),
                except: names(&["E3"]),
                administrators: names(&["BEN"]),
                ..group("Exceptions", equals("site", "Paris"))
            },
        ],
        ..manifest::company("acme")
    }
}

/// What applying the manifest would change, of the groups.
async fn preview(world: &World, manifest: TenantManifest) -> Result<Vec<String>> {
    let request = ApplyTenantRequest { manifest: Some(manifest), validate_only: true };
    let mut events = world.line.operator()?.operator.apply_tenant(request).await.map_err(fault)?.into_inner();
    let mut said = Vec::new();
    while let Some(event) = events.next().await {
        if let Some(Event::Change(words)) = event.map_err(fault)?.event {
            said.push(words);
        }
    }
    Ok(said)
}

type Roll = BTreeMap<String, BTreeSet<String>>;

/// Members by group, with a star behind those who look after it.
async fn roll(world: &World, reader: &str) -> Result<Roll> {
    let people = world.line.people("acme").await?;
    let name_of = |id: &str| people.iter().find(|person| person.id == id).map(|person| person.display_name.clone());
    let reader = people.iter().find(|person| person.display_name == reader).context("the reader is known")?;
    let mut calls = world.line.person("acme", &reader.id).await?;
    let groups = calls.content.list_groups(ListGroupsRequest::default()).await.map_err(fault)?.into_inner().groups;
    let mut roll = Roll::new();
    for group in groups {
        let request = ListMembersRequest { group_id: group.id, page_size: 100, page_token: String::new() };
        let members = calls.content.list_members(request).await.map_err(fault)?.into_inner().memberships;
        assert_eq!(group.member_count, i64::try_from(members.len())?, "{}", group.name);
        let mut names = BTreeSet::new();
        for member in members {
            let star = if member.role() == GroupRole::Administrator { "*" } else { "" };
            assert!(member.by_rule);
            names.insert(format!("{}{star}", name_of(&member.person_id).context("a member is a person")?));
        }
        roll.insert(group.name, names);
    }
    roll.remove("Everybody");
    Ok(roll)
}

fn expected(groups: [(&str, &[&str]); 4]) -> Roll {
    groups.into_iter().map(|(name, people)| (name.to_owned(), names(people).into_iter().collect())).collect()
}

async fn becomes(world: &World, groups: [(&str, &[&str]); 4]) -> Result<()> {
    let wanted = expected(groups);
    let mut last = Roll::new();
    let waited = wait_until("members follow their rules", LIMIT, async || {
        last = roll(world, "Dan").await?;
        Ok((last == wanted).then_some(()))
    });
    waited.await.with_context(|| format!("{wanted:?}"))
}

async fn filled(engine: Engine) -> Result<(World, PathBuf)> {
    let world = World::start(engine).await?;
    let file = world.place.folder.write("people.csv", PEOPLE)?;
    world.line.declare(company(&file.display().to_string())).await?;
    world.line.synced("acme").await?;
    Ok((world, file))
}

async fn who_moves_changes_groups_with_the_next_sync(engine: Engine) -> Result<()> {
    let (world, file) = filled(engine).await?;
    becomes(
        &world,
        [
            ("Plants", &["Anna", "Ben"]),
            ("Set", &["Anna", "Cleo"]),
            ("Team", &["Ben", "Cleo"]),
            ("Exceptions", &["Anna", "Ben*", "Dan"]),
        ],
    )
    .await?;

    // Anna moves away, Cleo changes department and is not in the group of exceptions all the same.
    fs::write(&file, PEOPLE.replace("Anna,Paris", "Anna,Nantes").replace("Paris,Sales", "Paris,Ops"))?;
    world.line.synced("acme").await?;
    let moved: [(&str, &[&str]); 4] = [
        ("Plants", &["Ben", "Cleo"]),
        ("Set", &["Cleo"]),
        ("Team", &["Ben", "Cleo"]),
        ("Exceptions", &["Ben*", "Dan"]),
    ];
    becomes(&world, moved).await?;

    // Who leaves is out at once; who comes back is what they were.
    let moved_file = fs::read_to_string(&file)?;
    fs::write(
        &file,
        moved_file
            .lines()
            .filter(|line| !line.starts_with("E2"))
            .fold(String::new(), |all, line| all + line + "\n")
            .replace("Sales,E2", "Sales,E1")
            .replace("Ops,E2", "Ops,E1"),
    )?;
    world.line.synced("acme").await?;
    becomes(&world, [("Plants", &["Cleo"]), ("Set", &["Cleo"]), ("Team", &["Cleo"]), ("Exceptions", &["Dan"])]).await?;
    fs::write(&file, moved_file)?;
    world.line.synced("acme").await?;
    becomes(&world, moved).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_moves_changes_groups_with_the_next_sync_on_sqlite() -> Result<()> {
    who_moves_changes_groups_with_the_next_sync(Engine::Sqlite).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_moves_changes_groups_with_the_next_sync_on_postgres() -> Result<()> {
    who_moves_changes_groups_with_the_next_sync(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_counts_what_applying_then_does() -> Result<()> {
    let (world, file) = filled(Engine::Sqlite).await?;
    let manifest = company(&file.display().to_string());
    assert_eq!(preview(&world, manifest.clone()).await?, Vec::<String>::new(), "what is so already");

    let mut changed = manifest.clone();
    changed.people_sets[0].rule = Some(any_of("site", &["Paris", "Nantes"]));
    changed.groups[3].except = names(&["E1", "nobody"]);
    changed.groups.push(group("Empty", equals("site", "Atlantis")));
    assert_eq!(
        preview(&world, changed.clone()).await?,
        [
            "change group \"Set\": fill it by people set \"Parisians\" (site = \"Nantes\" or \"Paris\")",
            "change group \"Exceptions\": fill it by site = \"Paris\"; also \"dan\"; except \"E1\", \"nobody\"; \
             administrators \"BEN\"",
            "create group \"Empty\", open, filled by site = \"Atlantis\"",
            "fill group \"Set\": 3 members by rule; +1 −0 against now",
            "fill group \"Exceptions\": 2 members by rule, 1 also, 1 except, 1 administrators; +1 −1 against now",
            "look at group \"Exceptions\": \"nobody\" is not one person's employee number or user name",
            "look at group \"Empty\": its rule selects nobody, as the directories were last read",
        ]
    );
    world.line.declare(changed).await?;
    let after = roll(&world, "Dan").await?;
    assert_eq!(after["Set"], names(&["Anna", "Cleo", "Dan"]).into_iter().collect());
    assert_eq!(after["Exceptions"], names(&["Ben*", "Cleo", "Dan"]).into_iter().collect());

    let mut unknown = manifest;
    unknown.people_sets.clear();
    let refused = preview(&world, unknown).await.unwrap_err();
    let refused: freehold_types::Fault = refused.downcast()?;
    let fields: Vec<&str> = refused.violations().iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["groups[1].attributes.people_set"]);
    Ok(())
}
