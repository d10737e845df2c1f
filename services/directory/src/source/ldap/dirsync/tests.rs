use super::fake::{CONTEXT, Fake, State};
use super::*;

use super::super::super::change::Cursor;

async fn cursor(fake: &Fake) -> Cursor {
    fake.source().cursor().await.unwrap().unwrap()
}

async fn next(following: &mut Following) -> Result<Change, SourceError> {
    timeout(Duration::from_secs(20), following.next()).await.expect("a change")
}

fn short(entry_id: &str) -> &str {
    entry_id.split_at_checked(2).unwrap().0
}

/// What is told until everything is told.
async fn batch(following: &mut Following) -> (Vec<String>, Cursor) {
    let mut told = Vec::new();
    loop {
        match next(following).await.unwrap() {
            Change::Entry { listing, entry, changed_at } => {
                assert!(changed_at.is_some());
                told.push(format!("{listing:?} {}", entry.dn));
            }
            Change::Gone { entry_id, .. } => told.push(format!("Gone {}", short(&entry_id))),
            Change::Roll(roll) => {
                let ids: Vec<&str> = roll.iter().map(|listed| short(&listed.entry_id)).collect();
                told.push(format!("Roll {}", ids.join(" ")));
            }
            Change::InStep(cursor) => return (told, cursor),
            Change::ReadAgain { because } => panic!("{because}"),
        }
    }
}

async fn read_again(fake: &Fake, cursor: &Cursor) -> String {
    let mut following = fake.source().follow(cursor).await.unwrap();
    loop {
        if let Change::ReadAgain { because } = next(&mut following).await.unwrap() {
            return because;
        }
    }
}

fn staff(name: &str) -> String {
    format!("CN={name},OU=Staff,{CONTEXT}")
}

fn filled(change: impl FnOnce(&mut State)) -> Fake {
    let fake = Fake::start();
    {
        let mut state = fake.state();
        state.put(1, "organizationalUnit", &format!("OU=Staff,{CONTEXT}"));
        state.put(2, "user", &staff("Anna"));
        state.put(3, "user", &staff("Bert"));
        state.put(4, "group", &staff("Team"));
        change(&mut state);
    }
    fake
}

#[tokio::test]
async fn changes_come_whole_in_as_many_rounds_as_the_server_likes() {
    for per_round in [None, Some(1), Some(2)] {
        let fake = filled(|state| state.per_round = per_round);
        let cursor = cursor(&fake).await;
        {
            let mut state = fake.state();
            state.put(2, "user", &staff("Anna Smith"));
            state.put(4, "group", &staff("Team"));
            state.delete(3);
            state.put(5, "user", &staff("Cem"));
            state.put(6, "organizationalUnit", &format!("OU=New,OU=Staff,{CONTEXT}"));
            state.put(7, "user", &format!("CN=Elsewhere,OU=Other,{CONTEXT}"));
        }
        let mut following = fake.source().follow(&cursor).await.unwrap();
        let (told, place) = batch(&mut following).await;
        let wanted = [
            format!("People {}", staff("Anna Smith")),
            "Gone 03".to_owned(),
            format!("Groups {}", staff("Team")),
            format!("People {}", staff("Cem")),
            "Gone 06".to_owned(),
            "Gone 07".to_owned(),
        ];
        assert_eq!(told, wanted);
        // The bell rings for what happens now; nothing is told twice.
        fake.state().put(2, "user", &staff("Anna"));
        assert_eq!(batch(&mut following).await.0, [format!("People {}", staff("Anna"))]);
        let mut again = fake.source().follow(&place).await.unwrap();
        assert_eq!(batch(&mut again).await.0, [format!("People {}", staff("Anna"))]);
    }
}

#[tokio::test]
async fn whether_anything_changed_is_one_question() {
    let fake = filled(|_| {});
    let before = cursor(&fake).await;
    let unchanged = async || fake.source().unchanged_since(&before).await.unwrap();
    assert!(unchanged().await);
    let invocation = std::mem::replace(&mut fake.state().invocation, b"another database".to_vec());
    assert!(!unchanged().await, "the same number means something else there");
    fake.state().invocation = invocation;
    assert!(unchanged().await);
    fake.state().put(2, "user", &staff("Anna Smith"));
    assert!(!unchanged().await);
}

#[tokio::test]
async fn a_server_that_does_not_ring_is_asked() {
    let fake = filled(|state| state.refuses_notification = true);
    let mut source = fake.source();
    source.pace.poll = Duration::from_millis(20);
    let mut following = source.follow(&cursor(&fake).await).await.unwrap();
    assert!(batch(&mut following).await.0.is_empty());
    fake.state().delete(2);
    assert_eq!(batch(&mut following).await.0, ["Gone 02"]);
}

#[tokio::test]
async fn a_container_that_is_renamed_makes_everything_be_read_again() {
    let fake = filled(|_state| {});
    let cursor = cursor(&fake).await;
    fake.state().put(1, "organizationalUnit", &format!("OU=People,{CONTEXT}"));
    let because = read_again(&fake, &cursor).await;
    assert!(because.contains("OU=People") && because.contains("renamed"), "{because}");
}

#[tokio::test]
async fn a_place_that_means_nothing_any_more_makes_everything_be_read_again() {
    type Damage = (fn(&mut State), &'static str);
    let changes: [Damage; 3] = [
        (|state| state.refuses_cookies = true, "does not know any more"),
        (|state| state.usn = 50, "backup"),
        (|state| state.invocation = b"fedcba9876543210".to_vec(), "another directory server"),
    ];
    for (change, wanted) in changes {
        let fake = filled(|_state| {});
        let cursor = cursor(&fake).await;
        change(&mut fake.state());
        let because = read_again(&fake, &cursor).await;
        assert!(because.contains(wanted), "{because}");
    }
}

#[tokio::test]
async fn a_database_that_goes_back_while_it_is_followed_is_noticed() {
    let fake = filled(|_state| {});
    let mut source = fake.source();
    source.pace.poll = Duration::from_millis(20);
    source.pace.idle = Duration::from_millis(20);
    let mut following = source.follow(&cursor(&fake).await).await.unwrap();
    batch(&mut following).await;
    fake.state().usn = 60;
    let change = next(&mut following).await.unwrap();
    assert!(matches!(&change, Change::ReadAgain { because } if because.contains("backup")), "{change:?}");
}

#[tokio::test]
async fn a_connection_that_breaks_between_rounds_is_an_error_and_nobody_is_gone() {
    let fake = filled(|state| state.per_round = Some(1));
    let cursor = cursor(&fake).await;
    {
        let mut state = fake.state();
        state.delete(2);
        state.delete(3);
        state.rounds = 0;
        state.hangs_up = true;
    }
    let mut following = fake.source().follow(&cursor).await.unwrap();
    let error = next(&mut following).await.unwrap_err();
    assert!(matches!(error, SourceError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn an_account_that_cannot_see_deletions_calls_the_roll_first_and_then_from_time_to_time() {
    let fake = filled(|state| state.hides_deletions = true);
    let place = cursor(&fake).await;
    // Without a word: as it is for an account that does not see it.
    fake.state().objects.remove(&3);
    let mut source = fake.source();
    source.pace.idle = Duration::from_millis(20);
    source.pace.roll = Duration::from_millis(50);
    let mut following = source.follow(&place).await.unwrap();
    assert_eq!(batch(&mut following).await.0, ["Roll 02 04"]);
    fake.state().objects.remove(&2);
    while batch(&mut following).await.0 != ["Roll 04"] {}
}

#[tokio::test]
async fn ends_of_rounds_that_are_none_are_refused() {
    let good = [0x30, 11, 2, 1, 1, 2, 1, 0, 4, 3, b'a', b'b', b'c'];
    assert_eq!(message::round(&good), Some(Round { more: true, cookie: b"abc".to_vec() }));
    for wrong in [b"".as_slice(), &good[..12], b"\x30\x00", b"\x30\x08\x02\x01\x00\x02\x01\x00\x04\x00", b"\x04\x01x"] {
        assert_eq!(message::round(wrong), None, "{wrong:?}");
    }
}

#[test]
fn whatever_a_filter_looks_at_is_asked_for() {
    let names: Vec<String> =
        filter_attributes("(&(objectClass=user)(!(Department=Sales \\28x\\29))(uac:1.2.3:=2))").collect();
    assert_eq!(names, ["objectclass", "department", "uac"]);
}
