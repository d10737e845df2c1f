use std::collections::BTreeSet;

use freehold_types::{Secret, Service};

use super::{
    Key, commitment, field_key, fingerprint, index_key, installation_key, platform_key, purpose_key, wrapping_key,
};
use crate::Field;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn counting_from(first: u8) -> Key {
    Secret::new(std::array::from_fn(|at| first + u8::try_from(at).unwrap()))
}

const fn field(service: Service, table: u16, column: u16) -> Field {
    Field { service, table, column, name: "test.field" }
}

/// The answers come from HKDF written in another language. A key that changes makes everything below it unreadable,
/// so a failure here is never cured by new answers.
#[test]
fn keys_are_what_they_always_were() {
    let master = counting_from(0);
    assert_eq!(hex(&fingerprint(&master)), "5e8e512fbf1dba0e");
    let answers = [
        (wrapping_key(&master), "4741b8719dbda8f99124e800e52449671492e4fcd703d90aa3daac6f5d5faf5c"),
        (platform_key(&master), "e42d456cbd7f7a909999a86e94772d81efc39cf64f3205d8a09b405a3ee9cf10"),
        (installation_key(&master, "caller-token"), "1c590d663cc6c2bde21fa6d48b9d336bcf3faaa255fc916af25eaa5e2cf9d783"),
    ];
    for (key, answer) in answers {
        assert_eq!(hex(key.expose()), answer);
    }

    let tenant_key = counting_from(32);
    assert_eq!(hex(&commitment(&tenant_key)), "d4de7f1edc0f8205abb8e9debe9032f3520e36ef9c7599f9fd50fe7b45947e7c");
    let name = field(Service::Directory, 100, 7);
    let answers = [
        (field_key(&tenant_key, name), "92b6c47eadc5b32f714f6246dd2407c50f05629476b5c690783f9bd67585432d"),
        (index_key(&tenant_key, name), "ac87499d7af4084cd2d2e1753abae85d988d60ada035982f963f246d345e9622"),
        (
            purpose_key(&tenant_key, Service::Billing, "meter 2026-10"),
            "a171d637dc55dfc56a5b6535fed5aa4707ce1e63a4db35265cfda7305fddc933",
        ),
    ];
    for (key, answer) in answers {
        assert_eq!(hex(key.expose()), answer);
    }
}

#[test]
fn every_use_has_a_key_of_its_own() {
    let root = counting_from(0);
    let mut keys = vec![wrapping_key(&root), platform_key(&root), Secret::new(commitment(&root))];
    keys.extend(["", "a", "b", "caller-token"].map(|label| installation_key(&root, label)));
    for service in Service::ALL {
        keys.extend(["", "a", "meter 2026-10", "meter 2026-11"].map(|label| purpose_key(&root, service, label)));
        keys.extend([0, 1, 256, 257].map(|table| field_key(&root, field(service, table, 1))));
        for column in [0, 1, 256, 257] {
            keys.extend([0, 1, 256, 257].map(|table| index_key(&root, field(service, table, column))));
        }
    }
    let different: BTreeSet<_> = keys.iter().map(|key| *key.expose()).collect();
    assert_eq!(different.len(), keys.len());
}
