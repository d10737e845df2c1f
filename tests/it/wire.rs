//! One process or two: the same calls give the same answers, refusals with all their details included.

mod script;

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use freehold::config::Config;
use freehold::serve::{self, Installation, Part};
use freehold_proto::DESCRIPTORS;
use freehold_tests::part::free_port;
use freehold_types::{Clock, SetClock, SystemClock};
use prost_reflect::DescriptorPool;
use tokio_stream::StreamExt;
use tonic::transport::Endpoint;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::world::server::remote;
use crate::world::{Engine, Line, Place, World};

/// Between the choice of a free port and its use somebody else may take it.
const START_ATTEMPTS_MAX: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_answer_as_one_does_on_postgresql() -> Result<()> {
    two_processes_answer_as_one_does(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_answer_as_one_does_on_sqlite() -> Result<()> {
    two_processes_answer_as_one_does(Engine::Sqlite).await
}

async fn two_processes_answer_as_one_does(engine: Engine) -> Result<()> {
    let one = World::start(engine).await?;
    let in_process = script::play(&one.line, &one.place).await?;
    ensure!(in_process.len() > 20, "the script is short: {in_process:#?}");

    let split = Split::start(engine).await?;
    let through_content = script::play(&split.line(&split.content)?, &split.place).await?;
    assert_same(&in_process, &through_content);

    let split = Split::start(engine).await?;
    let through_rest = script::play(&split.line(&split.rest)?, &split.place).await?;
    assert_same(&in_process, &through_rest);

    let address = format!("http://{}", one.installation.grpc);
    let expected = reflected(&address).await?;
    let declared: BTreeSet<String> =
        DescriptorPool::decode(DESCRIPTORS)?.services().map(|service| service.full_name().to_owned()).collect();
    assert!(declared.is_subset(&expected), "{declared:?} are not all among {expected:?}");
    for process in [&split.content, &split.rest] {
        assert_eq!(reflected(&format!("http://{}", process.grpc)).await?, expected);
    }
    Ok(())
}

fn assert_same(one: &[String], other: &[String]) {
    for (place, (one, other)) in one.iter().zip(other).enumerate() {
        assert_eq!(one, other, "call {place}");
    }
    assert_eq!(one.len(), other.len());
}

/// Content in one process, everything else in another, over one storage.
struct Split {
    place: Place,
    content: Installation,
    rest: Installation,
}

impl Split {
    async fn start(engine: Engine) -> Result<Self> {
        let place = Place::new(engine)?;
        let clock = Arc::new(SetClock::new(SystemClock.now()));
        let mut outcome = None;
        for _ in 0..START_ATTEMPTS_MAX {
            let (content_port, rest_port, web_port) = (free_port()?, free_port()?, free_port()?);
            let started = Self::start_on(&place, &clock, content_port, rest_port, web_port).await;
            let taken = started.as_ref().is_err_and(|error| format!("{error:#}").contains("cannot listen"));
            outcome = Some(started);
            if !taken {
                break;
            }
        }
        let (content, rest) = outcome.context("nothing was started")??;
        Ok(Self { place, content, rest })
    }

    async fn start_on(
        place: &Place,
        clock: &Arc<SetClock>,
        content_port: u16,
        rest_port: u16,
        web_port: u16,
    ) -> Result<(Installation, Installation)> {
        let address = |port: u16| Some(format!("http://127.0.0.1:{port}"));
        let listening = |port: u16| -> Config {
            let mut config = place.config(web_port);
            config.grpc.listen = ([127, 0, 0, 1], port).into();
            config
        };
        let mut rest = listening(rest_port);
        rest.services.content = address(content_port);
        let mut content = listening(content_port);
        let services = &mut content.services;
        (services.operator, services.directory) = (address(rest_port), address(rest_port));
        (services.auth, services.billing) = (address(rest_port), address(rest_port));
        let others: BTreeSet<Part> = Part::ALL.into_iter().filter(|part| *part != Part::Content).collect();
        let rest = serve::start(&rest, &others, clock.clone(), false).await?;
        let content = serve::start(&content, &BTreeSet::from([Part::Content]), clock.clone(), false).await?;
        Ok((content, rest))
    }

    /// A line that leads to one of the two, whatever is asked.
    fn line(&self, process: &Installation) -> Result<Line> {
        let clients = remote(&format!("http://{}", process.grpc))?;
        Ok(Line::new(clients, self.place.operator_token()?))
    }
}

/// The services that a process lists to whoever asks.
async fn reflected(address: &str) -> Result<BTreeSet<String>> {
    let channel = Endpoint::from_shared(address.to_owned())?.connect().await?;
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(channel);
    let mut answers = client.server_reflection_info(tokio_stream::once(request)).await?.into_inner();
    let answer = answers.next().await.context("reflection says nothing")??;
    match answer.message_response {
        Some(MessageResponse::ListServicesResponse(list)) => {
            Ok(list.service.into_iter().map(|service| service.name).collect())
        }
        other => anyhow::bail!("reflection answers {other:?}"),
    }
}
