use freehold_proto::directory::v1::connector_observation::Observed as Wire;

use super::*;

fn person(change: impl FnOnce(&mut pb::ObservedPerson)) -> pb::ConnectorObservation {
    let mut person = pb::ObservedPerson {
        entry_id: "3f0a".to_owned(),
        distinguished_name: "uid=anna,dc=acme".to_owned(),
        fields: HashMap::from([("display_name".to_owned(), "Anna".to_owned())]),
        manager: String::new(),
        enabled: true,
        changed_at: None,
        primary_group: String::new(),
    };
    change(&mut person);
    pb::ConnectorObservation { observed: Some(Wire::Person(person)) }
}

#[track_caller]
fn refused(told: pb::ConnectorObservation, why: &str) {
    let refusal = Assembler::default().take(told).expect_err("it is refused");
    assert!(refusal.contains(why), "{refusal}");
}

#[test]
fn what_the_mapping_would_never_give_is_refused() {
    assert!(matches!(Assembler::default().take(person(|_good| {})), Ok(Some(_))));
    refused(person(|person| person.entry_id.clear()), "immutable id");
    refused(person(|person| person.entry_id = "x".repeat(201)), "immutable id");
    refused(person(|person| person.entry_id = "a\u{0}b".to_owned()), "immutable id");
    refused(person(|person| person.fields.clear()), "no name");
    refused(person(|person| drop(person.fields.insert("salary".to_owned(), "1".to_owned()))), "no field");
    refused(person(|person| drop(person.fields.insert("title".to_owned(), "x".repeat(1_001)))), "longer");
    refused(person(|person| person.distinguished_name = "x".repeat(8_193)), "longer");
    refused(person(|person| person.changed_at = Some(pbjson_types::Timestamp { seconds: i64::MAX, nanos: 0 })), "time");
    refused(pb::ConnectorObservation { observed: None }, "empty");
    let members = pb::ObservedMembers { members: Vec::new(), more: false };
    refused(pb::ConnectorObservation { observed: Some(Wire::Members(members)) }, "no group");
}

#[test]
fn a_large_group_comes_in_parts_and_is_whole_again() {
    let members: Vec<String> = (0..20_000).map(|number| format!("uid=person-{number},ou=people,dc=acme")).collect();
    let record = GroupRecord {
        entry_id: "9".to_owned(),
        distinguished_name: "cn=all,dc=acme".to_owned(),
        name: "All".to_owned(),
        sid: "S-1-5-21-1-2-3-513".to_owned(),
    };
    let group = MappedGroup { record, members };
    let parts = render(Change::Observed(Observed::Group(group.clone())));
    assert!(parts.len() > 2 && parts.iter().all(|part| size(part) < BATCH_BYTES), "{} parts", parts.len());
    let mut assembler = Assembler::default();
    let mut whole = Vec::new();
    for part in parts {
        whole.extend(assembler.take(part).expect("every part is good"));
    }
    let [Change::Observed(Observed::Group(told))] = whole.as_slice() else { panic!("{} groups", whole.len()) };
    assert_eq!((told, assembler.count, assembler.whole()), (&group, 1, true));
}

#[test]
fn a_group_that_breaks_off_is_not_whole() {
    let group = pb::ObservedGroup { entry_id: "9".to_owned(), more: true, ..pb::ObservedGroup::default() };
    let mut assembler = Assembler::default();
    let told = assembler.take(pb::ConnectorObservation { observed: Some(Wire::Group(group)) });
    assert!(matches!(told, Ok(None)) && !assembler.whole());
    assert!(assembler.take(person(|_good| {})).is_err());
}
