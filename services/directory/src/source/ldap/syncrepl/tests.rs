//! Against a real slapd.

use freehold_types::Secret;

use super::super::super::slapd::{Slapd, Wanted};
use super::super::super::{Source, SourceKind, SourceSettings};
use super::super::tests::next;
use super::*;

fn source(server: &Slapd) -> Source {
    Source::new(SourceSettings {
        kind: SourceKind::OpenLdap,
        start_tls: false,
        urls: vec![format!("ldaps://127.0.0.1:{}", server.tls_port)],
        ca_pem: server.ca_pem.clone(),
        bind_dn: "cn=sync,dc=acme,dc=test".to_owned(),
        bind_password: Secret::new("Passw0rd!".to_owned()),
        base_dn: "dc=acme,dc=test".to_owned(),
        people_filter: String::new(),
        group_filter: String::new(),
        attributes: ["cn", "mail", "uid"].map(str::to_owned).to_vec(),
        watched: Vec::new(),
        columns: std::collections::BTreeMap::new(),
        encoding: String::new(),
    })
    .unwrap()
}

fn dn(number: u32) -> String {
    format!("uid=u{number:06},ou=people,dc=acme,dc=test")
}

/// Everything up to the next moment in step, in short words, and the cursor of that moment.
async fn batch(following: &mut Following) -> (Vec<String>, Cursor) {
    let mut told = Vec::new();
    loop {
        match next(following).await {
            Change::InStep(cursor) => return (told, cursor),
            Change::Entry { listing, entry, changed_at } => {
                assert!(changed_at.is_some(), "{} without a time", entry.dn);
                let kind = if listing == Listing::People { "person" } else { "group" };
                told.push(format!("{kind} {}", entry.dn));
            }
            Change::Gone { entry_id, .. } => told.push(format!("gone {}", entry_id.len())),
            Change::Roll(_) => panic!("the line of changes tells who is gone"),
            Change::ReadAgain { because } => panic!("read again: {because}"),
        }
    }
}

/// The next batch that says something: a change of one list moves the cookies of all three.
async fn telling(following: &mut Following) -> (Vec<String>, Cursor) {
    loop {
        let (told, cursor) = batch(following).await;
        if !told.is_empty() {
            return (told, cursor);
        }
    }
}

async fn read_again(following: &mut Following) -> String {
    loop {
        if let Change::ReadAgain { because } = next(following).await {
            return because;
        }
    }
}

#[tokio::test]
async fn whether_anything_changed_is_one_question() {
    let server = Slapd::start(&Wanted::default());
    let source = source(&server);
    let before = source.cursor().await.unwrap().expect("slapd can be followed");
    assert!(source.unchanged_since(&before).await.unwrap());
    let mut following = source.follow(&before).await.unwrap();
    batch(&mut following).await;
    server.change(&format!("dn: {}\nchangetype: modify\nreplace: mail\nmail: new@acme.test\n", dn(3)));
    let (_, mut after) = telling(&mut following).await;
    assert!(!source.unchanged_since(&before).await.unwrap());
    // Each of the three searches says so in its own time.
    while !source.unchanged_since(&after).await.unwrap() {
        (_, after) = batch(&mut following).await;
    }
    assert!(!source.unchanged_since(&Cursor::default()).await.unwrap(), "nobody can tell without a place");
}

#[tokio::test]
async fn nothing_changed_is_said_at_once_and_changes_when_they_happen() {
    let server = Slapd::start(&Wanted::default());
    let source = source(&server);
    let cursor = source.cursor().await.unwrap().expect("slapd can be followed");
    let mut following = source.follow(&cursor).await.unwrap();
    let (told, here) = batch(&mut following).await;
    assert_eq!((told, &here), (Vec::new(), &cursor));

    server.change(&format!("dn: {}\nchangetype: modify\nreplace: mail\nmail: new@acme.test\n", dn(3)));
    assert_eq!(telling(&mut following).await.0, [format!("person {}", dn(3))]);
    server.change(&format!("dn: {}\nchangetype: modrdn\nnewrdn: uid=u000099\ndeleteoldrdn: 1\n", dn(3)));
    assert_eq!(telling(&mut following).await.0, [format!("person {}", dn(99))]);
    server.change(&format!("dn: {}\nchangetype: delete\n", dn(4)));
    assert_eq!(telling(&mut following).await.0, ["gone 36"]);
    server.change(&format!("dn: cn=all,dc=acme,dc=test\nchangetype: modify\ndelete: member\nmember: {}\n", dn(5)));
    assert_eq!(telling(&mut following).await.0, ["group cn=all,dc=acme,dc=test"]);
}

#[tokio::test]
async fn what_happened_while_nobody_listened_is_told_first() {
    let server = Slapd::start(&Wanted::default());
    let source = source(&server);
    let cursor = source.cursor().await.unwrap().unwrap();
    server.change(&format!(
        "dn: {}\nchangetype: delete\n\ndn: {}\nchangetype: modify\nreplace: mail\nmail: new@acme.test\n",
        dn(4),
        dn(5)
    ));
    let stored = Cursor::from_bytes(&cursor.to_bytes()).unwrap();
    let (mut told, here) = telling(&mut source.follow(&stored).await.unwrap()).await;
    told.sort();
    // Once, though three searches say so; and whoever only changed is not gone from the groups.
    assert_eq!(told, ["gone 36".to_owned(), format!("person {}", dn(5))]);
    assert_ne!(here, cursor);
}

#[tokio::test]
async fn a_renamed_container_means_reading_again() {
    let server = Slapd::start(&Wanted::default());
    let source = source(&server);
    let cursor = source.cursor().await.unwrap().unwrap();
    let mut following = source.follow(&cursor).await.unwrap();
    batch(&mut following).await;
    let rename = "dn: ou=people,dc=acme,dc=test\nchangetype: modrdn\nnewrdn: ou=staff\ndeleteoldrdn: 1\n";
    server.change(rename);
    assert!(read_again(&mut following).await.contains("ou=staff"));
    // The same for somebody who was not there when it happened.
    assert!(read_again(&mut source.follow(&cursor).await.unwrap()).await.contains("ou=staff"));
}

#[tokio::test]
async fn a_server_that_forgot_means_reading_again_and_never_that_everybody_left() {
    let mut server = Slapd::start(&Wanted::default());
    let cursor = source(&server).cursor().await.unwrap().unwrap();
    server.change(&format!("dn: {}\nchangetype: delete\n", dn(4)));
    server.start_again();
    let mut following = source(&server).follow(&cursor).await.unwrap();
    assert!(!read_again(&mut following).await.is_empty());
}

#[tokio::test]
async fn a_cursor_from_the_servers_future_means_reading_again() {
    let server = Slapd::start(&Wanted::default());
    let future = b"rid=000,csn=20991231235959.000000Z#000000#000#000000".to_vec();
    let place = SyncreplPlace { people: future.clone(), groups: future.clone(), containers: future };
    let mut following = source(&server).follow(&Cursor { syncrepl: Some(place), ..Cursor::default() }).await.unwrap();
    assert!(read_again(&mut following).await.contains("older"));
}

#[tokio::test]
async fn a_server_that_goes_away_is_an_error_and_no_change() {
    let mut server = Slapd::start(&Wanted::default());
    let source = source(&server);
    let cursor = source.cursor().await.unwrap().unwrap();
    let mut following = source.follow(&cursor).await.unwrap();
    batch(&mut following).await;
    server.kill();
    let error = following.next().await.unwrap_err();
    assert!(error.passing(), "{error}");
}

#[test]
fn whoever_a_search_still_has_is_gone_only_when_that_search_says_so() {
    let mut refresh = Refresh::default();
    let id = || "anna".to_owned();
    refresh.there(Search::People, id());
    refresh.gone(Search::Groups, id(), None);
    assert!(refresh.gone.is_empty(), "a person is no group");
    refresh.gone(Search::People, id(), None);
    assert_eq!(refresh.gone.len(), 1, "deleted while the others were still asked");
    refresh.there(Search::People, id());
    assert!(refresh.gone.is_empty(), "back again");
    refresh = Refresh::default();
    refresh.gone(Search::Groups, id(), None);
    refresh.there(Search::People, id());
    assert!(refresh.gone.is_empty(), "in whatever order they are told");
}
