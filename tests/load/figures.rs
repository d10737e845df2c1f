//! Several measurements of one thing.

use std::fs;
use std::time::Instant;

use anyhow::{Context, Result};

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

    pub fn milliseconds(name: &'static str) -> Self {
        Self { name, unit: "ms", values: Vec::new() }
    }

    pub fn megabytes(name: &'static str) -> Self {
        Self { name, unit: "MB", values: Vec::new() }
    }

    /// More is better: the worst is the lowest.
    pub fn per_second(name: &'static str) -> Self {
        Self { name, unit: "/s", values: Vec::new() }
    }

    pub fn add(&mut self, value: f64) {
        self.values.push(value);
        self.values.sort_by(f64::total_cmp);
    }

    /// The lower one of two in the middle.
    pub fn median(&self) -> f64 {
        self.values.get(self.values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
    }

    /// One line: what so many of a hundred stay below.
    pub fn print_percentile(&self, percent: usize) {
        let place = (self.values.len() * percent).div_ceil(100).saturating_sub(1);
        let value = self.values.get(place).copied().unwrap_or_default();
        println!("  {:<40} p{percent}    {value:>8.2} {}", self.name, self.unit);
    }

    /// One line; with a peer, also how many times as much it is.
    pub fn print(&self, peer: Option<&Self>) {
        let worst = if self.unit == "/s" { self.values.first() } else { self.values.last() };
        let worst = worst.copied().unwrap_or_default();
        let Self { name, unit, .. } = self;
        let ratio = peer.map(|peer| format!("   {:.2} x {}", self.median() / peer.median(), peer.name));
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

/// How often the kernel counts the time of a process, on every Linux there is.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time of a process, in user and in system mode together, in seconds.
pub fn processor_time(pid: u32) -> Result<f64> {
    ticks(&pid.to_string(), 11)
}

/// Processor time of the children of this process that have ended, in seconds.
pub fn processor_time_of_children() -> Result<f64> {
    ticks("self", 13)
}

/// Two neighbours of `/proc/PID/stat`, counted from behind the name.
fn ticks(process: &str, place: usize) -> Result<f64> {
    let line = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_name, rest) = line.rsplit_once(')').context("a line of a process")?;
    let ticks = rest.split_whitespace().skip(place).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / TICKS_PER_SECOND)
}

/// What the figures were measured on.
pub fn machine() -> Result<String> {
    let about = fs::read_to_string("/proc/cpuinfo")?;
    let lines =
        || about.lines().filter_map(|line| line.split_once(':')).map(|(name, value)| (name.trim(), value.trim()));
    let model = lines().find(|(name, _)| *name == "model name").map_or("", |(_, model)| model);
    let cores = lines().filter(|(name, _)| *name == "processor").count();
    Ok(format!("{cores} cores of {model}, load average {}", fs::read_to_string("/proc/loadavg")?.trim()))
}
