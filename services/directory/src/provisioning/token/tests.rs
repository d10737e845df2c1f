use std::sync::Arc;

use freehold_types::{Mint, SystemClock};

use super::{TokenHash, make};

#[test]
fn only_what_can_be_a_token_of_ours_is_looked_up() {
    let mint = Mint::new(Arc::new(SystemClock));
    let (one, other) = (make(&mint), make(&mint));
    assert_ne!(one.expose(), other.expose());
    assert!(TokenHash::of(one.expose()).is_some());
    assert_ne!(TokenHash::of(one.expose()), TokenHash::of(other.expose()));
    for wrong in ["", "short", &"A".repeat(44), &"é".repeat(43), &" ".repeat(43)] {
        assert!(TokenHash::of(wrong).is_none(), "{wrong:?}");
    }
}
