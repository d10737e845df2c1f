use super::write;
use crate::sheet::{Part, Sheet, Size};

fn sheet(name: &str) -> Sheet {
    let qr = Part::Qr { says: "https://freehold.example/acme".to_owned(), is: String::new() };
    Sheet { size: Size::Letter, parts: vec![Part::Headline(name.to_owned()), qr] }
}

#[test]
fn a_file_holds_what_it_is_asked_for() {
    let file = write("Letters", "en", &[sheet("Anna Groß"), sheet("Ольга")]).unwrap().unwrap();
    assert!(file.starts_with(b"%PDF-"));
}

#[test]
fn a_name_that_the_font_cannot_write_makes_no_file_instead_of_a_letter_with_holes() {
    assert!(write("Letters", "en", &[sheet("Anna"), sheet("王小明")]).unwrap().is_none());
}
