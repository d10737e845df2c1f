use chrono::{DateTime, TimeDelta, Utc};

use super::{TotpSecret, current_step};

/// RFC 6238 appendix B: the secret of the test vectors for SHA-1.
fn secret() -> TotpSecret {
    TotpSecret::of_bytes(b"12345678901234567890".to_vec())
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

#[test]
fn the_digits_are_those_of_rfc_6238() {
    for (seconds, digits) in
        [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
    {
        assert_eq!(secret().step_of(digits, at(seconds)).unwrap(), Some(current_step(at(seconds))), "at {seconds}");
    }
}

#[test]
fn one_step_of_tolerance_either_way_and_no_more() {
    let now = at(1_234_567_890);
    for (later, taken) in [(-31, false), (-30, true), (0, true), (59, true), (60, false)] {
        let step = secret().step_of("005924", now + TimeDelta::seconds(later)).unwrap();
        assert_eq!(step, taken.then_some(current_step(now)), "{later} s later");
    }
}

#[test]
fn spaces_do_not_matter_and_nothing_else_is_six_digits() {
    assert!(secret().step_of(" 005 924 ", at(1_234_567_890)).unwrap().is_some());
    for typed in ["", "5924", "0059240", "00592４", "-05924", "+05924", &" ".repeat(33)] {
        assert!(secret().step_of(typed, at(1_234_567_890)).unwrap().is_none(), "{typed:?}");
    }
}

#[test]
fn the_address_names_the_company_and_nobody() {
    let address = secret().address("Acme: Söhne & Co").unwrap();
    let wanted = "otpauth://totp/Acme%20%20S%C3%B6hne%20%26%20Co:Freehold?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme%20%20S%C3%B6hne%20%26%20Co";
    assert_eq!(address.expose(), wanted);
    assert_eq!(format!("{:?}", secret()), "TotpSecret(***)");
}
