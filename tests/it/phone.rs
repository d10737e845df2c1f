//! The main job in a real browser, 360 px wide, with JavaScript switched off.

use anyhow::{Context, Result};
use freehold_tests::chromium;
use freehold_tests::ldif::Entry;
use serde_json::Value;

use crate::world::{Engine, World, manifest};

/// Script, address, code, post, comment.
async fn walk(world: &World, code: &str) -> Result<Value> {
    let address = format!("{}/acme", world.public_url);
    let arguments = [address, code.to_owned(), "Schicht getauscht".to_owned(), "Danke dir".to_owned()];
    // The browser asks this process for pages, so nothing here may stand still while it does.
    let told = tokio::task::spawn_blocking(move || {
        let words: Vec<&str> = arguments.iter().map(String::as_str).chain(["--width", "360"]).collect();
        chromium::run("main-job.mjs", &words)
    });
    Ok(serde_json::from_str(&told.await??)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_script_is_enough() -> Result<()> {
    let world = World::start(Engine::Sqlite).await?;
    let entry = Entry::person("anna", "Anna", "Groß").with("entryUUID", "00000001-0000-4000-8000-000000000000");
    world.line.declare(manifest::company_of_file("acme", &world.place, &[entry])?).await?;
    world.line.synced("acme").await?;
    let people = world.line.people("acme").await?;
    let code = world.line.access_code("acme", &people.first().context("somebody is there")?.id).await?;

    let walked = walk(&world, &code).await?;
    let pages = walked["pages"].as_array().context("a list of pages")?;
    let steps: Vec<&str> = pages.iter().filter_map(|page| page["step"].as_str()).collect();
    assert_eq!(steps, ["sign-in", "feed", "compose", "posted", "post", "commented"]);
    for page in pages {
        assert_eq!(page["overflow"], 0, "wider than the phone: {page}");
    }
    assert_eq!((&walked["errors"], &walked["foreign"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
    Ok(())
}
