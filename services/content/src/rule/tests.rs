use std::collections::{BTreeMap, BTreeSet};

use freehold_types::GroupId;
use freehold_types::access::Privacy;
use uuid::Uuid;

use super::{Change, Conditions, Declared, Difference, Exceptions, Known, Rule, changes, difference};

fn declared(name: &str, rule: Rule) -> Declared {
    Declared { name: name.to_owned(), privacy: Privacy::Open, rule }
}

fn known(number: u128, name: &str, rule: Option<Rule>) -> Known {
    Known { id: GroupId::from_uuid(Uuid::from_u128(number)), name: name.to_owned(), privacy: Privacy::Open, rule }
}

fn site(value: &str) -> Rule {
    Rule::Attributes(BTreeMap::from([("site".to_owned(), value.to_owned())]))
}

fn sentences(declared: Vec<Declared>, known: Vec<Known>) -> Vec<String> {
    changes(declared, known).iter().map(Change::sentence).collect()
}

#[test]
fn what_is_so_already_changes_nothing() {
    let groups = [Rule::Everybody, site("Genève"), Rule::DirectoryGroup("cn=a,dc=b".to_owned())];
    let wanted = groups.iter().enumerate().map(|(i, rule)| declared(&format!("g{i}"), rule.clone())).collect();
    let had = groups.iter().enumerate().map(|(i, rule)| known(1, &format!("g{i}"), Some(rule.clone()))).collect();
    assert_eq!(sentences(wanted, had), Vec::<String>::new());
}

#[test]
fn every_change_is_said_in_a_sentence() {
    let wanted = vec![
        declared("New", site("Bern")),
        Declared { privacy: Privacy::Secret, ..declared("SALES", Rule::DirectoryGroup("cn=s".to_owned())) },
    ];
    let had = vec![known(1, "Sales", Some(Rule::Everybody)), known(2, "Old", Some(Rule::Everybody))];
    assert_eq!(
        sentences(wanted, had),
        [
            "create group \"New\", open, filled by site = \"Bern\"",
            "change group \"Sales\": write its name \"SALES\", make it secret, fill it by directory group \"cn=s\"",
            "stop filling group \"Old\": its posts stay, the members by rule go",
        ]
    );
}

#[test]
fn every_condition_and_exception_is_said_and_reads_back() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
    let of_set = Conditions { manager: Some("E1".to_owned()), ..Conditions::default() };
    let conditions = Conditions {
        fields: [("site".to_owned(), words(&["Paris", "Lyon"]))].into(),
        directory_group: Some("cn=a".to_owned()),
        people_set: Some("Night".to_owned()),
        all_of: vec![of_set],
        ..Conditions::default()
    };
    let exceptions = Exceptions { also: words(&["E7"]), except: words(&["E8", "ben"]), ..Exceptions::default() };
    let rule = Rule::Conditions(conditions).with(exceptions);
    assert_eq!(
        sentences(vec![declared("g", rule.clone())], Vec::new()),
        [
            "create group \"g\", open, filled by site = \"Lyon\" or \"Paris\" and directory group \"cn=a\" and people set \
          \"Night\" (manager \"E1\"); also \"E7\"; except \"E8\", \"ben\""
        ]
    );
    let text = serde_json::to_string(&rule).unwrap();
    assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule, "{text}");
    assert_eq!(Rule::Everybody.with(Exceptions::default()), Rule::Everybody);
}

#[test]
fn a_group_named_again_is_the_group_it_was() {
    let had = vec![known(7, "Old", None)];
    assert_eq!(changes(Vec::new(), had.clone()), [], "it was retired before, so nothing happens");
    let again = changes(vec![declared("Old", Rule::Everybody)], had);
    assert!(matches!(again.as_slice(), [Change::Alter { id, .. }] if id.uuid() == Uuid::from_u128(7)), "{again:?}");
}

#[test]
fn a_rule_reads_back_as_it_was_sealed() {
    for rule in [Rule::Everybody, Rule::DirectoryGroup("cn=x".to_owned()), site("Zürich")] {
        let text = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<Rule>(&text).unwrap(), rule, "{text}");
    }
}

#[test]
fn the_difference_turns_the_one_into_the_other() {
    type Case<'a> = (&'a [u8], &'a [u8], &'a [u8], &'a [u8]);
    let cases: [Case<'_>; 5] = [
        (&[], &[], &[], &[]),
        (&[1, 2], &[], &[1, 2], &[]),
        (&[], &[1, 2], &[], &[1, 2]),
        (&[1, 2], &[2, 3], &[1], &[3]),
        (&[1, 2], &[1, 2], &[], &[]),
    ];
    for (selected, held, gained, lost) in cases {
        let selected: BTreeSet<u8> = selected.iter().copied().collect();
        let mut held: BTreeSet<u8> = held.iter().copied().collect();
        let found = difference(&selected, &held);
        assert_eq!(found, Difference { gained: gained.to_vec(), lost: lost.to_vec() });
        held.retain(|one| !found.lost.contains(one));
        held.extend(&found.gained);
        assert_eq!(held, selected, "applying it and comparing again finds nothing");
    }
}
