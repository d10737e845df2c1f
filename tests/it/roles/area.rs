//! Whom account managers and area coordinators may help in, and what an administrator may do at another company.

use anyhow::Result;
use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use freehold_tests::wait::wait_until;
use freehold_types::Reason;
use freehold_wire::{Calls, fault};
use tonic::{Code, Status};

use super::{A_SECOND, Stage, group_dn};
use crate::world::{Engine, manifest};

const OUTSIDE: Option<(Code, Reason)> = Some((Code::NotFound, Reason::PersonNotFound));
const HAS_ROLE: Option<(Code, Reason)> = Some((Code::PermissionDenied, Reason::NotAllowed));

/// Asks for codes for these people; the refusal, if any.
async fn codes(stage: &Stage, by: &mut Calls, uids: &[&str]) -> Result<Option<(Code, Reason)>> {
    let mut person_ids = Vec::new();
    for uid in uids {
        person_ids.push(stage.id(uid).await?);
    }
    let request = auth::IssueAccessCodesRequest { person_ids, valid_days: 0 };
    Ok(super::refusal(by.auth.issue_access_codes(request).await.map(drop)))
}

/// Makes `dora` the coordinator of the group `revision`.
async fn coordinator(stage: &Stage) -> Result<Calls> {
    let request = auth::GrantRoleRequest {
        person_id: stage.id("dora").await?,
        role: auth::Role::AreaCoordinator.into(),
        area_group: group_dn("revision"),
        expires_at: None,
    };
    stage.calls("boss").await?.roles.grant_role(request).await.map_err(fault)?;
    stage.calls("dora").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_reaches_the_own_area_and_nobody_with_a_role_on_postgresql() -> Result<()> {
    a_coordinator_reaches_the_own_area(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_reaches_the_own_area_and_nobody_with_a_role_on_sqlite() -> Result<()> {
    a_coordinator_reaches_the_own_area(Engine::Sqlite).await
}

async fn a_coordinator_reaches_the_own_area(engine: Engine) -> Result<()> {
    let stage = Stage::set(engine).await?;
    // In the area: two people without a role, the administrator, an auditor by hand, and the coordinator.
    stage.declare(&["anna", "ben", "boss", "cleo", "dora"], &[]).await?;
    let mut boss = stage.calls("boss").await?;
    stage.grant(&mut boss, "cleo", auth::Role::Auditor).await?.map_err(fault)?;
    let mut dora = coordinator(&stage).await?;
    assert_eq!(codes(&stage, &mut dora, &["anna", "ben"]).await?, None);
    assert_eq!(codes(&stage, &mut dora, &["emil"]).await?, OUTSIDE);
    assert_eq!(codes(&stage, &mut dora, &["anna", "emil"]).await?, OUTSIDE, "all or none");
    assert_eq!(codes(&stage, &mut dora, &["boss"]).await?, HAS_ROLE, "an administrator");
    assert_eq!(codes(&stage, &mut dora, &["cleo"]).await?, HAS_ROLE, "an auditor");
    assert_eq!(codes(&stage, &mut dora, &["dora"]).await?, HAS_ROLE, "not even for oneself");
    assert_eq!(listed(&mut dora).await?, ["anna Probe", "ben Probe"]);

    // Whom the directory moves out of the area is out of reach.
    stage.declare(&["ben", "boss", "cleo", "dora"], &[]).await?;
    assert_eq!(codes(&stage, &mut dora, &["anna"]).await?, OUTSIDE);
    assert_eq!(listed(&mut dora).await?, ["ben Probe"]);

    // And with the role goes everything.
    stage.revoke(&mut boss, "dora", auth::Role::AreaCoordinator).await?.map_err(fault)?;
    wait_until("the token of the coordinator ends", A_SECOND, async || {
        let refused = codes(&stage, &mut dora.clone(), &["ben"]).await?;
        Ok(refused.filter(|(code, _)| *code == Code::Unauthenticated))
    })
    .await?;
    let mut dora = stage.calls("dora").await?;
    assert_eq!(codes(&stage, &mut dora, &["ben"]).await?.map(|(code, _)| code), Some(Code::PermissionDenied));
    let refused = stage.refused_codes().await?;
    let reasons: Vec<&str> = refused.iter().map(String::as_str).collect();
    assert_eq!(reasons, ["outside_area", "outside_area", "has_role", "has_role", "has_role", "outside_area"]);
    Ok(())
}

/// Names of everybody whom the caller may make codes for.
async fn listed(by: &mut Calls) -> Result<Vec<String>> {
    let request = auth::ListAreaPeopleRequest::default();
    let page = by.roles.list_area_people(request).await.map_err(fault)?.into_inner();
    assert!(page.people.iter().all(|person| person.distinguished_name.is_empty()));
    Ok(page.people.into_iter().map(|person| person.display_name).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_area_and_its_coordinators_may_come_from_the_directory_alone() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let settings = auth::RoleGroupSettings {
        role: auth::Role::AreaCoordinator.into(),
        directory_group: group_dn("revision"),
        area_group: group_dn("everybody"),
    };
    stage.declare(&["dora"], &[settings]).await?;
    let mut dora = stage.calls("dora").await?;
    assert_eq!(listed(&mut dora).await?, [""; 0], "there is no such group, so nobody is in it");
    assert_eq!(codes(&stage, &mut dora, &["anna"]).await?, OUTSIDE);
    let settings = auth::RoleGroupSettings { area_group: group_dn("it"), ..settings_of_revision() };
    stage.declare(&["dora"], &[settings]).await?;
    let mut dora = stage.calls("dora").await?;
    assert_eq!(codes(&stage, &mut dora, &["boss"]).await?, HAS_ROLE, "the only one there is an administrator");
    // The token still says coordinator, but the directory does not any more.
    stage
        .declare(&["emil"], &[auth::RoleGroupSettings { area_group: group_dn("it"), ..settings_of_revision() }])
        .await?;
    assert_eq!(codes(&stage, &mut dora, &["boss"]).await?, OUTSIDE);
    Ok(())
}

fn settings_of_revision() -> auth::RoleGroupSettings {
    auth::RoleGroupSettings {
        role: auth::Role::AreaCoordinator.into(),
        directory_group: group_dn("revision"),
        area_group: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_manager_takes_nobodys_role_by_a_code() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let mut boss = stage.calls("boss").await?;
    stage.grant(&mut boss, "anna", auth::Role::AccountManager).await?.map_err(fault)?;
    let mut anna = stage.calls("anna").await?;
    assert_eq!(codes(&stage, &mut anna, &["ben", "emil"]).await?, None);
    assert_eq!(codes(&stage, &mut anna, &["ben", "boss"]).await?, HAS_ROLE);
    assert_eq!(listed(&mut anna).await?.len(), 6, "all but the two with roles");
    assert_eq!(codes(&stage, &mut boss, &["boss", "anna"]).await?, None, "an administrator makes them for everybody");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_what_an_administrator_does_to_another_company_is_not_found_and_is_in_the_own_log() -> Result<()> {
    use freehold_tests::ldif::Entry;
    let stage = Stage::set(Engine::Sqlite).await?;
    let line = &stage.world.line;
    let bea = Entry::person("bea", "Bea", "Probe").with_uuid("bb000001-0000-4000-8000-000000000000");
    line.declare(manifest::company_of_file("beta", &stage.world.place, &[bea])?).await?;
    line.synced("beta").await?;
    let person_id = line.people("beta").await?.remove(0).id;
    let run = line.inside("beta").await?.directory.list_sync_runs(directory::ListSyncRunsRequest::default()).await;
    let run = run.map_err(fault)?.into_inner().sync_runs.remove(0).id;
    let before = line.inside("beta").await?.auth.verify_audit_log(auth::VerifyAuditLogRequest {}).await;
    let before = before.map_err(fault)?.into_inner().whole_count;

    let mut boss = stage.calls("boss").await?;
    let role = auth::Role::Auditor.into();
    let grant = auth::GrantRoleRequest { person_id: person_id.clone(), role, ..Default::default() };
    not_found(boss.roles.grant_role(grant).await);
    not_found(boss.roles.revoke_role(auth::RevokeRoleRequest { person_id: person_id.clone(), role }).await);
    let request = auth::IssueAccessCodesRequest { person_ids: vec![person_id.clone()], valid_days: 0 };
    not_found(boss.auth.issue_access_codes(request).await);
    not_found(boss.directory.get_person(directory::GetPersonRequest { id: person_id.clone() }).await);
    let request = directory::UndoSyncRunRequest { sync_run_id: run, ..Default::default() };
    let undone = match boss.directory.undo_sync_run(request).await {
        Ok(answer) => answer.into_inner().message().await.map(drop),
        Err(status) => Err(status),
    };
    not_found(undone);
    let listed = boss.roles.list_roles(auth::ListRolesRequest { person_id }).await.map_err(fault)?.into_inner();
    assert_eq!((listed.holdings.len(), listed.total_count), (0, 0));

    let refused: Vec<_> = stage.log().await?.into_iter().filter(|[name, ..]| name == "role_change_refused").collect();
    let reasons: Vec<_> = refused.iter().map(|[_, _, reason]| reason.as_str()).collect();
    assert_eq!(reasons, ["person_unknown", "not_by_hand"]);
    let mut beta = line.inside("beta").await?;
    let after = beta.auth.verify_audit_log(auth::VerifyAuditLogRequest {}).await.map_err(fault)?.into_inner();
    assert_eq!(after.whole_count - before, 1, "the other company's log tells of the operator's own coming alone");
    Ok(())
}

fn not_found<T>(answer: Result<T, Status>) {
    assert_eq!(answer.err().map(|status| status.code()), Some(Code::NotFound));
}
