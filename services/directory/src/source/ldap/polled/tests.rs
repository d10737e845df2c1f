//! Against a real slapd without its line of changes.

use std::time::Duration;

use super::super::super::slapd::{Slapd, Wanted};
use super::super::tests::{ldaps, next};
use super::*;

fn source(server: &Slapd) -> LdapSource {
    let mut source = LdapSource::new(ldaps(server)).unwrap();
    source.pace.look = Duration::from_millis(20);
    source.pace.roll = Duration::from_millis(100);
    source
}

fn dn(number: usize) -> String {
    format!("uid=u{number:06},ou=people,dc=acme,dc=test")
}

/// Follows until something else than a roll is told.
async fn told(following: &mut Following) -> String {
    loop {
        match next(following).await {
            Change::Entry { entry, changed_at, .. } => {
                assert!(changed_at.is_some(), "{} without a time", entry.dn);
                return entry.dn;
            }
            Change::Roll(_) | Change::InStep(_) => {}
            other @ (Change::Gone { .. } | Change::ReadAgain { .. }) => panic!("{other:?}"),
        }
    }
}

async fn roll(following: &mut Following) -> Vec<String> {
    loop {
        if let Change::Roll(roll) = next(following).await {
            return roll.into_iter().map(|listed| listed.dn).collect();
        }
    }
}

#[tokio::test]
async fn what_changed_later_is_told_once_and_the_roll_tells_the_rest() {
    let server = Slapd::start(&Wanted { people: 5, follows: false, ..Wanted::default() });
    let source = source(&server);
    let cursor = source.cursor().await.unwrap().expect("times of change are kept");
    assert!(cursor.polled.is_some());
    let mut following = source.follow(&cursor).await.unwrap();
    let before = roll(&mut following).await;
    assert!(before.contains(&dn(3)), "{before:?}");
    // What changed shortly before the place is told once more.
    while !matches!(next(&mut following).await, Change::InStep(_)) {}

    server.change(&format!("dn: {}\nchangetype: modify\nreplace: mail\nmail: new@acme.test\n", dn(3)));
    assert_eq!(told(&mut following).await, dn(3));
    server.change(&format!("dn: {}\nchangetype: delete\n", dn(4)));
    while roll(&mut following).await.contains(&dn(4)) {}
    // Twice within the same second, after it was asked for: the second change is told as well.
    for mail in ["a@acme.test", "b@acme.test"] {
        server.change(&format!("dn: {}\nchangetype: modify\nreplace: mail\nmail: {mail}\n", dn(5)));
        assert_eq!(told(&mut following).await, dn(5));
    }
}

#[tokio::test]
async fn what_changed_while_nobody_looked_is_told_first() {
    let server = Slapd::start(&Wanted { people: 5, follows: false, ..Wanted::default() });
    let source = source(&server);
    let cursor = Cursor::from_bytes(&source.cursor().await.unwrap().unwrap().to_bytes()).unwrap();
    server.change(&format!("dn: {}\nchangetype: modrdn\nnewrdn: uid=u000099\ndeleteoldrdn: 1\n", dn(2)));
    let mut following = source.follow(&cursor).await.unwrap();
    let mut changed = Vec::new();
    while let Change::Entry { entry, .. } = next(&mut following).await {
        changed.push(entry.dn);
    }
    assert!(changed.contains(&dn(99)) && !changed.contains(&dn(2)), "{changed:?}");
}

#[test]
fn a_place_is_never_ahead_of_the_present() {
    let now = SystemClock.now().timestamp();
    assert!((now..=now + 60).contains(&not_ahead(now + 1_000_000)));
    assert_eq!(not_ahead(5), 5);
}
