use freehold_types::{Mint, SystemClock};

use super::{TokenHash, make};

#[test]
fn what_we_make_can_be_found_again_and_nothing_else() {
    let mint = Mint::new(std::sync::Arc::new(SystemClock));
    let (one, other) = (make(&mint), make(&mint));
    let hash = |token: &str| TokenHash::of(token);
    assert!(hash(one.expose()).is_some());
    assert_eq!(hash(one.expose()), hash(one.expose()));
    assert_ne!(hash(one.expose()), hash(other.expose()));
    assert_eq!(hash(""), None);
    assert_eq!(hash(&"a".repeat(10_000)), None);
    assert_eq!(hash(&"ä".repeat(22)), None);
}
