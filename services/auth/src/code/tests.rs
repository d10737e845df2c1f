use std::sync::Arc;

use freehold_types::{Mint, SystemClock};

use super::Code;

fn check(typed: &str, wanted: Option<&str>) {
    let read = Code::read(typed).map(|code| code.in_groups().expose().clone());
    assert_eq!(read.as_deref(), wanted, "typed {typed:?}");
}

#[test]
fn a_new_code_is_sixteen_characters_in_groups_of_four_and_reads_back() {
    let mint = Mint::new(Arc::new(SystemClock));
    let code = Code::make(&mint);
    let printed = code.in_groups();
    let groups: Vec<&str> = printed.expose().split('-').collect();
    assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [4, 4, 4, 4]);
    assert!(
        printed
            .expose()
            .chars()
            .all(|letter| letter == '-' || (letter.is_ascii_alphanumeric() && !"ILOU".contains(letter)))
    );
    assert!(Code::read(printed.expose()) == Some(code));
    assert!(Code::make(&mint) != Code::make(&mint));
}

#[test]
fn case_spaces_hyphens_and_look_alikes_do_not_matter() {
    let wanted = Some("0123-4567-89AB-CD11");
    check("0123-4567-89AB-CD11", wanted);
    check("0123456789abcdil", wanted);
    check("  o123 4567 89ab cdIL ", wanted);
    check("-O1-23-4567-89AB-CD-l-i-", wanted);
}

#[test]
fn anything_else_is_no_code() {
    for typed in ["", "0123-4567-89AB-CD1", "0123-4567-89AB-CD111", "0123-4567-89AB-CDU1", "0123–4567–89AB–CD11"]
    {
        check(typed, None);
    }
    check(&" ".repeat(65), None);
    check("٠123-4567-89AB-CD11", None);
}

#[test]
fn a_code_prints_as_stars() {
    let code = Code::read("0123-4567-89AB-CD11").unwrap();
    assert_eq!(format!("{code:?}"), "Code(***)");
}
