//! `freehold emergency`

use anyhow::Result;
use clap::Subcommand;
use freehold_proto::auth::v1 as pb;
use serde_json::json;

use super::Ended;
use super::person::print_codes;
use crate::client::Inside;
use crate::failure::Failure;
use crate::print::Forms;
use crate::{Global, print};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the emergency accounts that the manifest names
    List {
        /// Name of the company
        name: String,
    },
    /// Make an access code for one of them; whatever it had before ends once the code is used
    AccessCode {
        /// Name of the company
        name: String,
        /// Name of the account
        account: String,
    },
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, command: Command) -> Result<Ended> {
    match command {
        Command::List { name } => list(global, &name).await,
        Command::AccessCode { name, account } => access_code(global, &name, &account).await,
    }
}

async fn all(client: &crate::client::Client, inside: &mut Inside<'_>) -> Result<Vec<pb::EmergencyAccount>> {
    let answer = inside.calls().await?.auth.list_connections(pb::ListConnectionsRequest {}).await;
    Ok(answer.map_err(|status| client.refused(status))?.into_inner().emergency_accounts)
}

async fn list(global: &Global, name: &str) -> Result<Ended> {
    let client = global.client()?;
    let accounts = all(&client, &mut client.inside(name)).await?;
    if global.json {
        let accounts = Forms::new()?.list("freehold.auth.v1.EmergencyAccount", &accounts)?;
        print::json(&json!({ "emergency_accounts": accounts }))?;
        return Ok(Ended::Done);
    }
    let row = |account: &pb::EmergencyAccount| {
        let enrolled = if account.enrolled { "yes" } else { "no" };
        vec![account.name.clone(), enrolled.to_owned(), print::moment(account.used_at.as_ref()), account.id.clone()]
    };
    let rows: Vec<_> = accounts.iter().map(row).collect();
    print::table(&["NAME", "ENROLLED", "LAST USED", "ID"], &rows);
    Ok(Ended::Done)
}

async fn access_code(global: &Global, name: &str, account: &str) -> Result<Ended> {
    let client = global.client()?;
    let mut inside = client.inside(name);
    let accounts = all(&client, &mut inside).await?;
    let Some(found) = accounts.iter().find(|known| known.name == account || known.id == account) else {
        let why = format!("{name} has no emergency account {account:?}");
        return Err(Failure::new(why, "see `freehold emergency list`; the manifest names them").into());
    };
    let request = pb::IssueAccessCodesRequest { person_ids: vec![found.id.clone()], valid_days: 0 };
    let answer = inside.calls().await?.auth.issue_access_codes(request).await;
    print_codes(global, &answer.map_err(|status| client.refused(status))?.into_inner().access_codes)
}
