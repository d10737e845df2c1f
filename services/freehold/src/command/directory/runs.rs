//! `freehold directory runs` and `undo`

use anyhow::{Context as _, Result};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::undo_sync_run_response::Event;
use serde_json::json;
use tokio_stream::StreamExt as _;

use super::{RUN, Which, change_set, follow};
use crate::command::{Ended, PAGE_ROWS};
use crate::print::Forms;
use crate::{Global, print};

const DIRECTORY: &str = "freehold.directory.v1.Directory";
/// Columns of the table of runs.
const HEAD: [&str; 13] = [
    "RUN",
    "STARTED",
    "DIRECTORY",
    "BEGUN",
    "STATE",
    "READ",
    "JOINED",
    "CHANGED",
    "LEFT",
    "RETURNED",
    "SKIPPED",
    "ACCESS ENDED",
    "WHY",
];

/// Undoes a run and says what came of it.
pub(super) async fn undo(global: &Global, which: Which, sync_run_id: String) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(&which.name).calls().await?;
    let request = pb::UndoSyncRunRequest { sync_run_id, directory_name: which.directory };
    let answer = calls.directory.undo_sync_run(request).await.map_err(|status| client.refused(status))?;
    let mut events = answer.into_inner();
    let bar = print::progress(true);
    let mut ended = None;
    while let Some(event) = events.next().await {
        match event.map_err(|status| client.refused(status))?.event {
            Some(Event::Progress(progress)) => bar.tell(&progress),
            Some(Event::Run(run)) => ended = Some(run),
            None => {}
        }
    }
    bar.end();
    let run = ended.context("the undo broke off without a word; run it again, it goes on where it stopped")?;
    if global.json {
        print::json(&Forms::new()?.of(RUN, &run)?)?;
    } else {
        let counts = run.counts.unwrap_or_default();
        print::line(&format!("{}: run {} is undone by run {}", run.directory_name, run.undoes_run_id, run.id));
        change_set::print_counts(&counts);
        change_set::print_skips(&run.skips, counts.skipped_count);
    }
    if run.state() == pb::SyncRunState::Done {
        return Ok(Ended::Done);
    }
    print::progress_line(&format!("freehold: {}", run.error));
    print::progress_line(&format!("what to do: {}", run.cure));
    Ok(Ended::Failed)
}

/// Lists the runs, newest first.
pub(super) async fn runs(global: &Global, which: Which) -> Result<Ended> {
    let client = global.client()?;
    let mut inside = client.inside(&which.name);
    let mut runs = Vec::new();
    let mut page_token = String::new();
    loop {
        let request =
            pb::ListSyncRunsRequest { directory_name: which.directory.clone(), page_size: PAGE_ROWS, page_token };
        let answer = inside.calls().await?.directory.list_sync_runs(request).await;
        let page = answer.map_err(|status| client.refused(status))?.into_inner();
        runs.extend(page.sync_runs);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let answer = inside.calls().await?.directory.list_directories(pb::ListDirectoriesRequest {}).await;
    let mut directories = answer.map_err(|status| client.refused(status))?.into_inner().directories;
    let name = |directory: &pb::Directory| directory.settings.clone().unwrap_or_default().name;
    directories.retain(|directory| which.directory.is_empty() || name(directory) == which.directory);
    if global.json {
        let forms = Forms::new()?;
        print::json(&json!({
            "sync_runs": forms.list(RUN, &runs)?,
            "total_count": runs.len(),
            "directories": forms.list(DIRECTORY, &directories)?,
        }))?;
    } else if runs.is_empty() {
        print::line(&format!("there was no run yet; `freehold directory sync {}` starts one", which.name));
    } else {
        let rows: Vec<_> = runs.iter().map(row).collect();
        print::table(&HEAD, &rows);
        for (run, skip) in runs.iter().flat_map(|run| run.skips.iter().map(move |skip| (run, skip))) {
            print::line(&format!("{}: {}: {}", run.id, skip.distinguished_name, skip.because));
        }
        for directory in &directories {
            let status = directory.status.clone().unwrap_or_default();
            print::line(&format!("{}: {}", name(directory), follow::words(&which.name, &status)));
        }
    }
    Ok(Ended::Done)
}

fn row(run: &pb::SyncRun) -> Vec<String> {
    let counts = run.counts.unwrap_or_default();
    let numbers = [
        counts.people_read_count,
        counts.joined_count,
        counts.changed_count,
        counts.deactivated_count,
        counts.returned_count,
        counts.skipped_count,
    ];
    let mut row = vec![
        run.id.clone(),
        print::moment(run.started_at.as_ref()),
        run.directory_name.clone(),
        kind(run).to_owned(),
        state(run.state()).to_owned(),
    ];
    row.extend(numbers.map(|number| number.to_string()));
    row.push(follow::clock(run));
    row.push(match (run.undoes_run_id.as_str(), run.undone_by_run_id.as_str()) {
        ("", "") => run.error.clone(),
        ("", by) => format!("undone by {by}"),
        (undone, _) => format!("undid {undone}"),
    });
    row
}

/// Who began it.
fn kind(run: &pb::SyncRun) -> &'static str {
    match run.kind() {
        pb::SyncRunKind::Unspecified | pb::SyncRunKind::Asked => "on request",
        pb::SyncRunKind::Automatic => "by itself",
        pb::SyncRunKind::Undo => "as undo",
    }
}

pub(super) const fn state(state: pb::SyncRunState) -> &'static str {
    match state {
        pb::SyncRunState::Unspecified => "unknown",
        pb::SyncRunState::Running => "running",
        pb::SyncRunState::Done => "done",
        pb::SyncRunState::Failed => "failed",
        pb::SyncRunState::Held => "held",
        pb::SyncRunState::Interrupted => "interrupted",
    }
}
