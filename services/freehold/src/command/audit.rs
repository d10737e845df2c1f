//! `freehold audit`

use anyhow::Result;
use clap::Subcommand;
use freehold_proto::auth::v1 as pb;
use serde_json::json;

use super::{Ended, PAGE_ROWS};
use crate::print::Forms;
use crate::{Global, print};

const EVENT: &str = "freehold.auth.v1.AuditEvent";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List what happened, newest first
    List {
        /// Name of the company
        name: String,
        /// At most so many events
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
    },
    /// Is the log as it was written? Finds what somebody changed in the database
    Verify {
        /// Name of the company
        name: String,
    },
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, command: Command) -> Result<Ended> {
    match command {
        Command::List { name, limit } => list(global, &name, limit).await,
        Command::Verify { name } => verify(global, &name).await,
    }
}

async fn list(global: &Global, name: &str, limit: usize) -> Result<Ended> {
    let client = global.client()?;
    let mut inside = client.inside(name);
    let mut events = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListAuditEventsRequest { page_size: PAGE_ROWS, page_token };
        let answer = inside.calls().await?.auth.list_audit_events(request).await;
        let page = answer.map_err(|status| client.refused(status))?.into_inner();
        events.extend(page.audit_events);
        page_token = page.next_page_token;
        if page_token.is_empty() || events.len() >= limit {
            break;
        }
    }
    events.truncate(limit);
    if global.json {
        print::json(&json!({ "audit_events": Forms::new()?.list(EVENT, &events)? }))?;
        return Ok(Ended::Done);
    }
    let row = |event: &pb::AuditEvent| {
        let details = event.details.iter().map(|detail| format!("{}={}", detail.name, detail.value));
        let details = details.collect::<Vec<_>>().join(" ");
        let when = print::moment(event.recorded_at.as_ref());
        vec![event.sequence.to_string(), when, event.event.clone(), event.actor.clone(), details]
    };
    let rows: Vec<_> = events.iter().map(row).collect();
    print::table(&["NUMBER", "TIME", "EVENT", "BY", "DETAILS"], &rows);
    Ok(Ended::Done)
}

async fn verify(global: &Global, name: &str) -> Result<Ended> {
    let client = global.client()?;
    let answer = client.inside(name).calls().await?.auth.verify_audit_log(pb::VerifyAuditLogRequest {}).await;
    let answer = answer.map_err(|status| client.refused(status))?.into_inner();
    let whole = answer.broken_sequence == 0;
    if global.json {
        print::json(&Forms::new()?.of("freehold.auth.v1.VerifyAuditLogResponse", &answer)?)?;
    } else if whole {
        print::line(&format!("the audit log of {name} is whole: {} events", answer.whole_count));
        print::line(&format!("checkpoint {}", answer.checkpoint));
    } else {
        print::line(&format!("the audit log of {name} was changed in the database: {}", answer.problem));
    }
    if whole {
        return Ok(Ended::Done);
    }
    print::progress_line("what to do: find out who can write to the database, and compare with a backup");
    Ok(Ended::Failed)
}
