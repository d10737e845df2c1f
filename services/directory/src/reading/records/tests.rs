use freehold_types::Secret;
use freehold_vault::{TenantKeys, Vault};
use prost::Message as _;

use super::Records;
use crate::record::Record;

fn keys() -> TenantKeys {
    Vault::from_master_key(Secret::new([7; 32])).platform_keys()
}

fn record(number: usize) -> Record {
    Record { display_name: format!("Anna Groß {number}"), ..Record::default() }
}

#[test]
fn records_come_back_from_memory_and_from_the_file() {
    let mut records = Records { held_bytes_max: 500, ..Records::new(keys()) };
    let places: Vec<_> = (0..100).map(|number| records.put(&record(number).encode_to_vec())).collect();
    assert!(records.file.is_some() && !records.held.is_empty(), "both are used");
    for (number, at) in places.iter().enumerate().rev() {
        assert_eq!(records.get(*at).unwrap(), record(number));
    }
}

#[test]
fn a_few_need_no_file() {
    let mut records = Records::new(keys());
    let at = records.put(&record(1).encode_to_vec());
    assert!(records.file.is_none());
    assert_eq!(records.get(at).unwrap(), record(1));
}

#[test]
fn nothing_in_clear_is_in_the_file() {
    let mut records = Records { held_bytes_max: 0, ..Records::new(keys()) };
    let at = records.put(&record(1).encode_to_vec());
    let bytes = records.read(at).unwrap();
    assert!(!bytes.windows(4).any(|part| part == b"Anna"));
}

#[test]
fn a_record_opens_only_where_it_was_put() {
    let mut records = Records::new(keys());
    let first = records.put(&record(1).encode_to_vec());
    let second = records.put(&record(1).encode_to_vec());
    let (one, other) = records.held.split_at_mut(first.length.try_into().unwrap());
    one.swap_with_slice(other);
    assert!(records.get(first).is_err() && records.get(second).is_err());
}
