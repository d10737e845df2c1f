//! Entries that contradict themselves or each other.

use anyhow::{Context, Result};
use freehold_proto::directory::v1::{Person, SyncRunState};
use freehold_tests::company::Company;
use freehold_tests::ldif::{BASE, Entry, escape};
use freehold_tests::openldap::Slapd;

use super::{active, skips_of, synced_with};
use crate::world::{Engine, World, manifest};

const UUID: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const PHOTO_BYTES: usize = 10_000_000;
const VALUES: usize = 10_000;

fn dn(uid: &str) -> String {
    format!("uid={uid},ou=people,{BASE}")
}

fn person(uid: &str) -> Entry {
    Entry::person(uid, uid, "Probe")
}

async fn known(world: &World, uid: &str) -> Result<Person> {
    let people = world.line.people("acme").await?;
    people.into_iter().find(|person| person.user_name == uid).with_context(|| format!("{uid} is not known"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_entries_with_one_id_are_both_skipped_and_whoever_it_was_stays() -> Result<()> {
    let (world, slapd, run) = synced_with(&[person("anna").with_uuid(UUID), person("ben")]).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let before = known(&world, "anna").await?;
    slapd.add(&person("double").with_uuid(UUID))?;
    let run = world.line.sync("acme").await?;
    for uid in ["anna", "double"] {
        assert!(skips_of(&run, &dn(uid))[0].contains("same immutable id"), "{:?}", run.skips);
    }
    assert_eq!(active(&world).await?, ["anna", "ben"].map(str::to_owned).into());
    assert_eq!(known(&world, "anna").await?, before);

    slapd.delete(&dn("double"))?;
    let counts = world.line.synced("acme").await?;
    // What is left to report is that the group of the administrators is not there.
    assert_eq!((counts.unchanged_count, counts.skipped_count), (2, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn circles_of_managers_are_reported_and_set_nobody_above_anybody() -> Result<()> {
    let entries = [
        person("one").with("manager", dn("two")),
        person("two").with("manager", dn("three")),
        person("three").with("manager", dn("one")),
        person("own").with("manager", dn("own")),
        person("below").with("manager", dn("one")),
        person("lost").with("manager", dn("nobody")),
    ];
    let (world, _slapd, run) = synced_with(&entries).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    for uid in ["one", "two", "three", "own"] {
        assert!(skips_of(&run, &dn(uid))[0].contains("leads back"), "{uid}: {:?}", run.skips);
        assert_eq!(known(&world, uid).await?.manager_id, "", "{uid}");
    }
    assert!(skips_of(&run, &dn("lost"))[0].contains("manager is not among"));
    assert_eq!(known(&world, "below").await?.manager_id, known(&world, "one").await?.id);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_contain_each_other_count_their_people_once() -> Result<()> {
    let group = |name: &str| format!("cn={name},ou=groups,{BASE}");
    let entries = [
        person("anna"),
        person("ben"),
        Entry::group("first", [dn("anna").as_str(), &group("second")]),
        Entry::group("second", [dn("ben").as_str(), &group("third")]),
        Entry::group("third", [group("first").as_str(), &dn("anna")]),
        Entry::group("itself", [group("itself").as_str()]),
        Entry::group("dangling", [dn("nobody").as_str()]),
    ];
    let (world, _slapd, run) = synced_with(&entries).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    for name in ["first", "second", "third", "itself"] {
        assert!(skips_of(&run, &group(name))[0].contains("contains itself"), "{name}: {:?}", run.skips);
    }
    assert!(!skips_of(&run, &group("dangling")).is_empty(), "{:?}", run.skips);
    for (uid, direct) in [("anna", ["first", "third"].as_slice()), ("ben", &["second"])] {
        let groups = known(&world, uid).await?.directory_groups;
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["first", "second", "third"], "{uid}");
        assert!(groups.iter().all(|group| group.direct == direct.contains(&group.name.as_str())), "{uid}: {groups:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn values_missing_many_or_not_text_leave_the_person_in() -> Result<()> {
    let entries = [
        Entry::new(dn("bare"))
            .with("objectClass", "inetOrgPerson")
            .with("uid", "bare")
            .with("cn", "Bare")
            .with("sn", "B"),
        person("many")
            .with("title", "Zimmerer")
            .with("title", "Bäcker")
            .with("mail", "z@acme.test")
            .with("mail", "a@acme.test"),
        person("bytes").with("audio", [0xff, 0xfe, 0x00, 0x41]),
        person("odd").with("audio", "Depot \u{202e}neun"),
    ];
    let slapd = Slapd::start(&entries)?;
    let world = World::start(Engine::Sqlite).await?;
    let mut acme = manifest::company_of("acme", &slapd)?;
    // An attribute whose values the server lets be any bytes.
    acme.directories[0].attributes.insert("site".to_owned(), "audio".to_owned());
    world.line.declare(acme).await?;
    let run = world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);

    let bare = known(&world, "bare").await?;
    assert_eq!((bare.display_name.as_str(), bare.email.as_str(), bare.title.as_str()), ("Bare", "", ""));
    let many = known(&world, "many").await?;
    assert_eq!((many.title.as_str(), many.email.as_str()), ("Bäcker", "a@acme.test"));
    assert_eq!(skips_of(&run, &dn("many")).len(), 2, "{:?}", run.skips);
    assert_eq!(known(&world, "bytes").await?.site, "");
    assert!(skips_of(&run, &dn("bytes"))[0].contains("not UTF-8"), "{:?}", run.skips);
    assert_eq!(known(&world, "odd").await?.site, "Depot neun", "marks that turn text around are gone");
    assert_eq!(world.line.synced("acme").await?.unchanged_count, 4, "the order of values decides nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_of_ten_megabytes_hinders_nobody() -> Result<()> {
    let mut entries = Company::of(30).entries();
    entries.push(person("photo").with("jpegPhoto", vec![0xd8; PHOTO_BYTES]));
    let slapd = Slapd::start(&entries)?;
    let world = World::start(Engine::Sqlite).await?;
    let mut acme = manifest::company_of("acme", &slapd)?;
    // Asked for by a mistake of the manifest, so that it really comes over the wire.
    acme.directories[0].attributes.insert("phone".to_owned(), "jpegPhoto".to_owned());
    world.line.declare(acme).await?;
    let run = world.line.sync("acme").await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    assert!(skips_of(&run, &dn("photo"))[0].contains("not UTF-8"), "{:?}", run.skips);
    assert_eq!(active(&world).await?.len(), 31);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_values_of_one_attribute_leave_the_person_in() -> Result<()> {
    let many = (0..VALUES).fold(person("many"), |entry, number| entry.with("mail", format!("m{number:05}@acme.test")));
    let strangers: Vec<String> = (0..VALUES).map(|number| dn(&format!("nobody{number}"))).collect();
    let anna = dn("anna");
    let strangers = strangers.iter().chain([&anna]).map(String::as_str);
    let (world, _slapd, run) = synced_with(&[many, person("anna"), Entry::group("strangers", strangers)]).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    assert_eq!(known(&world, "many").await?.email, "m00000@acme.test");
    assert!(!skips_of(&run, &dn("many")).is_empty(), "{:?}", run.skips);
    assert_eq!(known(&world, "anna").await?.directory_groups.len(), 1);
    assert!(run.skips.len() <= 200, "{} skips are told in words", run.skips.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_of_two_people_makes_them_no_single_person() -> Result<()> {
    let entries = [
        person("anna").with("mail", "info@acme.test"),
        person("ben").with("mail", "INFO@acme.test").with("manager", dn("anna")),
    ];
    let (world, slapd, run) = synced_with(&entries).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let (anna, ben) = (known(&world, "anna").await?, known(&world, "ben").await?);
    assert_ne!(anna.id, ben.id);
    assert_eq!((ben.manager_id.as_str(), ben.email.to_lowercase().as_str()), (anna.id.as_str(), "info@acme.test"));
    // Nor does a newcomer become whoever left with that address.
    slapd.delete(&dn("anna"))?;
    slapd.add(&person("cem").with("mail", "info@acme.test"))?;
    world.line.synced("acme").await?;
    assert_ne!(known(&world, "cem").await?.id, anna.id);
    assert_eq!(active(&world).await?, ["ben", "cem"].map(str::to_owned).into());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_change_their_length_with_their_case_keep_people_apart() -> Result<()> {
    let names = [("i-1", "Işıl", "IŞIK"), ("i-2", "İşil", "ışık"), ("s-1", "Uwe", "Groß"), ("s-2", "Uwe", "GROSS")];
    let mut entries: Vec<Entry> = names.iter().map(|(uid, given, family)| Entry::person(uid, given, family)).collect();
    entries.push(Entry::person_at(&format!("cn=İbrahim Weiß,ou=people,{BASE}"), "i-3", "İbrahim", "Weiß"));
    entries.push(person("below").with("manager", format!("cn=İbrahim Weiß,ou=people,{BASE}")));
    let (world, _slapd, run) = synced_with(&entries).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    for (uid, given, family) in names {
        assert_eq!(known(&world, uid).await?.display_name, format!("{given} {family}"));
    }
    assert_eq!(known(&world, "below").await?.manager_id, known(&world, "i-3").await?.id);
    assert_eq!(world.line.synced("acme").await?.unchanged_count, 6);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_every_special_character_is_found_however_it_is_spelt() -> Result<()> {
    let name = "# a,b+c\"d\\e<f>g;h=i*(j)/k ";
    let place = format!("cn={},ou=people,{BASE}", escape(name));
    let other_spelling = place.replace("\\,", "\\2c").replace("\\+", "\\2B");
    assert_ne!(place, other_spelling);
    let entries = [
        Entry::person_at(&place, "odd", "Odd", "Probe"),
        person("below").with("manager", other_spelling.as_str()),
        Entry::group("special", [other_spelling.as_str()]),
    ];
    let (world, slapd, run) = synced_with(&entries).await?;
    assert_eq!(run.state(), SyncRunState::Done, "{}", run.error);
    let odd = known(&world, "odd").await?;
    assert_eq!(odd.directory_groups.len(), 1, "{:?}", run.skips);
    assert_eq!(known(&world, "below").await?.manager_id, odd.id);
    slapd.delete(&place)?;
    assert_eq!(world.line.synced("acme").await?.deactivated_count, 1);
    Ok(())
}
