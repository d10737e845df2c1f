use std::collections::BTreeSet;

use freehold_types::{Secret, Service, TenantId};
use uuid::Uuid;

use super::TenantKeys;
use crate::{Field, VaultError};

const NAME: Field = Field { service: Service::Directory, table: 100, column: 7, name: "person.name_sealed" };
const ROW: [u8; 16] = Uuid::from_u128(0x0192_f0c8_0000_7000_8000_0000_0000_00aa).into_bytes();
const OTHER_ROW: [u8; 16] = Uuid::from_u128(0x0192_f0c8_0000_7000_8000_0000_0000_00ab).into_bytes();

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(0x0192_f0c8_0000_7000_8000_0000_0000_0000 + number))
}

/// Keys whose only version is `version`, and which are the same bytes for every tenant and version: so what keeps
/// places apart in these tests is the binding alone.
fn keys(owner: Option<TenantId>, version: u32) -> TenantKeys {
    TenantKeys::new(owner, (version, key()), [])
}

fn key() -> Secret<[u8; 32]> {
    Secret::new(std::array::from_fn(|at| 32 + u8::try_from(at).unwrap()))
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn refused<T: std::fmt::Debug>(result: Result<T, VaultError>) {
    assert!(matches!(result.as_ref().unwrap_err(), VaultError::Refused { .. }), "{result:?}");
}

#[test]
fn what_was_sealed_opens() {
    for owner in [Some(tenant(1)), None] {
        let keys = keys(owner, 1);
        for length in [0, 1, 15, 16, 17, 200, 65_536] {
            let plain = vec![0xa5; length];
            let sealed = keys.seal(NAME, &ROW, &plain);
            assert_eq!(sealed.len(), length + 45);
            assert_eq!(keys.open(NAME, &ROW, &sealed).unwrap(), plain);
        }
    }
}

/// The sealed bytes and the index come from the same construction written in another language.
#[test]
fn what_was_sealed_long_ago_still_opens() {
    let long_ago = bytes(
        "01000000014142434445464748494a4b4c4d4e4f505152535455565758cdc54ade508c1cc05fe68cc68c4e0364f1b22a4b4996e09df2b46ce5",
    );
    let keys = keys(Some(tenant(1)), 1);
    assert_eq!(keys.open(NAME, &ROW, &long_ago).unwrap(), b"Ada Lovelace");
    assert_eq!(keys.index(NAME, b"ada").to_vec(), bytes("3720d59cd2b3dc9d1853dee145d1dd3a"));
}

#[test]
fn a_transplant_to_another_tenant_is_refused() {
    let sealed = keys(Some(tenant(1)), 1).seal(NAME, &ROW, b"Ada");
    refused(keys(Some(tenant(2)), 1).open(NAME, &ROW, &sealed));
    refused(keys(None, 1).open(NAME, &ROW, &sealed));

    let platforms = keys(None, 1).seal(NAME, &ROW, b"Ada");
    refused(keys(Some(tenant(1)), 1).open(NAME, &ROW, &platforms));
}

#[test]
fn a_transplant_within_a_tenant_is_refused() {
    let keys = keys(Some(tenant(1)), 1);
    let sealed = keys.seal(NAME, &ROW, b"Ada");
    let elsewhere = [
        Field { table: 101, ..NAME },
        Field { table: 7, column: 100, ..NAME },
        Field { column: 8, ..NAME },
        Field { service: Service::Content, ..NAME },
    ];
    for field in elsewhere {
        refused(keys.open(field, &ROW, &sealed));
    }
    for row in [&OTHER_ROW[..], &ROW[..15], &[&ROW[..], &[0]].concat(), &[]] {
        refused(keys.open(NAME, row, &sealed));
    }
    let renamed = Field { name: "person.full_name_sealed", ..NAME };
    assert_eq!(keys.open(renamed, &ROW, &sealed).unwrap(), b"Ada", "a name is for people");
}

#[test]
fn a_transplant_to_another_version_is_refused() {
    let mut sealed = keys(Some(tenant(1)), 1).seal(NAME, &ROW, b"Ada");
    let second = keys(Some(tenant(1)), 2);
    let missing = second.open(NAME, &ROW, &sealed).unwrap_err();
    assert!(matches!(missing, VaultError::KeyVersionMissing { version: 1, .. }), "{missing}");

    sealed[4] = 2;
    refused(second.open(NAME, &ROW, &sealed));
}

#[test]
fn the_current_version_seals_and_all_open() {
    let first = keys(Some(tenant(1)), 1);
    let old = first.seal(NAME, &ROW, b"Ada");
    let both = TenantKeys::new(Some(tenant(1)), (2, Secret::new([9; 32])), [(1, key())]);
    assert_eq!(both.open(NAME, &ROW, &old).unwrap(), b"Ada");

    let new = both.seal(NAME, &ROW, b"Ada");
    assert_eq!(new[..5], [1, 0, 0, 0, 2]);
    assert_eq!(both.open(NAME, &ROW, &new).unwrap(), b"Ada");
    assert_ne!(both.index(NAME, b"ada"), first.index(NAME, b"ada"));
}

#[test]
fn every_flipped_bit_is_refused() {
    let keys = keys(Some(tenant(1)), 1);
    let sealed = keys.seal(NAME, &ROW, b"Ada Lovelace");
    for at in 0..sealed.len() {
        for bit in 0..8 {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1 << bit;
            let error = keys.open(NAME, &ROW, &flipped).unwrap_err();
            let told = match at {
                0 => matches!(error, VaultError::NotSealed { .. }),
                1..5 => matches!(error, VaultError::KeyVersionMissing { .. }),
                _ => matches!(error, VaultError::Refused { .. }),
            };
            assert!(told, "byte {at}, bit {bit}: {error}");
        }
    }
}

#[test]
fn cut_and_lengthened_bytes_are_refused() {
    let keys = keys(Some(tenant(1)), 1);
    let sealed = keys.seal(NAME, &ROW, b"Ada Lovelace");
    for length in 0..sealed.len() {
        assert!(keys.open(NAME, &ROW, &sealed[..length]).is_err(), "{length} bytes");
    }
    refused(keys.open(NAME, &ROW, &[&sealed[..], &[0]].concat()));
    assert!(matches!(keys.open(NAME, &ROW, b"Ada Lovelace").unwrap_err(), VaultError::NotSealed { .. }));
}

#[test]
fn the_same_text_is_never_sealed_alike() {
    let keys = keys(Some(tenant(1)), 1);
    let sealed: BTreeSet<_> = (0..1_000).map(|_| keys.seal(NAME, &ROW, b"Ada")[5..29].to_vec()).collect();
    assert_eq!(sealed.len(), 1_000);
}

#[test]
fn an_index_tells_columns_apart_and_equal_values_not() {
    let keys = keys(Some(tenant(1)), 1);
    let index = keys.index(NAME, b"ada");
    assert_eq!(keys.index(NAME, b"ada"), index);
    let others = [
        keys.index(NAME, b"adb"),
        keys.index(NAME, b""),
        keys.index(Field { column: 8, ..NAME }, b"ada"),
        keys.index(Field { table: 101, ..NAME }, b"ada"),
        keys.index(Field { service: Service::Auth, ..NAME }, b"ada"),
    ];
    assert!(others.iter().all(|other| *other != index));
}

#[test]
fn purposes_have_keys_of_their_own() {
    let keys = keys(Some(tenant(1)), 1);
    let october = keys.purpose(Service::Billing, "meter 2026-10");
    assert!(keys.purpose(Service::Billing, "meter 2026-10") == october);
    assert!(keys.purpose(Service::Billing, "meter 2026-11") != october);
    assert!(keys.purpose(Service::Content, "meter 2026-10") != october);
}

#[test]
fn threads_share_the_kept_keys() {
    let keys = keys(Some(tenant(1)), 1);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for table in 0..50 {
                    let field = Field { table, ..NAME };
                    assert_eq!(keys.open(field, &ROW, &keys.seal(field, &ROW, b"Ada")).unwrap(), b"Ada");
                }
            });
        }
    });
    let once = |field| std::sync::Arc::ptr_eq(&keys.0.current.cipher(field), &keys.0.current.cipher(field));
    assert!(once(NAME), "derived once, then kept");
}

#[test]
fn nothing_secret_is_printed() {
    let keys = keys(Some(tenant(1)), 1);
    assert_eq!(format!("{keys:?}"), format!("TenantKeys {{ tenant: Some({}), .. }}", tenant(1)));
    let sealed = keys.seal(NAME, &ROW, b"Ada");
    let error = keys.open(NAME, &OTHER_ROW, &sealed).unwrap_err();
    assert_eq!(error.to_string(), "person.name_sealed does not open: changed, or sealed for another place");
}
