//! `freehold tenant`

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Subcommand;
use freehold_proto::tenant::v1 as pb;
use freehold_proto::tenant::v1::apply_tenant_response::Event;
use serde_json::{Value, json};
use tokio_stream::StreamExt as _;
use tonic::Status;

use super::{Ended, PAGE_ROWS};
use crate::client::Client;
use crate::manifest::Manifest;
use crate::print::Forms;
use crate::{Global, print};

const TENANT: &str = "freehold.tenant.v1.Tenant";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a company what its manifest says; can be interrupted and run again at any time
    Apply {
        /// The manifest
        file: PathBuf,
        /// Say what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List the companies of this installation
    List,
    /// Show one company
    Show {
        /// Name of the company
        name: String,
    },
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, command: Command) -> Result<Ended> {
    match command {
        Command::Apply { file, dry_run } => apply(global, &file, dry_run).await,
        Command::List => list(global).await,
        Command::Show { name } => show(global, name).await,
    }
}

async fn apply(global: &Global, file: &Path, dry_run: bool) -> Result<Ended> {
    let mut manifest = Manifest::read(file)?;
    if manifest.wrong() {
        ask_for_the_rest(global, &mut manifest).await;
        return Err(manifest.refusal());
    }
    let client = global.client()?;
    let planned = match ask(&client, &manifest, true, |_event| {}).await {
        Ok(outcome) => outcome,
        Err(status) => return Err(refused(&client, &mut manifest, status)),
    };
    if !global.json {
        tell_plan(&manifest.message.name, &planned.changes, dry_run);
    }
    if dry_run {
        return finish(global, planned);
    }
    let tell = |event: &Event| {
        if let Event::Step(step) = event {
            print::progress_line(step);
        }
    };
    match ask(&client, &manifest, false, tell).await {
        Ok(outcome) => finish(global, outcome),
        Err(status) => Err(refused(&client, &mut manifest, status)),
    }
}

/// What applying a manifest came to.
struct Outcome {
    changes: Vec<String>,
    tenant: Option<pb::Tenant>,
}

async fn ask(
    client: &Client,
    manifest: &Manifest,
    validate_only: bool,
    mut tell: impl FnMut(&Event),
) -> Result<Outcome, Status> {
    let request = pb::ApplyTenantRequest { manifest: Some(manifest.message.clone()), validate_only };
    let mut events = client.operator().operator.apply_tenant(request).await?.into_inner();
    let mut outcome = Outcome { changes: Vec::new(), tenant: None };
    while let Some(event) = events.next().await {
        let Some(event) = event?.event else { continue };
        tell(&event);
        match event {
            Event::Step(_) => {}
            Event::Change(change) => outcome.changes.push(change),
            Event::Tenant(tenant) => outcome.tenant = Some(tenant),
        }
    }
    Ok(outcome)
}

/// A refused manifest is answered with its own lines.
fn refused(client: &Client, manifest: &mut Manifest, status: Status) -> anyhow::Error {
    let error = client.refused(status);
    match error.downcast_ref::<freehold_types::Fault>() {
        Some(fault) if !fault.violations().is_empty() => {
            manifest.add(fault.violations());
            manifest.refusal()
        }
        _ => error,
    }
}

/// Adds what only the installation can see, so that one run shows everything that is wrong.
async fn ask_for_the_rest(global: &Global, manifest: &mut Manifest) {
    let asked = match global.client() {
        Ok(client) => ask(&client, manifest, true, |_event| {}).await.map_err(|status| client.refused(status)),
        Err(error) => Err(error),
    };
    let Err(error) = asked else { return };
    match error.downcast_ref::<freehold_types::Fault>() {
        Some(fault) if !fault.violations().is_empty() => manifest.add(fault.violations()),
        _ => print::progress_line(&format!("the installation could not be asked whether more is wrong: {error:#}")),
    }
}

fn tell_plan(name: &str, changes: &[String], dry_run: bool) {
    match changes {
        [] => print::line(&format!("{name} is as the manifest says")),
        changes => {
            print::line(&format!("{name} {}:", if dry_run { "would change" } else { "changes" }));
            for change in changes {
                print::line(&format!("  {change}"));
            }
        }
    }
}

fn finish(global: &Global, outcome: Outcome) -> Result<Ended> {
    if global.json {
        let forms = Forms::new()?;
        let tenant = outcome.tenant.map_or(Ok(Value::Null), |tenant| forms.of(TENANT, &tenant))?;
        print::json(&json!({ "tenant": tenant, "changes": outcome.changes }))?;
    } else if let Some(tenant) = outcome.tenant {
        print::line(&format!("{} is {}: {}", tenant.name, state(tenant.state()), tenant.url));
    }
    Ok(Ended::Done)
}

async fn list(global: &Global) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.operator();
    let mut tenants = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListTenantsRequest { page_size: PAGE_ROWS, page_token };
        let page = calls.operator.list_tenants(request).await.map_err(|status| client.refused(status))?.into_inner();
        tenants.extend(page.tenants);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if global.json {
        print::json(&json!({ "tenants": Forms::new()?.list(TENANT, &tenants)?, "total_count": tenants.len() }))?;
    } else if tenants.is_empty() {
        print::line("there is no company yet; `freehold tenant apply FILE` declares one");
    } else {
        let row = |tenant: &pb::Tenant| {
            let declared = print::moment(tenant.created_at.as_ref());
            let state = state(tenant.state()).to_owned();
            vec![tenant.name.clone(), tenant.company.clone(), state, declared, tenant.url.clone()]
        };
        let rows: Vec<_> = tenants.iter().map(row).collect();
        print::table(&["NAME", "COMPANY", "STATE", "DECLARED", "ADDRESS"], &rows);
    }
    Ok(Ended::Done)
}

async fn show(global: &Global, name: String) -> Result<Ended> {
    let client = global.client()?;
    let answer = client.operator().operator.get_tenant(pb::GetTenantRequest { name }).await;
    let tenant = answer.map_err(|status| client.refused(status))?.into_inner().tenant;
    let tenant = tenant.context("the installation answered without a tenant")?;
    if global.json {
        print::json(&Forms::new()?.of(TENANT, &tenant)?)?;
        return Ok(Ended::Done);
    }
    for (what, value) in [
        ("Name", tenant.name.as_str()),
        ("Company", &tenant.company),
        ("State", state(tenant.state())),
        ("Address", &tenant.url),
        ("Language", &tenant.language),
        ("Time zone", &tenant.time_zone),
        ("Declared", &print::moment(tenant.created_at.as_ref())),
        ("Tables", &format!("version {}", tenant.schema_version)),
        ("Id", &tenant.id),
    ] {
        print::line(&format!("{what:<10} {value}"));
    }
    Ok(Ended::Done)
}

const fn state(state: pb::TenantState) -> &'static str {
    match state {
        pb::TenantState::Unspecified => "unknown",
        pb::TenantState::Provisioning => "being set up; apply its manifest again to go on",
        pb::TenantState::Active => "active",
    }
}
