//! `freehold role`

use anyhow::{Context as _, Result, bail};
use chrono::NaiveDate;
use clap::Subcommand;
use freehold_proto::auth::v1 as pb;
use freehold_proto::auth::v1::role_holding::Source;
use freehold_types::Role;
use freehold_wire::time::to_proto;
use serde_json::json;

use super::Ended;
use super::person::find;
use crate::print::Forms;
use crate::{Global, print};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List who has which role, and where from
    List {
        /// Name of the company
        name: String,
    },
    /// Give a person a role by hand, or change its area and end
    Grant {
        /// Name of the company
        name: String,
        /// Id, user name, employee number or e-mail of the person
        person: String,
        /// administrator, auditor, analyst, area-coordinator, account-manager or moderator
        role: String,
        /// Distinguished name of the directory group that is the area; for area coordinators
        #[arg(long, value_name = "GROUP", default_value = "", hide_default_value = true)]
        area: String,
        /// First day on which the person does not have the role any more, such as 2027-01-31 (UTC)
        #[arg(long, value_name = "DAY")]
        until: Option<NaiveDate>,
    },
    /// Take a role that was given by hand away; ends the person's sessions
    Revoke {
        /// Name of the company
        name: String,
        /// Id, user name, employee number or e-mail of the person
        person: String,
        /// The role
        role: String,
    },
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, command: Command) -> Result<Ended> {
    match command {
        Command::List { name } => list(global, &name).await,
        Command::Grant { name, person, role, area, until } => {
            let midnight = until.and_then(|day| day.and_hms_opt(0, 0, 0)).map(|midnight| midnight.and_utc());
            let request = pb::GrantRoleRequest {
                person_id: String::new(),
                role: number(&role)?,
                area_group: area,
                expires_at: midnight.map(to_proto),
            };
            grant(global, &name, &person, request).await
        }
        Command::Revoke { name, person, role } => revoke(global, &name, &person, &role).await,
    }
}

async fn list(global: &Global, name: &str) -> Result<Ended> {
    let client = global.client()?;
    let answer = client.inside(name).calls().await?.roles.list_roles(pb::ListRolesRequest::default()).await;
    let answer = answer.map_err(|status| client.refused(status))?.into_inner();
    if global.json {
        print::json(&Forms::new()?.of("freehold.auth.v1.ListRolesResponse", &answer)?)?;
    } else if answer.holdings.is_empty() {
        print::line("nobody has a role");
    } else {
        let rows: Vec<_> = answer.holdings.iter().map(row).collect();
        print::table(&["ROLE", "PERSON", "ID", "FROM", "UNTIL", "AREA"], &rows);
        print::progress_line(&print::count(answer.total_count, "role", "roles"));
    }
    Ok(Ended::Done)
}

fn row(holding: &pb::RoleHolding) -> Vec<String> {
    let (from, until) = match &holding.source {
        Some(Source::DirectoryGroup(group)) if group.is_empty() => ("the administrators' group".to_owned(), None),
        Some(Source::DirectoryGroup(group)) => (group.clone(), None),
        Some(Source::Grant(grant)) => (format!("by hand, {}", grant.granted_by), grant.expires_at.as_ref()),
        Some(Source::Emergency(pb::EmergencyRole {})) => ("emergency account".to_owned(), None),
        None => (String::new(), None),
    };
    let role = word(holding.role).to_owned();
    let until = print::moment(until);
    vec![role, holding.display_name.clone(), holding.person_id.clone(), from, until, holding.area_group.clone()]
}

async fn grant(global: &Global, name: &str, person: &str, request: pb::GrantRoleRequest) -> Result<Ended> {
    let client = global.client()?;
    let mut inside = client.inside(name);
    let person_id = find::id(&mut inside, name, person).await?;
    let answer = inside.calls().await?.roles.grant_role(pb::GrantRoleRequest { person_id, ..request }).await;
    let answer = answer.map_err(|status| client.refused(status))?.into_inner();
    let holding = answer.holding.context("the installation answered without a role")?;
    if global.json {
        print::json(&Forms::new()?.of("freehold.auth.v1.RoleHolding", &holding)?)?;
    } else {
        print::line(&format!("{} has the role {} now", holding.display_name, word(holding.role)));
    }
    Ok(Ended::Done)
}

async fn revoke(global: &Global, name: &str, person: &str, role: &str) -> Result<Ended> {
    let client = global.client()?;
    let mut inside = client.inside(name);
    let role = number(role)?;
    let person_id = find::id(&mut inside, name, person).await?;
    let request = pb::RevokeRoleRequest { person_id: person_id.clone(), role };
    let answer = inside.calls().await?.roles.revoke_role(request).await;
    answer.map_err(|status| client.refused(status))?;
    if global.json {
        print::json(&json!({ "person_id": person_id, "role": word(role) }))?;
    } else {
        print::line(&format!("{person} has the role {} by hand no more, and is signed out everywhere", word(role)));
    }
    Ok(Ended::Done)
}

fn number(name: &str) -> Result<i32> {
    let Some(role) = Role::find(name) else {
        let names: Vec<_> = Role::ALL.iter().rev().map(|role| role.name()).collect();
        bail!("there is no role {name:?}; write one of {}", names.join(", "));
    };
    Ok(i32::from(role.number()))
}

fn word(number: i32) -> &'static str {
    i16::try_from(number).ok().and_then(Role::from_number).map_or("unknown", Role::name)
}
