use super::*;

#[test]
fn an_id_is_found_again_by_what_it_was_read_as() {
    let bytes: Vec<u8> = (1..=16).collect();
    let id = AnchorForm::Guid.entry_id(&bytes).unwrap();
    assert_eq!(id, "04030201-0605-0807-090a-0b0c0d0e0f10");
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    assert_eq!(AnchorForm::Guid.filter_value(&id), Some(escaped));
    assert_eq!(AnchorForm::Guid.filter_value("anna"), None);
    assert_eq!(AnchorForm::Text.filter_value(&id), Some(id));
    assert_eq!(AnchorForm::Text.filter_value("a*)"), Some("\\61\\2a\\29".to_owned()), "it leads out of no filter");
}
