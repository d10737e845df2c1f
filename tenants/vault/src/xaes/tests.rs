use shake::Shake128;
use shake::digest::{ExtendableOutput, Update, XofReader};

use super::{NotAuthentic, Xaes256Gcm};

const NONCE: &[u8; 24] = b"ABCDEFGHIJKLMNOPQRSTUVWX";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sealed(key: &[u8; 32], nonce: &[u8; 24], plain: &[u8], aad: &[u8]) -> Vec<u8> {
    let mut sealed = plain.to_vec();
    let tag = Xaes256Gcm::new(key).seal(nonce, aad, &mut sealed);
    sealed.extend(tag);
    sealed
}

#[test]
fn published_vector_whose_subkey_carries_nothing() {
    assert_eq!(
        hex(&sealed(&[1; 32], NONCE, b"XAES-256-GCM", b"")),
        "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"
    );
}

#[test]
fn published_vector_whose_subkey_carries() {
    assert_eq!(
        hex(&sealed(&[3; 32], NONCE, b"XAES-256-GCM", b"c2sp.org/XAES-256-GCM")),
        "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"
    );
}

#[test]
fn ten_thousand_accumulated_messages() {
    assert_eq!(accumulated(10_000), "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
}

#[test]
fn a_million_accumulated_messages() {
    assert_eq!(accumulated(1_000_000), "2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15");
}

#[test]
fn another_key_nonce_tag_or_associated_data_is_refused() {
    let cipher = Xaes256Gcm::new(&[7; 32]);
    let mut text = *b"bread";
    let tag = cipher.seal(NONCE, b"aad", &mut text);
    let open = |key: u8, nonce: &[u8; 24], aad: &[u8], tag: &[u8; 16]| {
        let mut text = text;
        Xaes256Gcm::new(&[key; 32]).open(nonce, aad, &mut text, tag).map(|()| text)
    };
    assert_eq!(open(7, NONCE, b"aad", &tag), Ok(*b"bread"));
    assert_eq!(open(8, NONCE, b"aad", &tag), Err(NotAuthentic));
    assert_eq!(open(7, b"BBCDEFGHIJKLMNOPQRSTUVWX", b"aad", &tag), Err(NotAuthentic));
    assert_eq!(open(7, b"ABCDEFGHIJKLMNOPQRSTUVWY", b"aad", &tag), Err(NotAuthentic));
    assert_eq!(open(7, NONCE, b"aae", &tag), Err(NotAuthentic));
    assert_eq!(open(7, NONCE, b"aad", &[0; 16]), Err(NotAuthentic));
}

/// The specification's accumulated test: messages drawn from one SHAKE-128 of nothing, sealed, hashed by another.
fn accumulated(messages: usize) -> String {
    let mut source = Shake128::default().finalize_xof();
    let mut digest = Shake128::default();
    for _ in 0..messages {
        let mut key = [0; 32];
        let mut nonce = [0; 24];
        source.read(&mut key);
        source.read(&mut nonce);
        let plain = opaque(&mut source);
        let aad = opaque(&mut source);

        let cipher = Xaes256Gcm::new(&key);
        let mut text = plain.clone();
        let tag = cipher.seal(&nonce, &aad, &mut text);
        digest.update(&text);
        digest.update(&tag);
        cipher.open(&nonce, &aad, &mut text, &tag).unwrap();
        assert_eq!(text, plain);
    }
    let mut hash = [0; 32];
    digest.finalize_xof().read(&mut hash);
    hex(&hash)
}

/// A byte that tells a length, and as many bytes.
fn opaque(source: &mut impl XofReader) -> Vec<u8> {
    let mut length = [0];
    source.read(&mut length);
    let mut bytes = vec![0; usize::from(length[0])];
    source.read(&mut bytes);
    bytes
}
