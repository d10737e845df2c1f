//! What belongs to us of a domain, and what does not: other naming contexts, other units, the primary group.

use anyhow::Result;
use freehold_proto::directory::v1::{CheckDirectoryRequest, PersonState, SyncRunState};
use freehold_tests::samba::{AD_BASE, user};
use freehold_wire::fault;

use super::{BUILT_IN, Domain, company, group_dn, person_dn, told};
use crate::following::{in_step, sees};
use crate::world::{Engine, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn references_to_other_parts_of_the_forest_are_counted_and_not_followed() -> Result<()> {
    let domain = Domain::with(Engine::Sqlite, &company()).await?;
    let run = domain.world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let about: Vec<&str> = run.skips.iter().map(|skip| skip.because.as_str()).collect();
    assert!(about.iter().any(|because| because.contains("not followed")), "{about:?}");
    let people = domain.world.line.people("acme").await?;
    let foreign = people.iter().find(|person| person.distinguished_name.contains("CN=Configuration"));
    assert!(foreign.is_none(), "{foreign:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_only_a_primary_group_comes_in_without_it() -> Result<()> {
    let domain = Domain::with(Engine::Sqlite, &company()).await?;
    // The domain lists nobody in it: it stands at the person alone.
    let listed = domain.dc.search(&format!("(&(sAMAccountName=cem)(memberOf=CN=Domain Users,CN=Users,{AD_BASE}))"))?;
    assert!(listed.is_empty(), "{listed:?}");
    assert_eq!(domain.dc.search("(&(sAMAccountName=cem)(primaryGroupID=513))")?, [person_dn("cem")]);
    domain.dc.unnest(&group_dn("company"), &person_dn("cem"))?;
    domain.world.line.synced("acme").await?;
    let cem = domain.person("cem").await?;
    assert_eq!((cem.state(), cem.directory_groups.len()), (PersonState::Active, 0), "{:?}", cem.directory_groups);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_group_has_its_people_when_the_company_wants_them() -> Result<()> {
    let domain = Domain::with(Engine::Postgres, &company()).await?;
    domain.dc.allow_seeing_deletions(freehold_tests::samba::AD_BIND_DN)?;
    let mut acme = manifest::company_of_domain("acme", &domain.dc)?;
    acme.directories[0].primary_groups = true;
    domain.world.line.declare(acme.clone()).await?;
    let [anna, ben, cem] = [
        "active - [Domain Users Users* area* company* staff]",
        "active anna [Domain Users Users* area* company* staff]",
        "active ben [Domain Users Users* company]",
    ];
    domain.is_now("the first sync", &[("anna", anna), ("ben", ben), ("cem", cem)]).await?;

    // The domain lists her in the former primary group from now on, and not in the new one any more.
    let guests = format!("CN=Domain Guests,CN=Users,{AD_BASE}");
    domain.dc.nest(&guests, &person_dn("anna"))?;
    domain.dc.replace(&person_dn("anna"), "primaryGroupID", &["514"])?;
    assert!(domain.dc.search(&format!("(&(sAMAccountName=anna)(memberOf={guests}))"))?.is_empty());
    let anna = "active - [Domain Guests Domain Users Guests* Users* area* company* staff]";
    domain.is_now("another primary group", &[("anna", anna), ("ben", ben), ("cem", cem)]).await?;

    acme.directories[0].follow = None;
    domain.world.line.declare(acme.clone()).await?;
    domain.world.line.synced("acme").await?;
    in_step(&domain.world.line, "acme").await?;
    domain.dc.add(&user("eva", "Eva", "Neu"))?;
    let eva = sees(&domain.world.line, "the newcomer", "eva", |person| !person.directory_groups.is_empty()).await?;
    assert_eq!(told(&eva, &[]), "active - [Domain Users Users*]");

    acme.directories[0].follow = Some(false);
    acme.directories[0].primary_groups = false;
    domain.world.line.declare(acme).await?;
    domain.world.line.synced("acme").await?;
    assert!(domain.person("eva").await?.directory_groups.is_empty(), "nobody wants them any more");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_does_not_see_deletions_is_told_the_command_that_changes_it() -> Result<()> {
    let domain = Domain::with(Engine::Sqlite, &company()).await?;
    let check = async || {
        let mut calls = domain.world.line.inside("acme").await?;
        let check = calls.directory.check_directory(CheckDirectoryRequest::default()).await.map_err(fault)?;
        let cures = check.into_inner().findings.into_iter().map(|finding| finding.cure);
        anyhow::Ok(cures.filter(|cure| cure.contains("dsacls")).collect::<Vec<_>>())
    };
    let cures = check().await?;
    let grant = format!("/G \"sync@{}:LCRP\"", AD_BASE.replace("DC=", "").replace(',', "."));
    assert!(cures.len() == 1 && cures[0].contains(&grant), "{grant} is not in {cures:?}");
    domain.dc.allow_seeing_deletions(freehold_tests::samba::AD_BIND_DN)?;
    assert_eq!(check().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_moves_out_of_the_base_leaves_and_comes_back_as_the_same() -> Result<()> {
    let domain = Domain::with(Engine::Sqlite, &[company(), vec![user("eva", "Eva", "Neu")]].concat()).await?;
    domain.dc.allow_seeing_deletions(freehold_tests::samba::AD_BIND_DN)?;
    let mut acme = manifest::company_of_domain("acme", &domain.dc)?;
    acme.directories[0].base_dn = format!("OU=People,{AD_BASE}");
    domain.world.line.declare(acme).await?;
    domain.world.line.synced("acme").await?;
    assert!(domain.people().await?.iter().all(|person| !BUILT_IN.contains(&person.user_name.as_str())));
    let before = domain.person("eva").await?;

    let outside = format!("CN=eva,CN=Users,{AD_BASE}");
    domain.dc.rename(&person_dn("eva"), &outside)?;
    domain.world.line.synced("acme").await?;
    assert_eq!(domain.person("eva").await?.state(), PersonState::Deactivated);
    domain.dc.rename(&outside, &person_dn("eva"))?;
    domain.world.line.synced("acme").await?;
    let again = domain.person("eva").await?;
    assert_eq!((again.id.as_str(), again.state()), (before.id.as_str(), PersonState::Active));
    Ok(())
}
