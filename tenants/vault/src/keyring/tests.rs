use freehold_types::{Fault, Kind, Reason, Secret, Service, TenantId};
use uuid::Uuid;

use super::{Vault, WrappedKey};
use crate::{Field, VaultError};

const NAME: Field = Field { service: Service::Operator, table: 2, column: 1, name: "tenant.name_sealed" };
const ROW: [u8; 16] = Uuid::from_u128(0x0192_f0c8_0000_7000_8000_0000_0000_00aa).into_bytes();

fn vault(first: u8) -> Vault {
    Vault::from_master_key(Secret::new(std::array::from_fn(|at| first + u8::try_from(at).unwrap())))
}

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(0x0192_f0c8_0000_7000_8000_0000_0000_0000 + number))
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn damaged<T: std::fmt::Debug>(result: Result<T, VaultError>) {
    assert!(matches!(result.as_ref().unwrap_err(), VaultError::TenantKeyDamaged { .. }), "{result:?}");
}

#[test]
fn a_tenants_key_opens_what_it_sealed_after_a_restart() {
    let wrapped = [vault(0).create_tenant_key(tenant(1))];
    assert_eq!((wrapped[0].version, wrapped[0].wrapped.len(), wrapped[0].commitment.len()), (1, 81, 32));
    let sealed = vault(0).tenant_keys(tenant(1), &wrapped).unwrap().seal(NAME, &ROW, b"acme");
    assert_eq!(vault(0).tenant_keys(tenant(1), &wrapped).unwrap().open(NAME, &ROW, &sealed).unwrap(), b"acme");
}

/// The bytes come from the same construction written in another language.
#[test]
fn what_was_wrapped_and_sealed_long_ago_still_opens() {
    let wrapped = WrappedKey {
        version: 1,
        wrapped: bytes(
            "015e8e512fbf1dba0e4142434445464748494a4b4c4d4e4f505152535455565758c88195e49a299bca4130b052b7d21243\
             faab48044882e09d60c8529c5536eec29dd8daaf043d074b38eadccb6086e786",
        ),
        commitment: bytes("d4de7f1edc0f8205abb8e9debe9032f3520e36ef9c7599f9fd50fe7b45947e7c"),
    };
    vault(0).tenant_keys(tenant(1), &[wrapped]).unwrap();

    let platforms =
        bytes("01000000014142434445464748494a4b4c4d4e4f505152535455565758bab399f7580319df7af304912d31ef94b9f7835f");
    assert_eq!(vault(0).platform_keys().open(NAME, &ROW, &platforms).unwrap(), b"acme");
}

#[test]
fn every_tenant_has_another_key() {
    let vault = vault(0);
    let [one, other] = [1, 1].map(|number| vault.create_tenant_key(tenant(number)));
    assert_ne!(one.commitment, other.commitment);
    let sealed = vault.tenant_keys(tenant(1), &[one]).unwrap().seal(NAME, &ROW, b"acme");
    let error = vault.tenant_keys(tenant(1), &[other]).unwrap().open(NAME, &ROW, &sealed).unwrap_err();
    assert!(matches!(error, VaultError::Refused { .. }), "{error}");
}

#[test]
fn another_master_key_is_refused_by_name() {
    let wrapped = [vault(0).create_tenant_key(tenant(1))];
    let error = vault(1).tenant_keys(tenant(1), &wrapped).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the key of tenant {} was wrapped by master key 5e8e512fbf1dba0e, and the one in use is {}",
            tenant(1),
            vault(1).fingerprint()
        )
    );
    let fault = Fault::from(error);
    assert_eq!((fault.kind(), fault.reason()), (Kind::Unavailable, Reason::StorageRefused));
    assert_eq!(fault.how_to_cure(), Some("start with the master key file whose fingerprint is 5e8e512fbf1dba0e"));
}

#[test]
fn another_master_key_that_claims_the_name_is_refused() {
    let mut wrapped = vault(0).create_tenant_key(tenant(1));
    wrapped.wrapped.splice(1..9, bytes(&vault(1).fingerprint()));
    damaged(vault(1).tenant_keys(tenant(1), &[wrapped]));
}

#[test]
fn a_wrapped_key_is_bound_to_its_tenant_and_version() {
    let vault = vault(0);
    let wrapped = vault.create_tenant_key(tenant(1));
    damaged(vault.tenant_keys(tenant(2), std::slice::from_ref(&wrapped)));
    damaged(vault.tenant_keys(tenant(1), &[WrappedKey { version: 2, ..wrapped }]));
}

#[test]
fn every_flipped_bit_of_a_wrapped_key_is_refused() {
    let vault = vault(0);
    let whole = vault.create_tenant_key(tenant(1));
    for at in 0..whole.wrapped.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped.wrapped[at] ^= 1 << bit;
            let error = vault.tenant_keys(tenant(1), &[flipped]).unwrap_err();
            let told = match at {
                1..9 => matches!(error, VaultError::WrongMasterKey { .. }),
                _ => matches!(error, VaultError::TenantKeyDamaged { .. }),
            };
            assert!(told, "byte {at}, bit {bit}: {error}");
        }
    }
    for at in 0..whole.commitment.len() {
        let mut flipped = whole.clone();
        flipped.commitment[at] ^= 1;
        damaged(vault.tenant_keys(tenant(1), &[flipped]));
    }
}

#[test]
fn a_wrapped_key_of_another_length_is_refused() {
    let vault = vault(0);
    let whole = vault.create_tenant_key(tenant(1));
    for length in 0..whole.wrapped.len() {
        damaged(
            vault.tenant_keys(tenant(1), &[WrappedKey { wrapped: whole.wrapped[..length].to_vec(), ..whole.clone() }]),
        );
    }
    damaged(
        vault.tenant_keys(tenant(1), &[WrappedKey { wrapped: [&whole.wrapped[..], &[0]].concat(), ..whole.clone() }]),
    );
    for commitment in [Vec::new(), whole.commitment[..31].to_vec(), [&whole.commitment[..], &[0]].concat()] {
        damaged(vault.tenant_keys(tenant(1), &[WrappedKey { commitment, ..whole.clone() }]));
    }
}

#[test]
fn a_tenant_without_a_key_is_refused() {
    let error = vault(0).tenant_keys(tenant(1), &[]).unwrap_err();
    assert!(matches!(error, VaultError::TenantKeyMissing { .. }), "{error}");
    assert_eq!(Fault::from(error).kind(), Kind::Internal);
}

#[test]
fn the_highest_version_seals_whatever_the_order() {
    let vault = vault(0);
    let first = vault.create_tenant_key(tenant(1));
    let second = vault.wrap(tenant(1), 2, &Secret::new([9; 32]));
    let old = vault.tenant_keys(tenant(1), std::slice::from_ref(&first)).unwrap().seal(NAME, &ROW, b"acme");
    for order in [[first.clone(), second.clone()], [second, first]] {
        let keys = vault.tenant_keys(tenant(1), &order).unwrap();
        assert_eq!(keys.seal(NAME, &ROW, b"acme")[..5], [1, 0, 0, 0, 2]);
        assert_eq!(keys.open(NAME, &ROW, &old).unwrap(), b"acme");
    }
}

#[test]
fn the_platforms_keys_follow_the_master_key() {
    let sealed = vault(0).platform_keys().seal(NAME, &ROW, b"acme");
    assert_eq!(vault(0).platform_keys().open(NAME, &ROW, &sealed).unwrap(), b"acme");
    let error = vault(1).platform_keys().open(NAME, &ROW, &sealed).unwrap_err();
    assert!(matches!(error, VaultError::Refused { tenant: None, .. }), "{error}");
}

#[test]
fn installation_keys_follow_label_and_master_key() {
    let token = vault(0).derive("caller-token");
    assert!(vault(0).derive("caller-token") == token);
    assert!(vault(0).derive("postgres-login") != token);
    assert!(vault(1).derive("caller-token") != token);
}

#[test]
fn nothing_secret_is_printed() {
    assert_eq!(format!("{:?}", vault(0)), "Vault { fingerprint: \"5e8e512fbf1dba0e\", .. }");
}
