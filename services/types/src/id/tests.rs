use uuid::Uuid;

use super::{GroupId, PersonId};

#[test]
fn text_form_goes_there_and_back() {
    let id = PersonId::from_uuid(Uuid::from_u128(0x0192_f0c8_b1d2_7a3e_9c5b_6f0a_1b2c_3d4e));
    assert_eq!(id.to_string(), "per_0192f0c8b1d27a3e9c5b6f0a1b2c3d4e");
    assert_eq!(id.to_string().parse(), Ok(id));
}

#[test]
fn only_one_spelling_is_an_id() {
    for text in [
        "",
        "per_",
        "per_0192F0C8B1D27A3E9C5B6F0A1B2C3D4E",
        "per_0192f0c8-b1d2-7a3e-9c5b-6f0a1b2c3d4e",
        "grp_0192f0c8b1d27a3e9c5b6f0a1b2c3d4e",
        "per_0192f0c8b1d27a3e9c5b6f0a1b2c3d4e ",
    ] {
        assert!(text.parse::<PersonId>().is_err(), "{text:?}");
    }
    assert!("grp_0192f0c8b1d27a3e9c5b6f0a1b2c3d4e".parse::<GroupId>().is_ok());
}
