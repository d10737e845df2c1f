//! The command line of the real binary: mistakes all at once, and exit codes that a script can act on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;

use anyhow::{Context, Result};
use freehold_tests::company::Company;
use freehold_tests::ldif::BASE;
use freehold_tests::openldap::{BIND_DN, BIND_PASSWORD, Slapd};
use serde_json::Value;

use crate::world::server::Server;
use crate::world::{Engine, Place};

const WITH_FIVE_MISTAKES: &str = r#"name = "Acme Inc"
company = "Acme"
language = "tlh"
time_zone = "Mars/Olympus"
colour = "blue"

[[directory]]
name = "head-office"
kind = "banana"
"#;

fn code(output: &Output) -> Result<i32> {
    output.status.code().context("the command was killed")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_mistakes_are_reported_at_once() -> Result<()> {
    let place = Place::new(Engine::Sqlite)?;
    let server = Server::start(&place)?;
    let file = place.folder.write("wrong.toml", WITH_FIVE_MISTAKES)?.display().to_string();
    let output = server.command(&place, &["tenant", "apply", &file])?;
    assert_eq!(code(&output)?, 1, "{}", told(&output));
    for words in ["line 1", "line 3", "line 4", "line 5", "line 9", "name", "language", "time_zone", "colour", "kind"] {
        assert!(told(&output).contains(words), "{words:?} is not in {}", told(&output));
    }

    let output = server.command(&place, &["--json", "tenant", "apply", &file])?;
    assert_eq!(code(&output)?, 1);
    let report: Value = serde_json::from_slice(&output.stdout)
        .or_else(|_elsewhere| serde_json::from_slice(&output.stderr))
        .with_context(|| told(&output))?;
    let details = find(&report, "details").and_then(Value::as_array).context("a list of mistakes")?;
    let lines: Vec<u64> = details.iter().filter_map(|detail| detail["line"].as_u64()).collect();
    for line in [1, 3, 4, 5, 9] {
        assert!(lines.contains(&line), "line {line} is not among {report}");
    }

    let output = server.command(&place, &["--json", "tenant", "list"])?;
    assert_eq!(code(&output)?, 0, "{}", told(&output));
    assert!(!told(&output).contains("Acme"), "something of it was applied");
    Ok(())
}

/// A field of the report, wherever it stands.
fn find<'a>(report: &'a Value, name: &str) -> Option<&'a Value> {
    report.get(name).or_else(|| report.as_object()?.values().find_map(|inner| find(inner, name)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_declared_filled_and_held_by_commands() -> Result<()> {
    let company = Company::of(60);
    let slapd = Slapd::start(&company.entries())?;
    let place = Place::new(Engine::Sqlite)?;
    let server = Server::start(&place)?;
    let file = write_manifest(&place, &slapd)?.display().to_string();
    let run = |words: &[&str]| server.command(&place, words);

    for words in [&["tenant", "apply", &file][..], &["directory", "check", "acme"], &["directory", "sync", "acme"]] {
        let output = run(words)?;
        assert_eq!(code(&output)?, 0, "{words:?}: {}", told(&output));
    }
    let listed = people(&run(&["--json", "person", "list", "acme"])?)?;
    let expected: Vec<&str> = company.people.iter().map(|person| person.uid.as_str()).collect();
    assert_eq!(listed.iter().map(|(uid, _)| uid.as_str()).collect::<Vec<_>>(), expected);

    for person in &company.people[..25] {
        slapd.delete(&person.dn)?;
    }
    let held = run(&["--json", "directory", "sync", "acme"])?;
    assert_eq!(code(&held)?, 3, "{}", told(&held));
    let report: Value = serde_json::from_slice(&held.stdout).with_context(|| told(&held))?;
    let change_set = report["change_set_id"].as_str().context("a change set to approve")?;
    assert!(people(&run(&["--json", "person", "list", "acme"])?)?.iter().all(|(_, state)| state.ends_with("ACTIVE")));

    let output = run(&["directory", "sync", "acme", "--approve", change_set])?;
    assert_eq!(code(&output)?, 0, "{}", told(&output));
    let gone = people(&run(&["--json", "person", "list", "acme"])?)?;
    assert_eq!(gone.iter().filter(|(_, state)| state.ends_with("DEACTIVATED")).count(), 25);
    Ok(())
}

/// User names and states, by user name.
fn people(output: &Output) -> Result<Vec<(String, String)>> {
    assert_eq!(code(output)?, 0, "{}", told(output));
    let listed: Value = serde_json::from_slice(&output.stdout)?;
    let people = listed["people"].as_array().context("a list of people")?;
    let text = |person: &Value, field: &str| person[field].as_str().unwrap_or_default().to_owned();
    let mut people: Vec<_> =
        people.iter().map(|person| (text(person, "user_name"), text(person, "state").to_uppercase())).collect();
    people.sort();
    Ok(people)
}

fn write_manifest(place: &Place, slapd: &Slapd) -> Result<PathBuf> {
    let password = place.folder.write("bind.password", BIND_PASSWORD)?;
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600))?;
    let text = format!(
        "name = \"acme\"\ncompany = \"Acme\"\n\n[[directory]]\nname = \"head-office\"\nkind = \"openldap\"\n\
         url = \"{}\"\nca_file = \"{}\"\nbind_dn = \"{BIND_DN}\"\nbind_password_file = \"{}\"\nbase_dn = \"{BASE}\"\n\n\
         [sign_in]\naccess_codes = true\n\n[[group]]\nname = \"Everybody\"\nprivacy = \"open\"\n\
         members = {{ everybody = true }}\n",
        slapd.ldaps_url(),
        slapd.ca_file().display(),
        password.display()
    );
    place.folder.write("acme.toml", text)
}
