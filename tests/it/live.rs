//! Streams of what is published: who is told, and that they end with the session they began in.

mod ear;
mod silence;

use anyhow::{Context, Result, ensure};
use chrono::TimeDelta;
use freehold_proto::auth::v1::EndSessionRequest;
use freehold_proto::content::v1 as content;
use freehold_tests::ldif::Entry;
use freehold_types::{Clock, Reason};
use freehold_wire::{Calls, fault};
use reqwest::StatusCode;
use tonic::Code;

use crate::world::visit::Visit;
use crate::world::{Engine, Line, Place, World, claim, manifest};
pub use ear::{Ear, WebEar};

/// People of the company.
const PEOPLE: [&str; 3] = ["anna", "ben", "cleo"];

#[tokio::test(flavor = "multi_thread")]
async fn members_are_told_what_is_published_and_nobody_else_is_on_postgresql() -> Result<()> {
    Box::pin(members_are_told_what_is_published_and_nobody_else_is(Engine::Postgres)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_told_what_is_published_and_nobody_else_is_on_sqlite() -> Result<()> {
    Box::pin(members_are_told_what_is_published_and_nobody_else_is(Engine::Sqlite)).await
}

async fn members_are_told_what_is_published_and_nobody_else_is(engine: Engine) -> Result<()> {
    let world = World::start(engine).await?;
    let [anna, bens_id, cleo] = staff(&world.line, &world.place, "acme").await?;
    let (visit, mut ben) = twice(&world, &bens_id, "ben").await?;
    let (mut anna, cleo) = (world.line.person("acme", &anna).await?, world.line.person("acme", &cleo).await?);
    let group = found(&mut anna, "secret plans").await?;
    enrol(&mut anna, &group, &bens_id).await?;
    let mut at_web = WebEar::open(&visit).await?;
    let (mut at_ben, mut at_cleo) = (Ear::open(&ben).await?, Ear::open(&cleo).await?);

    let post = publish(&mut anna, &group, "first").await?;
    let told = at_ben.hears().await?;
    assert_eq!((told.group_id.as_str(), told.post_id.as_str(), told.comment_id.as_str()), (&*group, &*post, ""));
    assert_eq!(told.kind(), content::PublicationKind::Post);
    let event = at_web.hears().await?;
    assert_eq!(event["post_id"], post.as_str());
    assert_eq!(event["kind"], "PUBLICATION_KIND_POST");
    ensure!(!event.to_string().contains("first"), "what is said is not told: {event}");

    let comment = comment(&mut ben, &post, "second").await?;
    let told = at_ben.hears().await?;
    assert_eq!((told.post_id.as_str(), told.comment_id.as_str()), (&*post, &*comment));
    assert_eq!(told.kind(), content::PublicationKind::Comment);
    assert_eq!(at_web.hears().await?["comment_id"], comment.as_str());

    // Cleo is told of her own group, and of nothing before it.
    let mut hers = cleo;
    let own = found(&mut hers, "pottery").await?;
    let post = publish(&mut hers, &own, "third").await?;
    assert_eq!(at_cleo.hears().await?.post_id, post);

    let request = content::RemoveMemberRequest { group_id: group.clone(), person_id: bens_id.clone() };
    anna.content.remove_member(request).await.map_err(fault)?;
    publish(&mut anna, &group, "fourth").await?;
    let own = found(&mut ben, "cycling").await?;
    let post = publish(&mut ben, &own, "fifth").await?;
    assert_eq!(at_ben.hears().await?.post_id, post, "who is out of a group is told nothing of it");
    world.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_ends_the_streams_and_the_caller_token_of_that_session_alone() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let [anna, ..] = staff(&world.line, &world.place, "acme").await?;
    let (desk, mut phone) = twice(&world, &anna, "anna").await?;
    let (mut at_desk, mut at_phone) = (WebEar::open(&desk).await?, Ear::open(&phone).await?);
    let group = found(&mut phone, "still here").await?;
    phone.auth.end_session(EndSessionRequest::default()).await.map_err(fault)?;

    let end = at_phone.ends().await?;
    assert_eq!((end.code(), fault(end).reason()), (Code::Unauthenticated, Reason::TokenRefused));
    let refused = phone.content.list_feed(content::ListFeedRequest::default()).await.expect_err("a session that ended");
    assert_eq!(fault(refused).reason(), Reason::TokenRefused);
    let refused = phone.content.watch(content::WatchRequest {}).await.expect_err("a session that ended");
    assert_eq!(refused.code(), Code::Unauthenticated);

    let fields = [("group", group.as_str()), ("text", "hello"), ("request_id", "from the desk")];
    desk.send("/posts", &fields).await?;
    assert_eq!(at_desk.hears().await?["group_id"], group.as_str());
    world.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_stream_needs_a_session_and_ends_with_it() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let [anna, ..] = staff(&world.line, &world.place, "acme").await?;
    let visit = Visit::new(&world.public_url, "acme")?;
    // A browser takes any other answer for a reason to try again for ever.
    assert_eq!(visit.fetch("/events").await?.status(), StatusCode::UNAUTHORIZED);
    let now = world.clock.now().timestamp();
    visit.sign_in_with_code(&world.line.access_code("acme", &anna).await?, now).await?;
    let mut at_web = WebEar::open(&visit).await?;
    visit.send("/sign-out", &[]).await?;
    at_web.ends().await?;
    assert_eq!(visit.fetch("/events").await?.status(), StatusCode::UNAUTHORIZED);
    world.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_stops_ends_its_streams_and_says_why() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let [anna, ..] = staff(&world.line, &world.place, "acme").await?;
    let mut ear = Ear::open(&world.line.person("acme", &anna).await?).await?;
    let (_, end) = tokio::join!(world.stop(), ear.ends());
    assert_eq!(end?.code(), Code::Unavailable);
    Ok(())
}

/// Signs somebody in at the pages, and once more, so that they have two sessions.
pub async fn twice(world: &World, id: &str, name: &str) -> Result<(Visit, Calls)> {
    let visit = Visit::new(&world.public_url, "acme")?;
    let code = world.line.access_code("acme", id).await?;
    let (_, key) = visit.sign_in_with_code(&code, world.clock.now().timestamp()).await?;
    // The same digits are not taken twice.
    world.clock.advance(TimeDelta::seconds(claim::STEP_SECONDS));
    let now = world.clock.now().timestamp();
    let session = claim::sign_in(&world.line, "acme", name, &key, now).await.map_err(fault)?;
    world.line.keep_session("acme", id, &session)?;
    Ok((visit, world.line.person("acme", id).await?))
}

/// Anna, Ben and Cleo work for a company.
pub async fn staff(line: &Line, place: &Place, company: &str) -> Result<[String; 3]> {
    line.declare(manifest::company_of_file(company, place, &entries(&PEOPLE))?).await?;
    line.synced(company).await?;
    let people = line.people(company).await?;
    let id = |name: &str| people.iter().find(|person| person.user_name == name).map(|person| person.id.clone());
    Ok([id("anna").context("anna")?, id("ben").context("ben")?, id("cleo").context("cleo")?])
}

/// Those of the staff with these names, as the directory has them.
fn entries(names: &[&str]) -> Vec<Entry> {
    let numbered = PEOPLE.iter().zip(1..).filter(|(name, _)| names.contains(name));
    let uuid = |number: i32| format!("cc{number:06}-0000-4000-8000-000000000000");
    numbered.map(|(name, number)| Entry::person(name, name, "Live").with_uuid(&uuid(number))).collect()
}

/// Makes a group that only its members know of.
pub async fn found(calls: &mut Calls, name: &str) -> Result<String> {
    let request = content::CreateGroupRequest {
        request_id: name.to_owned(),
        name: name.to_owned(),
        purpose: String::new(),
        privacy: content::GroupPrivacy::Secret.into(),
    };
    Ok(calls.content.create_group(request).await.map_err(fault)?.into_inner().group.context("a group")?.id)
}

async fn enrol(calls: &mut Calls, group: &str, person: &str) -> Result<()> {
    let request = content::AddMemberRequest {
        group_id: group.to_owned(),
        person_id: person.to_owned(),
        role: content::GroupRole::Member.into(),
    };
    calls.content.add_member(request).await.map_err(fault)?;
    Ok(())
}

pub async fn publish(calls: &mut Calls, group: &str, text: &str) -> Result<String> {
    let (request_id, text) = (format!("{text} in {group}"), text.to_owned());
    let request = content::CreatePostRequest { request_id, group_id: group.to_owned(), text };
    Ok(calls.content.create_post(request).await.map_err(fault)?.into_inner().post.context("a post")?.id)
}

async fn comment(calls: &mut Calls, post: &str, text: &str) -> Result<String> {
    let request = content::CreateCommentRequest {
        request_id: text.to_owned(),
        post_id: post.to_owned(),
        parent_id: String::new(),
        text: text.to_owned(),
    };
    Ok(calls.content.create_comment(request).await.map_err(fault)?.into_inner().comment.context("a comment")?.id)
}
