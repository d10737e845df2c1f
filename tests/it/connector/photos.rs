//! Photos of a directory that only a connector can reach: as the directory has them, decoded by the installation only.

use anyhow::{Context, Result};
use freehold_proto::directory::v1 as pb;
use freehold_proto::directory::v1::attach_request::Said;
use freehold_proto::directory::v1::connector_observation::Observed;
use freehold_proto::directory::v1::connector_order::Wanted;
use freehold_tests::openldap::Slapd;
use freehold_tests::samba::{AD_BASE, AD_BIND_DN, AdDc, user};
use freehold_wire::fault;
use image::{ImageFormat, Rgb, RgbImage};

use super::liars::person;
use super::peer::{Peer, Stream, send};
use super::{Connector, begun, company, company_on, connectors, ended, wait_for_connector};
use crate::sync::photo::{
    another_photo, color, dn, encoded, last_run_says, photo, photos_are_of, plain, read_everything, version, with_photo,
};
use crate::world::{Engine, World, manifest};

/// Several messages of a connector long.
fn large_photo() -> Result<Vec<u8>> {
    let pixel = |x: u32, y: u32| Rgb([0, 200, ((x * 31 + y * 17) ^ (x * y)).to_le_bytes()[0]]);
    let photo = encoded(RgbImage::from_fn(1_600, 1_600, pixel), ImageFormat::Png)?;
    assert!(photo.len() > 2 * 1024 * 1024, "{} bytes", photo.len());
    Ok(photo)
}

async fn check(world: &World) -> Result<pb::CheckDirectoryResponse> {
    let mut calls = world.line.inside("acme").await?;
    Ok(calls.directory.check_directory(pb::CheckDirectoryRequest::default()).await.map_err(fault)?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_come_change_and_go_through_a_connector_on_postgresql() -> Result<()> {
    photos_come_change_and_go_through_a_connector(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_come_change_and_go_through_a_connector_on_sqlite() -> Result<()> {
    photos_come_change_and_go_through_a_connector(Engine::Sqlite).await
}

async fn photos_come_change_and_go_through_a_connector(engine: Engine) -> Result<()> {
    let entries = [
        with_photo("anna", photo([200, 0, 0])?),
        plain("ben"),
        with_photo("cem", large_photo()?),
        with_photo("broken", "no photo at all"),
    ];
    let slapd = Slapd::start_with_changes(&entries)?;
    let world = World::start(engine).await?;
    world.line.declare(company("acme")).await?;
    let _connector = Connector::attached(&world, &manifest::openldap(&slapd)?).await?;
    let seen = check(&world).await?;
    assert_eq!(seen.photos, "3 of 4 sampled entries have a photo; 1 cannot be used");
    let noted: Vec<_> = seen.samples.iter().filter(|sample| !sample.notes.is_empty()).collect();
    assert_eq!((noted.len(), &noted[0].distinguished_name), (1, &dn("broken")));
    assert!(noted[0].notes[0].contains("neither JPEG nor PNG"), "{:?}", noted[0].notes);

    assert_eq!(world.line.synced("acme").await?.joined_count, 4);
    photos_are_of(&world, &["anna", "cem"]).await?;
    last_run_says(&world, &dn("broken"), "neither JPEG nor PNG").await?;
    let ([red, ..], [_, green, _]) = (color(&world, "anna").await?, color(&world, "cem").await?);
    assert!(red > 150 && green > 150, "{red} {green}");

    // Nobody asks for a run.
    crate::following::in_step(&world.line, "acme").await?;
    let before = version(&world, "anna").await?;
    slapd.replace_bytes(&dn("anna"), "jpegPhoto", &photo([0, 0, 200])?)?;
    another_photo(&world, "anna", &before).await?;
    slapd.add(&with_photo("dora", photo([9, 9, 9])?))?;
    photos_are_of(&world, &["anna", "cem", "dora"]).await?;
    slapd.replace(&dn("cem"), "jpegPhoto", &[])?;
    photos_are_of(&world, &["anna", "dora"]).await?;

    // Who wants none says so, and then all go.
    let mut acme = company("acme");
    acme.directories[0].photos = Some(true);
    world.line.declare(acme.clone()).await?;
    acme.directories[0].photos = Some(false);
    world.line.declare(acme).await?;
    read_everything(&world).await?;
    photos_are_of(&world, &[]).await?;
    assert_eq!(check(&world).await?.photos, "photos are not read, because the manifest says photos = false");
    Ok(())
}

/// Whose line of changes tells only of what it was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_photo_that_changes_in_a_domain_is_told_through_a_connector() -> Result<()> {
    let anna = user("anna", "Anna", "Alt").with("thumbnailPhoto", photo([200, 0, 0])?);
    let domain = AdDc::start(&[anna, user("ben", "Ben", "Alt")])?;
    domain.allow_seeing_deletions(AD_BIND_DN)?;
    let read = manifest::company_of_domain("acme", &domain)?.directories.swap_remove(0);
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(company_on("acme", pb::DirectoryKind::ActiveDirectory)).await?;
    let _connector = Connector::attached(&world, &read).await?;
    world.line.synced("acme").await?;
    photos_are_of(&world, &["anna"]).await?;

    crate::following::in_step(&world.line, "acme").await?;
    let before = version(&world, "anna").await?;
    domain.replace_bytes(&format!("CN=anna,OU=People,{AD_BASE}"), "thumbnailPhoto", &photo([0, 0, 200])?)?;
    another_photo(&world, "anna", &before).await?;
    domain.add(&user("nora", "Nora", "Neu").with("thumbnailPhoto", photo([9, 9, 9])?))?;
    photos_are_of(&world, &["anna", "nora"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_wait_for_a_connector_that_was_killed() -> Result<()> {
    let slapd = Slapd::start(&[with_photo("anna", photo([200, 0, 0])?), plain("ben")])?;
    let world = World::start(Engine::Sqlite).await?;
    let mut acme = company("acme");
    acme.directories[0].follow = Some(false);
    world.line.declare(acme).await?;
    let connector = Connector::attached(&world, &manifest::openldap(&slapd)?).await?;
    world.line.synced("acme").await?;
    photos_are_of(&world, &["anna"]).await?;

    connector.part.signal("KILL")?;
    wait_for_connector(&world.line, "the connector to be missed", |one| !one.attached).await?;
    slapd.replace_bytes(&dn("ben"), "jpegPhoto", &photo([0, 0, 200])?)?;
    assert_eq!(world.line.sync("acme").await?.state(), pb::SyncRunState::Failed);
    photos_are_of(&world, &["anna"]).await?;
    let Connector { part, folder } = connector;
    drop(part);
    let _back = Connector::run(&folder)?;
    wait_for_connector(&world.line, "the connector to come back", |one| one.attached).await?;
    read_everything(&world).await?;
    photos_are_of(&world, &["anna", "ben"]).await
}

/// How many people a scripted connector tells of.
const PEOPLE: u32 = 3;

fn name(number: u32) -> String {
    format!("p{number}")
}

fn named(number: u32) -> pb::ConnectorObservation {
    let mut told = person(number);
    if let Some(Observed::Person(person)) = &mut told.observed {
        person.fields.insert("user_name".to_owned(), name(number));
    }
    told
}

fn listed(number: u32, photo: Option<Vec<u8>>) -> pb::ConnectorObservation {
    let (entry_id, distinguished_name) = (format!("{number:032x}"), format!("uid=p{number},dc=acme,dc=test"));
    let photo = pb::ObservedPhoto { entry_id, distinguished_name, photo, more: false };
    pb::ConnectorObservation { observed: Some(Observed::Photo(photo)) }
}

async fn tell(stream: &Stream, number: u64, observations: Vec<pb::ConnectorObservation>) {
    send(&stream.out, Said::Batch(pb::ConnectorBatch { number, observations })).await;
}

async fn complete(stream: &Stream, number: u64, observations_count: u64) {
    let complete = pb::ConnectorComplete { number, observations_count, cursor: Vec::new() };
    send(&stream.out, Said::Complete(complete)).await;
}

/// A run of everybody, up to the order to read their photos.
async fn run_up_to_photos(world: &World, stream: &mut Stream) -> Result<u64> {
    let run = begun(&world.line, pb::SyncDirectoryRequest { full: true, ..Default::default() });
    let order = stream.order().await?;
    tell(stream, order, (1..=PEOPLE).map(named).collect()).await;
    complete(stream, order, u64::from(PEOPLE)).await;
    let run = ended(run).await?;
    assert_eq!(run.state(), pb::SyncRunState::Done, "{}", run.error);
    photo_order(stream).await
}

async fn photo_order(stream: &mut Stream) -> Result<u64> {
    let order = stream.whole_order().await?;
    match order.wanted {
        Some(Wanted::ReadPhotos(pb::OrderReadPhotos { entry_ids })) => assert_eq!(entry_ids, Vec::<String>::new()),
        other => anyhow::bail!("{other:?} instead of an order to read photos"),
    }
    Ok(order.number)
}

/// A scripted connector, because a real one does not die or lie on demand; everybody has a photo.
async fn everybody_has_a_photo(world: &World) -> Result<(Peer, Stream)> {
    let mut acme = company("acme");
    acme.directories[0].follow = Some(false);
    world.line.declare(acme).await?;
    let (peer, mut stream) = Peer::approved_with_photos(&world.line, 1).await?;
    let order = run_up_to_photos(world, &mut stream).await?;
    let photos = (1..=PEOPLE).map(|number| Ok(listed(number, Some(photo([9, 9, 9])?))));
    tell(&stream, order, photos.collect::<Result<_>>()?).await;
    complete(&stream, order, u64::from(PEOPLE)).await;
    photos_are_of(world, &["p1", "p2", "p3"]).await?;
    Ok((peer, stream))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_dies_while_photos_are_read_removes_none_and_goes_on_when_it_is_back() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let (peer, mut stream) = everybody_has_a_photo(&world).await?;
    let order = run_up_to_photos(&world, &mut stream).await?;
    tell(&stream, order, vec![listed(1, None), listed(2, None)]).await;
    drop(stream);
    last_run_says(&world, manifest::DIRECTORY, "photos were not all read, the next run goes on").await?;
    photos_are_of(&world, &["p1", "p2", "p3"]).await?;

    let mut stream = peer.attach(&world.line).await.map_err(fault)?;
    let order = photo_order(&mut stream).await?;
    tell(&stream, order, vec![listed(1, None), listed(2, Some(photo([200, 0, 0])?))]).await;
    complete(&stream, order, 2).await;
    photos_are_of(&world, &["p2", "p3"]).await?;
    let [red, ..] = color(&world, "p2").await?;
    assert!(red > 150, "{red}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lies_about_photos_remove_none() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let (_peer, mut stream) = everybody_has_a_photo(&world).await?;
    let order = run_up_to_photos(&world, &mut stream).await?;
    tell(&stream, order, vec![listed(1, None)]).await;
    complete(&stream, order, 3).await;
    last_run_says(&world, manifest::DIRECTORY, "something is missing").await?;

    let order = run_up_to_photos(&world, &mut stream).await?;
    tell(&stream, order, vec![listed(1, None), person(2)]).await;
    complete(&stream, order, 2).await;
    last_run_says(&world, manifest::DIRECTORY, "something else stands among photos").await?;

    // Whoever is not known, or told of twice, or has no photo that can be used, is in nobody's way.
    let order = run_up_to_photos(&world, &mut stream).await?;
    let told =
        vec![listed(1, Some(vec![0; 40_000])), listed(7, Some(photo([9, 9, 9])?)), listed(2, None), listed(2, None)];
    tell(&stream, order, told).await;
    complete(&stream, order, 4).await;
    last_run_says(&world, "uid=p1,dc=acme,dc=test", "neither JPEG nor PNG").await?;
    last_run_says(&world, "uid=p2,dc=acme,dc=test", "same immutable id").await?;
    photos_are_of(&world, &["p1", "p2", "p3"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connector_of_an_older_version_is_told_apart() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let mut acme = company("acme");
    acme.directories[0].follow = Some(false);
    world.line.declare(acme.clone()).await?;
    let (_peer, mut stream) = Peer::approved(&world.line, 1).await?;
    let run = begun(&world.line, pb::SyncDirectoryRequest::default());
    let order = stream.order().await?;
    tell(&stream, order, vec![named(1)]).await;
    complete(&stream, order, 1).await;
    assert_eq!(ended(run).await?.state(), pb::SyncRunState::Done);
    last_run_says(&world, manifest::DIRECTORY, "is of an older version, which reads no photos; run the same").await?;
    assert!(connectors(&world.line).await?.first().context("the connector")?.attached);
    Ok(())
}
