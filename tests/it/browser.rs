//! The main job in a real browser on a small phone, with scripts switched off.

use anyhow::{Context, Result, ensure};
use freehold_proto::content::v1 as content;
use freehold_tests::chromium;
use freehold_tests::company::Company;
use freehold_types::Clock;
use freehold_wire::fault;
use serde_json::{Value, json};

use crate::world::{Engine, World, manifest};

const POST: &str = "Die Nachtschicht hat den neuen Ofen angefahren";
const COMMENT: &str = "Gut gemacht, bis morgen früh";

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_scripts_does_the_main_job() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let entries = Company::of(12).entries();
    world.line.declare(manifest::company_of_file("acme", &world.place, &entries)?).await?;
    world.line.synced("acme").await?;
    let people = world.line.people("acme").await?;
    let person = people.iter().find(|person| person.email.is_empty()).context("somebody without an address")?;
    let code = world.line.access_code("acme", &person.id).await?;

    let company = format!("{}/acme", world.public_url);
    let now = world.clock.now().timestamp().to_string();
    let said = chromium::run("main_job.mjs", &[&company, &code, POST, COMMENT, &now, "--width", "360"])?;
    let walked: Value = serde_json::from_str(&said)?;
    assert_eq!((&walked["errors"], &walked["foreign"]), (&json!([]), &json!([])), "{said}");
    let pages = walked["pages"].as_array().context("the script lists pages")?;
    assert_eq!(pages.len(), 9, "{said}");
    for page in pages {
        ensure!(page["axe"] == json!([]) && page["overflow"] == 0, "axe or the width has something against {page}");
    }

    // What the browser showed is what the services hold.
    let mut calls = world.line.person("acme", &person.id).await?;
    let feed = calls.content.list_feed(content::ListFeedRequest::default()).await.map_err(fault)?.into_inner();
    let [post] = feed.posts.as_slice() else {
        anyhow::bail!("one post was written, the feed has {}", feed.posts.len())
    };
    assert_eq!((post.text.as_str(), post.comment_count), (POST, 1));
    assert_eq!(post.my_reaction(), content::ReactionKind::Celebrate);
    Ok(())
}
