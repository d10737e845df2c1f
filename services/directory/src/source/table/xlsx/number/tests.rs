use super::{Form, of_code, of_known, text};

#[test]
fn a_number_is_what_the_cell_shows() {
    let cases = [
        ("1042", Form::Plain, "1042"),
        ("1042.0", Form::Plain, "1042"),
        ("1.0E7", Form::Plain, "10000000"),
        ("0.1", Form::Plain, "0.1"),
        ("123456789012345678", Form::Plain, "123456789012345678"),
        ("42", Form::Digits(6), "000042"),
        ("1234567", Form::Digits(6), "1234567"),
        ("45943", Form::Date, "2025-10-13"),
        ("45943.5", Form::Date, "2025-10-13 12:00:00"),
        ("0.25", Form::Date, "06:00:00"),
        ("1", Form::Date, "1900-01-01"),
        ("-3", Form::Date, "-3"),
        ("1e300", Form::Date, &1e300_f64.to_string()),
        ("E12", Form::Plain, "E12"),
    ];
    for (number, form, shown) in cases {
        assert_eq!(text(number, form, false), shown, "{number} as {form:?}");
    }
    assert_eq!(text("0", Form::Date, true), "00:00:00");
    assert_eq!(text("44481", Form::Date, true), "2025-10-13");
}

#[test]
fn a_form_is_told_from_its_code() {
    let cases = [
        ("General", Form::Plain),
        ("0.00", Form::Plain),
        ("000000", Form::Digits(6)),
        ("0", Form::Digits(1)),
        ("yyyy\\-mm\\-dd", Form::Date),
        ("[$-40C]d mmmm yyyy;@", Form::Date),
        ("#,##0 \"days\"", Form::Plain),
        ("0;[Red]\\-0", Form::Digits(1)),
        ("\"unclosed", Form::Plain),
    ];
    for (code, form) in cases {
        assert_eq!(of_code(code), form, "{code}");
    }
    assert_eq!((of_known("14"), of_known("0"), of_known("x")), (Form::Date, Form::Plain, Form::Plain));
}
