use super::joined;

#[test]
fn fields_do_not_run_into_each_other() {
    let one = |fields: &[&str]| joined(fields.iter());
    assert_ne!(one(&["ab", "c"]), one(&["a", "bc"]));
    assert_ne!(one(&["ab"]), one(&["ab", ""]));
    assert_eq!(one(&["ab", "c"]), one(&["ab", "c"]));
}
