use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Language;

const ENGLISH: &str = include_str!("en.ftl");
const FRENCH: &str = include_str!("fr.ftl");

/// Key to the variables of its sentence.
fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    let mut last = String::new();
    for line in source.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            last = line.split(" =").next().unwrap().to_owned();
            assert!(keys.insert(last.clone(), BTreeSet::new()).is_none(), "{last} stands twice");
        }
        let variables = line.split('$').skip(1).map(|rest| rest.split([' ', '}']).next().unwrap().to_owned());
        keys.get_mut(&last).unwrap().extend(variables);
    }
    keys
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

fn code() -> String {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

#[test]
fn both_languages_say_the_same_things_about_the_same_variables() {
    assert_eq!(keys(ENGLISH), keys(FRENCH));
}

#[test]
fn every_sentence_is_said_somewhere() {
    let code = code();
    for key in keys(ENGLISH).keys() {
        assert!(code.contains(&format!("\"{key}\"")), "nothing says {key}");
    }
}

#[test]
fn everything_said_is_written_down() {
    let (code, known) = (code(), keys(ENGLISH));
    for call in ["say(\"", "count(\"", "with(\""] {
        for key in code.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
            // `starts_with("/…")` and its like are no sentences.
            let sentence = key.contains('-')
                && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(!sentence || known.contains_key(key), "{key} is not written down");
        }
    }
}

#[test]
fn counts_follow_the_rules_of_the_language() {
    assert_eq!(Language::English.count("members-count", 1), "1 member");
    assert_eq!(Language::English.count("members-count", 0), "0 members");
    assert_eq!(Language::English.count("members-count", 1_204), "1,204 members");
    assert_eq!(Language::French.count("members-count", 0), "0 membre");
    assert_eq!(Language::French.count("members-count", 1_204_567), "1\u{202f}204\u{202f}567 membres");
    assert_eq!(Language::English.count("comments-title", 0), "Comments");
}

#[test]
fn the_browser_chooses_the_language_before_the_company() {
    let french = Some(Language::French);
    assert_eq!(Language::choose(None, None), Language::English);
    assert_eq!(Language::choose(None, french), Language::French);
    assert_eq!(Language::choose(Some("de, ja;q=0.5"), french), Language::French);
    assert_eq!(Language::choose(Some("en-GB,en;q=0.9"), french), Language::English);
    assert_eq!(Language::choose(Some("de,fr-CA;q=0.8,en;q=0.7"), None), Language::French);
    assert_eq!(Language::choose(Some("en;q=0.7, fr;q=0.75"), None), Language::French);
    assert_eq!(Language::choose(Some("en;q=0"), french), Language::French);
    assert_eq!(Language::choose(Some("en;q=x,,;"), None), Language::English);
}
