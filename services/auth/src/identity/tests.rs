use std::sync::Arc;

use freehold_types::{Mint, PersonId, SystemClock};

use super::decide;
use crate::refusal::Refusal;

#[test]
fn the_link_and_the_claim_must_not_disagree() {
    let mint = Mint::new(Arc::new(SystemClock));
    let (anna, ben): (PersonId, PersonId) = (mint.id(), mint.id());
    assert_eq!(decide(Some(anna), Some(anna)).unwrap(), anna);
    assert_eq!(decide(Some(anna), None).unwrap(), anna);
    assert_eq!(decide(None, Some(ben)).unwrap(), ben);
    assert!(matches!(decide(Some(anna), Some(ben)), Err(Refusal::OtherPerson)));
    assert!(matches!(decide(None, None), Err(Refusal::UnknownPerson)));
}
