//! `freehold client`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Subcommand;
use freehold_proto::auth::v1 as pb;
use serde_json::json;

use super::Ended;
use super::person::find;
use crate::failure::Failure;
use crate::print::Forms;
use crate::{Global, print};

const CLIENT: &str = "freehold.auth.v1.Client";
const REGISTERED: &str = "freehold.auth.v1.RegisterClientResponse";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Let a program of the company ask for caller tokens
    Add {
        /// Name of the company
        name: String,
        /// What the program is called
        #[arg(long, value_name = "CLIENT")]
        client: String,
        /// Id, user name, employee number or e-mail of the person who answers for it; it gets no token while that person is not active
        #[arg(long, value_name = "PERSON")]
        owner: String,
        /// What it may do; can be given several times
        #[arg(long = "scope", value_name = "SCOPE", required = true)]
        scopes: Vec<String>,
        /// File with a public key, PEM or JSON Web Key; can be given several times
        #[arg(long = "key", value_name = "FILE", required = true)]
        keys: Vec<PathBuf>,
        /// Days it lasts, at most 365
        #[arg(long, value_name = "DAYS")]
        days: i32,
    },
    /// List the programs, oldest first
    List {
        /// Name of the company
        name: String,
    },
    /// End a program and its caller tokens at once
    Remove {
        /// Name of the company
        name: String,
        /// Id of the program
        id: String,
    },
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, command: Command) -> Result<Ended> {
    match command {
        Command::Add { name, client, owner, scopes, keys, days } => {
            let public_keys = keys.iter().map(|file| read(file)).collect::<Result<_>>()?;
            let request = pb::RegisterClientRequest {
                client_name: client,
                owner_person_id: owner,
                scopes,
                public_keys,
                valid_days: days,
            };
            add(global, &name, request).await
        }
        Command::List { name } => list(global, &name).await,
        Command::Remove { name, id } => remove(global, &name, id).await,
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        let why = format!("the key {} cannot be read: {error}", file.display());
        Failure::new(why, "give the file of a public key with --key").into()
    })
}

async fn add(global: &Global, name: &str, request: pb::RegisterClientRequest) -> Result<Ended> {
    let client = global.client()?;
    let mut inside = client.inside(name);
    let owner_person_id = find::id(&mut inside, name, &request.owner_person_id).await?;
    let request = pb::RegisterClientRequest { owner_person_id, ..request };
    let answer = inside.calls().await?.callers.register_client(request).await;
    let answer = answer.map_err(|status| client.refused(status))?.into_inner();
    if global.json {
        print::json(&Forms::new()?.of(REGISTERED, &answer)?)?;
        return Ok(Ended::Done);
    }
    let registered = answer.client.context("the installation answered without a client")?;
    print::line(&registered.id);
    print::progress_line(&format!(
        "the program signs assertions with iss and sub {}, aud {}; it lasts until {}",
        registered.id,
        answer.audience,
        print::moment(registered.expires_at.as_ref())
    ));
    Ok(Ended::Done)
}

async fn list(global: &Global, name: &str) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(name).calls().await?;
    let answer = calls.callers.list_clients(pb::ListClientsRequest {}).await;
    let clients = answer.map_err(|status| client.refused(status))?.into_inner().clients;
    if global.json {
        print::json(&json!({ "clients": Forms::new()?.list(CLIENT, &clients)? }))?;
        return Ok(Ended::Done);
    }
    let row = |one: &pb::Client| {
        vec![
            one.id.clone(),
            one.name.clone(),
            one.owner_person_id.clone(),
            one.scopes.join(" "),
            print::moment(one.created_at.as_ref()),
            print::moment(one.expires_at.as_ref()),
            print::moment(one.last_used_at.as_ref()),
        ]
    };
    let rows: Vec<_> = clients.iter().map(row).collect();
    print::table(&["ID", "CLIENT", "OWNER", "SCOPES", "REGISTERED", "LASTS UNTIL", "LAST TOKEN"], &rows);
    Ok(Ended::Done)
}

async fn remove(global: &Global, name: &str, client_id: String) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(name).calls().await?;
    let request = pb::RemoveClientRequest { client_id: client_id.clone() };
    calls.callers.remove_client(request).await.map_err(|status| client.refused(status))?;
    if global.json {
        print::json(&json!({ "removed": client_id }))?;
    } else {
        print::line(&format!("client {client_id} is removed"));
    }
    Ok(Ended::Done)
}
