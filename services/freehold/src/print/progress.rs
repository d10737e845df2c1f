//! What long work is at: a bar on a terminal, a line per step and every few seconds elsewhere.

use std::cell::Cell;
use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use freehold_proto::directory::v1::SyncProgress;
use indicatif::{ProgressBar, ProgressStyle};

use super::{harmless, progress_line};

/// Of work whose end is known.
const MEASURED: &str = "{msg} [{bar:30}] {human_pos} of {human_len}{prefix}";
/// Of work whose end is not.
const OPEN: &str = "{spinner} {msg} {human_pos}{prefix}";
/// How often a step says how far it is where there is no terminal to draw on.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Shows the steps of one piece of work on standard error.
pub(crate) struct Bar {
    bar: ProgressBar,
    /// Lines, where there is no terminal to draw on.
    lines: bool,
    /// When the last line was printed.
    said: Cell<Option<Instant>>,
}

/// A bar; an invisible one tells nothing.
pub(crate) fn progress(visible: bool) -> Bar {
    let terminal = stderr().is_terminal();
    let bar = if visible && terminal { ProgressBar::no_length() } else { ProgressBar::hidden() };
    Bar { bar, lines: visible && !terminal, said: Cell::new(None) }
}

impl Bar {
    /// Shows how far the work is.
    pub(crate) fn tell(&self, progress: &SyncProgress) {
        let step = harmless(&progress.step);
        let total = u64::try_from(progress.total_count).unwrap_or_default();
        let pace = pace(progress);
        let due = self.said.get().is_none_or(|said| said.elapsed() >= LINE_EVERY);
        if step != self.bar.message() {
            if self.lines {
                progress_line(&step);
                self.said.set(Some(Instant::now()));
            }
            self.bar.set_message(step);
        } else if self.lines && due {
            let total = if total == 0 { String::new() } else { format!(" of {total}") };
            progress_line(&format!("{step}: {}{total}{pace}", progress.done_count));
            self.said.set(Some(Instant::now()));
        }
        self.bar.set_prefix(pace);
        let template = if total == 0 { OPEN } else { MEASURED };
        self.bar.set_style(ProgressStyle::with_template(template).expect("both templates are constants of this file"));
        if total > 0 {
            self.bar.set_length(total);
        }
        self.bar.set_position(u64::try_from(progress.done_count).unwrap_or_default());
    }

    /// Takes it off the screen.
    pub(crate) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// How fast it goes and how long it will take, as far as that is known.
fn pace(progress: &SyncProgress) -> String {
    let mut words = String::new();
    if progress.rate_per_second > 0 {
        words.push_str(&format!(", {} a second", progress.rate_per_second));
    }
    match progress.seconds_left {
        Some(left @ 0..60) => words.push_str(&format!(", {left} s left")),
        Some(left) => words.push_str(&format!(", {} min left", left.saturating_add(59) / 60)),
        None => {}
    }
    words
}

#[cfg(test)]
mod tests;
