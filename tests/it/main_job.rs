//! The whole main job on real parts, once on each engine: a company is declared, filled from its directory, its people
//! sign in, post and read, one leaves and comes back, they are counted, and the bill adds up.

mod bill;
mod people;

use anyhow::{Context, Result, ensure};
use freehold_proto::billing::v1 as billing;
use freehold_proto::content::v1 as content;
use freehold_proto::content::v1::group_settings::Members;
use freehold_proto::directory::v1::PersonState;
use freehold_tests::company::Company;
use freehold_tests::idp::{Account, CLIENT_SECRET, Idp};
use freehold_tests::ldif::BASE;
use freehold_tests::leak;
use freehold_tests::openldap::{BIND_PASSWORD, Slapd};
use freehold_types::Clock;
use freehold_wire::{Calls, fault};
use reqwest::StatusCode;
use tonic::Code;

use crate::world::claim::{self, STEP_SECONDS};
use crate::world::visit::Visit;
use crate::world::{Engine, World, manifest};

const POST: &str = "Die neue Kantine ist offen, heute gibt es Rösti";
const COMMENT: &str = "Endlich wieder Rösti für alle";
const OWN_GROUP: &str = "Kantinenrat der Frühschicht";
/// Everybody in the company, and by two names of the directory.
const COMPANY_PEOPLE: usize = 60;
/// Places in the company of who does what.
const BOSS: usize = 0;
const WITHOUT_MAIL: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_holds_on_postgresql() -> Result<()> {
    main_job(Engine::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_holds_on_sqlite() -> Result<()> {
    main_job(Engine::Sqlite).await
}

/// What the scenes of the main job share.
struct Stage {
    world: World,
    company: Company,
    slapd: Slapd,
    idp: Idp,
}

async fn main_job(engine: Engine) -> Result<()> {
    let stage = declare(engine).await?;
    people::are_those_of_the_directory(&stage).await?;
    let boss = sign_in_through_the_idp(&stage).await?;
    let (visit, session) = sign_in_by_code(&stage).await?;
    post_and_answer(&stage, &boss, &visit).await?;
    leave_and_return(&stage, &visit, &session).await?;
    bill::adds_up(&stage).await?;
    nothing_lies_in_clear(stage).await
}

/// The company declared and filled.
async fn declare(engine: Engine) -> Result<Stage> {
    let company = Company::of(COMPANY_PEOPLE);
    let slapd = Slapd::start(&company.entries())?;
    let boss = &company.people[BOSS];
    let accounts =
        [Account::new("boss").claim("oid", boss.uuid.as_str()), Account::new("stranger").claim("oid", "nobody")];
    let idp = Idp::start(&accounts)?;
    let world = World::start(engine).await?;
    idp.allow_redirect(&format!("{}/acme/sso/{}/callback", world.public_url, manifest::CONNECTION))?;

    let mut acme = manifest::company_of("acme", &slapd)?;
    acme.connections.push(manifest::connection(&idp));
    acme.administrators_group = format!("cn=team 0001,ou=groups,{BASE}");
    let everybody = format!("cn=tout le monde 1,ou=groups,{BASE}");
    acme.groups.push(manifest::group("Whole tree", content::GroupPrivacy::Closed, Members::DirectoryGroup(everybody)));
    world.line.declare(acme.clone()).await?;
    let again = world.line.declare(acme).await?;
    ensure!(again.is_empty(), "declared a second time it is as it was, but: {again:?}");

    let counts = world.line.synced("acme").await?;
    assert_eq!(counts.joined_count, i64::try_from(COMPANY_PEOPLE)?);
    let counts = world.line.synced("acme").await?;
    assert_eq!((counts.unchanged_count, counts.changed_count, counts.joined_count), (60, 0, 0));
    Ok(Stage { world, company, slapd, idp })
}

/// The first sign-in finds the person by the directory's own id; somebody the directory does not know stays out.
async fn sign_in_through_the_idp(stage: &Stage) -> Result<Visit> {
    let world = &stage.world;
    let stranger = Visit::new(&world.public_url, "acme")?;
    let refused = stranger.sign_in_at(&stage.idp, "stranger").await?;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);

    // For the calls of later: who has come in through the IdP comes in with a code no more.
    let known = people::known_as(stage, BOSS).await?;
    world.line.session("acme", &known.id).await?;
    let boss = Visit::new(&world.public_url, "acme")?;
    let page = boss.sign_in_at(&stage.idp, "boss").await?;
    assert_eq!((page.status, page.address.path()), (StatusCode::OK, "/acme"), "{}", page.text);
    let me = boss.open("/me").await?;
    assert!(me.text.contains("Groß") || me.text.contains(stage.company.people[BOSS].family), "{}", me.text);
    Ok(boss)
}

/// Somebody without an e-mail address is let in by a code, once; what comes back is their browser and session token.
async fn sign_in_by_code(stage: &Stage) -> Result<(Visit, String)> {
    let line = &stage.world.line;
    let person = people::known_as(stage, WITHOUT_MAIL).await?;
    assert_eq!(person.email, "");
    let code = line.access_code("acme", &person.id).await?;
    let visit = Visit::new(&stage.world.public_url, "acme")?;
    let now = stage.world.clock.now().timestamp();
    let (page, key) = visit.sign_in_with_code(&code, now).await?;
    assert_eq!((page.status, page.address.path()), (StatusCode::OK, "/acme"), "{}", page.text);
    let second = Visit::new(&stage.world.public_url, "acme")?.redeem(&code).await?;
    assert_eq!(second.status, StatusCode::FORBIDDEN, "a code opens once");
    // The next digits: those of this step have been used.
    let session = claim::sign_in(line, "acme", &person.user_name, &key, now + STEP_SECONDS).await.map_err(fault)?;
    line.keep_session("acme", &person.id, &session)?;
    Ok((visit, session))
}

/// One posts, the other finds it in the feed, comments and reacts; the first sees both.
async fn post_and_answer(stage: &Stage, boss: &Visit, other: &Visit) -> Result<()> {
    let mut calls = person(stage, BOSS).await?;
    let group = group_named(&mut calls, "Everybody").await?;
    assert_eq!(group.member_count, i64::try_from(COMPANY_PEOPLE)?);
    let tree = group_named(&mut calls, "Whole tree").await?;
    assert_eq!(tree.member_count, i64::try_from(stage.company.reached_by("tout le monde 1").len())?);

    let fields = [("request_id", "first"), ("group", group.id.as_str()), ("text", POST), ("back", "/acme")];
    let page = boss.send("/posts", &fields).await?;
    assert!(page.status == StatusCode::OK && page.text.contains(POST), "{}", page.text);
    boss.send("/posts", &fields).await?;
    let request = content::ListFeedRequest::default();
    let feed = calls.content.list_feed(request).await.map_err(fault)?.into_inner();
    let [post] = feed.posts.as_slice() else { anyhow::bail!("the form sent twice made {} posts", feed.posts.len()) };

    let page = other.open("").await?;
    assert!(page.text.contains(POST), "it is in the other's feed: {}", page.text);
    let path = format!("/posts/{}", post.id);
    let fields = [("request_id", "answer"), ("text", COMMENT)];
    let page = other.send(&format!("{path}/comments"), &fields).await?;
    assert!(page.status == StatusCode::OK && page.text.contains(COMMENT), "{}", page.text);
    other.send(&format!("{path}/reaction"), &[("kind", "celebrate"), ("back", "/acme")]).await?;

    let request = content::GetPostRequest { id: post.id.clone() };
    let post = calls.content.get_post(request).await.map_err(fault)?.into_inner().post.context("a post")?;
    let reactions = [content::ReactionCount { kind: content::ReactionKind::Celebrate.into(), count: 1 }];
    assert_eq!((post.comment_count, post.reactions.as_slice()), (1, reactions.as_slice()));
    assert!(boss.open(&path).await?.text.contains(COMMENT));

    let request = content::CreateGroupRequest {
        request_id: "group".to_owned(),
        name: OWN_GROUP.to_owned(),
        purpose: String::new(),
        privacy: content::GroupPrivacy::Secret.into(),
    };
    calls.content.create_group(request).await.map_err(fault)?;
    Ok(())
}

/// Who is removed from the directory is out with the sync that says so, alone; who is put back is the same person.
async fn leave_and_return(stage: &Stage, visit: &Visit, session: &str) -> Result<()> {
    let line = &stage.world.line;
    let leaver = &stage.company.people[WITHOUT_MAIL];
    let before = people::known_as(stage, WITHOUT_MAIL).await?;
    line.authenticate("acme", session).await?;
    stage.slapd.delete(&leaver.dn)?;
    assert_eq!(line.synced("acme").await?.deactivated_count, 1);

    let all = line.people("acme").await?;
    let gone: Vec<&str> =
        all.iter().filter(|person| person.state() != PersonState::Active).map(|person| person.id.as_str()).collect();
    assert_eq!(gone, [before.id.as_str()]);
    let refused = line.authenticate("acme", session).await.expect_err("the session ended with the sync");
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert!(visit.open("").await?.address.path().ends_with("/sign-in"));

    let entries = stage.company.entries();
    let entry = entries.iter().find(|entry| entry.dn() == leaver.dn).context("the leaver had an entry")?;
    stage.slapd.add(entry)?;
    assert_eq!(line.synced("acme").await?.returned_count, 1);
    assert_eq!(people::known_as(stage, WITHOUT_MAIL).await?.id, before.id);
    let refused = line.authenticate("acme", session).await.expect_err("an ended session stays ended");
    assert_eq!(refused.code(), Code::Unauthenticated);
    people::are_those_of_the_directory(stage).await
}

/// Whoever carries the storage away learns no name, no address, no word and no secret.
async fn nothing_lies_in_clear(stage: Stage) -> Result<()> {
    let Stage { world, company, .. } = stage;
    let mut texts = company.clear_texts();
    let secrets = [POST, COMMENT, OWN_GROUP, BIND_PASSWORD, CLIENT_SECRET, "Fachkraft für Arbeit", "Whole tree"];
    texts.extend(secrets.map(str::to_owned));
    let stored = world.stop().await?;
    ensure!(stored.len() > 100_000, "the copy holds {} bytes: is it the whole storage?", stored.len());
    let found = leak::found_in(&stored, &texts);
    assert!(found.is_empty(), "in clear in the storage: {found:?}");
    Ok(())
}

/// Calls as somebody of the company, by place.
async fn person(stage: &Stage, place: usize) -> Result<Calls> {
    let person = people::known_as(stage, place).await?;
    stage.world.line.person("acme", &person.id).await
}

async fn group_named(calls: &mut Calls, name: &str) -> Result<content::Group> {
    let request = content::ListGroupsRequest { page_size: 100, ..Default::default() };
    let groups = calls.content.list_groups(request).await.map_err(fault)?.into_inner().groups;
    groups.into_iter().find(|group| group.name == name).with_context(|| format!("there is no group {name}"))
}

/// Reads something, as opening the feed does.
async fn note_activity(calls: &mut Calls) -> Result<()> {
    let request = billing::RecordActivityRequest { kind: billing::ActivityKind::Read.into() };
    calls.billing.record_activity(request).await.map_err(fault)?;
    Ok(())
}
