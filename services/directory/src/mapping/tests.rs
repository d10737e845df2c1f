use std::collections::BTreeMap;

use super::{MappedPerson, Mapping, Unusable};
use crate::source::{Entry, SourceKind};

const ID: &str = "b2f1a7e2-0000-4000-8000-000000000001";

fn entry(values: &[(&str, &[&[u8]])]) -> Entry {
    let attributes =
        values.iter().map(|(name, values)| ((*name).to_owned(), values.iter().map(|v| v.to_vec()).collect()));
    Entry { dn: "uid=anna,dc=acme,dc=test".to_owned(), attributes: attributes.collect::<BTreeMap<_, _>>() }
}

fn read(values: &[(&str, &[&[u8]])]) -> (Result<MappedPerson, Unusable>, Vec<String>) {
    let mut notes = Vec::new();
    let mapping = Mapping::new(SourceKind::OpenLdap, &BTreeMap::new()).unwrap();
    let id: [&[u8]; 1] = [ID.as_bytes()];
    let mut all: Vec<(&str, &[&[u8]])> = vec![("entryuuid", &id)];
    all.extend(values);
    (mapping.person(&entry(&all), |note| notes.push(note)), notes)
}

#[test]
fn a_person_without_mail_is_an_ordinary_person() {
    let (person, notes) = read(&[("cn", &[b"Anna Ek"]), ("uid", &[b"anna"])]);
    let person = person.unwrap();
    assert_eq!(person.record.display_name, "Anna Ek");
    assert_eq!(person.record.email, "");
    assert!(person.enabled);
    assert_eq!(notes, Vec::<String>::new());
}

#[test]
fn several_values_give_the_first_in_order_and_a_note() {
    let (one, notes) = read(&[("cn", &[b"Robert", b"Bob"])]);
    let (other, _) = read(&[("cn", &[b"Bob", b"Robert"])]);
    assert_eq!(one, other);
    assert_eq!(one.unwrap().record.display_name, "Bob");
    assert_eq!(notes.len(), 1);
}

#[test]
fn what_is_not_text_is_left_out_and_told() {
    let (person, notes) = read(&[("cn", &[b"Anna"]), ("title", &[&[0xff, 0xfe]])]);
    assert_eq!(person.unwrap().record.title, "");
    assert_eq!(notes, ["title is not UTF-8 text; the value is left out of title"]);
}

#[test]
fn an_entry_without_any_name_is_unusable_but_known() {
    let (person, _) = read(&[("mail", &[b"a@b.test"])]);
    assert_eq!(person.unwrap_err().entry_id.as_deref(), Some(ID));
}

#[test]
fn an_entry_without_an_id_is_nobody() {
    let mapping = Mapping::new(SourceKind::OpenLdap, &BTreeMap::new()).unwrap();
    let unusable = mapping.person(&entry(&[("cn", &[b"Anna"])]), |_| {}).unwrap_err();
    assert_eq!(unusable.entry_id, None);
}

#[test]
fn marks_that_turn_the_text_around_do_not_come_in() {
    let (person, _) = read(&[("cn", &["\u{202e}annA\u{0000}\nEk".as_bytes()])]);
    assert_eq!(person.unwrap().record.display_name, "annA Ek");
}

#[test]
fn an_object_guid_is_shown_as_windows_shows_it() {
    let mapping = Mapping::new(SourceKind::ActiveDirectory, &BTreeMap::new()).unwrap();
    let guid: &[u8] = &[0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff];
    let values: [(&str, &[&[u8]]); 3] =
        [("objectguid", &[guid]), ("cn", &[b"Anna"]), ("useraccountcontrol", &[b"514"])];
    let person = mapping.person(&entry(&values), |_| {}).unwrap();
    assert_eq!(person.record.entry_id, "00112233-4455-6677-8899-aabbccddeeff");
    assert!(!person.enabled);
}

#[test]
fn an_override_replaces_the_default_and_must_name_a_field() {
    let overrides = |field: &str| BTreeMap::from([(field.to_owned(), "roomNumber".to_owned())]);
    let mapping = Mapping::new(SourceKind::OpenLdap, &overrides("site")).unwrap();
    let values: [(&str, &[&[u8]]); 4] =
        [("entryuuid", &[ID.as_bytes()]), ("cn", &[b"Anna"]), ("l", &[b"Paris"]), ("roomnumber", &[b"B12"])];
    assert_eq!(mapping.person(&entry(&values), |_| {}).unwrap().record.site, "B12");
    assert!(Mapping::new(SourceKind::OpenLdap, &overrides("shoe_size")).is_err());
}

#[test]
fn an_account_is_shut_by_who_locked_it_and_not_by_guesses_at_its_password() {
    let enabled = |name: &str, value: &[u8]| read(&[("cn", &[b"Anna"]), (name, &[value])]).0.unwrap().enabled;
    assert!(!enabled("nsaccountlock", b"TRUE"));
    assert!(enabled("nsaccountlock", b"false"));
    assert!(!enabled("pwdaccountlockedtime", b"000001010000Z"));
    assert!(enabled("pwdaccountlockedtime", b"20260101120000Z"));
}

#[test]
fn a_primary_group_is_another_identifier_of_the_same_domain() {
    let sid: &[u8] =
        &[1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x52, 4, 0, 0];
    let id: &[u8] = &[7; 16];
    let person = |sid: &[u8], primary: &[u8], asked: bool| {
        let mapping = Mapping::new(SourceKind::ActiveDirectory, &BTreeMap::new()).unwrap().with_primary_groups(asked);
        let values: [(&str, &[&[u8]]); 5] = [
            ("objectguid", &[id]),
            ("cn", &[b"Anna"]),
            ("useraccountcontrol", &[b"512"]),
            ("objectsid", &[sid]),
            ("primarygroupid", &[primary]),
        ];
        let mut notes = 0;
        let person = mapping.person(&entry(&values), |_| notes += 1).unwrap();
        let group = mapping.group(&entry(&values), |_| {}).unwrap();
        (person.record.primary_group, group.record.sid, notes)
    };
    let words = |primary: &str, own: &str, notes: i32| (primary.to_owned(), own.to_owned(), notes);
    let domain = "S-1-5-21-1-2-4294967295";
    assert_eq!(person(sid, b"513", true), words(&format!("{domain}-513"), &format!("{domain}-1106"), 0));
    assert_eq!(person(sid, b"513", false), words("", "", 0), "only when it is asked for");
    for broken in [&sid[..27], &[], &[2; 28], &[1, 0, 0, 0, 0, 0, 0, 5]] {
        assert_eq!(person(broken, b"513", true), words("", "", 1), "{broken:?}");
    }
    assert_eq!(person(sid, b"-1", true), words("", &format!("{domain}-1106"), 1));
}

#[test]
fn an_account_whose_lock_cannot_be_read_is_left_as_it_is() {
    let mapping = Mapping::new(SourceKind::ActiveDirectory, &BTreeMap::new()).unwrap();
    let id: &[u8] = &[7; 16];
    for control in [&[][..], &[&b"open"[..]][..]] {
        let values: [(&str, &[&[u8]]); 3] =
            [("objectguid", &[id]), ("cn", &[b"Anna"]), ("useraccountcontrol", control)];
        let unusable = mapping.person(&entry(&values), |_| {}).unwrap_err();
        assert!(unusable.entry_id.is_some() && unusable.because.contains("userAccountControl"), "{unusable:?}");
    }
}
