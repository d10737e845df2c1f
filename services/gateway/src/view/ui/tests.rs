use super::{Column, Field, Row, code_field, initials, table, text_area, tone};

#[test]
fn initials_are_the_first_letters_of_first_and_last_word() {
    assert_eq!(initials("Priya Nair"), "PN");
    assert_eq!(initials("Jean-Luc  de la Tour"), "JT");
    assert_eq!(initials("élodie"), "É");
    assert_eq!(initials("(Plant) 2"), "P2");
    assert_eq!(initials("田中 太郎"), "田太");
    assert_eq!(initials(""), "");
}

#[test]
fn a_person_keeps_their_colour_and_people_differ() {
    let ids = (0..64).map(|number| format!("per_{number:032x}"));
    let tones: std::collections::BTreeSet<u32> = ids.map(|id| tone(&id)).collect();
    assert_eq!(tone("per_1"), tone("per_1"));
    assert!(tones.len() > 4 && tones.iter().all(|tone| *tone < 8));
}

#[test]
fn a_field_says_what_is_wrong_to_everybody() {
    let html =
        text_area(Field { name: "text", label: "Say", value: "<b>", hint: "h", error: "Too long", length_max: 9 }).0;
    assert!(
        html.contains("aria-invalid=\"true\"") && html.contains("aria-describedby=\"text-hint text-error\""),
        "{html}"
    );
    assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
    let html = code_field(Field { name: "code", label: "Code", ..Field::default() }).0;
    assert!(!html.contains("aria-invalid") && !html.contains("aria-describedby"), "{html}");
}

#[test]
fn every_cell_carries_its_column() {
    let columns = [Column { label: "A".to_owned(), figure: false }, Column { label: "B".to_owned(), figure: true }];
    let row = Row { cells: vec![maud::html! { "x" }, maud::html! { "1" }], note: Some(maud::html! { "n" }) };
    let html = table("T", &columns, &[row]).0;
    assert!(
        html.contains("<td data-label=\"A\"><div>x</div></td><td class=\"figure\" data-label=\"B\"><div>1</div></td></tr><tr class=\"note\"><td colspan=\"2\"><div>n</div></td>"),
        "{html}"
    );
}
