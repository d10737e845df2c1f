//! Against a real slapd.

use std::net::TcpListener;
use std::time::Duration;

use freehold_types::Secret;
use tempfile::TempDir;

use super::super::change::Change;
use super::super::slapd::{Slapd, Wanted, write_certificates};
use super::super::{Complete, Entry, ServerKind, Source, SourceKind};
use super::*;

fn settings(url: String, ca_pem: &str) -> SourceSettings {
    SourceSettings {
        kind: SourceKind::OpenLdap,
        start_tls: url.starts_with("ldap://"),
        urls: vec![url],
        ca_pem: ca_pem.to_owned(),
        bind_dn: "cn=sync,dc=acme,dc=test".to_owned(),
        bind_password: Secret::new("Passw0rd!".to_owned()),
        base_dn: "dc=acme,dc=test".to_owned(),
        people_filter: String::new(),
        group_filter: String::new(),
        attributes: ["cn", "mail", "uid"].map(str::to_owned).to_vec(),
        watched: Vec::new(),
        columns: std::collections::BTreeMap::new(),
        encoding: String::new(),
    }
}

pub(super) fn ldaps(server: &Slapd) -> SourceSettings {
    settings(format!("ldaps://127.0.0.1:{}", server.tls_port), &server.ca_pem)
}

pub(super) async fn next(following: &mut Following) -> Change {
    timeout(Duration::from_secs(20), following.next()).await.expect("nothing was told").unwrap()
}

fn start_tls(server: &Slapd) -> SourceSettings {
    settings(format!("ldap://127.0.0.1:{}", server.port), &server.ca_pem)
}

async fn drain(mut reading: Reading) -> Result<(Vec<Entry>, Complete), SourceError> {
    let mut entries = Vec::new();
    loop {
        match reading.next().await? {
            Read::Entry(entry) => entries.push(entry),
            Read::Complete(complete) => {
                assert_eq!(reading.next().await.unwrap(), Read::Complete(complete), "the end stays the end");
                return Ok((entries, complete));
            }
        }
    }
}

async fn people(settings: SourceSettings) -> Result<(Vec<Entry>, Complete), SourceError> {
    drain(Source::new(settings)?.people().await?).await
}

#[tokio::test]
async fn everybody_comes_in_pages_over_both_ways_of_tls() {
    let server = Slapd::start(&Wanted { people: 2_500, ..Wanted::default() });
    for settings in [ldaps(&server), start_tls(&server)] {
        let (people, complete) = people(settings).await.unwrap();
        assert_eq!((people.len(), complete.entries(), complete.pages()), (2_500, 2_500, 3));
        let anna = people.iter().find(|entry| entry.values("uid") == [b"u000001".to_vec()]).unwrap();
        assert_eq!(anna.dn, "uid=u000001,ou=people,dc=acme,dc=test");
        assert_eq!(anna.values("cn"), ["Müller".as_bytes().to_vec()]);
        assert_eq!(anna.values("entryuuid")[0].len(), 36);
        assert_eq!(anna.values("entrydn"), [anna.dn.as_bytes().to_vec()]);
        assert!(anna.values("userpassword").is_empty());
    }
}

#[tokio::test]
async fn a_probe_says_who_answered_and_how() {
    let server = Slapd::start(&Wanted::default());
    for settings in [ldaps(&server), start_tls(&server)] {
        let address = settings.urls[0].clone();
        let report = Source::new(settings).unwrap().probe().await.unwrap();
        let wanted = ProbeReport {
            deletions: Deletions::Seen,
            server: ServerKind::OpenLdap,
            address,
            encryption: Some("TLS 1.3"),
            paged_results: true,
            naming_contexts: vec!["dc=acme,dc=test".to_owned()],
        };
        assert_eq!(report, wanted);
        assert!(report.fits(SourceKind::OpenLdap) && !report.fits(SourceKind::ActiveDirectory));
    }
}

#[tokio::test]
async fn the_lists_may_be_read_at_the_same_time() {
    let server = Slapd::start(&Wanted { people: 1_200, ..Wanted::default() });
    let source = Source::new(ldaps(&server)).unwrap();
    let (people, groups) = tokio::join!(async { drain(source.people().await.unwrap()).await.unwrap() }, async {
        drain(source.groups().await.unwrap()).await.unwrap()
    },);
    assert_eq!((people.0.len(), groups.0.len()), (1_200, 1));
    assert_eq!(groups.0[0].values("member").len(), 1_200);
}

#[tokio::test]
async fn an_authority_that_is_not_ours_is_refused() {
    let server = Slapd::start(&Wanted::default());
    let folder = TempDir::new().unwrap();
    let other = write_certificates(folder.path(), &["localhost"]);
    for ca_pem in [other.as_str(), ""] {
        for url in [format!("ldaps://127.0.0.1:{}", server.tls_port), format!("ldap://127.0.0.1:{}", server.port)] {
            let error = people(settings(url, ca_pem)).await.unwrap_err();
            assert!(matches!(error, SourceError::Tls { .. }), "{error}");
            assert!(error.to_string().contains("not trusted"), "{error}");
            assert!(error.cure().contains("ca_file"), "{}", error.cure());
        }
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_with_both_names() {
    let server = Slapd::start(&Wanted { names: vec!["dc1.acme.test"], ..Wanted::default() });
    let error = people(ldaps(&server)).await.unwrap_err().to_string();
    assert!(error.contains("should be for 127.0.0.1") && error.contains("dc1.acme.test"), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_gets_no_password() {
    let server = Slapd::start(&Wanted { names: Vec::new(), ..Wanted::default() });
    let error = people(start_tls(&server)).await.unwrap_err();
    assert!(matches!(error, SourceError::StartTlsRefused { .. }), "{error}");
    assert!(error.to_string().contains("code 2, protocol error"), "{error}");
    // On this machine it may be spoken to in clear, if that is what is configured.
    let mut clear = start_tls(&server);
    clear.start_tls = false;
    assert_eq!(people(clear).await.unwrap().1.entries(), 10);
}

#[tokio::test]
async fn a_wrong_password_is_told_at_the_first_server() {
    let server = Slapd::start(&Wanted::default());
    let mut wrong = ldaps(&server);
    wrong.bind_password = Secret::new("guess".to_owned());
    let error = people(wrong.clone()).await.unwrap_err();
    assert!(matches!(error, SourceError::WrongPassword { .. }), "{error}");
    assert!(!error.passing());
    wrong.urls.push("ldaps://192.0.2.1".to_owned());
    assert!(matches!(people(wrong).await.unwrap_err(), SourceError::WrongPassword { .. }));
}

#[tokio::test]
async fn an_empty_password_never_leaves() {
    let mut empty = settings("ldaps://192.0.2.1".to_owned(), "");
    empty.bind_password = Secret::new(String::new());
    assert!(matches!(Source::new(empty), Err(SourceError::EmptyPassword)));
}

#[tokio::test]
async fn the_next_server_is_asked_when_one_is_down() {
    let server = Slapd::start(&Wanted::default());
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut settings = ldaps(&server);
    settings.urls.insert(0, format!("ldaps://127.0.0.1:{nobody}"));
    let wanted = settings.urls[1].clone();
    let source = Source::new(settings).unwrap();
    assert_eq!(source.probe().await.unwrap().address, wanted);
    assert_eq!(drain(source.people().await.unwrap()).await.unwrap().1.entries(), 10);
}

#[tokio::test]
async fn a_wrong_base_is_told_with_what_there_is() {
    let server = Slapd::start(&Wanted::default());
    for base in ["ou=nowhere,dc=acme,dc=test", "dc=other,dc=test"] {
        let mut wrong = ldaps(&server);
        wrong.base_dn = base.to_owned();
        let error = Source::new(wrong.clone()).unwrap().probe().await.unwrap_err();
        assert!(matches!(error, SourceError::BaseNotFound { .. }), "{error}");
        assert!(error.cure().contains("dc=acme,dc=test"), "{}", error.cure());
        let error = people(wrong).await.unwrap_err();
        assert!(matches!(error, SourceError::BaseNotFound { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_filter_that_matches_nobody_gives_nobody_and_is_complete() {
    let server = Slapd::start(&Wanted::default());
    for filter in ["(uid=nobody)", "(noSuchAttribute=*)"] {
        let mut settings = ldaps(&server);
        settings.people_filter = filter.to_owned();
        let (people, complete) = people(settings).await.unwrap();
        assert_eq!((people.len(), complete.entries(), complete.pages()), (0, 0, 1));
    }
}

#[tokio::test]
async fn a_size_limit_is_never_the_end() {
    let limits = "size.soft=500 size.hard=500 size.prtotal=500";
    let server = Slapd::start(&Wanted { people: 800, limits, ..Wanted::default() });
    let error = people(ldaps(&server)).await.unwrap_err();
    assert!(matches!(error, SourceError::SizeLimit { entries: 1..=500 }), "{error:?}");
    assert!(!error.passing());
}

#[tokio::test]
async fn a_server_that_dies_between_pages_is_never_the_end() {
    let mut server = Slapd::start(&Wanted { people: 2_500, ..Wanted::default() });
    let mut reading = Source::new(ldaps(&server)).unwrap().people().await.unwrap();
    assert!(matches!(reading.next().await, Ok(Read::Entry(_))));
    server.kill();
    let error = drain(reading).await.unwrap_err();
    assert!(matches!(error, SourceError::Broken { entries: 1..2_500, .. }), "{error:?}");
    assert!(error.passing());
}

#[test]
fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    let good = settings("ldaps://192.0.2.1".to_owned(), "");
    let changes: [fn(&mut SourceSettings); 9] = [
        |settings| settings.base_dn = "acme".to_owned(),
        |settings| settings.base_dn = String::new(),
        |settings| settings.people_filter = "objectClass=person".to_owned(),
        |settings| settings.group_filter = "(&(a=b)".to_owned(),
        |settings| settings.urls = vec!["192.0.2.1".to_owned()],
        |settings| settings.urls.clear(),
        |settings| settings.bind_dn = " ".to_owned(),
        |settings| settings.attributes.push("userPassword".to_owned()),
        |settings| settings.ca_pem = "no certificate".to_owned(),
    ];
    assert!(Source::new(good.clone()).is_ok());
    for (number, change) in changes.into_iter().enumerate() {
        let mut wrong = good.clone();
        change(&mut wrong);
        let error = Source::new(wrong).err().unwrap_or_else(|| panic!("change {number} was accepted"));
        assert!(matches!(error, SourceError::Settings(_) | SourceError::BadFilter { .. }), "{error}");
    }
}
