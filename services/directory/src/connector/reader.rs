//! What comes back of an order, one observation after the other, and checked.

use std::collections::VecDeque;

use freehold_proto::directory::v1 as pb;
use freehold_types::Fault;

use super::hub::{Answer, Answers};
use super::told::{Assembler, cursor};
use crate::check::{Check, Finding, SAMPLES_MAX, Sample};
use crate::fault;
use crate::mapping::{VALUE_CHARS_MAX, clean};
use crate::origin::{Change, Cursor, Observed};

/// How many observations one reading may have.
pub(super) const OBSERVATIONS_MAX: u64 = 4_000_000;
/// How many fields a sample may have, and how many attributes may be unseen.
const SAMPLE_FIELDS_MAX: usize = 100;

/// Until when an answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// It is due: a connector that says nothing is one that does not answer.
    Due,
    /// It comes when something happens.
    Ever,
}

/// An order's answers as they are used.
pub(crate) struct Reader {
    answers: Answers,
    told: VecDeque<pb::ConnectorObservation>,
    assembler: Assembler,
}

impl Reader {
    pub(crate) fn new(answers: Answers) -> Self {
        Self { answers, told: VecDeque::new(), assembler: Assembler::default() }
    }

    /// The next observation of a whole reading, or its cursor when it is whole.
    pub(crate) async fn step(&mut self) -> Result<Result<Observed, Option<Cursor>>, Fault> {
        loop {
            while let Some(told) = self.told.pop_front() {
                match self.assembler.take(told).map_err(|what| self.wrong(&what))? {
                    Some(
                        Change::Observed(Observed::Gone { .. } | Observed::Roll(_))
                        | Change::InStep(_)
                        | Change::ReadAgain { .. },
                    ) => {
                        return Err(self.wrong("changes stand in a whole reading"));
                    }
                    Some(Change::Observed(observed)) => return Ok(Ok(observed)),
                    None => {}
                }
                if self.assembler.count > OBSERVATIONS_MAX {
                    return Err(self.wrong("it tells of more than any directory has"));
                }
            }
            match self.answers.next().await? {
                Answer::Batch(observations) => self.told.extend(observations),
                Answer::Complete(complete)
                    if !self.assembler.whole() || complete.observations_count != self.assembler.count =>
                {
                    return Err(self.wrong("it says that a reading is whole, and something is missing"));
                }
                Answer::Complete(complete) => {
                    return cursor(complete.cursor).map(Err).map_err(|what| self.wrong(&what));
                }
                Answer::Check(_) | Answer::Failure(_) => return Err(self.wrong("it answers with something else")),
            }
        }
    }

    /// Waits until the connector has begun: whether it can, shows with its first answer.
    pub(crate) async fn begin(&mut self) -> Result<(), Fault> {
        match self.answers.next().await? {
            Answer::Batch(observations) => self.told.extend(observations),
            Answer::Complete(_) | Answer::Check(_) | Answer::Failure(_) => {
                return Err(self.wrong("it answers with something else"));
            }
        }
        Ok(())
    }

    /// The next change.
    pub(crate) async fn change(&mut self, when: When) -> Result<Change, Fault> {
        loop {
            while let Some(told) = self.told.pop_front() {
                if let Some(change) = self.assembler.take(told).map_err(|what| self.wrong(&what))? {
                    return Ok(change);
                }
            }
            let answer = match when {
                When::Due => self.answers.next().await?,
                When::Ever => self.answers.whenever().await?,
            };
            match answer {
                Answer::Batch(observations) => self.told.extend(observations),
                Answer::Complete(_) | Answer::Check(_) | Answer::Failure(_) => {
                    return Err(self.wrong("it answers with something else"));
                }
            }
        }
    }

    fn wrong(&self, what: &str) -> Fault {
        fault::connector_wrong(self.answers.directory(), what)
    }
}

/// What a check saw, within the limits of one of ours.
pub(crate) fn parse_check(directory: &str, check: pb::ConnectorCheck) -> Result<Check, Fault> {
    let too_much = check.samples.len() > SAMPLES_MAX
        || check.unseen_attributes.len() > SAMPLE_FIELDS_MAX
        || check.findings.len() > SAMPLE_FIELDS_MAX
        || check.samples.iter().any(|sample| sample.fields.len() > SAMPLE_FIELDS_MAX);
    if too_much {
        return Err(fault::connector_wrong(directory, "a check shows more than it was asked for"));
    }
    let text = |text: String| clean(&text).chars().take(VALUE_CHARS_MAX).collect::<String>();
    let sample = |sample: pb::EntrySample| Sample {
        distinguished_name: text(sample.distinguished_name),
        fields: sample.fields.into_iter().map(|(name, value)| (text(name), text(value))).collect(),
        skipped_because: text(sample.skipped_because),
        notes: sample.notes.into_iter().take(SAMPLE_FIELDS_MAX).map(text).collect(),
    };
    let finding = |finding: pb::CheckFinding| Finding { because: text(finding.because), cure: text(finding.cure) };
    Ok(Check {
        directory: directory.to_owned(),
        server: format!("{}, by a connector", text(check.server)),
        samples: check.samples.into_iter().map(sample).collect(),
        unseen: check.unseen_attributes.into_iter().map(text).collect(),
        encryption: text(check.encryption),
        findings: check.findings.into_iter().map(finding).collect(),
        photos: String::new(),
    })
}
