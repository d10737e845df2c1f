//! The same of an Active Directory, whose line of changes tells of photos too.

use anyhow::Result;
use freehold_tests::samba::{AD_BASE, AD_BIND_DN, AdDc, user};

use super::{another_photo, photo, photos_are_of, version};
use crate::world::{Engine, World, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_a_domain_are_seen_without_a_command() -> Result<()> {
    let anna = user("anna", "Anna", "Alt").with("thumbnailPhoto", photo([200, 0, 0])?);
    let domain = AdDc::start(&[anna, user("ben", "Ben", "Alt")])?;
    domain.allow_seeing_deletions(AD_BIND_DN)?;
    let world = World::start(Engine::Postgres).await?;
    let mut acme = manifest::company_of_domain("acme", &domain)?;
    acme.directories[0].follow = None;
    world.line.declare(acme).await?;
    world.line.synced("acme").await?;
    photos_are_of(&world, &["anna"]).await?;
    crate::following::in_step(&world.line, "acme").await?;

    let before = version(&world, "anna").await?;
    domain.replace_bytes(&format!("CN=anna,OU=People,{AD_BASE}"), "thumbnailPhoto", &photo([0, 0, 200])?)?;
    another_photo(&world, "anna", &before).await?;
    domain.add(&user("nora", "Nora", "Neu").with("thumbnailPhoto", photo([9, 9, 9])?))?;
    photos_are_of(&world, &["anna", "nora"]).await
}
