use super::*;

#[test]
fn a_place_is_one_for_the_settings_it_was_found_with() {
    let settings = Settings { base_dn: "dc=acme".to_owned(), bind_password: "old".to_owned(), ..Settings::default() };
    let place = Stamp::of(&settings).put_on(Cursor(vec![1, 2, 3]));
    assert_eq!(Stamp::of(&settings).take_off(&place), Some(Cursor(vec![1, 2, 3])));
    let password = Settings { bind_password: "new".to_owned(), ..settings.clone() };
    assert_eq!(Stamp::of(&password).take_off(&place), Some(Cursor(vec![1, 2, 3])));
    for other in [
        Settings { people_filter: "(title=Welder)".to_owned(), ..settings.clone() },
        Settings { attributes: [("site".to_owned(), "roomNumber".to_owned())].into(), ..settings.clone() },
        Settings { primary_groups: true, ..settings },
    ] {
        assert_eq!(Stamp::of(&other).take_off(&place), None);
    }
    assert_eq!(Stamp::of(&password).take_off(&Cursor(vec![1])), None);
}
