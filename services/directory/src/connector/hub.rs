//! Which connectors are attached to this process, and the orders they carry out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::connector_order::Wanted;
use freehold_types::{ConnectorId, DirectoryId, Fault};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;

use super::WINDOW_BATCHES;
use crate::fault;

/// What comes back of an order. Its channel never fills: a connector that sends more than it may is cut off.
pub(crate) const ANSWERS_MAX: usize = WINDOW_BATCHES + 1;

/// How long a connector that is attached may be silent about an order. It waits for its directory itself, by page, and
/// tells of several pages at once.
const SILENCE_LIMIT: Duration = Duration::from_secs(600);

/// One answer to an order.
#[derive(Debug)]
pub(crate) enum Answer {
    Batch(Vec<pb::ConnectorObservation>),
    Complete(pb::ConnectorComplete),
    Check(pb::ConnectorCheck),
    Failure(pb::ConnectorFailure),
}

/// What a stream is told from inside.
pub(crate) enum Signal {
    Order { wanted: Wanted, answers: mpsc::Sender<Answer>, number: u64 },
    Taken(u64),
    Stop(u64),
}

/// The attached connectors.
pub(crate) struct Hub {
    inner: Mutex<Inner>,
    attached: Notify,
    silence_limit: Duration,
}

impl Default for Hub {
    fn default() -> Self {
        Self { inner: Mutex::default(), attached: Notify::new(), silence_limit: SILENCE_LIMIT }
    }
}

#[derive(Default)]
struct Inner {
    streams: BTreeMap<DirectoryId, Vec<Stream>>,
    /// Directories that a connector was attached to since this process began.
    seen: BTreeSet<DirectoryId>,
    /// Numbers of streams and orders; never used twice.
    last: u64,
}

#[derive(Clone)]
struct Stream {
    number: u64,
    connector: ConnectorId,
    reads_photos: bool,
    signals: mpsc::UnboundedSender<Signal>,
    end: watch::Sender<bool>,
}

/// A connector's place in the hub for as long as its stream lives.
pub(crate) struct Seat {
    hub: Arc<super::registry::Connectors>,
    directory: DirectoryId,
    number: u64,
    pub signals: mpsc::UnboundedReceiver<Signal>,
    pub ended: watch::Receiver<bool>,
}

impl Hub {
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a stream its place. A connector has one: an older stream of the same key ends.
    pub(crate) fn attach(
        connectors: &Arc<super::registry::Connectors>,
        directory: DirectoryId,
        connector: ConnectorId,
        reads_photos: bool,
    ) -> Seat {
        let (signals, receiver) = mpsc::unbounded_channel();
        let (end, ended) = watch::channel(false);
        let mut inner = connectors.hub.inner();
        inner.last = inner.last.saturating_add(1);
        let number = inner.last;
        inner.seen.insert(directory);
        let streams = inner.streams.entry(directory).or_default();
        for older in streams.extract_if(.., |stream| stream.connector == connector) {
            older.end.send_replace(true);
        }
        streams.push(Stream { number, connector, reads_photos, signals, end });
        drop(inner);
        connectors.hub.attached.notify_waiters();
        Seat { hub: Arc::clone(connectors), directory, number, signals: receiver, ended }
    }

    /// Waits until a connector of any directory attaches here.
    pub(crate) async fn next_attached(&self) {
        self.attached.notified().await;
    }

    /// Whether a key is attached here.
    pub(crate) fn has(&self, directory: DirectoryId, connector: ConnectorId) -> bool {
        let inner = self.inner();
        inner.streams.get(&directory).is_some_and(|streams| streams.iter().any(|one| one.connector == connector))
    }

    /// Whether a connector that reads no photos is attached here.
    pub(crate) fn has_without_photos(&self, directory: DirectoryId) -> bool {
        self.inner().streams.get(&directory).is_some_and(|streams| streams.iter().any(|one| !one.reads_photos))
    }

    /// Whether any connector of the directory was attached here before.
    pub(crate) fn was_here(&self, directory: DirectoryId) -> bool {
        self.inner().seen.contains(&directory)
    }

    /// Ends whatever stream a key has.
    pub(crate) fn end(&self, directory: DirectoryId, connector: ConnectorId) {
        self.end_those(directory, |one| one == connector);
    }

    /// Ends all streams of a directory that connectors do not read any more.
    pub(crate) fn end_all(&self, directory: DirectoryId) {
        self.end_those(directory, |_any| true);
    }

    fn end_those(&self, directory: DirectoryId, which: impl Fn(ConnectorId) -> bool) {
        let mut inner = self.inner();
        let Some(streams) = inner.streams.get_mut(&directory) else { return };
        for stream in streams.extract_if(.., |stream| which(stream.connector)) {
            stream.end.send_replace(true);
        }
    }

    /// Gives an order to one that is attached and knows it; nothing when none is.
    pub(crate) fn order(&self, directory: DirectoryId, name: &str, wanted: &Wanted) -> Option<Answers> {
        let mut inner = self.inner();
        inner.last = inner.last.saturating_add(1);
        let number = inner.last;
        let knows = |stream: &&Stream| stream.reads_photos || !matches!(wanted, Wanted::ReadPhotos(_));
        for stream in inner.streams.get(&directory).into_iter().flatten().filter(knows) {
            let (answers, receiver) = mpsc::channel(ANSWERS_MAX);
            let signal = Signal::Order { wanted: wanted.clone(), answers, number };
            if stream.signals.send(signal).is_ok() {
                let signals = stream.signals.clone();
                let (directory, silence_limit) = (name.to_owned(), self.silence_limit);
                return Some(Answers { number, receiver, signals, directory, silence_limit });
            }
        }
        None
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut inner = self.hub.hub.inner();
        if let Some(streams) = inner.streams.get_mut(&self.directory) {
            streams.retain(|stream| stream.number != self.number);
            if streams.is_empty() {
                inner.streams.remove(&self.directory);
            }
        }
    }
}

/// What comes back of one order; dropping it stops the order.
pub(crate) struct Answers {
    number: u64,
    receiver: mpsc::Receiver<Answer>,
    signals: mpsc::UnboundedSender<Signal>,
    directory: String,
    silence_limit: Duration,
}

impl Answers {
    /// The next answer, which is due.
    ///
    /// # Errors
    /// When the connector is silent, went away, or says that it cannot go on.
    pub(crate) async fn next(&mut self) -> Result<Answer, Fault> {
        let answer = timeout(self.silence_limit, self.whenever()).await;
        answer.map_err(|_elapsed| fault::connector_silent(&self.directory, self.silence_limit))?
    }

    /// The next answer, which comes when there is something to tell; gives its room back to the connector.
    ///
    /// # Errors
    /// When the connector went away, or says that it cannot go on.
    pub(crate) async fn whenever(&mut self) -> Result<Answer, Fault> {
        match self.receiver.recv().await {
            Some(Answer::Failure(failure)) => Err(super::told::failure(&self.directory, failure)),
            Some(answer) => {
                if matches!(answer, Answer::Batch(_)) {
                    // A stream that is gone needs no room.
                    self.signals.send(Signal::Taken(self.number)).ok();
                }
                Ok(answer)
            }
            None => Err(fault::connector_left(&self.directory)),
        }
    }

    /// The directory's name, for errors.
    pub(crate) fn directory(&self) -> &str {
        &self.directory
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.signals.send(Signal::Stop(self.number)).ok();
    }
}

#[cfg(test)]
mod tests;
