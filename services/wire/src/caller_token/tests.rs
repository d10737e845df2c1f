use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use freehold_types::{Caller, DirectoryId, Mint, PersonId, Secret, Service, SessionId, SetClock, TenantId};
use uuid::Uuid;

use super::TokenSigner;

fn clock() -> Arc<SetClock> {
    Arc::new(SetClock::new(DateTime::from_timestamp(1_790_000_000, 0).unwrap()))
}

fn signer(seed: u8, clock: &Arc<SetClock>) -> TokenSigner {
    TokenSigner::new(&Secret::new([seed; 32]), Mint::new(clock.clone())).unwrap()
}

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(7))
}

fn person() -> Caller {
    Caller::person_of(tenant(), PersonId::from_uuid(Uuid::from_u128(8)), SessionId::from_uuid(Uuid::from_u128(9)), true)
}

#[test]
fn every_kind_of_caller_comes_out_as_it_went_in() {
    let signer = signer(1, &clock());
    let callers = [
        person(),
        Caller::service(Service::Directory, tenant()),
        Caller::provisioner(tenant(), DirectoryId::from_uuid(Uuid::from_u128(10))),
        Caller::operator(None),
        Caller::operator(Some(tenant())),
    ];
    for caller in callers {
        let token = signer.sign(&caller).unwrap().token;
        assert_eq!(signer.verifier().verify(token.expose()).unwrap().caller, caller);
    }
}

#[test]
fn a_token_ends_after_two_minutes_and_does_not_come_from_the_future() {
    let clock = clock();
    let signer = signer(1, &clock);
    let token = signer.sign(&person()).unwrap().token;
    clock.advance(TimeDelta::seconds(149));
    assert!(signer.verifier().verify(token.expose()).is_ok());
    clock.advance(TimeDelta::seconds(1));
    assert!(signer.verifier().verify(token.expose()).is_err());
    clock.advance(TimeDelta::seconds(-181));
    assert!(signer.verifier().verify(token.expose()).is_err());
}

#[test]
fn another_installations_token_is_refused() {
    let clock = clock();
    let token = signer(2, &clock).sign(&Caller::operator(None)).unwrap().token;
    assert!(signer(1, &clock).verifier().verify(token.expose()).is_err());
}

#[test]
fn a_changed_token_is_refused_whatever_changed() {
    let signer = signer(1, &clock());
    let token = signer.sign(&person()).unwrap().token.expose().clone();
    for place in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'E' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        // The last character of a part carries unused bits that some changes leave alone; decoders refuse those too.
        assert!(signer.verifier().verify(&changed).is_err(), "place {place}");
    }
}

#[test]
fn an_unsigned_token_is_refused() {
    // {"alg":"none","typ":"at+jwt"} . {"iss":"freehold","aud":"freehold","iat":0,"exp":1,"sub":"operator"} .
    let token = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.\
                 eyJpc3MiOiJmcmVlaG9sZCIsImF1ZCI6ImZyZWVob2xkIiwiaWF0IjowLCJleHAiOjEsInN1YiI6Im9wZXJhdG9yIn0.";
    assert!(signer(1, &clock()).verifier().verify(token).is_err());
}
