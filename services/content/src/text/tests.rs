use freehold_types::Violations;

use super::{COMMENT_TEXT_BYTES_MAX, NAME_CHARS_MAX, POST_TEXT_BYTES_MAX, PURPOSE_CHARS_MAX, REQUEST_ID_CHARS_MAX};

fn mistakes(check: impl FnOnce(&mut Violations) -> bool) -> Option<String> {
    let mut wrong = Violations::new();
    let accepted = check(&mut wrong);
    let fault = wrong.finish().err();
    assert_eq!(accepted, fault.is_none(), "a value is handed on exactly when nothing is wrong with it");
    fault.map(|fault| fault.violations().iter().map(|v| format!("{}: {}", v.field, v.message)).collect())
}

fn post(text: &str) -> Option<String> {
    mistakes(|wrong| super::post(wrong, "text", text.to_owned()).is_some())
}

#[test]
fn a_text_that_shows_nothing_is_refused() {
    for nothing in
        ["", " ", "\n\t\r", "\u{200b}", "\u{feff}\u{2060} \u{ad}", "\u{2800}", "\u{3164}", "\u{e0041}", "\u{1b}"]
    {
        assert!(post(nothing).is_some(), "{nothing:?}");
    }
    for something in ["a", " a ", "👍", "👩\u{200d}🚒", "نص", "\u{200f}x"] {
        assert_eq!(post(something), None, "{something:?}");
    }
}

#[test]
fn a_text_may_be_as_long_as_its_limit_in_bytes() {
    assert_eq!(post(&"é".repeat(POST_TEXT_BYTES_MAX / 2)), None);
    assert!(post(&"é".repeat(POST_TEXT_BYTES_MAX / 2 + 1)).is_some());
    let comment = |text: String| mistakes(|wrong| super::comment(wrong, "text", text).is_some());
    assert_eq!(comment("a".repeat(COMMENT_TEXT_BYTES_MAX)), None);
    assert!(comment("a".repeat(COMMENT_TEXT_BYTES_MAX + 1)).is_some_and(|mistake| mistake.contains("8193")));
}

#[test]
fn a_text_with_nul_is_refused() {
    assert!(post("a\0b").is_some_and(|mistake| mistake.contains("NUL")));
}

#[test]
fn a_text_is_kept_as_it_was_written() {
    let mut wrong = Violations::new();
    assert_eq!(super::post(&mut wrong, "text", " a\n\n".to_owned()).as_deref(), Some(" a\n\n"));
}

#[test]
fn a_name_is_one_short_line_without_the_blanks_around_it() {
    let mut wrong = Violations::new();
    assert_eq!(super::name(&mut wrong, "name", "  Été 2026 ").as_deref(), Some("Été 2026"));
    let name = |text: &str| mistakes(|wrong| super::name(wrong, "name", text).is_some());
    assert_eq!(name(&"é".repeat(NAME_CHARS_MAX)), None);
    for bad in ["", "  ", "\u{200b}", "a\nb", "a\0b", &"é".repeat(NAME_CHARS_MAX + 1)] {
        assert!(name(bad).is_some(), "{bad:?}");
    }
}

#[test]
fn a_purpose_may_be_empty_and_have_lines() {
    let purpose = |text: &str| mistakes(|wrong| super::purpose(wrong, "purpose", text).is_some());
    assert_eq!(purpose(""), None);
    assert_eq!(purpose("one\ntwo"), None);
    assert_eq!(purpose(&"é".repeat(PURPOSE_CHARS_MAX)), None);
    assert!(purpose(&"é".repeat(PURPOSE_CHARS_MAX + 1)).is_some());
    assert!(purpose("a\0").is_some());
}

#[test]
fn a_request_id_has_1_to_64_characters() {
    let id = |text: String| mistakes(|wrong| super::request_id(wrong, "request_id", text).is_some());
    assert_eq!(id("x".to_owned()), None);
    assert_eq!(id("é".repeat(REQUEST_ID_CHARS_MAX)), None);
    assert!(id(String::new()).is_some());
    assert!(id("x".repeat(REQUEST_ID_CHARS_MAX + 1)).is_some());
}
