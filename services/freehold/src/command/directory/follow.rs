//! What the service does by itself, for people who watch or look afterwards.

use std::time::Duration;

use anyhow::{Result, bail};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::follow_directory_response::Event;
use tokio_stream::StreamExt as _;
use tonic::{Code, Status};

use super::runs::state;
use super::{Which, change_set};
use crate::client::Client;
use crate::print::Forms;
use crate::{Global, print};

const EVENT: &str = "freehold.directory.v1.FollowDirectoryResponse";
/// How long to wait before an installation that went away is called again.
const CALL_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Prints what happens to a directory until the command is interrupted.
pub(super) async fn watch(global: &Global, client: &Client, which: &Which) -> Result<()> {
    loop {
        let mut calls = client.inside(&which.name).calls().await?;
        let request = pb::FollowDirectoryRequest { directory_name: which.directory.clone() };
        let answer = calls.directory.follow_directory(request).await;
        let mut events = answer.map_err(|status| client.refused(status))?.into_inner();
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => show(global, &which.name, &event)?,
                Err(status) if went_away(&status) => break,
                Err(status) => bail!(client.refused(status)),
            }
        }
        print::progress_line("the installation went away; it is called again");
        came_back(client, which).await;
    }
}

/// Waits until the installation answers.
async fn came_back(client: &Client, which: &Which) {
    loop {
        tokio::time::sleep(CALL_AGAIN_AFTER).await;
        let Ok(mut calls) = client.inside(&which.name).calls().await else { continue };
        if calls.directory.list_directories(pb::ListDirectoriesRequest {}).await.is_ok() {
            return;
        }
    }
}

fn went_away(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled)
}

/// Prints one thing that happened.
pub(super) fn show(global: &Global, company: &str, event: &pb::FollowDirectoryResponse) -> Result<()> {
    if global.json {
        return print::json(&Forms::new()?.of(EVENT, event)?);
    }
    match &event.event {
        Some(Event::Status(status)) => print::line(&format!("{}  {}", print::present(), words(company, status))),
        Some(Event::Run(run)) => print::line(&format!("{}  {}", print::present(), run_words(run))),
        None => {}
    }
    Ok(())
}

/// How far the service is with a directory, in one line.
pub(super) fn words(company: &str, status: &pb::DirectoryStatus) -> String {
    let last = match &status.in_step_at {
        Some(moment) => format!("last in step {}", print::time(Some(moment))),
        None => "never in step yet".to_owned(),
    };
    let mut words = if !status.error.is_empty() {
        let since = print::time(status.stale_at.as_ref());
        let left = print::seconds_until(status.retry_at.as_ref());
        format!("stale since {since}, {last}, retry in {left} s: {} ({})", status.error, status.cure)
    } else if !status.followed {
        format!("not followed; {last}")
    } else if status.in_step_at.is_some() {
        "in step".to_owned()
    } else {
        "not in step yet".to_owned()
    };
    if !status.held_run_id.is_empty() {
        words.push_str(&format!(
            "; losses of {} wait for an approval: `freehold directory preview {company}`",
            status.held_run_id
        ));
    }
    words
}

/// What a run did, in one line.
fn run_words(run: &pb::SyncRun) -> String {
    let counts = run.counts.unwrap_or_default();
    let mut words = format!("run {}", state(run.state()));
    let changes: Vec<_> = change_set::counted(&counts).map(|(number, what)| format!("{number} {what}")).collect();
    if !changes.is_empty() {
        words.push_str(&format!(": {}", changes.join(", ")));
    }
    if let Some(clock) = &run.leaver_clock {
        words.push_str(&format!("; access ended within {} ms", clock.worst_ms));
    }
    if !run.error.is_empty() {
        words.push_str(&format!("; {}", run.error));
    }
    words
}

/// The leaver clock of a run, for a table.
pub(super) fn clock(run: &pb::SyncRun) -> String {
    let words = |clock: &pb::LeaverClock| match clock.people_count {
        1 => format!("{} ms", clock.worst_ms),
        _ => format!("{} ms, half in {} ms", clock.worst_ms, clock.median_ms),
    };
    run.leaver_clock.as_ref().map(words).unwrap_or_default()
}
