use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::access::Scopes;
use freehold_types::{
    Caller, ClientId, DirectoryId, Mint, PersonId, Role, Roles, Secret, Service, SessionId, SetClock, TenantId,
};
use jsonwebtoken::{Algorithm, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::keys::Key;
use super::{TokenSigner, Verified};

/// Where tokens of these tests are shown, if nothing else is said.
const HERE: Service = Service::Directory;
const MONTH: TimeDelta = TimeDelta::days(30);

fn clock() -> Arc<SetClock> {
    Arc::new(SetClock::new(start()))
}

/// The first second of a key.
fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + MONTH * 700
}

fn signer(seed: u8, clock: &Arc<SetClock>) -> TokenSigner {
    TokenSigner::new(&Secret::new([seed; 32]), Mint::new(clock.clone())).unwrap()
}

fn verify(signer: &TokenSigner, token: &str) -> Option<Verified> {
    signer.verifier().verify(token, HERE).ok()
}

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(7))
}

fn person() -> Caller {
    let roles = Roles::NONE.with(Role::Administrator).with(Role::Analyst);
    let (person, session) = (PersonId::from_uuid(Uuid::from_u128(8)), SessionId::from_uuid(Uuid::from_u128(9)));
    Caller::person_of(tenant(), person, session, roles)
}

/// A token that says whatever a test wants, signed with the right key.
fn forged(key: &Key, head: &Header, claims: &Value) -> String {
    jsonwebtoken::encode(head, claims, &key.signing).unwrap()
}

fn head(key: &Key, kind: &str) -> Header {
    Header { typ: Some(kind.to_owned()), kid: Some(key.name.clone()), ..Header::new(Algorithm::EdDSA) }
}

/// What the operator's own token says, with some of it changed; `null` leaves a claim out.
fn claims(now: DateTime<Utc>, changes: Value) -> Value {
    let now = now.timestamp();
    let mut claims = json!({"iss": "freehold", "aud": "freehold", "iat": now, "exp": now + 120, "sub": "operator"});
    for (name, value) in changes.as_object().unwrap() {
        claims.as_object_mut().unwrap().insert(name.clone(), value.clone());
    }
    claims.as_object_mut().unwrap().retain(|_name, value| !value.is_null());
    claims
}

/// Whether the signer believes the operator's token with these changes, signed with the key of this moment.
fn believes(changes: Value) -> bool {
    let signer = signer(1, &clock());
    let key = signer.0.keys.current(start()).unwrap();
    verify(&signer, &forged(&key, &head(&key, "at+jwt"), &claims(start(), changes))).is_some()
}

#[test]
fn every_kind_of_caller_comes_out_as_it_went_in() {
    let signer = signer(1, &clock());
    let callers = [
        person(),
        Caller::provisioner(tenant(), DirectoryId::from_uuid(Uuid::from_u128(10))),
        Caller::operator(None),
        Caller::operator(Some(tenant())),
    ];
    for caller in callers {
        let token = signer.sign(&caller).unwrap().token;
        assert_eq!(
            verify(&signer, token.expose()).unwrap(),
            Verified { caller, actor: None, issued_at: start().timestamp() }
        );
        let token = signer.sign_at(&caller, HERE, Some(Service::Content)).unwrap().token;
        let acted = Verified { caller, actor: Some(Service::Content), issued_at: start().timestamp() };
        assert_eq!(verify(&signer, token.expose()).unwrap(), acted);
    }
    let service = Caller::service(Service::Content, tenant());
    let token = signer.sign_at(&service, HERE, Some(Service::Content)).unwrap().token;
    let verified = verify(&signer, token.expose()).unwrap();
    assert_eq!((verified.caller, verified.actor), (service, None));
    let client = Caller::client(tenant(), ClientId::from_uuid(Uuid::from_u128(11)), Scopes::all());
    for by in [None, Some(Service::Content)] {
        let token = signer.sign_at(&client, HERE, by).unwrap().token;
        let verified = verify(&signer, token.expose()).unwrap();
        assert_eq!((verified.caller, verified.actor), (client, by));
    }
}

#[test]
fn a_token_ends_after_two_minutes_and_does_not_come_from_the_future() {
    let clock = clock();
    let signer = signer(1, &clock);
    clock.advance(TimeDelta::days(1));
    let token = signer.sign(&person()).unwrap().token;
    clock.advance(TimeDelta::seconds(149));
    assert!(verify(&signer, token.expose()).is_some());
    clock.advance(TimeDelta::seconds(1));
    assert!(verify(&signer, token.expose()).is_none());
    clock.advance(TimeDelta::seconds(-181));
    assert!(verify(&signer, token.expose()).is_none());
}

#[test]
fn a_token_ends_with_what_it_was_given_for() {
    let clock = clock();
    let signer = signer(1, &clock);
    let token = signer.sign_between(&person(), start(), start() + TimeDelta::seconds(10)).unwrap();
    assert_eq!(token.expires_at, start() + TimeDelta::seconds(10));
    clock.advance(TimeDelta::seconds(40));
    assert!(verify(&signer, token.token.expose()).is_none());
}

#[test]
fn another_installations_token_is_refused() {
    let clock = clock();
    let token = signer(2, &clock).sign(&Caller::operator(None)).unwrap().token;
    assert!(verify(&signer(1, &clock), token.expose()).is_none());
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
        assert!(verify(&signer, &changed).is_none(), "place {place}");
    }
}

#[test]
fn an_unsigned_token_is_refused() {
    // {"alg":"none","typ":"at+jwt"} . {"iss":"freehold","aud":"freehold","iat":0,"exp":1,"sub":"operator"} .
    let token = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.\
                 eyJpc3MiOiJmcmVlaG9sZCIsImF1ZCI6ImZyZWVob2xkIiwiaWF0IjowLCJleHAiOjEsInN1YiI6Im9wZXJhdG9yIn0.";
    assert!(verify(&signer(1, &clock()), token).is_none());
}

#[test]
fn j01_a_token_for_one_service_is_refused_by_every_other() {
    let signer = signer(1, &clock());
    for caller in [Caller::service(Service::Content, tenant()), person(), Caller::operator(Some(tenant()))] {
        for at in Service::ALL {
            let token = signer.sign_at(&caller, at, Some(Service::Content)).unwrap().token;
            for shown_at in Service::ALL {
                let taken = signer.verifier().verify(token.expose(), shown_at).is_ok();
                assert_eq!(taken, shown_at == at, "{caller:?}: for {at:?}, shown at {shown_at:?}");
            }
        }
    }
    // No service has a token that is good everywhere, and nobody acts for somebody everywhere.
    let token = signer.sign(&Caller::service(Service::Content, tenant())).unwrap().token;
    assert!(verify(&signer, token.expose()).is_none());
    assert!(!believes(json!({"act": {"sub": "service:content"}})));
    assert!(believes(json!({"aud": "directory", "act": {"sub": "service:content"}})));
    for actor in [json!({"sub": "service:printer"}), json!({"sub": "operator"}), json!({}), json!("service:content")] {
        assert!(!believes(json!({"aud": "directory", "act": actor})), "{actor}");
    }
    let own = json!({"aud": "directory", "sub": "service:content", "tid": tenant().to_string()});
    assert!(believes(own.clone()));
    let mut acted = own;
    acted["act"] = json!({"sub": "service:auth"});
    assert!(!believes(acted), "nobody acts for a service");
}

#[test]
fn j01_a_client_has_no_token_that_is_good_everywhere_and_no_scope_that_does_not_exist() {
    let signer = signer(1, &clock());
    let id = ClientId::from_uuid(Uuid::from_u128(11));
    let token = signer.sign(&Caller::client(tenant(), id, Scopes::all())).unwrap().token;
    assert!(verify(&signer, token.expose()).is_none());
    let said = |changes: &Value| {
        let mut said = json!({"aud": "directory", "sub": id.to_string(), "tid": tenant().to_string()});
        said.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        believes(said)
    };
    assert!(said(&json!({"scope": "directory.read"})));
    for scope in [json!(""), json!("directory.write"), json!("directory.read *"), json!(["directory.read"]), json!(4)] {
        assert!(!said(&json!({ "scope": scope.clone() })), "{scope}");
    }
    assert!(!said(&json!({})), "a client without scopes is nobody");
    assert!(!said(&json!({"scope": "directory.read", "tid": null})));
    assert!(!said(&json!({"scope": "directory.read", "sub": "per_00000000000000000000000000000001"})));
}

#[test]
fn j02_a_token_without_issuer_or_audience_or_with_several_is_refused() {
    assert!(believes(json!({})));
    for claim in ["iss", "aud"] {
        for value in [
            Value::Null,
            json!(["freehold"]),
            json!(["freehold", "directory"]),
            json!([]),
            json!(""),
            json!("elsewhere"),
            json!(1),
        ] {
            assert!(!believes(json!({ claim: value.clone() })), "{claim} {value}");
        }
    }
    assert!(!believes(json!({"nbf": 0})), "what we do not say means nothing we know");
}

#[test]
fn j03_a_token_that_lives_too_long_or_comes_from_the_future_is_refused() {
    let now = start().timestamp();
    assert!(!believes(json!({"exp": now + 121})));
    assert!(!believes(json!({"exp": now + 10 * 365 * 86_400})));
    assert!(!believes(json!({"exp": i64::MAX, "iat": i64::MIN})));
    assert!(!believes(json!({"iat": now + 31, "exp": now + 60})));
    assert!(!believes(json!({"iat": now, "exp": now - 1})));
    for claim in ["iat", "exp"] {
        assert!(!believes(json!({ claim: null })), "{claim}");
        assert!(!believes(json!({ claim: now.to_string() })), "{claim} as text");
    }
}

#[test]
fn j04_a_token_of_another_kind_is_no_caller_token() {
    let signer = signer(1, &clock());
    let key = signer.0.keys.current(start()).unwrap();
    let said = claims(start(), json!({}));
    assert!(verify(&signer, &forged(&key, &head(&key, "at+jwt"), &said)).is_some());
    for kind in ["JWT", "jwt", "AT+JWT", "application/at+jwt", "logout+jwt", "id_token", ""] {
        assert!(verify(&signer, &forged(&key, &head(&key, kind), &said)).is_none(), "{kind:?}");
    }
    let without = Header { typ: None, ..head(&key, "") };
    assert!(verify(&signer, &forged(&key, &without, &said)).is_none());
}

#[test]
fn j06_an_old_key_is_refused_once_its_last_token_is_over() {
    let clock = clock();
    let signer = signer(1, &clock);
    let old = signer.0.keys.current(start()).unwrap();
    let rotation = start() + MONTH;
    let shown_at = |moment: DateTime<Utc>| {
        clock.set(moment);
        verify(&signer, &forged(&old, &head(&old, "at+jwt"), &claims(moment, json!({})))).is_some()
    };
    assert!(shown_at(rotation - TimeDelta::seconds(1)));
    assert!(shown_at(rotation + TimeDelta::seconds(149)), "tokens that it signed are still good");
    assert!(!shown_at(rotation + TimeDelta::seconds(151)));
    assert!(!shown_at(rotation + MONTH));
    assert!(!shown_at(start() - TimeDelta::seconds(31)), "and before it signs");
}

#[test]
fn every_key_is_published_before_it_signs_and_while_it_checks() {
    let clock = clock();
    let signer = signer(1, &clock);
    let names = |moment: DateTime<Utc>| -> Vec<String> {
        clock.set(moment);
        signer.public_keys().unwrap().into_iter().map(|key| key.name).collect()
    };
    assert_eq!(names(start() + TimeDelta::days(1)), ["caller-700", "caller-701"]);
    assert_eq!(names(start() + MONTH), ["caller-700", "caller-701", "caller-702"]);
    assert_eq!(names(start() + MONTH + TimeDelta::days(1)), ["caller-701", "caller-702"]);
    let keys = signer.public_keys().unwrap();
    assert!(keys.iter().all(|key| key.point.len() == 43));
    assert_ne!(keys[0].point, keys[1].point);
    clock.set(start());
    let other = TokenSigner::new(&Secret::new([2; 32]), Mint::new(clock)).unwrap();
    assert_ne!(other.public_keys().unwrap(), signer.public_keys().unwrap());
}

#[test]
fn a_key_nobody_knows_is_refused() {
    let signer = signer(1, &clock());
    let key = signer.0.keys.current(start()).unwrap();
    for name in ["caller-1", "caller-702", "caller-", "../../etc/passwd", ""] {
        let head = Header { kid: Some(name.to_owned()), ..head(&key, "at+jwt") };
        assert!(verify(&signer, &forged(&key, &head, &claims(start(), json!({})))).is_none(), "{name:?}");
    }
    let head = Header { kid: None, ..head(&key, "at+jwt") };
    assert!(verify(&signer, &forged(&key, &head, &claims(start(), json!({})))).is_none());
}
