use freehold_types::{Caller, Secret, Service, TenantId};
use uuid::Uuid;

use super::PageTokens;

fn tokens() -> PageTokens {
    PageTokens::new(Secret::new([7; 32]))
}

fn caller(tenant: u128) -> Caller {
    Caller::service(Service::Content, TenantId::from_uuid(Uuid::from_u128(tenant)))
}

#[test]
fn a_position_comes_back() {
    let token = tokens().encode(&caller(1), "feed", b"position");
    assert_eq!(tokens().decode(&caller(1), "feed", &token).unwrap(), Some(b"position".to_vec()));
    assert_eq!(tokens().decode(&caller(1), "feed", "").unwrap(), None);
}

#[test]
fn a_token_opens_no_other_list_and_no_other_tenants() {
    let token = tokens().encode(&caller(1), "feed", b"position");
    assert!(tokens().decode(&caller(1), "people", &token).is_err());
    assert!(tokens().decode(&caller(2), "feed", &token).is_err());
    assert!(tokens().decode(&Caller::operator(None), "feed", &token).is_err());
}

#[test]
fn nonsense_is_refused() {
    let token = tokens().encode(&caller(1), "feed", b"position");
    let cut = token.strip_suffix(|_last| true).unwrap();
    let long = "A".repeat(65_536);
    for nonsense in ["x", "!!!!", cut, &long, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        assert!(tokens().decode(&caller(1), "feed", nonsense).is_err());
    }
}
