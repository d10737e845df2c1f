use super::Faces;

#[test]
fn lines_keep_all_words_and_the_width() {
    let faces = Faces::new().unwrap();
    let text = "Vous pouvez maintenant lire et écrire avec vos collègues de Moulin & Fils";
    let lines = faces.plain.lines(text, 12.0, 120.0);
    assert!(lines.len() > 3, "{lines:?}");
    assert_eq!(lines.join(" "), text);
    assert!(lines.iter().all(|line| faces.plain.width(line, 12.0) <= 120.0), "{lines:?}");
}

#[test]
fn a_word_that_is_too_wide_is_broken_and_nothing_of_it_is_lost() {
    let faces = Faces::new().unwrap();
    let address = "https://freehold.a-very-long-name-of-a-company.example/acme";
    let lines = faces.typed.lines(address, 20.0, 200.0);
    assert!(lines.len() > 1, "{lines:?}");
    assert_eq!(lines.concat(), address);
    // Even where not one letter fits.
    assert_eq!(faces.typed.lines("abc", 20.0, 1.0).concat(), "abc");
}

#[test]
fn european_and_arabic_letters_are_known_and_chinese_ones_are_not() {
    let faces = Faces::new().unwrap();
    for name in ["Zoë Łukasiewicz", "Ольга Петрова", "Γιώργος", "محمد", "Nguyễn"] {
        assert!(faces.bold.knows(name), "{name}");
    }
    assert!(!faces.bold.knows("王小明"));
}
