use crate::reading::normalise;

use super::{escape, group_dn};

#[test]
fn a_group_of_any_name_has_a_name_that_can_be_read() {
    for name in ["Bakers", "All, of us", "a+b=c", "#1", " edge ", "quo\"te\\", "<x>;", "é ß İ", "tab\there"] {
        assert!(normalise(&group_dn("entra", name)).is_some(), "{name:?}");
    }
    assert_eq!(escape("a,b"), "a\\,b");
    assert_ne!(normalise(&group_dn("entra", "a,o=entra")), normalise(&group_dn("entra", "a")));
}
