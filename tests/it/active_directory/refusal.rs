//! Ways in that must stay shut, and what is said then.

use anyhow::Result;
use freehold_proto::directory::v1::{DirectorySettings, SyncRunState};
use freehold_tests::samba::{AD_BIND_DN, AdDc};
use freehold_tests::tls::Authority;
use freehold_types::Fault;

use crate::world::{Engine, World, manifest};

/// What is said to a manifest whose one directory was changed so.
async fn answer(world: &World, dc: &AdDc, change: impl FnOnce(&mut DirectorySettings)) -> Result<String> {
    let mut acme = manifest::company_of_domain("acme", dc)?;
    change(&mut acme.directories[0]);
    let Err(error) = world.line.declare(acme).await else { return Ok("accepted".to_owned()) };
    let fault: Fault = error.downcast()?;
    let violations: Vec<String> =
        fault.violations().iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message)).collect();
    Ok(format!("{fault} {}", violations.join("; ")))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_the_bind_name_works_over_ldaps_and_starttls() -> Result<()> {
    let dc = AdDc::start(&[])?;
    let world = World::start(Engine::Sqlite).await?;
    for name in [AD_BIND_DN, "sync@ad.acme.test", "ACME\\sync"] {
        let said = answer(&world, &dc, |settings| settings.bind_dn = name.to_owned()).await?;
        assert_eq!(said, "accepted", "{name}");
        assert_eq!(world.line.sync("acme").await?.state(), SyncRunState::Done, "{name}");
    }
    let start_tls = |settings: &mut DirectorySettings| {
        settings.urls = vec![dc.ldap_url()];
        settings.start_tls = true;
    };
    assert_eq!(answer(&world, &dc, start_tls).await?, "accepted");
    assert_eq!(world.line.sync("acme").await?.state(), SyncRunState::Done);

    let other = Authority::new()?.pem().to_owned();
    let said = answer(&world, &dc, |settings| settings.ca_pem = other).await?;
    assert!(said.contains("not trusted here") && said.contains("ca_file"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_bind_is_told_in_plain_words() -> Result<()> {
    let dc = AdDc::start(&[])?;
    let world = World::start(Engine::Sqlite).await?;
    let said = answer(&world, &dc, |settings| settings.bind_password = "guessed".to_owned()).await?;
    assert!(said.contains("wrong, or nobody has this name"), "{said}");
    dc.replace(AD_BIND_DN, "pwdLastSet", &["0"])?;
    let said = answer(&world, &dc, |_| {}).await?;
    assert!(said.contains("must be changed before it is used"), "{said}");
    dc.replace(AD_BIND_DN, "pwdLastSet", &["-1"])?;
    dc.replace(AD_BIND_DN, "accountExpires", &["116444736000000000"])?;
    let said = answer(&world, &dc, |_| {}).await?;
    assert!(said.contains("has expired"), "{said}");
    dc.replace(AD_BIND_DN, "accountExpires", &["0"])?;
    dc.disable(AD_BIND_DN)?;
    let said = answer(&world, &dc, |_| {}).await?;
    assert!(said.contains("is disabled"), "{said}");
    Ok(())
}
