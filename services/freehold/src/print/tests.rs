use super::{harmless, money};

#[test]
fn nothing_from_a_directory_steers_the_terminal() {
    assert_eq!(harmless("Zoë\u{1b}[2J\u{202e}nys\r\n"), "Zoë[2Jnys\n");
}

#[test]
fn money_has_its_minor_units() {
    assert_eq!(money(123_405, "EUR"), "1234.05 EUR");
    assert_eq!(money(7, "JPY"), "7 minor units of JPY");
}
