//! Several measurements of one thing.

use std::time::Instant;

use anyhow::Result;

/// What was measured, in one unit.
pub struct Figures {
    name: &'static str,
    unit: &'static str,
    values: Vec<f64>,
}

impl Figures {
    pub fn seconds(name: &'static str) -> Self {
        Self { name, unit: "s", values: Vec::new() }
    }

    pub fn megabytes(name: &'static str) -> Self {
        Self { name, unit: "MB", values: Vec::new() }
    }

    pub fn add(&mut self, value: f64) {
        self.values.push(value);
        self.values.sort_by(f64::total_cmp);
    }

    /// The lower one of two in the middle.
    pub fn median(&self) -> f64 {
        self.values.get(self.values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
    }

    /// One line; with a peer, also how many times as much it is.
    pub fn print(&self, peer: Option<&Self>) {
        let worst = self.values.last().copied().unwrap_or_default();
        let Self { name, unit, .. } = self;
        let ratio = peer.map(|peer| format!("   {:.1} x {}", self.median() / peer.median(), peer.name));
        println!(
            "  {name:<40} median {:>8.2} {unit}   worst {worst:>8.2} {unit}{}",
            self.median(),
            ratio.unwrap_or_default()
        );
    }
}

/// How long it took, in seconds.
pub fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_secs_f64())
}
