//! Roles: where they come from, what each may call, and how they end.

mod area;

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta};
use freehold_proto::auth::v1 as auth;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::part::{Folder, tests_folder};
use freehold_tests::wait::wait_until;
use freehold_types::access::{RPCS, Task, Who};
use freehold_types::{Clock, Reason, Role, Roles};
use freehold_wire::time::to_proto;
use freehold_wire::{Calls, fault};
use tonic::{Code, Status};

use crate::world::raw::{Raw, methods, path};
use crate::world::{Engine, World, manifest};

const GOLDEN: &str = "it/golden/roles.txt";
/// How long anything lasts of a role that was taken away.
const A_SECOND: Duration = Duration::from_secs(1);
/// Everybody in the company.
const PEOPLE: [&str; 8] = ["anna", "ben", "boss", "cleo", "dora", "emil", "finn", "gina"];

/// A company in which `boss` administers, and whose other people have no role.
struct Stage {
    world: World,
    /// The group that the manifest names.
    administrators: String,
}

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

fn group_dn(name: &str) -> String {
    format!("cn={name},ou=groups,{BASE}")
}

fn uuid(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

impl Stage {
    async fn set(engine: Engine) -> Result<Self> {
        let stage = Self { world: World::start(engine).await?, administrators: group_dn("it") };
        stage.declare(&["anna"], &[]).await?;
        Ok(stage)
    }

    async fn without_administrators(engine: Engine) -> Result<Self> {
        let stage = Self { world: World::start(engine).await?, administrators: String::new() };
        stage.declare(&["anna"], &[]).await?;
        Ok(stage)
    }

    /// Makes `revision` a group of these people, and declares which roles come from which groups.
    async fn declare(&self, revision: &[&str], role_groups: &[auth::RoleGroupSettings]) -> Result<()> {
        let person = |(place, uid): (usize, &&str)| Entry::person(uid, uid, "Probe").with_uuid(&uuid(place + 1));
        let mut entries: Vec<_> = PEOPLE.iter().enumerate().map(person).collect();
        let group = |name: &str, members: &[&str], number| {
            let members: Vec<_> = members.iter().map(|uid| dn(uid)).collect();
            Entry::group(name, members.iter().map(String::as_str)).with_uuid(&uuid(number))
        };
        entries.push(group("it", &["boss"], 0x100));
        entries.push(group("revision", revision, 0x101));
        let mut acme = manifest::company_of_file("acme", &self.world.place, &entries)?;
        acme.administrators_group.clone_from(&self.administrators);
        acme.role_groups = role_groups.to_vec();
        self.world.line.declare(acme).await?;
        self.world.line.synced("acme").await?;
        Ok(())
    }

    async fn id(&self, uid: &str) -> Result<String> {
        let people = self.world.line.people("acme").await?;
        people.into_iter().find(|person| person.user_name == uid).map(|person| person.id).context("known")
    }

    async fn calls(&self, uid: &str) -> Result<Calls> {
        self.world.line.person("acme", &self.id(uid).await?).await
    }

    /// Gives a role as `by`.
    async fn grant(&self, by: &mut Calls, uid: &str, role: auth::Role) -> Result<Result<(), Status>> {
        let request =
            auth::GrantRoleRequest { person_id: self.id(uid).await?, role: role.into(), ..Default::default() };
        Ok(by.roles.grant_role(request).await.map(drop))
    }

    async fn revoke(&self, by: &mut Calls, uid: &str, role: auth::Role) -> Result<Result<(), Status>> {
        let request = auth::RevokeRoleRequest { person_id: self.id(uid).await?, role: role.into() };
        Ok(by.roles.revoke_role(request).await.map(drop))
    }

    /// What the person's next page would be told.
    async fn roles(&self, uid: &str) -> Result<Vec<auth::Role>> {
        let session = self.world.line.session("acme", &self.id(uid).await?).await?;
        Ok(self.world.line.authenticate("acme", &session).await.map_err(fault)?.roles().collect())
    }

    /// Why access codes were not made, oldest first.
    async fn refused_codes(&self) -> Result<Vec<String>> {
        let events = self.events().await?;
        let refused = events.into_iter().filter(|[name, ..]| name == "access_code_issue_refused");
        Ok(refused.map(|[_, _, reason]| reason).collect())
    }

    /// Events about roles.
    async fn log(&self) -> Result<Vec<[String; 3]>> {
        Ok(self.events().await?.into_iter().filter(|[name, ..]| name.starts_with("role_")).collect())
    }

    /// The log, oldest first: name, role and reason.
    async fn events(&self) -> Result<Vec<[String; 3]>> {
        let request = auth::ListAuditEventsRequest { page_size: 100, page_token: String::new() };
        let mut calls = self.world.line.inside("acme").await?;
        let events = calls.auth.list_audit_events(request).await.map_err(fault)?.into_inner().audit_events;
        let detail = |event: &auth::AuditEvent, name: &str| {
            let found = event.details.iter().find(|detail| detail.name == name);
            found.map(|detail| detail.value.clone()).unwrap_or_default()
        };
        let events = events.iter().rev();
        Ok(events.map(|event| [event.event.clone(), detail(event, "role"), detail(event, "reason")]).collect())
    }
}

fn refusal(answer: Result<(), Status>) -> Option<(Code, Reason)> {
    answer.err().map(|status| (status.code(), fault(status).reason()))
}

const fn on_the_wire(role: Role) -> auth::Role {
    match role {
        Role::Moderator => auth::Role::Moderator,
        Role::AccountManager => auth::Role::AccountManager,
        Role::AreaCoordinator => auth::Role::AreaCoordinator,
        Role::Analyst => auth::Role::Analyst,
        Role::Auditor => auth::Role::Auditor,
        Role::Administrator => auth::Role::Administrator,
    }
}

/// The table as everybody reads it, each line with the calls it is about.
fn table() -> Result<String> {
    let mut text = "\
Who may do what in a company, by role. Everybody in the company is a member; what members and the administrators of one
group may do in that group stands in access.txt. A moderator may do nothing more yet: there is no call that takes down
what somebody else published. Account managers make access codes for people without a role only, area coordinators for
those of them in their own area only.
"
    .to_owned();
    let mut resource = "";
    for task in Task::ALL {
        let line = task.line();
        if line.resource != resource {
            write!(text, "\n{:<44}{:>8}{:>13}", line.resource, "member", "group admin")?;
            Role::ALL.iter().try_for_each(|role| write!(text, "{:>18}", role.name()))?;
            text.push('\n');
            resource = line.resource;
        }
        write!(text, "  {:<42}{:>8}{:>13}", line.action, "-", "-")?;
        let yes = |role: &Role| if task.is_for(*role) { "yes" } else { "-" };
        Role::ALL.iter().try_for_each(|role| write!(text, "{:>18}", yes(role)))?;
        text.push('\n');
        for (path, _) in RPCS.iter().filter(|(_, who)| *who == Who::Holders(task)) {
            let call = path.rsplit('/').next().context("a path has two parts")?;
            writeln!(text, "      {call}")?;
        }
    }
    Ok(text)
}

#[test]
fn the_table_of_roles_is_the_one_that_was_read_and_agreed_on() -> Result<()> {
    let table = table()?;
    let golden = fs::read_to_string(tests_folder().join(GOLDEN)).unwrap_or_default();
    let folder = Folder::new("roles")?;
    let new = folder.write("roles.txt", &table)?;
    let changed: Vec<&str> = table.lines().filter(|line| !golden.lines().any(|old| old == *line)).collect();
    assert!(table == golden, "not what tests/{GOLDEN} says: {changed:#?}\n{} has it all", new.display());
    Ok(())
}

/// Each call with an empty request, as somebody with each role: let through or not, as the table says.
#[tokio::test(flavor = "multi_thread")]
async fn every_role_may_make_the_calls_of_the_table_and_no_others() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let raw = Raw::to(&format!("http://{}", stage.world.installation.grpc))?;
    let people = ["anna", "ben", "cleo", "dora", "emil", "finn"];
    for (uid, role) in people.iter().zip(Role::ALL) {
        let area_group = if role == Role::AreaCoordinator { group_dn("revision") } else { String::new() };
        let person_id = stage.id(uid).await?;
        let role = on_the_wire(role).into();
        let request = auth::GrantRoleRequest { person_id, role, area_group, expires_at: None };
        stage.world.line.inside("acme").await?.roles.grant_role(request).await.map_err(fault)?;
    }
    for (uid, role) in people.iter().zip(Role::ALL).map(|(uid, role)| (uid, Some(role))).chain([(&"gina", None)]) {
        let roles: Roles = role.into_iter().collect();
        let id = stage.id(uid).await?;
        for path in methods()?.iter().map(path) {
            let who = RPCS.iter().find(|(known, _)| *known == path).context("every call stands in the table")?.1;
            let admitted = match who {
                Who::Anybody | Who::People | Who::Everybody => true,
                Who::Operator | Who::Services | Who::Provisioners => false,
                Who::Holders(task) => roles.iter().any(|role| task.is_for(role)),
            };
            let token = stage.world.line.token_of("acme", &id).await?;
            let answer = raw.call(&path, Some(&token), Vec::new()).await;
            let code = answer.map_or_else(|status| status.code(), |_| Code::Ok);
            assert_eq!(code != Code::PermissionDenied, admitted, "{path} by somebody with {role:?}: {code:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_comes_and_goes_with_the_directory_group_on_postgresql() -> Result<()> {
    a_role_comes_and_goes_with_the_directory_group(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_comes_and_goes_with_the_directory_group_on_sqlite() -> Result<()> {
    a_role_comes_and_goes_with_the_directory_group(Engine::Sqlite).await
}

async fn a_role_comes_and_goes_with_the_directory_group(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    assert_eq!(stage.roles("anna").await?, []);
    let auditors = auth::RoleGroupSettings {
        role: auth::Role::Auditor.into(),
        directory_group: group_dn("revision").to_uppercase(),
        area_group: String::new(),
    };
    let groups = [auditors];
    stage.declare(&["anna"], &groups).await?;
    assert_eq!(stage.roles("anna").await?, [auth::Role::Auditor]);
    let request = auth::VerifyAuditLogRequest {};
    stage.calls("anna").await?.auth.verify_audit_log(request).await.map_err(fault)?;
    let listed = stage.calls("anna").await?.roles.list_roles(auth::ListRolesRequest::default()).await;
    let listed = listed.map_err(fault)?.into_inner();
    let shown: Vec<_> = listed.holdings.iter().map(|one| (one.display_name.as_str(), one.role())).collect();
    assert_eq!(shown, [("boss Probe", auth::Role::Administrator), ("anna Probe", auth::Role::Auditor)]);

    stage.declare(&["ben"], &groups).await?;
    assert_eq!(stage.roles("anna").await?, [], "the directory took her out");
    assert_eq!(stage.roles("ben").await?, [auth::Role::Auditor]);
    stage.declare(&["ben"], &[]).await?;
    assert_eq!(stage.roles("ben").await?, [], "the manifest does not name the group any more");
    assert_eq!(stage.log().await?.len(), 2, "declared twice");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_by_hand_ends_by_itself_and_at_once_when_taken_away_on_postgresql() -> Result<()> {
    a_role_by_hand_ends(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_by_hand_ends_by_itself_and_at_once_when_taken_away_on_sqlite() -> Result<()> {
    a_role_by_hand_ends(Engine::Sqlite).await
}

async fn a_role_by_hand_ends(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    let mut boss = stage.calls("boss").await?;
    let end = DateTime::from_timestamp(stage.world.clock.now().timestamp() + 30, 0).context("a time")?;
    let request = auth::GrantRoleRequest {
        person_id: stage.id("anna").await?,
        role: auth::Role::Analyst.into(),
        area_group: String::new(),
        expires_at: Some(to_proto(end)),
    };
    boss.roles.grant_role(request).await.map_err(fault)?;
    assert_eq!(stage.roles("anna").await?, [auth::Role::Analyst]);
    let session = stage.world.line.session("acme", &stage.id("anna").await?).await?;
    let answer = stage.world.line.authenticate("acme", &session).await.map_err(fault)?;
    assert_eq!(answer.expires_at, Some(to_proto(end)), "no token outlives the role");
    stage.world.clock.advance(TimeDelta::seconds(30));
    assert_eq!(stage.roles("anna").await?, []);

    stage.grant(&mut boss, "ben", auth::Role::Administrator).await?.map_err(fault)?;
    let ben = stage.calls("ben").await?;
    ben.clone().roles.list_roles(auth::ListRolesRequest::default()).await.map_err(fault)?;
    stage.revoke(&mut boss, "ben", auth::Role::Administrator).await?.map_err(fault)?;
    wait_until("the token that he had is good for nothing", A_SECOND, async || {
        let answer = ben.clone().roles.list_roles(auth::ListRolesRequest::default()).await;
        Ok(answer.err().filter(|status| status.code() == Code::Unauthenticated))
    })
    .await?;
    assert_eq!(stage.roles("ben").await?, [], "and so is coming back");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_themselves_a_role_and_the_last_administrator_stays() -> Result<()> {
    use auth::Role::{Administrator, Auditor};
    const OWN: Option<(Code, Reason)> = Some((Code::PermissionDenied, Reason::NotAllowed));
    const LAST: Option<(Code, Reason)> = Some((Code::FailedPrecondition, Reason::NotAllowed));
    let stage = Stage::without_administrators(Engine::Sqlite).await?;
    let mut operator = stage.world.line.inside("acme").await?;
    stage.grant(&mut operator, "anna", Administrator).await?.map_err(fault)?;
    let mut anna = stage.calls("anna").await?;
    assert_eq!(refusal(stage.grant(&mut anna, "anna", Auditor).await?), OWN);
    stage.grant(&mut anna, "ben", Administrator).await?.map_err(fault)?;
    let mut ben = stage.calls("ben").await?;
    stage.revoke(&mut ben, "anna", Administrator).await?.map_err(fault)?;
    assert_eq!(refusal(stage.revoke(&mut ben, "ben", Administrator).await?), LAST);
    assert_eq!(refusal(stage.revoke(&mut operator, "ben", Administrator).await?), LAST);
    assert_eq!(stage.roles("ben").await?, [Administrator]);
    let event = |name: &str, role: &str, reason: &str| [name.to_owned(), role.to_owned(), reason.to_owned()];
    let expected = [
        event("role_granted", "administrator", ""),
        event("role_change_refused", "auditor", "own_role"),
        event("role_granted", "administrator", ""),
        event("role_revoked", "administrator", ""),
        event("role_change_refused", "administrator", "last_administrator"),
        event("role_change_refused", "administrator", "last_administrator"),
    ];
    assert_eq!(stage.log().await?, expected);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_directory_gives_is_not_taken_away_by_hand() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let mut boss = stage.calls("boss").await?;
    stage.grant(&mut boss, "anna", auth::Role::Administrator).await?.map_err(fault)?;
    let mut anna = stage.calls("anna").await?;
    let refused = refusal(stage.revoke(&mut anna, "boss", auth::Role::Administrator).await?);
    assert_eq!(refused, Some((Code::NotFound, Reason::RoleNotFound)));
    assert_eq!(stage.roles("boss").await?, [auth::Role::Administrator]);
    stage.revoke(&mut anna, "anna", auth::Role::Administrator).await?.map_err(fault)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_area_is_a_directory_group_and_for_coordinators_only() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let mut boss = stage.calls("boss").await?;
    let person_id = stage.id("anna").await?;
    for (role, area_group, good) in [
        (auth::Role::AreaCoordinator, group_dn("revision"), true),
        (auth::Role::AreaCoordinator, String::new(), false),
        (auth::Role::AreaCoordinator, group_dn("nowhere"), false),
        (auth::Role::Auditor, group_dn("revision"), false),
    ] {
        let request =
            auth::GrantRoleRequest { person_id: person_id.clone(), role: role.into(), area_group, expires_at: None };
        let answer = boss.roles.grant_role(request).await;
        let code = answer.err().map(|status| status.code());
        assert_eq!(code, (!good).then_some(Code::InvalidArgument), "{role:?}");
    }
    let listed = boss.roles.list_roles(auth::ListRolesRequest { person_id }).await.map_err(fault)?.into_inner();
    let areas: Vec<_> = listed.holdings.iter().map(|one| one.area_group.clone()).collect();
    assert_eq!(areas, [group_dn("revision")]);
    Ok(())
}
