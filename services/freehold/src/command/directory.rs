//! `freehold directory`

mod change_set;
mod connector;
mod follow;
mod runs;
mod scim_token;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::follow_directory_response;
use freehold_proto::directory::v1::sync_directory_response::Event;
use tokio_stream::StreamExt as _;

use super::Ended;
use crate::client::Client;
use crate::print::Forms;
use crate::{Global, print};

const RUN: &str = "freehold.directory.v1.SyncRun";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bind, read the base and show up to 20 entries as they would be read
    Check {
        #[command(flatten)]
        which: Which,
    },
    /// Show what a sync would change; nothing is written
    Preview {
        #[command(flatten)]
        which: Which,
    },
    /// Bring the company's people up to date; can be interrupted and run again at any time
    Sync {
        #[command(flatten)]
        which: Which,
        /// Write every record again, also those that did not change
        #[arg(long)]
        full: bool,
        /// Go on with the change set that the guard held
        #[arg(long, value_name = "CHANGE_SET", default_value = "", hide_default_value = true)]
        approve: String,
        /// Then print what the service does by itself, until Ctrl-C; with --json one object per line
        #[arg(long)]
        watch: bool,
    },
    /// List the sync runs, newest first
    Runs {
        #[command(flatten)]
        which: Which,
    },
    /// Say which connectors may read the directory from inside the company's network
    Connector {
        #[command(flatten)]
        which: Which,
        #[command(subcommand)]
        what: connector::What,
    },
    /// Restore who was active and who was in which directory group before a run
    Undo {
        #[command(flatten)]
        which: Which,
        /// Id of the run, as `freehold directory runs` shows it
        run: String,
    },
    /// Issue, list and revoke the tokens with which an IdP pushes people over SCIM 2.0
    ScimToken {
        #[command(flatten)]
        which: Which,
        #[command(subcommand)]
        command: scim_token::Command,
    },
}

/// Which directory of which company.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Name of the company
    name: String,
    /// Name of the directory, when the company has several
    #[arg(long, value_name = "DIRECTORY", default_value = "", hide_default_value = true)]
    directory: String,
}

/// Runs one of them.
pub(crate) async fn run(global: &Global, command: Command) -> Result<Ended> {
    match command {
        Command::Check { which } => check(global, which).await,
        Command::Preview { which } => preview(global, which).await,
        Command::Sync { which, full, approve, watch } => {
            let client = global.client()?;
            let ended = sync(global, &client, &which, (full, approve), watch).await?;
            if watch {
                follow::watch(global, &client, &which).await?;
            }
            Ok(ended)
        }
        Command::Connector { which, what } => connector::run(global, which, what).await,
        Command::Runs { which } => runs::runs(global, which).await,
        Command::Undo { which, run } => runs::undo(global, which, run).await,
        Command::ScimToken { which, command } => scim_token::run(global, which, command).await,
    }
}

async fn check(global: &Global, which: Which) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(&which.name).calls().await?;
    let request = pb::CheckDirectoryRequest { name: which.directory };
    let answer = calls.directory.check_directory(request).await.map_err(|status| client.refused(status))?.into_inner();
    if global.json {
        print::json(&Forms::new()?.of("freehold.directory.v1.CheckDirectoryResponse", &answer)?)?;
        return Ok(Ended::Done);
    }
    print::line(&format!("{} answers: {}", answer.name, answer.server));
    if !answer.encryption.is_empty() {
        print::line(&format!("encrypted with {}", answer.encryption));
    }
    print::line(&format!("{} read as a sample:", print::count(answer.sampled_count, "entry", "entries")));
    for sample in &answer.samples {
        print::line(&format!("\n{}", sample.distinguished_name));
        if !sample.skipped_because.is_empty() {
            print::line(&format!("  would be skipped: {}", sample.skipped_because));
        }
        let mut fields: Vec<_> = sample.fields.iter().collect();
        fields.sort();
        for (field, value) in fields {
            print::line(&format!("  {field:<16} {value}"));
        }
        for note in &sample.notes {
            print::line(&format!("  left out: {note}"));
        }
    }
    if !answer.unseen_attributes.is_empty() {
        print::line(&format!("\nno sampled entry has: {}", answer.unseen_attributes.join(", ")));
    }
    if !answer.photos.is_empty() {
        print::line(&format!("\n{}", answer.photos));
    }
    for finding in &answer.findings {
        print::line(&format!("\n{}\n  {}", finding.because, finding.cure));
    }
    Ok(Ended::Done)
}

async fn preview(global: &Global, which: Which) -> Result<Ended> {
    let client = global.client()?;
    let mut calls = client.inside(&which.name).calls().await?;
    let request = pb::PreviewSyncRequest { directory_name: which.directory.clone() };
    let answer = calls.directory.preview_sync(request).await.map_err(|status| client.refused(status))?.into_inner();
    let set = answer.change_set.context("the installation answered without a change set")?;
    if global.json {
        print::json(&Forms::new()?.of("freehold.directory.v1.ChangeSet", &set)?)?;
    } else {
        change_set::print(&set);
        if !set.held_because.is_empty() {
            print::line(&format!("\nThe guard would hold it: {}.", set.held_because));
            print::line(&format!("To go on all the same: {}", approval(&which, &set.id)));
        }
    }
    Ok(Ended::Done)
}

async fn sync(
    global: &Global,
    client: &Client,
    which: &Which,
    (full, approve): (bool, String),
    watch: bool,
) -> Result<Ended> {
    let mut calls = client.inside(&which.name).calls().await?;
    let request =
        pb::SyncDirectoryRequest { directory_name: which.directory.clone(), full, approved_change_set_id: approve };
    let answer = calls.directory.sync_directory(request).await.map_err(|status| client.refused(status))?;
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
    let run = ended.context("the sync run broke off without a word; run it again, it goes on where it stopped")?;
    if global.json && watch {
        let event = pb::FollowDirectoryResponse { event: Some(follow_directory_response::Event::Run(run.clone())) };
        follow::show(global, &which.name, &event)?;
    } else if global.json {
        print::json(&Forms::new()?.of(RUN, &run)?)?;
    } else {
        tell(&run);
    }
    Ok(judge(which, &run))
}

/// What a run did, for people.
fn tell(run: &pb::SyncRun) {
    let counts = run.counts.unwrap_or_default();
    let people = print::count(counts.people_read_count, "person", "people");
    let groups = print::count(counts.groups_read_count, "group", "groups");
    print::line(&format!(
        "{}: {people} and {groups} read; the run is {}",
        run.directory_name,
        runs::state(run.state())
    ));
    if run.state() == pb::SyncRunState::Done {
        change_set::print_counts(&counts);
    }
    if run.leaver_clock.is_some() {
        print::line(&format!("access of those who left ended within {}", follow::clock(run)));
    }
    change_set::print_skips(&run.skips, counts.skipped_count);
}

/// Says on standard error why a run is not done, and what to do.
fn judge(which: &Which, run: &pb::SyncRun) -> Ended {
    match run.state() {
        pb::SyncRunState::Done => Ended::Done,
        pb::SyncRunState::Held => {
            print::progress_line(&format!("freehold: the guard holds this run: {}", run.error));
            let approval = approval(which, &run.change_set_id);
            print::progress_line(&format!(
                "what to do: look at `freehold directory preview {}`, then {approval}",
                which.name
            ));
            Ended::Held
        }
        pb::SyncRunState::Unspecified
        | pb::SyncRunState::Running
        | pb::SyncRunState::Failed
        | pb::SyncRunState::Interrupted => {
            let why = if run.error.is_empty() { "the run did not finish" } else { &run.error };
            let cure =
                if run.cure.is_empty() { "run the command again; it goes on where it stopped" } else { &run.cure };
            print::progress_line(&format!("freehold: {why}"));
            print::progress_line(&format!("what to do: {cure}"));
            Ended::Failed
        }
    }
}

fn approval(which: &Which, change_set: &str) -> String {
    let directory =
        if which.directory.is_empty() { String::new() } else { format!(" --directory {}", which.directory) };
    format!("`freehold directory sync {}{directory} --approve {change_set}`", which.name)
}
