//! `freehold doctor`

use std::path::PathBuf;

use anyhow::Result;
use freehold::serve::{self, Finding};
use serde_json::{Value, json};

use super::Ended;
use crate::print;

/// Prints every finding; fails when one of them needs a cure.
pub(crate) async fn run(config: Option<PathBuf>, as_json: bool) -> Result<Ended> {
    let findings = Box::pin(serve::doctor(config)).await?;
    let bad = findings.iter().filter(|finding| !finding.ok).count();
    if as_json {
        let form = |finding: &Finding| json!({ "ok": finding.ok, "finding": finding.finding, "cure": finding.cure });
        let findings: Vec<Value> = findings.iter().map(form).collect();
        print::json(&json!({ "ok": bad == 0, "findings": findings }))?;
    } else {
        for finding in &findings {
            print::line(&format!("{} {}", if finding.ok { "ok   " } else { "wrong" }, finding.finding));
            if let Some(cure) = &finding.cure {
                print::line(&format!("      what to do: {cure}"));
            }
        }
    }
    if bad == 0 {
        return Ok(Ended::Done);
    }
    print::progress_line(&format!("freehold: {bad} of {} findings stand in the way", findings.len()));
    print::progress_line("what to do: follow the cure of each and run `freehold doctor` again");
    Ok(Ended::Failed)
}
