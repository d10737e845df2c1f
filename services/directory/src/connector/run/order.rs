//! One order of the installation, carried out with the same origins that an installation reads by itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attach_request::Said;
use freehold_proto::directory::v1::connector_order::Wanted;
use freehold_types::Fault;
use tokio::sync::Semaphore;

use super::stamp::Stamp;
use super::{Out, say, strange};
use crate::check;
use crate::connector::photo;
use crate::connector::told::{BATCH_BYTES, cursor, render, render_failure, size};
use crate::origin::{Change, Observations, Origin, Photos, Step};
use crate::settings::Settings;

/// Does what is wanted; nothing stands for what only later versions know. Whatever goes wrong is said, and a line that
/// broke needs no word.
pub(super) async fn carry_out(
    settings: Arc<Settings>,
    number: u64,
    wanted: Option<Wanted>,
    out: Out,
    room: Arc<Semaphore>,
) {
    let stamp = Stamp::of(&settings);
    let answers = Answers { number, out, room, stamp, waiting: Vec::new(), waiting_bytes: 0, count: 0 };
    let out = answers.out.clone();
    if let Err(fault) = Box::pin(answer(&settings, wanted, answers)).await {
        tracing::warn!(
            directory = settings.name,
            reason = fault.reason().name(),
            "an order failed: {}",
            fault.message()
        );
        say(&out, Said::Failure(render_failure(number, &fault))).await.ok();
    }
}

async fn answer(settings: &Settings, wanted: Option<Wanted>, mut answers: Answers) -> Result<(), Fault> {
    match wanted.ok_or_else(|| strange("an order that this connector does not know"))? {
        Wanted::Check(_) => {
            // The installation orders those of the sample, and looks at them itself.
            let without_photos = Settings { photos: Some(false), ..settings.clone() };
            let seen = check::server(&without_photos).await?;
            let sample = |sample: check::Sample| pb::EntrySample {
                distinguished_name: sample.distinguished_name,
                fields: sample.fields.into_iter().collect(),
                skipped_because: sample.skipped_because,
                notes: sample.notes,
            };
            let finding = |finding: check::Finding| pb::CheckFinding { because: finding.because, cure: finding.cure };
            let check = pb::ConnectorCheck {
                number: answers.number,
                server: seen.server,
                samples: seen.samples.into_iter().map(sample).collect(),
                unseen_attributes: seen.unseen,
                encryption: seen.encryption,
                findings: seen.findings.into_iter().map(finding).collect(),
            };
            say(&answers.out, Said::Check(check)).await
        }
        Wanted::Read(_) => answers.whole(Origin::here(settings)?.read().await?).await,
        Wanted::ReadPhotos(wanted) => {
            let only: BTreeSet<String> = wanted.entry_ids.into_iter().collect();
            let only = (!only.is_empty()).then_some(&only);
            answers.photos(Origin::here(settings)?.photos(only).await?).await
        }
        Wanted::ReadGroups(_) => answers.whole(Origin::here(settings)?.read_groups().await?).await,
        Wanted::Follow(follow) => {
            let from = cursor(follow.cursor).ok().flatten().ok_or_else(|| strange("an order without a cursor"))?;
            let Some(from) = answers.stamp.take_off(&from) else {
                let because = "the connector's configuration is another one".to_owned();
                answers.tell(Change::ReadAgain { because }).await?;
                return answers.send().await;
            };
            let mut following = Origin::here(settings)?.follow(&from).await?;
            // Says that it has begun.
            answers.send().await?;
            loop {
                let change = following.next().await?;
                let last = matches!(change, Change::ReadAgain { .. });
                let consistent = last || matches!(change, Change::InStep(_));
                answers.tell(change).await?;
                if consistent {
                    answers.send().await?;
                }
                if last {
                    return Ok(());
                }
            }
        }
    }
}

/// What is on its way to the installation.
struct Answers {
    number: u64,
    out: Out,
    room: Arc<Semaphore>,
    stamp: Stamp,
    waiting: Vec<pb::ConnectorObservation>,
    waiting_bytes: usize,
    count: u64,
}

impl Answers {
    async fn whole(&mut self, mut observations: Observations<'_>) -> Result<(), Fault> {
        loop {
            match observations.next().await? {
                Step::Observed(observed) => self.tell(Change::Observed(observed)).await?,
                Step::Complete(proof) => {
                    let cursor = proof.cursor.map(|cursor| self.stamp.put_on(cursor).0).unwrap_or_default();
                    return self.complete(cursor).await;
                }
            }
        }
    }

    async fn photos(&mut self, mut photos: Photos) -> Result<(), Fault> {
        while let Some(told) = photos.next().await? {
            let parts = photo::render(told);
            self.count = self.count.saturating_add(u64::from(!parts.is_empty()));
            for part in parts {
                self.put(part, photo::BATCH_BYTES).await?;
            }
        }
        self.complete(Vec::new()).await
    }

    /// Sends what is left, and that this was everything.
    async fn complete(&mut self, cursor: Vec<u8>) -> Result<(), Fault> {
        if !self.waiting.is_empty() {
            self.send().await?;
        }
        let complete = pb::ConnectorComplete { number: self.number, observations_count: self.count, cursor };
        say(&self.out, Said::Complete(complete)).await
    }

    async fn tell(&mut self, change: Change) -> Result<(), Fault> {
        self.count = self.count.saturating_add(1);
        let change = match change {
            Change::InStep(cursor) => Change::InStep(self.stamp.put_on(cursor)),
            other @ (Change::Observed(_) | Change::ReadAgain { .. }) => other,
        };
        for observation in render(change) {
            self.put(observation, BATCH_BYTES).await?;
        }
        Ok(())
    }

    /// Keeps an observation for the next batch, which has so many bytes at most.
    async fn put(&mut self, observation: pb::ConnectorObservation, batch_bytes: usize) -> Result<(), Fault> {
        let bytes = size(&observation);
        if self.waiting_bytes.saturating_add(bytes) > batch_bytes && !self.waiting.is_empty() {
            self.send().await?;
        }
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        self.waiting.push(observation);
        Ok(())
    }

    /// Sends what waits, once the installation has room for it.
    async fn send(&mut self) -> Result<(), Fault> {
        let room = self.room.acquire().await.map_err(|_closed| strange("an end of the order"))?;
        room.forget();
        self.waiting_bytes = 0;
        let observations = std::mem::take(&mut self.waiting);
        say(&self.out, Said::Batch(pb::ConnectorBatch { number: self.number, observations })).await
    }
}
