//! The real parts work, each by itself. When one of these fails, look here first.

mod samba;

use std::process::Command;

use anyhow::{Context, Result};
use freehold_tests::company::Company;
use freehold_tests::http::visitor;
use freehold_tests::idp::{Account, CLIENT_ID, CLIENT_SECRET, Idp};
use freehold_tests::ldif::{BASE, Entry};
use freehold_tests::openldap::Slapd;
use freehold_tests::part::{Folder, Part};
use freehold_tests::{chromium, leak, postgres};
use serde_json::{Value, json};

#[test]
fn slapd_holds_the_company_and_answers_over_tls() -> Result<()> {
    let company = Company::of(300);
    let mut slapd = Slapd::start(&company.entries())?;
    assert_eq!(slapd.search("(objectClass=inetOrgPerson)")?.len(), 300);
    assert_eq!(slapd.search("(objectClass=groupOfNames)")?.len(), company.groups.len());

    let ninth = &company.people[9];
    assert_eq!(slapd.search(&format!("(entryUUID={})", ninth.uuid))?.len(), 1, "the UUID is ours");
    slapd.delete(&ninth.dn)?;
    assert_eq!(slapd.search(&format!("(uid={})", ninth.uid))?.len(), 0);
    let back = Entry::person_at(&ninth.dn, &ninth.uid, ninth.given, ninth.family).with_uuid(&ninth.uuid);
    slapd.add(&back)?;
    assert_eq!(slapd.search(&format!("(entryUUID={})", ninth.uuid))?.len(), 1, "the same UUID comes back");

    slapd.replace(&ninth.dn, "mail", &["ninth@acme.test"])?;
    slapd.rename(&ninth.dn, "uid=moved", &format!("ou=people,{BASE}"))?;
    assert_eq!(slapd.search("(&(uid=moved)(mail=ninth@acme.test))")?.len(), 1);
    slapd.stop();
    assert!(slapd.search("(uid=moved)").is_err());
    slapd.start_again()?;
    assert_eq!(slapd.search("(uid=moved)")?.len(), 1);
    assert!(slapd.operations()["SRCH"] > 5, "operations are counted: {:?}", slapd.operations());
    Ok(())
}

#[test]
fn slapd_can_be_made_to_fail() -> Result<()> {
    let company = Company::of(100);
    let slapd = Slapd::start(&company.entries())?;
    let people = "(objectClass=inetOrgPerson)";

    let department = format!("ou=Sales,ou=people,{BASE}");
    slapd.hide(&department)?;
    assert_eq!(slapd.search(people)?.len(), 95, "one of twenty departments is out of sight");
    slapd.show()?;
    slapd.limit_answers(10)?;
    let refused = slapd.search(people).expect_err("more than the limit");
    assert!(refused.to_string().contains("Size limit exceeded"), "{refused}");
    slapd.set_bind_password("another")?;
    let refused = slapd.search(people).expect_err("the password has changed");
    assert!(refused.to_string().contains("Invalid credentials"), "{refused}");
    Ok(())
}

#[test]
fn slapd_without_tls_refuses_starttls() -> Result<()> {
    let slapd = Slapd::start_without_tls(&[Entry::person("anna", "Anna", "Groß")])?;
    assert!(slapd.search("(uid=anna)").is_err(), "nothing answers over LDAPS");
    let clear =
        Command::new("ldapsearch").args(["-ZZ", "-x", "-H", &slapd.ldap_url(), "-s", "base", "-b", ""]).output()?;
    assert!(!clear.status.success());
    Ok(())
}

#[test]
fn companies_are_what_they_say() {
    let company = Company::of(2_000);
    assert_eq!(company.reached_by("tout le monde 1").len(), 2_000);
    assert_eq!(company.reached_by("all staff, flat").len(), 2_000);
    assert_eq!(company.reached_by("cycle a"), company.reached_by("cycle b"));
    assert_eq!(company.reached_by("cycle a").len(), 2);
    assert_eq!(company.people.iter().filter(|person| person.mail.is_none()).count(), 285);
    assert!(company.ldif().contains("\ndn:: "), "some DNs need base64");
}

#[test]
fn every_database_is_fresh_and_can_be_dumped() -> Result<()> {
    let (first, second) = (postgres::database()?, postgres::database()?);
    assert_ne!(first, second);
    postgres::query(&first, "CREATE TABLE note (body text, sealed bytea)")?;
    postgres::query(&first, "INSERT INTO note VALUES ('plain', convert_to('Zoë Groß', 'UTF8'))")?;
    assert_eq!(postgres::query(&first, "SELECT count(*) FROM note")?.trim(), "1");
    assert!(postgres::query(&second, "SELECT count(*) FROM note").is_err());
    let texts = ["Zoë Groß", "Jürgen Müller"].map(str::to_owned);
    assert_eq!(leak::found_in(&postgres::dump(&first)?, &texts), ["Zoë Groß"], "also when pg_dump writes it in hex");
    Ok(())
}

#[test]
fn leaks_are_found_in_every_disguise() {
    let texts = ["Łukasz Becker".to_owned(), "nobody here".to_owned()];
    let wide: Vec<u8> = "Łukasz Becker".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let copies: [&[u8]; 6] = [
        "xxŁukasz bECKERxx".as_bytes(),
        b"\\xc581756b61737a204265636b657200",
        "eHjFgXVrYXN6IEJlY2tlcnh4".as_bytes(),
        "eMWBdWthc3ogQmVja2VyeHg=".as_bytes(),
        "xYF1a2FzeiBCZWNrZXJ4eA==".as_bytes(),
        &wide,
    ];
    for copy in copies {
        assert_eq!(leak::found_in(copy, &texts), ["Łukasz Becker"], "{copy:?}");
    }
    assert!(leak::found_in(b"Lukasz Becke", &texts).is_empty());
}

/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[tokio::test]
async fn the_provider_signs_people_in() -> Result<()> {
    let idp = Idp::start(&[Account::new("anna").claim("email", "anna@acme.test").claim("oid", "entry-7")])?;
    let visitor = visitor()?;
    let issuer = idp.issuer();
    let discovery: Value = serde_json::from_str(
        &visitor.get(format!("{issuer}/.well-known/openid-configuration")).send().await?.text().await?,
    )?;
    assert_eq!(discovery["issuer"], issuer);

    let redirect = "http://127.0.0.1:1/callback";
    let authorize = format!(
        "{issuer}/auth?client_id={CLIENT_ID}&response_type=code&scope=openid%20email&redirect_uri={redirect}\
         &state=s&nonce=n&code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    assert!(idp.sign_in(&visitor, &authorize, "anna").await.is_err(), "the redirect is not registered yet");
    idp.allow_redirect(redirect)?;

    let claims = claims_of(&idp, &visitor, &authorize, redirect).await?;
    assert_eq!(claims["sub"], "subject-of-anna");
    assert_eq!((&claims["oid"], &claims["nonce"]), (&json!("entry-7"), &json!("n")));

    idp.rotate(false)?;
    idp.tamper(json!({ "claims": { "oid": "somebody-else" } }))?;
    assert_eq!(claims_of(&idp, &visitor, &authorize, redirect).await?["oid"], "somebody-else");
    assert!(idp.hits()?["token"] >= 2);

    idp.disable("anna")?;
    let back = idp.sign_in(&freehold_tests::http::visitor()?, &authorize, "anna").await?;
    assert!(back.contains("error=access_denied"), "{back}");
    Ok(())
}

async fn claims_of(idp: &Idp, visitor: &reqwest::Client, authorize: &str, redirect: &str) -> Result<Value> {
    use base64::Engine;
    let back = idp.sign_in(visitor, authorize, "anna").await?;
    let back = reqwest::Url::parse(&back)?;
    let (_, code) = back.query_pairs().find(|(name, _)| name == "code").context("no code came back")?;
    let form = format!("grant_type=authorization_code&code={code}&redirect_uri={redirect}&code_verifier={VERIFIER}");
    let answer = visitor
        .post(format!("{}/token", idp.issuer()))
        .basic_auth(CLIENT_ID, Some(CLIENT_SECRET))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let answer: Value = serde_json::from_str(&answer.send().await?.text().await?)?;
    let token = answer["id_token"].as_str().with_context(|| format!("no ID token in {answer}"))?;
    let middle = token.split('.').nth(1).context("a token has three parts")?;
    Ok(serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(middle)?)?)
}

#[test]
fn chromium_takes_a_picture_and_finds_faults() -> Result<()> {
    let folder = Folder::new("picture")?;
    let page = folder.write("page.html", "<!doctype html><title>Ein Bild</title><p><img src='data:,'></p>")?;
    let (page, picture) = (format!("file://{}", page.display()), folder.path().join("page.png"));
    let said = chromium::run("screenshot.mjs", &[&page, &picture.display().to_string(), "--dark"])?;
    assert!(said.contains("Ein Bild"), "{said}");
    assert!(std::fs::read(&picture)?.starts_with(b"\x89PNG"));

    let faults: Value = serde_json::from_str(&chromium::run("inspect.mjs", &[&page])?)?;
    let axe = faults["axe"].to_string();
    assert!(axe.contains("html-has-lang") && axe.contains("image-alt"), "{axe}");
    assert_eq!(faults["overflow"], 0);
    Ok(())
}

#[test]
fn a_part_outlives_the_thread_that_started_it_and_not_its_owner() -> Result<()> {
    let folder = Folder::new("sleep")?;
    let command = ["/bin/sleep", "1000"].map(str::to_owned);
    let start = || -> Result<(Part, u32)> {
        let mut part = Part::start("sleep", &folder, "TERM", &command)?;
        let pid = part.ready(std::time::Duration::from_secs(10), || {
            Ok(std::fs::read_to_string(folder.path().join("pid"))?.trim().parse().ok())
        })?;
        Ok((part, pid))
    };
    let (part, pid) = std::thread::scope(|scope| scope.spawn(start).join()).expect("the thread ends well")?;
    let alive = || std::path::Path::new(&format!("/proc/{pid}/exe")).exists();
    assert!(alive());
    drop(part);
    assert!(!alive());
    Ok(())
}
