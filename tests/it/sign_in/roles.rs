//! What an IdP says of roles gives none: whoever runs a company's IdP does not run the company.

use anyhow::Result;
use freehold_proto::auth::v1 as auth;
use freehold_tests::ldif::{BASE, Entry};
use freehold_wire::fault;
use serde_json::json;

use super::stage::{ANNA, Stage};
use crate::world::Engine;

const GROUP: &str = "aa0000aa-0000-4000-8000-000000000000";

async fn annas_roles(stage: &Stage) -> Result<(bool, Vec<auth::Role>)> {
    let session = stage.finish(&stage.annas().await?.back).await.map_err(fault)?.session_token;
    let answer = stage.world.line.authenticate("acme", &session).await.map_err(fault)?;
    Ok((answer.administrator, answer.roles().collect()))
}

#[tokio::test(flavor = "multi_thread")]
async fn h03_no_claim_of_an_idp_makes_an_administrator() -> Result<()> {
    let stage = Stage::set(Engine::Sqlite).await?;
    let group = format!("cn=it,ou=groups,{BASE}");
    stage.acme.tamper(json!({ "claims": {
        "groups": [&group, "it", "freehold-administrators", "administrator"],
        "roles": ["administrator", "auditor", "ROLE_ADMINISTRATOR"],
        "role": "administrator",
        "administrator": true,
        "adm": true,
        "is_admin": true,
        "wids": ["62e90394-69f5-4237-9190-012177145e10"],
        "realm_access": { "roles": ["administrator"] },
    } }))?;
    assert_eq!(annas_roles(&stage).await?, (false, Vec::new()), "nobody named a group");

    // Even when the manifest names that very group: it is the directory's that counts, and Anna is not in it.
    let anna = Entry::person("anna", "Anna", "Probe").with("entryUUID", ANNA);
    let everybody_else = Entry::person("ben", "Ben", "Probe").with("entryUUID", super::stage::BEN);
    let with_group = |member: &str| {
        let it = Entry::group("it", [format!("uid={member},ou=people,{BASE}").as_str()]).with("entryUUID", GROUP);
        let mut declared = stage.company_of(&[anna.clone(), everybody_else.clone(), it])?;
        declared.administrators_group.clone_from(&group);
        declared.role_groups.push(auth::RoleGroupSettings {
            role: auth::Role::Auditor.into(),
            directory_group: group.clone(),
            area_group: String::new(),
        });
        anyhow::Ok(declared)
    };
    stage.world.line.declare(with_group("ben")?).await?;
    stage.world.line.synced("acme").await?;
    assert_eq!(
        annas_roles(&stage).await?,
        (false, Vec::new()),
        "the IdP put Anna into the group, the directory did not"
    );

    stage.world.line.declare(with_group("anna")?).await?;
    let run = stage.world.line.sync("acme").await?;
    assert!(run.error.is_empty(), "{}", run.error);
    stage.acme.tamper(json!({ "claims": { "groups": [], "roles": [] } }))?;
    let both = vec![auth::Role::Auditor, auth::Role::Administrator];
    assert_eq!(
        annas_roles(&stage).await?,
        (true, both),
        "the manifest names the group, and the directory has Anna in it"
    );
    Ok(())
}
