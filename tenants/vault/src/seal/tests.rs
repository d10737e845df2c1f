use freehold_types::Service;
use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};

use super::{BOUND_BYTES, Parts, Place, seal};
use crate::Field;
use crate::xaes::{NotAuthentic, Xaes256Gcm};

/// What the binding must tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    tenant: [u8; 16],
    table: u16,
    column: u16,
    key_version: u32,
    row: Vec<u8>,
}

impl Told {
    fn place(&self) -> Place<'_> {
        let field = Field { service: Service::Content, table: self.table, column: self.column, name: "test.field" };
        Place { tenant: self.tenant, field, key_version: self.key_version, row: &self.row }
    }

    fn bound(&self) -> Vec<u8> {
        self.place().bound()
    }
}

/// Places made of few bytes, so that two of them often differ only in where one part ends and the next begins.
fn told() -> impl Strategy<Value = Told> {
    let byte = || prop_oneof![4 => 0..3u8, 1 => any::<u8>()];
    let number = || prop_oneof![4 => 0..3u16, 1 => any::<u16>()];
    let row = proptest::collection::vec(byte(), 0..300);
    let short_row = proptest::collection::vec(byte(), 0..4);
    let version = prop_oneof![4 => 0..3u32, 1 => any::<u32>()];
    (byte(), number(), number(), version, prop_oneof![short_row, row]).prop_map(
        |(tenant, table, column, key_version, row)| Told { tenant: [tenant; 16], table, column, key_version, row },
    )
}

/// Reads a binding back; possible for every place only if no two places share a binding.
fn read_back(bound: &[u8]) -> Told {
    let (fixed, row) = bound.split_at(BOUND_BYTES);
    assert_eq!(&fixed[..4], b"FHA1");
    assert_eq!(usize::from(fixed[28]), row.len().min(255));
    Told {
        tenant: fixed[4..20].try_into().unwrap(),
        table: u16::from_be_bytes(fixed[20..22].try_into().unwrap()),
        column: u16::from_be_bytes(fixed[22..24].try_into().unwrap()),
        key_version: u32::from_be_bytes(fixed[24..28].try_into().unwrap()),
        row: row.to_vec(),
    }
}

proptest! {
    #[test]
    fn every_place_reads_back_from_its_binding(place in told()) {
        prop_assert_eq!(read_back(&place.bound()), place);
    }

    #[test]
    fn two_places_share_a_binding_only_if_they_are_one(left in told(), right in told()) {
        prop_assert_eq!(left.bound() == right.bound(), left == right);
    }

    #[test]
    fn what_was_sealed_opens_in_its_place_and_nowhere_else(
        plain in proptest::collection::vec(any::<u8>(), 0..400), here in told(), there in told()
    ) {
        let cipher = Xaes256Gcm::new(&[9; 32]);
        let sealed = seal(&cipher, &here.place(), &plain);
        let parts = Parts::parse(&sealed).unwrap();
        prop_assert_eq!(sealed.len(), plain.len() + 45);
        prop_assert_eq!(parts.key_version, here.key_version);
        prop_assert_eq!(parts.open(&cipher, &here.place()), Ok(plain.clone()));
        let elsewhere = parts.open(&cipher, &there.place());
        prop_assert_eq!(elsewhere, if here == there { Ok(plain) } else { Err(NotAuthentic) });
    }
}

#[test]
fn bytes_too_short_or_of_another_format_are_not_parsed() {
    let place = Told { tenant: [1; 16], table: 1, column: 1, key_version: 1, row: Vec::new() };
    let sealed = seal(&Xaes256Gcm::new(&[9; 32]), &place.place(), b"");
    assert_eq!(sealed.len(), 45);
    assert!(Parts::parse(&sealed).is_some());
    for length in 0..sealed.len() {
        assert!(Parts::parse(&sealed[..length]).is_none(), "{length} bytes");
    }
    let mut other = sealed;
    other[0] = 2;
    assert!(Parts::parse(&other).is_none());
}
