use super::{Place, Places, normal, within};

fn places() -> Places {
    let mut places = Places::default();
    let section = |line, key: &str| Place { line, key: key.to_owned(), value: None, section: true };
    let value = |line, key: &str, value: &str| Place {
        line,
        key: key.to_owned(),
        value: Some(value.to_owned()),
        section: false,
    };
    places.note("name", value(1, "name", "\"acme\""));
    places.note("directories[0]", section(3, "directory"));
    places.note("directories[0].url", value(5, "directory.url", "\"ldap://x\""));
    places.note("connections[0].domains", value(9, "connection.domains", "[\"A\"]"));
    places.note("groups[0].members", section(12, "group.members"));
    places
}

#[track_caller]
fn check(field: &str, line: usize, key: &str, stands_there: bool) {
    let (place, there) = places().find(&normal(field));
    assert_eq!((place.line, place.key.as_str(), there), (line, key, stands_there), "{field}");
}

#[test]
fn what_stands_there_is_found() {
    check("name", 1, "name", true);
    check("directories[0].urls[1]", 5, "directory.url", true);
    check("directories[0].url", 5, "directory.url", true);
    check("connections[0].domains[3]", 9, "connection.domains", true);
}

#[test]
fn what_is_missing_is_missed_where_it_belongs() {
    check("directories[0].bind_password", 3, "directory.bind_password_file", false);
    check("groups[0].attributes.equals", 12, "group.members", true);
    check("groups[0].attributes.equals[\"sight\"]", 12, "group.members.sight", false);
    check("administrators_group", 1, "administrators.directory_group", false);
    check("sign_in.sso_only", 1, "sign_in.sso_only", false);
    check("plan.name", 1, "plan.name", false);
}

#[test]
fn a_field_is_within_its_whole_and_not_within_its_neighbour() {
    assert!(within("directories[0].url", "directories[0].url"));
    assert!(within("directories[0].url", "directories"));
    assert!(!within("directories[1].url_count", "directories[1].url"));
}
