//! Servers that refuse, do not answer, or die.

use std::io::ErrorKind;
use std::net::TcpListener;

use anyhow::{Context, Result};
use freehold_proto::directory::v1::sync_directory_response::Event;
use freehold_proto::directory::v1::{SyncDirectoryRequest, SyncRun, SyncRunState};
use freehold_proto::tenant::v1::TenantManifest;
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::openldap::BIND_PASSWORD;
use freehold_types::{Kind, Reason};
use freehold_wire::fault;
use tokio_stream::StreamExt;

use super::{Filled, refused};
use crate::world::manifest;

/// Read in several pages, long enough to be interrupted.
const LARGE_COMPANY_PEOPLE: usize = 4_000;

fn assert_failed(run: &SyncRun, words: &str) {
    assert_eq!(run.state(), SyncRunState::Failed, "{}", run.error);
    assert!(run.error.contains(words), "{words:?} is not in {:?}", run.error);
    assert!(!run.cure.is_empty(), "{} has no cure", run.error);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_bind_password_fails_the_run_and_says_so() -> Result<()> {
    let filled = Filled::with(40).await?;
    filled.slapd.set_bind_password("another one")?;
    assert_failed(&filled.world.line.sync("acme").await?, "does not accept the bind name and password");
    filled.nobody_is_deactivated().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_fails_the_run_and_the_next_one_goes_on() -> Result<()> {
    let mut filled = Filled::with(40).await?;
    filled.slapd.stop();
    assert_failed(&filled.world.line.sync("acme").await?, "cannot be reached");
    filled.nobody_is_deactivated().await?;
    filled.slapd.start_again()?;
    assert_eq!(filled.world.line.synced("acme").await?.unchanged_count, 40);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_base_or_password_is_refused_when_it_is_declared() -> Result<()> {
    let filled = Filled::with(40).await?;
    let mut wrong_base = manifest::company_of("acme", &filled.slapd)?;
    wrong_base.directories[0].base_dn = "ou=elsewhere,dc=acme,dc=test".to_owned();
    let with_password = |password: &str| -> Result<TenantManifest> {
        let mut company = manifest::company_of("acme", &filled.slapd)?;
        password.clone_into(&mut company.directories[0].bind_password);
        Ok(company)
    };
    let mut wrong = vec![(wrong_base, "base_dn")];
    // An empty one would bind as nobody, and a server in C may read no further than to a NUL.
    for password in ["guessed", "", &format!("{BIND_PASSWORD}\0x"), &"x".repeat(1_000_000)] {
        wrong.push((with_password(password)?, "bind_password"));
    }
    for (manifest, field) in wrong {
        let fault = refused(filled.world.line.declare(manifest).await);
        assert_eq!((fault.kind(), fault.reason()), (Kind::Invalid, Reason::InvalidRequest), "{fault}");
        let fields: Vec<&str> = fault.violations().iter().map(|violation| violation.field.as_str()).collect();
        assert!(fields.iter().any(|named| named.ends_with(field)), "{field} is not among {fields:?}");
    }
    assert_eq!(filled.world.line.synced("acme").await?.unchanged_count, 40, "nothing of it was applied");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_that_vanishes_fails_the_run() -> Result<()> {
    let filled = Filled::with(40).await?;
    filled.slapd.hide("dc=acme,dc=test")?;
    let run = filled.world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Failed, "{}", run.error);
    filled.nobody_is_deactivated().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_limit_is_no_end_of_the_list() -> Result<()> {
    let filled = Filled::with(40).await?;
    filled.slapd.limit_answers(25)?;
    assert_failed(&filled.world.line.sync("acme").await?, "size limit");
    filled.nobody_is_deactivated().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_while_it_is_read_ends_the_run_without_leavers() -> Result<()> {
    let mut filled = Filled::with(LARGE_COMPANY_PEOPLE).await?;
    let mut calls = filled.world.line.inside("acme").await?;
    let everything = SyncDirectoryRequest { full: true, ..Default::default() };
    let mut events = calls.directory.sync_directory(everything).await.map_err(fault)?.into_inner();
    let mut read = None;
    let run = loop {
        match events.next().await.context("the sync run said nothing")?.map_err(fault)?.event {
            Some(Event::Progress(progress)) if progress.step == "reading people" && read.is_none() => {
                read = Some((progress.done_count, progress.total_count));
                filled.slapd.kill()?;
            }
            Some(Event::Run(run)) => break run,
            Some(Event::Progress(_)) | None => {}
        }
    };
    let expected = i64::try_from(LARGE_COMPANY_PEOPLE)?;
    assert!(read.is_some_and(|(done, total)| done < expected && total == expected), "{read:?}: as many as before");
    assert_eq!(run.state(), SyncRunState::Failed, "{}", run.error);
    filled.nobody_is_deactivated().await?;
    filled.slapd.start_again()?;
    assert_eq!(filled.world.line.synced("acme").await?.deactivated_count, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typing_error_in_a_filter_is_refused_with_its_place() -> Result<()> {
    let filled = Filled::with(40).await?;
    let typed = [
        ("(&(objectClass=person)(uid=*)", "30"),
        ("(objectClass=person))", "21"),
        ("objectClass=person", "1"),
        (r"(cn=M\xfcller)", "6"),
    ];
    for (filter, place) in typed {
        let mut wrong = manifest::company_of("acme", &filled.slapd)?;
        wrong.directories[0].people_filter = filter.to_owned();
        let fault = refused(filled.world.line.declare(wrong).await);
        assert_eq!(fault.kind(), Kind::Invalid, "{filter}: {fault}");
        let named = fault.violations().iter().find(|violation| violation.field.ends_with("people_filter"));
        let words = &named.with_context(|| format!("{filter}: {fault} {:?}", fault.violations()))?.message;
        assert!(words.contains(place), "{filter}: {words:?} does not say that it is at {place}");
    }
    let mut wrong = manifest::company_of("acme", &filled.slapd)?;
    wrong.directories[0].group_filter = "(objectClass=group".to_owned();
    let fault = refused(filled.world.line.declare(wrong).await);
    assert!(fault.violations().iter().any(|violation| violation.field.ends_with("group_filter")), "{fault}");
    assert_eq!(filled.world.line.synced("acme").await?.unchanged_count, 40, "nothing of it was applied");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_to_another_server_is_told_and_not_followed() -> Result<()> {
    let filled = Filled::with(40).await?;
    let trap = TcpListener::bind("127.0.0.1:0")?;
    trap.set_nonblocking(true)?;
    let reference = Entry::new(format!("ou=elsewhere,ou=people,{BASE}"))
        .with("objectClass", "referral")
        .with("objectClass", "extensibleObject")
        .with("ou", "elsewhere")
        .with("ref", format!("ldap://{}/ou=people,{BASE}", trap.local_addr()?));
    filled.slapd.add(&reference)?;
    let everything = SyncDirectoryRequest { full: true, ..Default::default() };
    let run = filled.world.line.sync_as("acme", everything).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    assert!(run.skips.iter().any(|skip| skip.because.contains("not followed")), "{:?}", run.skips);
    let visitor = trap.accept().expect_err("nobody went there");
    assert_eq!(visitor.kind(), ErrorKind::WouldBlock);
    filled.nobody_is_deactivated().await
}
