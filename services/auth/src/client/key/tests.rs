use serde_json::{Value, json};

use super::{Key, KeyError};
use crate::testing::token::published;

/// Both as OpenSSL writes them.
const ED25519: &str = "-----BEGIN PUBLIC KEY-----\n\
     MCowBQYDK2VwAyEAK8TwrlbadJhSQ/pClDAAGKnWQ3DTaQu4f8CXtk0kWOk=\n\
     -----END PUBLIC KEY-----\n";
pub(in crate::client) const P256: &str = "-----BEGIN PUBLIC KEY-----\r\n\
     MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqREIHBjZ+uxdZKN0mZXac5yxIpKi\r\n\
     8hAoXPyNjSys4sXlAKRTnZdE0l2RJpWKRLl4oAgXDnq/NKCfHWWqEqsFhQ==\r\n\
     -----END PUBLIC KEY-----\r\n";

fn p256(changes: &Value) -> String {
    let mut key = json!({
        "kty": "EC", "crv": "P-256",
        "x": "qREIHBjZ-uxdZKN0mZXac5yxIpKi8hAoXPyNjSys4sU", "y": "5QCkU52XRNJdkSaVikS5eKAIFw56vzSgnx1lqhKrBYU",
    });
    for (name, value) in changes.as_object().unwrap() {
        key[name] = value.clone();
    }
    key.to_string()
}

#[test]
fn pem_and_json_web_key_are_the_same_key() {
    let pem = Key::parse(P256).unwrap();
    assert_eq!(Key::parse(&p256(&json!({}))).unwrap(), pem);
    let named =
        Key::parse(&p256(&json!({"kid": "july", "use": "sig", "alg": "ES256", "key_ops": ["verify"]}))).unwrap();
    assert!(named.is(&pem) && named.kid.as_deref() == Some("july"));
    let ed = Key::parse(ED25519).unwrap();
    assert!(!ed.is(&pem));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "K8TwrlbadJhSQ_pClDAAGKnWQ3DTaQu4f8CXtk0kWOk"});
    assert_eq!(Key::parse(&jwk.to_string()).unwrap(), ed);
    assert!(Key::parse(&published(3, "k").to_string()).is_ok());
}

#[test]
fn a_key_survives_the_database() {
    for key in [Key::parse(P256).unwrap(), Key::parse(&published(3, "k").to_string()).unwrap()] {
        assert_eq!(serde_json::from_slice::<Key>(&serde_json::to_vec(&key).unwrap()).unwrap(), key);
    }
}

#[test]
fn what_is_no_public_key_is_refused_in_words() {
    let cases = [
        (String::new(), KeyError::Unreadable),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI".to_owned(), KeyError::Unreadable),
        (ED25519.replace("MCow", "MCo*"), KeyError::Unreadable),
        (ED25519.replace("PUBLIC", "PRIVATE"), KeyError::Secret),
        (ED25519.replace("PUBLIC", "EC PRIVATE"), KeyError::Secret),
        (format!("{ED25519}{ED25519}"), KeyError::Unreadable),
        (format!("{{\"kty\":\"OKP\"{}", " ".repeat(5_000)), KeyError::Unreadable),
        (p256(&json!({"d": "AAAA"})), KeyError::Secret),
        (json!({"kty": "oct", "k": "AAAA"}).to_string(), KeyError::Secret),
        (json!({"kty": "RSA", "n": "AAAA", "e": "AQAB"}).to_string(), KeyError::Kind),
        (p256(&json!({"crv": "P-384"})), KeyError::Kind),
        (p256(&json!({"kty": "OKP"})), KeyError::Kind),
        (p256(&json!({"crv": "Ed25519"})), KeyError::Kind),
        (p256(&json!({"use": "enc"})), KeyError::Use),
        (p256(&json!({"alg": "EdDSA"})), KeyError::Use),
        (p256(&json!({"key_ops": ["encrypt"]})), KeyError::Use),
        (p256(&json!({"kid": 7})), KeyError::Name),
        (p256(&json!({"kid": "a\nb"})), KeyError::Name),
        (p256(&json!({"x": "AAAA"})), KeyError::Point),
        (p256(&json!({"y": Value::Null})), KeyError::Point),
        (p256(&json!({"y": "qREIHBjZ-uxdZKN0mZXac5yxIpKi8hAoXPyNjSys4sU"})), KeyError::Point),
        (r#"{"kty":"EC","kty":"OKP"}"#.to_owned(), KeyError::Unreadable),
    ];
    for (text, expected) in cases {
        assert_eq!(Key::parse(&text), Err(expected), "{text}");
    }
}
