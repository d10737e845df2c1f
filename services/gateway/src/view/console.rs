//! The administrators' page: the company's directories and what their sync runs did.

use freehold_proto::directory::v1 as pb;
use freehold_types::access::Task;
use maud::{Markup, html};

use crate::view::icon::Icon;
use crate::view::reader::Reader;
use crate::view::ui::{self, Column, Row, Tone};
use crate::view::{moment, people, shell};

/// The console's other pages, and what each is for.
const PAGES: [(Task, &str, &str); 2] = [
    (Task::IssueAccessCodes, "/console/letters", "letters-title"),
    (Task::ReadAuditLog, "/console/audit", "audit-title"),
];

/// Directories and sync runs.
pub(crate) fn page(reader: &Reader, directories: &[pb::Directory], runs: &pb::ListSyncRunsResponse) -> Markup {
    let title = reader.say("console-title");
    let main = html! {
        h1 { (title) }
        div class="row" {
            @for (task, below, key) in PAGES {
                @if reader.may(task) { (ui::link_button(ui::Rank::Second, &reader.path(below), &reader.say(key))) }
            }
        }
        section class="card card-flush" aria-labelledby="runs" {
            h2 class="item" id="runs" { (reader.say("runs-title")) }
            @if !runs.sync_runs.is_empty() { (runs_table(reader, &runs.sync_runs)) }
        }
        @if runs.sync_runs.is_empty() { (ui::empty(Icon::SYNC, &reader.say("runs-none-title"), &reader.say("runs-none-text"), None)) }
        @if !runs.next_page_token.is_empty() {
            (ui::pager(&reader.path(&format!("/console?page={}", people::encoded(&runs.next_page_token))), &reader.say("runs-older")))
        }
        section class="card card-flush" aria-labelledby="directories" {
            h2 class="item" id="directories" { (reader.say("directories-title")) }
            @if !directories.is_empty() { (directories_table(reader, directories)) }
        }
        @if directories.is_empty() {
            (ui::empty(Icon::COMPANY, &reader.say("directories-none-title"), &reader.say("directories-none-text"), None))
        }
    };
    shell::console(reader, &title, &main)
}

fn runs_table(reader: &Reader, runs: &[pb::SyncRun]) -> Markup {
    let columns = [
        ("run-directory", false),
        ("run-state", false),
        ("run-started", false),
        ("run-duration", false),
        ("run-joined", true),
        ("run-changed", true),
        ("run-deactivated", true),
        ("run-returned", true),
        ("run-skipped", true),
        ("run-access", true),
    ]
    .map(|(key, figure)| Column { label: reader.say(key), figure });
    let rows: Vec<Row> = runs.iter().map(|run| Row { cells: run_cells(reader, run), note: run_note(run) }).collect();
    ui::table(&reader.say("runs-title"), &columns, &rows)
}

fn run_cells(reader: &Reader, run: &pb::SyncRun) -> Vec<Markup> {
    let (tone, key) = match run.state() {
        pb::SyncRunState::Done => (Tone::Ok, "run-done"),
        pb::SyncRunState::Running => (Tone::Info, "run-running"),
        pb::SyncRunState::Failed => (Tone::Danger, "run-failed"),
        pb::SyncRunState::Held => (Tone::Warn, "run-held"),
        pb::SyncRunState::Interrupted => (Tone::Warn, "run-interrupted"),
        pb::SyncRunState::Unspecified => (Tone::Plain, "run-unknown"),
    };
    let counts = run.counts.unwrap_or_default();
    let took = moment::duration(reader.language, run.started_at.as_ref(), run.ended_at.as_ref());
    let figure = |count: i64| html! { (reader.language.count("figure", count)) };
    vec![
        html! { (run.directory_name) },
        ui::pill(tone, &reader.say(key)),
        moment::exact(reader, run.started_at.as_ref()),
        html! { (took.unwrap_or_else(|| "–".to_owned())) },
        figure(counts.joined_count),
        figure(counts.changed_count),
        figure(counts.deactivated_count),
        figure(counts.returned_count),
        figure(counts.skipped_count),
        leaver_clock(reader, run.leaver_clock.as_ref()),
    ]
}

/// How long it took until whoever left had no session any more: the slowest, and half of them.
fn leaver_clock(reader: &Reader, clock: Option<&pb::LeaverClock>) -> Markup {
    let Some(clock) = clock else { return html! { "–" } };
    let words = |key, milliseconds: i64| reader.language.with(key, &[("milliseconds", milliseconds.into())]);
    html! {
        (words("run-access-worst", clock.worst_ms))
        @if clock.people_count > 1 { p class="meta" { (words("run-access-median", clock.median_ms)) } }
    }
}

/// Why a run failed or was held, and what to do.
fn run_note(run: &pb::SyncRun) -> Option<Markup> {
    (!run.error.is_empty())
        .then(|| html! { p { (run.error) } @if !run.cure.is_empty() { p class="meta" { (run.cure) } } })
}

fn directories_table(reader: &Reader, directories: &[pb::Directory]) -> Markup {
    let keys = [
        "directory-name",
        "directory-status",
        "directory-kind",
        "directory-servers",
        "directory-base",
        "directory-guard",
    ];
    let columns = keys.map(|key| Column { label: reader.say(key), figure: false });
    let rows: Vec<Row> = directories
        .iter()
        .map(|directory| {
            let settings = directory.settings.clone().unwrap_or_default();
            let status = directory.status.clone().unwrap_or_default();
            let cells = vec![
                html! { (settings.name) },
                status_cell(reader, &status),
                html! { (reader.say(kind_key(settings.kind()))) },
                html! { @for url in &settings.urls { p class="code" { (url) } } },
                html! { @if !settings.base_dn.is_empty() { span class="code" { (settings.base_dn) } } },
                html! { (settings.max_deactivations) },
            ];
            Row { cells, note: status_note(reader, &status) }
        })
        .collect();
    ui::table(&reader.say("directories-title"), &columns, &rows)
}

/// Whether the service is in step, and when it last was.
fn status_cell(reader: &Reader, status: &pb::DirectoryStatus) -> Markup {
    let (tone, key) = if status.stale_at.is_some() {
        (Tone::Danger, "directory-stale")
    } else if !status.followed {
        (Tone::Plain, "directory-not-followed")
    } else if !status.held_run_id.is_empty() {
        (Tone::Warn, "directory-waits")
    } else if status.in_step_at.is_some() {
        (Tone::Ok, "directory-in-step")
    } else {
        (Tone::Info, "directory-begins")
    };
    html! {
        (ui::pill(tone, &reader.say(key)))
        @if status.in_step_at.is_some() {
            p class="meta" { (reader.say("directory-last-in-step")) " " (moment::exact(reader, status.in_step_at.as_ref())) }
        }
    }
}

/// Why a directory cannot be followed, and what waits for an approval.
fn status_note(reader: &Reader, status: &pb::DirectoryStatus) -> Option<Markup> {
    let waits = !status.held_run_id.is_empty();
    (!status.error.is_empty() || waits).then(|| {
        html! {
            @if !status.error.is_empty() {
                p { (status.error) }
                p class="meta" { (status.cure) }
                p class="meta" { (reader.say("directory-retry")) " " (moment::exact(reader, status.retry_at.as_ref())) }
            }
            @if waits { p { (reader.say("directory-waits-text")) } }
        }
    })
}

const fn kind_key(kind: pb::DirectoryKind) -> &'static str {
    match kind {
        pb::DirectoryKind::ActiveDirectory => "kind-active-directory",
        pb::DirectoryKind::Openldap => "kind-openldap",
        pb::DirectoryKind::Ldap => "kind-ldap",
        pb::DirectoryKind::Ldif => "kind-ldif",
        pb::DirectoryKind::Csv => "kind-csv",
        pb::DirectoryKind::Xlsx => "kind-xlsx",
        pb::DirectoryKind::Scim => "kind-scim",
        pb::DirectoryKind::Unspecified => "kind-unknown",
    }
}
