//! A company's own program with its key, as such a program would be written: nothing of ours signs for it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use freehold_proto::auth::v1 as auth;
use freehold_types::access::Scope;
use serde_json::{Value, json};

/// DER of an Ed25519 public key up to its point (RFC 8410 section 4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0];

/// A program.
pub struct Program(SigningKey);

impl Program {
    /// One of many, each with a key of its own.
    pub fn new(number: usize) -> Self {
        let mut seed = [7; 32];
        seed[0] = u8::try_from(number % 251).unwrap_or_default();
        Self(SigningKey::from_bytes(&seed))
    }

    /// Its public key as PEM, as `openssl pkey -pubout` writes it.
    pub fn pem(&self) -> String {
        let der = [SPKI_PREFIX.as_slice(), self.0.verifying_key().as_bytes()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    /// Its public key as a JSON Web Key.
    pub fn jwk(&self, kid: &str) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.0.verifying_key().as_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig", "alg": "EdDSA"}).to_string()
    }

    /// A token with this head and these claims, signed.
    pub fn sign(&self, head: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(head), part(claims));
        let signature = self.0.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What an assertion says that is good for a minute.
pub fn claims(client_id: &str, audience: &str, now: i64, id: &str) -> Value {
    json!({"iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + 60, "jti": id})
}

/// The head of an assertion.
pub fn head() -> Value {
    json!({"alg": "EdDSA", "typ": "JWT"})
}

/// How an administrator registers the program, with everything that clients may be given.
pub fn registration(owner: &str, program: &Program) -> auth::RegisterClientRequest {
    auth::RegisterClientRequest {
        client_name: "payroll".to_owned(),
        owner_person_id: owner.to_owned(),
        scopes: Scope::ALL.map(|scope| scope.name().to_owned()).to_vec(),
        public_keys: vec![program.pem()],
        valid_days: 30,
    }
}
