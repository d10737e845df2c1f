//! Answers that end well and are wrong all the same, and entries that no honest directory has.

use std::fmt::Write as _;
use std::io::Read as _;
use std::net::TcpListener;
use std::thread;

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{PersonState, SyncRunState};
use freehold_tests::ldif::{BASE, Entry};
use freehold_types::Kind;

use super::{active, refused, skips_of, synced_with};
use crate::world::manifest;

fn person(uid: &str) -> Entry {
    Entry::person(uid, uid, "Probe")
}

fn of_unit(unit: &str, number: usize) -> Entry {
    let uid = format!("{unit}{number}");
    Entry::person_at(&format!("uid={uid},ou={unit},ou=people,{BASE}"), &uid, &uid, "Probe")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_forty_percent_smaller_shuts_nobody_out() -> Result<()> {
    let mut entries = vec![Entry::department("sales"), Entry::department("works")];
    entries.extend((0..40).map(|number| of_unit("sales", number)));
    entries.extend((0..60).map(|number| of_unit("works", number)));
    let (world, slapd, run) = synced_with(&entries).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    // The account loses the right to read a unit. The server says success.
    slapd.hide(&format!("ou=sales,ou=people,{BASE}"))?;
    let run = world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Held, "{}", run.error);
    assert!(run.error.contains("ou=sales"), "the unit is named: {}", run.error);
    assert_eq!(active(&world).await?.len(), 100);

    slapd.show()?;
    let counts = world.line.synced("acme").await?;
    assert_eq!((counts.unchanged_count, counts.deactivated_count), (100, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_with_one_address_are_two_people() -> Result<()> {
    let entries = [person("anna"), person("ben")].map(|entry| entry.with("mail", "info@acme.test"));
    let (world, _slapd, run) = synced_with(&entries).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let people = world.line.people("acme").await?;
    assert!(people.iter().all(|person| person.email == "info@acme.test" && person.state() == PersonState::Active));
    assert_eq!(people.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_with_a_typo_is_refused_with_its_place() -> Result<()> {
    let (world, slapd, _run) = synced_with(&[person("anna")]).await?;
    let mut wrong = manifest::company_of("acme", &slapd)?;
    wrong.directories[0].people_filter = "(&(objectClass=inetOrgPerson)(mail=*)".to_owned();
    let fault = refused(world.line.declare(wrong).await);
    assert_eq!(fault.kind(), Kind::Invalid, "{fault}");
    let violation = fault.violations().first().context("it says which line")?;
    assert_eq!(violation.field, "directories[0].people_filter");
    assert!(violation.message.contains("character 38"), "{}", violation.message);
    assert_eq!(world.line.synced("acme").await?.unchanged_count, 1, "what was declared before still holds");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_values_of_one_attribute_hinder_nobody() -> Result<()> {
    let many = (0..10_000).fold(person("many"), |entry, number| entry.with("telephoneNumber", format!("+33 {number}")));
    let (world, _slapd, run) = synced_with(&[many, person("ben")]).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    assert_eq!(active(&world).await?, ["ben", "many"].map(str::to_owned).into());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_to_another_server_is_told_and_never_followed() -> Result<()> {
    let lure = TcpListener::bind("127.0.0.1:0")?;
    let mut url = String::new();
    write!(url, "ldap://{}/ou=stolen,{BASE}", lure.local_addr()?)?;
    let reference = Entry::new(format!("ou=elsewhere,ou=people,{BASE}"))
        .with("objectClass", "referral")
        .with("objectClass", "extensibleObject")
        .with("ou", "elsewhere")
        .with("ref", url);
    let (world, _slapd, run) = synced_with(&[person("anna"), reference]).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    assert!(skips_of(&run, BASE).iter().any(|said| said.contains("not followed")), "{:?}", run.skips);
    assert_eq!(active(&world).await?, ["anna".to_owned()].into());
    lure.set_nonblocking(true)?;
    assert!(lure.accept().is_err(), "nobody knocked at the other server");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_start_tls_back_gets_no_password() -> Result<()> {
    let (world, slapd, _run) = synced_with(&[person("anna")]).await?;
    let thief = TcpListener::bind("127.0.0.1:0")?;
    let address = thief.local_addr()?;
    // Says of StartTLS that it does not know it, as somebody on the line would.
    let heard = thread::spawn(move || -> Result<Vec<u8>> {
        let (mut stream, _) = thief.accept()?;
        let mut heard = vec![0; 4096];
        let length = stream.read(&mut heard)?;
        heard.truncate(length);
        let refusal = [0x30, 0x0c, 0x02, 0x01, 0x01, 0x78, 0x07, 0x0a, 0x01, 0x02, 0x04, 0x00, 0x04, 0x00];
        std::io::Write::write_all(&mut stream, &refusal)?;
        stream.read_to_end(&mut heard)?;
        Ok(heard)
    });
    let mut stripped = manifest::company_of("acme", &slapd)?;
    stripped.directories[0].urls = vec![format!("ldap://{address}")];
    stripped.directories[0].start_tls = true;
    let fault = refused(world.line.declare(stripped).await);
    assert_eq!(fault.violations().first().context("it says which line")?.field, "directories[0].start_tls", "{fault}");
    let heard = heard.join().map_err(|_panic| anyhow::anyhow!("the thief failed"))??;
    let password = freehold_tests::openldap::BIND_PASSWORD.as_bytes();
    assert!(!heard.windows(password.len()).any(|part| part == password), "the password never left");
    Ok(())
}
