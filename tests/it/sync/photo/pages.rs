//! Photos on the pages: for whoever is signed in at the same company, and nobody else.

use anyhow::{Context, Result};
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::openldap::Slapd;
use freehold_types::Clock;
use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};

use super::{person, photo, photos_are_of, with_photo};
use crate::world::visit::Visit;
use crate::world::{Engine, World, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_shown_to_the_own_company_only() -> Result<()> {
    let slapd = Slapd::start(&[with_photo("anna", photo([200, 0, 0])?)])?;
    let world = World::start(Engine::Sqlite).await?;
    for company in ["acme", "beta"] {
        let declared = TenantManifest { name: company.to_owned(), ..manifest::company_of(company, &slapd)? };
        world.line.declare(declared).await?;
        world.line.synced(company).await?;
    }
    photos_are_of(&world, &["anna"]).await?;
    let anna = person(&world, "anna").await?;
    let path = format!("/people/{}/photo/{}", anna.id, anna.photo_version);

    let visit = Visit::new(&world.public_url, "acme")?;
    let answer = visit.fetch(&path).await?;
    assert!(answer.status().is_redirection(), "nobody is signed in: {}", answer.status());
    let now = world.clock.now().timestamp();
    visit.sign_in_with_code(&world.line.access_code("acme", &anna.id).await?, now).await?;
    for page in ["/people", &format!("/people/{}", anna.id), "/me"] {
        let shown = visit.open(page).await?.text;
        assert!(shown.contains(&format!("src=\"/acme{path}\"")), "{page} shows no photo: {shown}");
    }
    let answer = visit.fetch(&path).await?;
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert_eq!(header(CONTENT_TYPE.as_str()), "image/jpeg");
    assert_eq!(header(CACHE_CONTROL.as_str()), "private, max-age=86400, immutable");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let varies: Vec<_> = answer.headers().get_all(VARY).iter().filter_map(|value| value.to_str().ok()).collect();
    assert!(varies.iter().any(|value| value.contains("cookie")), "{varies:?}");
    assert!(image::load_from_memory(&answer.bytes().await?).is_ok());
    let other = path.replace(&anna.photo_version, &"0".repeat(32));
    assert_eq!(visit.fetch(&other).await?.status(), StatusCode::NOT_FOUND, "another version is another photo");

    let there = world.line.people("beta").await?.into_iter().next().context("the same entry at the other company")?;
    let visit = Visit::new(&world.public_url, "beta")?;
    let now = world.clock.now().timestamp();
    visit.sign_in_with_code(&world.line.access_code("beta", &there.id).await?, now).await?;
    assert_eq!(visit.fetch(&path).await?.status(), StatusCode::NOT_FOUND);
    Ok(())
}
