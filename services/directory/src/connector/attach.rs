//! A connector's stream as the installation sees it: who it is, then orders and answers.

use std::collections::BTreeMap;
use std::time::Duration;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attach_request::Said as Heard;
use freehold_proto::directory::v1::attach_response::Said;
use freehold_types::{ConnectorId, Fault, Kind, Reason};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

use super::hub::{Answer, Hub, Seat, Signal};
use super::key::{Claim, Nonce, PublicKey};
use super::registry::{self, Way};
use crate::{Deps, convert, directory, fault, photo, store};

/// How long somebody may take to say who they are.
const PROOF_LIMIT: Duration = Duration::from_secs(10);
/// Messages that may wait for a connector that does not read them.
const WAITING_MAX: usize = 256;
/// How often it is noted that a connector is attached, and looked whether its key is still approved.
const SEEN_EVERY: Duration = Duration::from_secs(15);

type Out = mpsc::Sender<Result<pb::AttachResponse, Fault>>;

/// What the installation says on a stream. It ends when the connector, its approval or the process does.
pub(super) fn serve(
    deps: Deps,
    heard: Streaming<pb::AttachRequest>,
) -> impl Stream<Item = Result<pb::AttachResponse, Fault>> + Send + 'static {
    let (out, said) = mpsc::channel(WAITING_MAX);
    let mut work = JoinSet::new();
    work.spawn(async move {
        if let Err(fault) = Box::pin(carry(&deps, heard, &out)).await {
            // Nobody hears it when the stream is what broke.
            out.try_send(Err(fault)).ok();
        }
    });
    // The work belongs to the stream and ends with it.
    ReceiverStream::new(said).map(move |said| {
        drop(work.try_join_next());
        said
    })
}

async fn carry(deps: &Deps, mut heard: Streaming<pb::AttachRequest>, out: &Out) -> Result<(), Fault> {
    let stranger = deps.connectors.strangers.try_acquire().map_err(|_none_left| fault::connectors_knocking())?;
    let proven = timeout(PROOF_LIMIT, prove(deps, &mut heard, out)).await;
    drop(stranger);
    let Proven { way, connector, reads_photos } = proven.map_err(|_elapsed| fault::connector_refused())??;
    let seat = Hub::attach(&deps.connectors, way.directory.id, connector, reads_photos);
    // Only now does whoever takes the approval away find the stream.
    see(deps, &way, connector).await?;
    say(out, Said::Welcome(pb::ConnectorWelcome { directory_id: way.directory.id.to_string() }))?;
    tracing::info!(tenant.id = ?way.caller.tenant, directory.id = %way.directory.id, connector.id = %connector, "a connector is attached");
    if reads_photos {
        photo::go_on(deps, &way.caller, way.directory.id)?;
    }
    let ended = Attached { deps, way: &way, connector, out, orders: BTreeMap::new() }.go_on(heard, seat).await;
    tracing::info!(directory.id = %way.directory.id, connector.id = %connector, "a connector is not attached any more");
    ended
}

/// A connector that is who it says it is.
struct Proven {
    way: Way,
    connector: ConnectorId,
    reads_photos: bool,
}

/// The one place that decides who a connector is: it signed, with a key that is approved for this very directory, a
/// number that was made for this very stream. Whatever is wrong, the answer is the same.
async fn prove(deps: &Deps, heard: &mut Streaming<pb::AttachRequest>, out: &Out) -> Result<Proven, Fault> {
    let Some(Heard::Hello(hello)) = hear(heard).await? else { return Err(fault::connector_refused()) };
    let nonce: Nonce = deps.mint.bytes();
    say(out, Said::Challenge(pb::ConnectorChallenge { nonce: nonce.to_vec() }))?;
    let Some(Heard::Proof(proof)) = hear(heard).await? else { return Err(fault::connector_refused()) };
    let key = PublicKey::try_from(hello.public_key.as_slice()).map_err(|_length| fault::connector_refused())?;
    let way = registry::find_way(deps, &hello.company_address, &hello.directory_name).await?;
    let way = way.ok_or_else(fault::connector_refused)?;
    let claim = Claim {
        nonce: &nonce,
        company: &hello.company_address,
        directory: &hello.directory_name,
        key: &key,
        known: proof.directory_known.then_some(way.directory.id),
    };
    let (_, connectors) = registry::list(deps, &way.caller, &hello.directory_name).await?;
    let known = connectors.into_iter().find(|known| known.approved && known.record.public_key == key);
    let Some(known) = known.filter(|_| claim.proven_by(&proof.signature)) else {
        return Err(fault::connector_refused());
    };
    if convert::kind_number(hello.kind()) != way.directory.settings.kind_number {
        return Err(Fault::new(Kind::Conflict, Reason::DirectoryRefused, "the connector's kind is not the manifest's")
            .cure("give the directory the same kind in both"));
    }
    Ok(Proven { way, connector: known.id, reads_photos: hello.reads_photos })
}

async fn hear(heard: &mut Streaming<pb::AttachRequest>) -> Result<Option<Heard>, Fault> {
    let message = heard.message().await.map_err(|status| {
        Fault::new(Kind::Unavailable, Reason::ConnectorAway, "the connector's stream broke").because(status)
    })?;
    Ok(message.and_then(|message| message.said))
}

fn say(out: &Out, said: Said) -> Result<(), Fault> {
    out.try_send(Ok(pb::AttachResponse { said: Some(said) })).map_err(|full: TrySendError<_>| {
        let why = if matches!(full, TrySendError::Full(_)) { "it does not read" } else { "it is gone" };
        Fault::new(Kind::Unavailable, Reason::ConnectorAway, format!("the connector cannot be told anything: {why}"))
    })
}

/// Notes that the connector is there; refuses when its key is not approved any more, or connectors do not read the
/// directory any more.
async fn see(deps: &Deps, way: &Way, connector: ConnectorId) -> Result<(), Fault> {
    let tx = deps.tenancy.begin(&way.caller).await?;
    let known = store::connector::get(&tx, connector).await?;
    let directory = directory::with_id(&tx, way.directory.id).await?;
    if !known.is_some_and(|known| known.approved) || !directory.by_connector() {
        return Err(fault::connector_refused());
    }
    store::connector::see(&tx, connector).await?;
    tx.commit().await
}

struct Attached<'a> {
    deps: &'a Deps,
    way: &'a Way,
    connector: ConnectorId,
    out: &'a Out,
    orders: BTreeMap<u64, mpsc::Sender<Answer>>,
}

impl Attached<'_> {
    async fn go_on(mut self, mut heard: Streaming<pb::AttachRequest>, mut seat: Seat) -> Result<(), Fault> {
        let mut seen = interval(SEEN_EVERY);
        seen.set_missed_tick_behavior(MissedTickBehavior::Delay);
        seen.tick().await;
        loop {
            tokio::select! {
                message = hear(&mut heard) => match message? {
                    Some(message) => self.answer(message)?,
                    None => return Ok(()),
                },
                signal = seat.signals.recv() => match signal {
                    Some(signal) => self.signal(signal)?,
                    None => return Err(fault::connector_refused()),
                },
                // Removed, or the same key attached again.
                _ = seat.ended.changed() => return Err(fault::connector_refused()),
                _ = seen.tick() => see(self.deps, self.way, self.connector).await?,
            }
        }
    }

    fn signal(&mut self, signal: Signal) -> Result<(), Fault> {
        match signal {
            Signal::Order { wanted, answers, number } => {
                self.orders.insert(number, answers);
                say(self.out, Said::Order(pb::ConnectorOrder { number, wanted: Some(wanted) }))
            }
            Signal::Taken(number) if self.orders.contains_key(&number) => {
                say(self.out, Said::Taken(pb::ConnectorTaken { number }))
            }
            Signal::Taken(_) => Ok(()),
            Signal::Stop(number) => match self.orders.remove(&number) {
                Some(_) => say(self.out, Said::Stop(pb::ConnectorStop { number })),
                None => Ok(()),
            },
        }
    }

    fn answer(&mut self, message: Heard) -> Result<(), Fault> {
        let (number, answer, last) = match message {
            Heard::Batch(batch) => (batch.number, Answer::Batch(batch.observations), false),
            Heard::Complete(complete) => (complete.number, Answer::Complete(complete), true),
            Heard::Check(check) => (check.number, Answer::Check(check), true),
            Heard::Failure(failure) => (failure.number, Answer::Failure(failure), true),
            Heard::Hello(_) | Heard::Proof(_) => return Err(self.wrong("it introduces itself twice")),
        };
        // An order that was stopped may still have had answers on their way.
        let Some(answers) = self.orders.get(&number) else { return Ok(()) };
        match answers.try_send(answer) {
            Err(TrySendError::Full(_)) => return Err(self.wrong("it sends more than there is room for")),
            Ok(()) | Err(TrySendError::Closed(_)) => {}
        }
        if last {
            self.orders.remove(&number);
        }
        Ok(())
    }

    fn wrong(&self, what: &str) -> Fault {
        fault::connector_wrong(&self.way.directory.settings.name, what)
    }
}
