//! The connector itself: dials out, proves its key, carries out orders, and comes back whenever the line breaks.

mod key_file;
mod order;
mod stamp;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attach_request::Said;
use freehold_proto::directory::v1::attach_response::Said as Heard;
use freehold_proto::directory::v1::connector_service_client::ConnectorServiceClient;
use freehold_types::{Fault, Kind, Mint, Reason, Violations};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;

pub use key_file::Key;

use super::key::{Claim, Nonce};
use super::line::Line;
use super::{MESSAGE_BYTES_MAX, WINDOW_BATCHES};
use crate::convert::parse_settings;
use crate::settings::Settings;

const BACK_OFF_MIN: Duration = Duration::from_secs(1);
const BACK_OFF_MAX: Duration = Duration::from_secs(300);
/// Who waits for an administrator asks more often: the administrator waits too.
const BACK_OFF_REFUSED_MAX: Duration = Duration::from_secs(10);
/// Orders that may be under way at once.
const ORDERS_MAX: usize = 16;
/// Messages on their way out.
const OUT_MAX: usize = 8;

/// What a connector is told.
pub struct Config {
    /// gRPC address of the installation.
    pub installation: String,
    /// Certificates, PEM, of the authority that signed the installation's; empty: the public authorities.
    pub ca_pem: String,
    /// Address of the company.
    pub company: String,
    /// What the connector calls itself towards administrators.
    pub claimed_name: String,
    /// The directories to read, as a manifest says it of one that the installation reads itself.
    pub directories: Vec<pb::DirectorySettings>,
    /// The key pair.
    pub key: Key,
    /// Where random numbers come from.
    pub mint: Mint,
}

struct Connector {
    line: Line,
    company: String,
    claimed_name: String,
    key: Key,
    mint: Mint,
}

/// Reads directories for an installation until the process ends.
///
/// # Errors
/// Every mistake of the configuration that can be seen without asking anybody.
pub async fn run(config: Config) -> Result<(), Fault> {
    let mut violations = Violations::new();
    let directories: Vec<Settings> = config.directories.into_iter().map(parse_settings).collect();
    if directories.is_empty() {
        violations.push("directory", "at least one [[directory]] is needed");
    }
    for (place, settings) in directories.iter().enumerate() {
        settings.check(&format!("directory[{place}]"), &mut violations);
        if settings.provisioned() || settings.connector {
            violations.push(
                format!("directory[{place}].kind"),
                "must be active-directory, openldap, ldap, ldif, csv or xlsx",
            );
        }
    }
    violations.finish()?;
    let line = Line::new(&config.installation, &config.ca_pem)?;
    let Config { company, claimed_name, key, mint, .. } = config;
    let connector = Arc::new(Connector { line, company, claimed_name, key, mint });
    let mut readers = JoinSet::new();
    for settings in directories {
        let connector = Arc::clone(&connector);
        readers.spawn(async move { connector.serve(&settings).await });
    }
    // Nobody ends by itself.
    while readers.join_next().await.is_some() {}
    Ok(())
}

impl Connector {
    /// Attaches for one directory, again and again.
    async fn serve(&self, settings: &Settings) {
        let mut wait = BACK_OFF_MIN;
        loop {
            let mut welcome = false;
            let fault = match Box::pin(self.attach(settings, &mut welcome)).await {
                Ok(()) => {
                    Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, "the installation ended the stream")
                }
                Err(fault) => fault,
            };
            let refused = fault.reason() == Reason::ConnectorRefused;
            if welcome {
                wait = BACK_OFF_MIN;
            }
            tracing::warn!(
                directory = settings.name,
                fingerprint = refused.then(|| self.key.fingerprint()),
                reason = fault.reason().name(),
                cure = fault.how_to_cure(),
                "not attached: {}",
                fault.message()
            );
            if refused {
                self.introduce(settings).await;
            }
            tokio::time::sleep(self.jittered(wait)).await;
            wait = wait.saturating_mul(2).min(if refused { BACK_OFF_REFUSED_MAX } else { BACK_OFF_MAX });
        }
    }

    /// Between a half and the whole of it, so that many connectors do not come back at once.
    fn jittered(&self, wait: Duration) -> Duration {
        let [random] = self.mint.bytes::<1>();
        wait.mul_f64(0.5 + f64::from(random) / 512.0)
    }

    /// Asks an administrator for approval; the answer says nothing.
    async fn introduce(&self, settings: &Settings) {
        let introduced = async {
            let mut client = ConnectorServiceClient::new(self.line.dial().await?);
            let request = pb::EnrolRequest {
                company_address: self.company.clone(),
                directory_name: settings.name.clone(),
                public_key: self.key.pair().public().to_vec(),
                claimed_name: self.claimed_name.clone(),
            };
            client.enrol(request).await.map_err(freehold_wire::fault)
        };
        if let Err(fault) = introduced.await {
            tracing::warn!(reason = fault.reason().name(), "cannot ask for approval: {}", fault.message());
        }
    }

    async fn attach(&self, settings: &Settings, welcome: &mut bool) -> Result<(), Fault> {
        let channel: Channel = self.line.dial().await?;
        let mut client = ConnectorServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let (out, said) = mpsc::channel(OUT_MAX);
        let hello = pb::ConnectorHello {
            company_address: self.company.clone(),
            directory_name: settings.name.clone(),
            public_key: self.key.pair().public().to_vec(),
            kind: settings.kind_number,
            reads_photos: true,
        };
        say(&out, Said::Hello(hello)).await?;
        let mut heard = client.attach(ReceiverStream::new(said)).await.map_err(freehold_wire::fault)?.into_inner();
        self.prove(settings, &out, &mut heard).await?;
        *welcome = true;
        tracing::info!(directory = settings.name, "attached");
        let mut orders =
            Orders { settings: Arc::new(settings.clone()), out, under_way: BTreeMap::new(), tasks: JoinSet::new() };
        loop {
            tokio::select! {
                message = hear(&mut heard) => match message? {
                    Some(message) => orders.hear(message)?,
                    None => return Ok(()),
                },
                Some(ended) = orders.tasks.join_next() => orders.ended(ended)?,
            }
        }
    }

    async fn prove(
        &self,
        settings: &Settings,
        out: &Out,
        heard: &mut Streaming<pb::AttachResponse>,
    ) -> Result<(), Fault> {
        let Some(Heard::Challenge(challenge)) = hear(heard).await? else { return Err(strange("no challenge")) };
        let nonce = Nonce::try_from(challenge.nonce.as_slice()).map_err(|_length| strange("a short challenge"))?;
        let known = self.key.known(&self.company, &settings.name)?;
        let key = self.key.pair().public();
        let claim = Claim { nonce: &nonce, company: &self.company, directory: &settings.name, key: &key, known };
        let signature = self.key.pair().sign(&claim);
        say(out, Said::Proof(pb::ConnectorProof { signature, directory_known: known.is_some() })).await?;
        let Some(Heard::Welcome(welcome)) = hear(heard).await? else { return Err(strange("no welcome")) };
        let id = welcome.directory_id.parse().map_err(|_malformed| strange("a welcome without an id"))?;
        match known {
            None => self.key.remember(&self.company, &settings.name, id),
            Some(known) if known == id => Ok(()),
            Some(_) => Err(strange("a welcome to another directory")),
        }
    }
}

fn strange(what: &str) -> Fault {
    Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, format!("the installation answered with {what}"))
        .cure("see that the address is the installation's, and that both sides run the same version")
}

type Out = mpsc::Sender<pb::AttachRequest>;

async fn say(out: &Out, said: Said) -> Result<(), Fault> {
    out.send(pb::AttachRequest { said: Some(said) }).await.map_err(|_closed| strange("an end of the stream"))
}

async fn hear(heard: &mut Streaming<pb::AttachResponse>) -> Result<Option<Heard>, Fault> {
    Ok(heard.message().await.map_err(freehold_wire::fault)?.and_then(|message| message.said))
}

/// The orders of one stream. All of them end with it.
struct Orders {
    settings: Arc<Settings>,
    out: Out,
    under_way: BTreeMap<u64, (Arc<Semaphore>, AbortHandle)>,
    tasks: JoinSet<u64>,
}

impl Orders {
    /// Whoever waits for the answer to an order that broke off hears of it by the end of the stream.
    fn ended(&mut self, ended: Result<u64, JoinError>) -> Result<(), Fault> {
        match ended {
            Ok(number) => drop(self.under_way.remove(&number)),
            Err(stopped) if stopped.is_cancelled() => {}
            Err(broken) => return Err(Fault::internal("carrying out an order", broken)),
        }
        Ok(())
    }

    fn hear(&mut self, message: Heard) -> Result<(), Fault> {
        match message {
            Heard::Order(pb::ConnectorOrder { number, wanted }) => {
                // The installation asks for a few at a time. More is a mistake that must not cost memory here, and whoever
                // waits for an answer hears of it by the end of the stream.
                if self.under_way.len() >= ORDERS_MAX {
                    return Err(strange("more orders than there is room for"));
                }
                let room = Arc::new(Semaphore::new(WINDOW_BATCHES));
                let order =
                    order::carry_out(Arc::clone(&self.settings), number, wanted, self.out.clone(), Arc::clone(&room));
                let task = self.tasks.spawn(async move {
                    order.await;
                    number
                });
                self.under_way.insert(number, (room, task));
            }
            Heard::Taken(pb::ConnectorTaken { number }) => {
                if let Some((room, _)) =
                    self.under_way.get(&number).filter(|(room, _)| room.available_permits() < WINDOW_BATCHES)
                {
                    room.add_permits(1);
                }
            }
            Heard::Stop(pb::ConnectorStop { number }) => {
                if let Some((_, task)) = self.under_way.remove(&number) {
                    task.abort();
                }
            }
            Heard::Challenge(_) | Heard::Welcome(_) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
