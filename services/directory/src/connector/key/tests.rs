use std::sync::Arc;

use freehold_types::{Mint, SystemClock};

use super::*;

fn check(change: impl FnOnce(&mut Claim<'_>) -> bool, expected: bool) {
    let pair = KeyPair::from_seed(&[7; 32]);
    let (nonce, key) = ([1; 32], pair.public());
    let mut claim = Claim { nonce: &nonce, company: "acme", directory: "office", key: &key, known: None };
    let signature = pair.sign(&claim);
    let whole = change(&mut claim);
    let signature = if whole { signature } else { signature[1..].to_vec() };
    assert_eq!(claim.proven_by(&signature), expected);
}

#[test]
fn a_proof_is_good_for_its_own_claim_only() {
    let id: DirectoryId = Mint::new(Arc::new(SystemClock)).id();
    let stranger = KeyPair::from_seed(&[8; 32]).public();
    check(|_same| true, true);
    check(|_cut_off| false, false);
    check(
        |claim| {
            claim.nonce = &[2; 32];
            true
        },
        false,
    );
    check(
        |claim| {
            claim.company = "beta";
            true
        },
        false,
    );
    check(
        |claim| {
            claim.directory = "plant";
            true
        },
        false,
    );
    // The same letters, parted elsewhere.
    check(
        |claim| {
            (claim.company, claim.directory) = ("acmeo", "ffice");
            true
        },
        false,
    );
    check(
        |claim| {
            claim.known = Some(id);
            true
        },
        false,
    );
    let pair = KeyPair::from_seed(&[7; 32]);
    let claim = Claim { nonce: &[1; 32], company: "acme", directory: "office", key: &stranger, known: None };
    assert!(!claim.proven_by(&pair.sign(&claim)));
}

#[test]
fn a_key_is_called_by_its_digest() {
    let name = fingerprint(&KeyPair::from_seed(&[7; 32]).public());
    assert_eq!((name.len(), name.starts_with("SHA256:")), (50, true));
    assert_ne!(name, fingerprint(&KeyPair::from_seed(&[8; 32]).public()));
}
