use freehold_proto::directory::v1 as pb;

use super::choose;

fn person(id: &str, user_name: &str, number: &str, email: &str, state: pb::PersonState) -> pb::Person {
    pb::Person {
        id: id.to_owned(),
        user_name: user_name.to_owned(),
        employee_number: number.to_owned(),
        email: email.to_owned(),
        state: state.into(),
        ..Default::default()
    }
}

#[test]
fn a_person_is_named_by_more_than_the_id() {
    let people = [
        person("per_1", "anna", "17", "anna@acme.example", pb::PersonState::Active),
        person("per_2", "annabel", "170", "", pb::PersonState::Active),
    ];
    for text in ["Anna", "17", "ANNA@acme.example"] {
        assert_eq!(choose("acme", text, &people).expect("it is one person"), "per_1");
    }
    assert_eq!(choose("acme", "ann", &people).expect_err("nobody").to_string(), "there is no person \"ann\" in acme");
}

#[test]
fn a_name_of_two_people_names_nobody() {
    let people = [
        person("per_1", "anna", "", "", pb::PersonState::Active),
        person("per_2", "", "anna", "", pb::PersonState::Active),
    ];
    let error = choose("acme", "anna", &people).expect_err("two are meant");
    assert_eq!(error.to_string(), "2 people in acme are meant by \"anna\"");
}

#[test]
fn somebody_who_left_does_not_stand_in_the_way() {
    let people = [
        person("per_1", "anna", "", "", pb::PersonState::Deactivated),
        person("per_2", "anna", "", "", pb::PersonState::Active),
    ];
    assert_eq!(choose("acme", "anna", &people).expect("one is there"), "per_2");
    assert_eq!(choose("acme", "anna", &people[..1]).expect("one is known"), "per_1");
}
