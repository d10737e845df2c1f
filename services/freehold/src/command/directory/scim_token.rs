//! `freehold directory scim-token`

use anyhow::{Context as _, Result};
use clap::Subcommand;
use freehold_proto::directory::v1 as pb;
use serde_json::json;

use super::{Ended, Which};
use crate::print::Forms;
use crate::{Global, print};

const TOKEN: &str = "freehold.directory.v1.ProvisioningToken";
const ISSUED: &str = "freehold.directory.v1.IssueTokenResponse";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a token for an IdP; it is shown this once
    Issue {
        /// What the token is called, for example after the IdP
        #[arg(long, value_name = "TOKEN", default_value = "idp")]
        token: String,
        /// Days it is good for, at most 365
        #[arg(long, value_name = "DAYS", default_value = "365")]
        days: i32,
    },
    /// List the tokens, newest first
    List,
    /// End a token at once
    Revoke {
        /// What the token is called
        #[arg(long, value_name = "TOKEN")]
        token: String,
    },
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, which: Which, command: Command) -> Result<Ended> {
    match command {
        Command::Issue { token, days } => issue(global, which, token, days).await,
        Command::List => list(global, which).await,
        Command::Revoke { token } => revoke(global, which, token).await,
    }
}

async fn issue(global: &Global, which: Which, token_name: String, valid_days: i32) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(&which.name).calls().await?;
    let request = pb::IssueTokenRequest { directory_name: which.directory, token_name, valid_days };
    let answer = calls.provisioning.issue_token(request).await.map_err(|status| client.refused(status))?.into_inner();
    if global.json {
        print::json(&Forms::new()?.of(ISSUED, &answer)?)?;
        return Ok(Ended::Done);
    }
    let token = answer.provisioning_token.context("the installation answered without a token")?;
    print::line(&answer.secret);
    print::progress_line(&format!(
        "the IdP's address is PUBLIC_URL/{}/scim/v2; the token fills directory {} until {} and is not shown again",
        which.name,
        token.directory_name,
        print::moment(token.expires_at.as_ref())
    ));
    Ok(Ended::Done)
}

async fn list(global: &Global, which: Which) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(&which.name).calls().await?;
    let request = pb::ListTokensRequest { directory_name: which.directory };
    let answer = calls.provisioning.list_tokens(request).await.map_err(|status| client.refused(status))?.into_inner();
    let tokens = answer.provisioning_tokens;
    if global.json {
        print::json(&json!({ "provisioning_tokens": Forms::new()?.list(TOKEN, &tokens)? }))?;
        return Ok(Ended::Done);
    }
    let row = |token: &pb::ProvisioningToken| {
        vec![
            token.name.clone(),
            token.directory_name.clone(),
            token.owner.clone(),
            print::moment(token.created_at.as_ref()),
            print::moment(token.expires_at.as_ref()),
            print::moment(token.last_used_at.as_ref()),
            print::moment(token.revoked_at.as_ref()),
        ]
    };
    let rows: Vec<_> = tokens.iter().map(row).collect();
    print::table(&["TOKEN", "DIRECTORY", "OWNER", "ISSUED", "GOOD UNTIL", "LAST USED", "REVOKED"], &rows);
    Ok(Ended::Done)
}

async fn revoke(global: &Global, which: Which, token_name: String) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(&which.name).calls().await?;
    let request = pb::RevokeTokenRequest { directory_name: which.directory, token_name: token_name.clone() };
    calls.provisioning.revoke_token(request).await.map_err(|status| client.refused(status))?;
    if global.json {
        print::json(&json!({ "revoked": token_name }))?;
    } else {
        print::line(&format!("token {token_name} is revoked"));
    }
    Ok(Ended::Done)
}
