//! Somebody who listens to a stream, over gRPC or at the pages.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use freehold_proto::content::v1::{Publication, WatchRequest, WatchResponse};
use freehold_wire::{Calls, fault};
use reqwest::StatusCode;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use tokio::time::timeout;
use tonic::{Status, Streaming};

use crate::world::visit::Visit;

/// How long something may take to be heard on a machine that is busy with other tests.
const HEARD_LIMIT: Duration = Duration::from_secs(20);

/// A stream of `ContentService.Watch`.
pub struct Ear {
    told: Streaming<WatchResponse>,
    heard: VecDeque<Publication>,
}

impl Ear {
    /// Listens, from the moment on in which the stream says that it lives.
    pub async fn open(calls: &Calls) -> Result<Self> {
        let told = calls.content.clone().watch(WatchRequest {}).await.map_err(fault)?.into_inner();
        let mut ear = Self { told, heard: VecDeque::new() };
        let first = timeout(HEARD_LIMIT, ear.told.message()).await?.map_err(fault)?;
        ensure!(first.context("a first message")?.publications.is_empty(), "the first message only says it lives");
        Ok(ear)
    }

    /// The next publication.
    pub async fn hears(&mut self) -> Result<Publication> {
        loop {
            if let Some(publication) = self.heard.pop_front() {
                return Ok(publication);
            }
            let message = timeout(HEARD_LIMIT, self.told.message()).await.context("nothing is heard")?;
            self.heard.extend(message.map_err(fault)?.context("the stream ended")?.publications);
        }
    }

    /// What the stream ends with.
    pub async fn ends(&mut self) -> Result<Status> {
        let end = async {
            loop {
                match self.told.message().await {
                    Ok(Some(_)) => {}
                    Ok(None) => bail!("the stream ends without a word"),
                    Err(status) => return Ok(status),
                }
            }
        };
        timeout(HEARD_LIMIT, end).await.context("the stream does not end")?
    }
}

/// The stream of the pages.
pub struct WebEar {
    answer: reqwest::Response,
    text: String,
}

impl WebEar {
    pub async fn open(visit: &Visit) -> Result<Self> {
        let answer = visit.fetch("/events").await?;
        ensure!(answer.status() == StatusCode::OK, "the stream answers {}", answer.status());
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        ensure!(kind == Some("text/event-stream"), "a stream of {kind:?}");
        let mut ear = Self { answer, text: String::new() };
        while !ear.text.contains(":\n\n") {
            ensure!(ear.reads().await?, "the stream ended");
        }
        Ok(ear)
    }

    /// The next event's data.
    pub async fn hears(&mut self) -> Result<Value> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.strip_prefix("event: publication\ndata: ").map(serde_json::from_str);
                self.text = rest.to_owned();
                if let Some(data) = data {
                    return Ok(data?);
                }
                continue;
            }
            ensure!(self.reads().await?, "the stream ended");
        }
    }

    /// Waits for the end of the stream.
    pub async fn ends(&mut self) -> Result<()> {
        while self.reads().await? {}
        Ok(())
    }

    /// Reads on; whether there was anything.
    async fn reads(&mut self) -> Result<bool> {
        let part = timeout(HEARD_LIMIT, self.answer.chunk()).await.context("the stream says nothing")??;
        let Some(part) = part else { return Ok(false) };
        self.text.push_str(std::str::from_utf8(&part)?);
        Ok(true)
    }
}
