//! What long work is at: a bar on a terminal, a line per step elsewhere.

use std::io::{IsTerminal as _, stderr};

use freehold_proto::directory::v1::SyncProgress;
use indicatif::{ProgressBar, ProgressStyle};

use super::{harmless, progress_line};

/// Of work whose end is known.
const MEASURED: &str = "{msg} [{bar:30}] {human_pos} of {human_len}";
/// Of work whose end is not.
const OPEN: &str = "{spinner} {msg} {human_pos}";

/// Shows the steps of one piece of work on standard error.
pub(crate) struct Bar {
    bar: ProgressBar,
    /// A line per step, where there is no terminal to draw on.
    lines: bool,
}

/// A bar; an invisible one tells nothing.
pub(crate) fn progress(visible: bool) -> Bar {
    let terminal = stderr().is_terminal();
    let bar = if visible && terminal { ProgressBar::no_length() } else { ProgressBar::hidden() };
    Bar { bar, lines: visible && !terminal }
}

impl Bar {
    /// Shows how far the work is.
    pub(crate) fn tell(&self, progress: &SyncProgress) {
        let step = harmless(&progress.step);
        let total = u64::try_from(progress.total_count).unwrap_or_default();
        if step != self.bar.message() {
            if self.lines {
                progress_line(&step);
            }
            self.bar.set_message(step);
        }
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
