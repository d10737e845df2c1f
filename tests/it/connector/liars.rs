//! Approved connectors that lie: what they send is input like any other.

use anyhow::Result;
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attach_request::Said;
use freehold_proto::directory::v1::connector_observation::Observed;

use super::peer::{Peer, send};
use super::{active_count, company};
use crate::world::{Engine, World};

pub fn person(number: u32) -> pb::ConnectorObservation {
    let person = pb::ObservedPerson {
        entry_id: format!("{number:032x}"),
        distinguished_name: format!("uid=p{number},dc=acme,dc=test"),
        fields: [("display_name".to_owned(), format!("Person {number}"))].into(),
        enabled: true,
        ..Default::default()
    };
    pb::ConnectorObservation { observed: Some(Observed::Person(person)) }
}

/// Answers one sync with these messages, whose numbers are set to the order's; the run that came of it.
async fn told(world: &World, stream: &mut super::peer::Stream, said: Vec<Said>) -> Result<pb::SyncRun> {
    let run = super::begun(&world.line, pb::SyncDirectoryRequest::default());
    let number = stream.order().await?;
    for mut said in said {
        match &mut said {
            Said::Batch(batch) => batch.number = number,
            Said::Complete(complete) => complete.number = number,
            _ => {}
        }
        send(&stream.out, said).await;
    }
    super::ended(run).await
}

fn batch(observations: Vec<pb::ConnectorObservation>) -> Said {
    Said::Batch(pb::ConnectorBatch { number: 0, observations })
}

fn complete(observations_count: u64) -> Said {
    Said::Complete(pb::ConnectorComplete { number: 0, observations_count, cursor: Vec::new() })
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_change_nobody() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let mut acme = company("acme");
    // A follower would give orders of its own after the first run, and the script answers one at a time.
    acme.directories[0].follow = Some(false);
    world.line.declare(acme).await?;
    let (peer, mut stream) = Peer::approved(&world.line, 1).await?;
    let everybody = || (1..=40).map(person).collect::<Vec<_>>();
    let run = told(&world, &mut stream, vec![batch(everybody()), complete(40)]).await?;
    assert_eq!((run.state(), active_count(&world).await?), (pb::SyncRunState::Done, 40), "{}", run.error);

    let run = told(&world, &mut stream, vec![complete(0)]).await?;
    assert_eq!(run.state(), pb::SyncRunState::Held, "an empty directory is held: {}", run.error);

    let run = told(&world, &mut stream, vec![batch(everybody()), complete(41)]).await?;
    assert_eq!(run.state(), pb::SyncRunState::Failed);
    assert!(run.error.contains("something is missing"), "{}", run.error);

    let mut twice = everybody();
    twice.extend([person(7), person(7)]);
    let run = told(&world, &mut stream, vec![batch(twice), complete(42)]).await?;
    assert_eq!(run.state(), pb::SyncRunState::Done, "{}", run.error);
    assert!(run.skips.iter().any(|skip| skip.because.contains("same immutable id")), "{:?}", run.skips);

    let mut long = person(1);
    if let Some(Observed::Person(person)) = &mut long.observed {
        person.fields.insert("title".to_owned(), "x".repeat(5_000));
    }
    let run = told(&world, &mut stream, vec![batch(vec![long]), complete(1)]).await?;
    assert!(run.error.contains("does not keep to the contract"), "{}", run.error);

    // More than the room it was given, and a message larger than any.
    let flood = (0..40).map(|_| batch(vec![person(1)])).chain([complete(1)]).collect();
    let run = told(&world, &mut stream, flood).await?;
    assert_eq!(run.state(), pb::SyncRunState::Failed);
    let mut stream = peer.attach(&world.line).await.map_err(freehold_wire::fault)?;
    let huge = (1..=40_000).map(person).collect();
    let run = told(&world, &mut stream, vec![batch(huge), complete(40_000)]).await?;
    assert_eq!(run.state(), pb::SyncRunState::Failed, "{}", run.error);
    assert_eq!(active_count(&world).await?, 40);
    Ok(())
}
