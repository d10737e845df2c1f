use std::fmt::Debug;

use chrono::{DateTime, Utc};
use freehold_types::{GroupId, PersonId, PostId};
use uuid::Uuid;

use super::{AfterGroup, AfterMember, AfterPost, AfterSeq, Position};

fn check<P: Position + PartialEq + Debug>(position: &P) {
    let bytes = position.to_bytes();
    assert_eq!(P::from_bytes(&bytes).unwrap(), *position);
    assert!(P::from_bytes(&bytes[1..]).is_err(), "a token of another form is refused");
    assert!(P::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
    assert!(P::from_bytes(&[]).is_err());
}

#[test]
fn a_position_reads_back_as_it_was_written() {
    let moment: DateTime<Utc> = DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap();
    let uuid = Uuid::from_u128(0x0192_f0c8_0000_7000_8000_0000_0000_0001);
    check(&AfterSeq(7));
    check(&AfterSeq(i64::MAX));
    check(&AfterPost { created_at: moment, id: PostId::from_uuid(uuid) });
    check(&AfterMember { role: 2, joined_at: moment, person: PersonId::from_uuid(uuid) });
    check(&AfterGroup { own: true, id: GroupId::from_uuid(uuid) });
    check(&AfterGroup { own: false, id: GroupId::from_uuid(uuid) });
}
