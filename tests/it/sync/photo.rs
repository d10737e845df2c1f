//! Photos come after the people, follow the directory, and are whatever somebody put there.

mod domain;
mod pages;

use std::collections::BTreeSet;
use std::io::Cursor;
use std::time::Duration;

use anyhow::{Context, Result};
use freehold_proto::directory::v1 as pb;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::openldap::Slapd;
use freehold_tests::wait::wait_until;
use freehold_wire::fault;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use crate::world::{Engine, World, manifest};

const LIMIT: Duration = Duration::from_secs(30);
/// More than any value of an entry may have.
const TOO_MUCH_BYTES: usize = 11 * 1024 * 1024;

pub fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    image.into().write_to(&mut Cursor::new(&mut bytes), format)?;
    Ok(bytes)
}

pub fn photo(color: [u8; 3]) -> Result<Vec<u8>> {
    encoded(RgbImage::from_pixel(300, 400, Rgb(color)), ImageFormat::Jpeg)
}

/// A picture of one pixel whose header says that it has more.
fn bomb(side: u32) -> Result<Vec<u8>> {
    let mut bytes = encoded(RgbImage::new(1, 1), ImageFormat::Png)?;
    bytes.splice(16..24, [side.to_be_bytes(), side.to_be_bytes()].concat());
    // The header's checksum (PNG, annex D).
    let checksum = !bytes[12..29].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _bit| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    });
    bytes.splice(29..33, checksum.to_be_bytes());
    Ok(bytes)
}

pub fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

pub fn plain(uid: &str) -> Entry {
    Entry::person(uid, uid, "Probe")
}

pub fn with_photo(uid: &str, photo: impl AsRef<[u8]>) -> Entry {
    plain(uid).with("jpegPhoto", photo)
}

async fn person(world: &World, uid: &str) -> Result<pb::Person> {
    let people = world.line.people("acme").await?;
    people.into_iter().find(|person| person.user_name == uid).with_context(|| format!("{uid} is not known"))
}

pub async fn version(world: &World, uid: &str) -> Result<String> {
    Ok(person(world, uid).await?.photo_version)
}

/// Waits until exactly these people have a photo.
pub async fn photos_are_of(world: &World, uids: &[&str]) -> Result<()> {
    let wanted: BTreeSet<String> = uids.iter().map(|uid| (*uid).to_owned()).collect();
    let seen = async || {
        let people = world.line.people("acme").await?.into_iter();
        let found = people.filter(|person| !person.photo_version.is_empty()).map(|person| person.user_name);
        Ok((found.collect::<BTreeSet<_>>() == wanted).then_some(()))
    };
    wait_until(&format!("photos of exactly {wanted:?}"), LIMIT, seen).await
}

/// Waits until the photo of somebody is another one than `before`.
pub async fn another_photo(world: &World, uid: &str, before: &str) -> Result<()> {
    let seen = async || {
        let version = version(world, uid).await?;
        Ok((!version.is_empty() && version != before).then_some(()))
    };
    wait_until(&format!("another photo of {uid}"), LIMIT, seen).await
}

async fn fetched(world: &World, person_id: String) -> Result<pb::GetPersonPhotoResponse> {
    let mut calls = world.line.inside("acme").await?;
    let request = pb::GetPersonPhotoRequest { person_id };
    Ok(calls.directory.get_person_photo(request).await.map_err(fault)?.into_inner())
}

pub async fn color(world: &World, uid: &str) -> Result<[u8; 3]> {
    let answer = fetched(world, person(world, uid).await?.id).await?;
    let image = image::load_from_memory_with_format(&answer.jpeg, ImageFormat::Jpeg)?.into_rgb8();
    assert_eq!(image.dimensions(), (256, 256));
    Ok(image.get_pixel(128, 128).0)
}

/// Waits until the last run says something of photos with these words.
pub async fn last_run_says(world: &World, about: &str, words: &str) -> Result<()> {
    let mut said = Vec::new();
    let says = async || {
        let mut calls = world.line.inside("acme").await?;
        let runs = calls.directory.list_sync_runs(pb::ListSyncRunsRequest::default()).await.map_err(fault)?;
        said = runs.into_inner().sync_runs.into_iter().next().context("a run")?.skips;
        let found = said.iter().any(|skip| skip.distinguished_name == about && skip.because.contains(words));
        Ok(found.then_some(()))
    };
    let ended = wait_until(&format!("the run to say {words:?} of {about}"), LIMIT, says).await;
    ended.with_context(|| format!("it says {said:?}"))
}

pub async fn read_everything(world: &World) -> Result<()> {
    let everything = pb::SyncDirectoryRequest { full: true, ..Default::default() };
    let run = world.line.sync_as("acme", everything).await?;
    assert_eq!(run.state(), pb::SyncRunState::Done, "{}", run.error);
    Ok(())
}

async fn company_of(slapd: &Slapd, engine: Engine) -> Result<World> {
    let world = World::start(engine).await?;
    world.line.declare(manifest::company_of("acme", slapd)?).await?;
    world.line.synced("acme").await?;
    Ok(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_follow_the_directory_on_postgresql() -> Result<()> {
    photos_follow_the_directory(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_follow_the_directory_on_sqlite() -> Result<()> {
    photos_follow_the_directory(Engine::Sqlite).await
}

async fn photos_follow_the_directory(engine: Engine) -> Result<()> {
    let entries = [with_photo("anna", photo([200, 0, 0])?), plain("ben"), with_photo("cem", photo([0, 200, 0])?)];
    let slapd = Slapd::start(&entries)?;
    let world = company_of(&slapd, engine).await?;
    photos_are_of(&world, &["anna", "cem"]).await?;
    let [red, green, _] = color(&world, "anna").await?;
    assert!(red > 150 && green < 50);

    let before = version(&world, "anna").await?;
    slapd.replace_bytes(&dn("anna"), "jpegPhoto", &photo([0, 0, 200])?)?;
    slapd.add(&with_photo("dora", photo([9, 9, 9])?))?;
    world.line.synced("acme").await?;
    another_photo(&world, "anna", &before).await?;
    photos_are_of(&world, &["anna", "cem", "dora"]).await?;
    let [.., blue] = color(&world, "anna").await?;
    assert!(blue > 150);

    slapd.replace(&dn("anna"), "jpegPhoto", &[])?;
    world.line.synced("acme").await?;
    photos_are_of(&world, &["cem", "dora"]).await?;
    let anna = person(&world, "anna").await?.id;
    fetched(&world, anna).await.unwrap_err();

    let cem = person(&world, "cem").await?;
    slapd.delete(&dn("cem"))?;
    read_everything(&world).await?;
    assert_eq!(person(&world, "cem").await?.state(), pb::PersonState::Deactivated);
    photos_are_of(&world, &["dora"]).await?;
    fetched(&world, cem.id).await.unwrap_err();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_photo_is_a_skip_and_what_would_burst_is_none_either() -> Result<()> {
    let glass = encoded(RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0])), ImageFormat::Png)?;
    let entries = [
        with_photo("broken", "no photo at all"),
        with_photo("bomb", bomb(60_000)?),
        with_photo("long", encoded(RgbImage::from_pixel(1, 6000, Rgb([200, 0, 0])), ImageFormat::Jpeg)?),
        with_photo("glass", glass),
        with_photo("anna", photo([200, 0, 0])?),
    ];
    let slapd = Slapd::start(&entries)?;
    let world = World::start(Engine::Sqlite).await?;
    world.line.declare(manifest::company_of("acme", &slapd)?).await?;
    assert_eq!(world.line.synced("acme").await?.joined_count, 5);
    photos_are_of(&world, &["anna", "glass", "long"]).await?;
    last_run_says(&world, &dn("broken"), "neither JPEG nor PNG").await?;
    last_run_says(&world, &dn("bomb"), "too large").await?;
    let white = color(&world, "glass").await?;
    assert!(white.iter().all(|value| *value > 250), "{white:?}");

    let mut calls = world.line.inside("acme").await?;
    let check = calls.directory.check_directory(pb::CheckDirectoryRequest::default()).await.map_err(fault)?;
    let check = check.into_inner();
    assert_eq!(check.photos, "5 of 5 sampled entries have a photo in jpegphoto; 2 cannot be used");
    let notes: Vec<_> = check.samples.iter().flat_map(|sample| &sample.notes).collect();
    assert!(notes.iter().any(|note| note.contains("neither JPEG nor PNG")), "{notes:?}");

    // What somebody had stays when something unusable takes its place.
    let before = version(&world, "anna").await?;
    slapd.replace_bytes(&dn("anna"), "jpegPhoto", photo([0, 200, 0])?.split_at(300).0)?;
    world.line.synced("acme").await?;
    last_run_says(&world, &dn("anna"), "broken").await?;
    assert_eq!(version(&world, "anna").await?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_who_comes_while_the_directory_is_followed_come_too() -> Result<()> {
    let slapd = Slapd::start_with_changes(&[plain("anna"), plain("ben")])?;
    let world = World::start(Engine::Sqlite).await?;
    let mut acme = manifest::company_of("acme", &slapd)?;
    acme.directories[0].follow = None;
    world.line.declare(acme).await?;
    world.line.synced("acme").await?;
    crate::following::in_step(&world.line, "acme").await?;
    slapd.add(&with_photo("dora", photo([9, 9, 9])?))?;
    slapd.replace_bytes(&dn("anna"), "jpegPhoto", &photo([0, 0, 200])?)?;
    photos_are_of(&world, &["anna", "dora"]).await?;
    slapd.replace(&dn("anna"), "jpegPhoto", &[])?;
    photos_are_of(&world, &["dora"]).await
}

/// Two people of whom one has more in place of a photo than may be read at all.
async fn cut_off() -> Result<(World, Slapd)> {
    let slapd = Slapd::start(&[with_photo("anna", photo([9, 9, 9])?), with_photo("ben", vec![0xff; TOO_MUCH_BYTES])])?;
    let world = company_of(&slapd, Engine::Sqlite).await?;
    assert_eq!(world.line.people("acme").await?.len(), 2, "people do not wait for photos");
    last_run_says(&world, BASE, "photos were not all read, the next run goes on").await?;
    slapd.replace_bytes(&dn("ben"), "jpegPhoto", &photo([0, 0, 200])?)?;
    Ok((world, slapd))
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_that_were_cut_off_go_on_with_the_next_run() -> Result<()> {
    let (world, _slapd) = cut_off().await?;
    world.line.synced("acme").await?;
    photos_are_of(&world, &["anna", "ben"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_that_were_cut_off_go_on_when_the_service_starts_again() -> Result<()> {
    let (world, _slapd) = cut_off().await?;
    photos_are_of(&world.start_again().await?, &["anna", "ben"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_lost_the_right_to_read_photos_removes_none() -> Result<()> {
    let uids: Vec<String> = (10..40).map(|number| format!("person{number}")).collect();
    let entries = uids.iter().map(|uid| Ok(with_photo(uid, photo([9, 9, 9])?))).collect::<Result<Vec<_>>>()?;
    let slapd = Slapd::start(&entries)?;
    let world = company_of(&slapd, Engine::Sqlite).await?;
    let all: Vec<&str> = uids.iter().map(String::as_str).collect();
    photos_are_of(&world, &all).await?;
    slapd.hide_attribute("jpegPhoto")?;
    read_everything(&world).await?;
    last_run_says(&world, BASE, "30 of 30 photos are not in jpegphoto any more, so none was removed").await?;
    photos_are_of(&world, &all).await?;

    slapd.show()?;
    for uid in &all[..10] {
        slapd.replace(&dn(uid), "jpegPhoto", &[])?;
    }
    read_everything(&world).await?;
    photos_are_of(&world, &all[10..]).await?;

    // Who wants none says so, and then all go.
    let mut acme = manifest::company_of("acme", &slapd)?;
    acme.directories[0].photos = Some(false);
    world.line.declare(acme).await?;
    read_everything(&world).await?;
    photos_are_of(&world, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_an_ldif_file_come_and_a_table_cannot_have_any() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let entry = with_photo("anna", photo([0, 0, 200])?).with_uuid("aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee");
    let mut acme = manifest::company_of_file("acme", &world.place, &[entry])?;
    world.line.declare(acme.clone()).await?;
    world.line.synced("acme").await?;
    photos_are_of(&world, &["anna"]).await?;
    let [.., blue] = color(&world, "anna").await?;
    assert!(blue > 150);

    acme.directories[0].kind = pb::DirectoryKind::Csv.into();
    acme.directories[0].photos = Some(true);
    let refused = world.line.declare(acme).await.unwrap_err();
    assert!(format!("{refused:?}").contains("a table has no photos"), "{refused:?}");
    Ok(())
}
