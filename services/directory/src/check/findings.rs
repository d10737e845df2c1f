//! What a sample of entries tells an administrator to look at before the first run.

use std::collections::BTreeMap;

use super::{Finding, Sample};
use crate::source::ServerKind;

/// Fields that should be one person's alone.
const ALONE: [(&str, &str); 3] =
    [("email", "e-mail address"), ("employee_number", "employee number"), ("user_name", "user name")];

/// The manifest names another kind of server than the one that answered.
pub(super) fn other_kind(server: ServerKind) -> Finding {
    Finding {
        because: format!("the server says that it is {}, which is not the kind in the manifest", server.words()),
        cure: "set kind to what the server is, or url to the server that is meant".to_owned(),
    }
}

/// What stands out among the samples.
pub(super) fn of_samples(samples: &[Sample]) -> Vec<Finding> {
    let read: Vec<&Sample> = samples.iter().filter(|sample| sample.skipped_because.is_empty()).collect();
    let mut findings: Vec<Finding> = ALONE.into_iter().flat_map(|(field, words)| shared(&read, field, words)).collect();
    let without = read.iter().filter(|sample| !sample.fields.contains_key("email")).count();
    if without > 0 {
        findings.push(Finding {
            because: format!("{without} of {} sampled people have no e-mail address", read.len()),
            cure: "nothing, when they sign in with access codes; else set attributes.email to where it is".to_owned(),
        });
    }
    if samples.is_empty() {
        findings.push(Finding {
            because: "the filter matches nobody below the base that the account may read".to_owned(),
            cure: "check base_dn, people_filter and the rights of the account".to_owned(),
        });
    }
    findings
}

/// Values that several people have though each should have one of their own.
fn shared(samples: &[&Sample], field: &str, words: &str) -> Vec<Finding> {
    let mut holders: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for sample in samples {
        if let Some(value) = sample.fields.get(field) {
            holders.entry(value.to_lowercase()).or_default().push(&sample.distinguished_name);
        }
    }
    let several = holders.into_iter().filter(|(_, names)| names.len() > 1);
    several
        .map(|(value, names)| Finding {
            because: format!("{} people have the {words} {value}: {}", names.len(), names.join("; ")),
            cure: format!("both stay two people; give each a {words} of their own if one should sign in with it"),
        })
        .collect()
}

#[cfg(test)]
mod tests;
