use super::emptied_container;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_container_of_all_who_are_missing_is_found_at_whatever_depth() {
    let gone = names(&["uid=a,ou=paris,ou=sales,dc=x", "uid=b,ou=oslo,ou=sales,dc=x", "uid=c,ou=sales,dc=x"]);
    let staying = names(&["uid=d,ou=presales,dc=x", "uid=e,ou=it,dc=x"]);
    assert_eq!(emptied_container(&gone, staying.into_iter().map(Ok)).unwrap(), Some("ou=sales,dc=x".to_owned()));
}

#[test]
fn one_who_stays_in_it_makes_it_no_shape() {
    let gone = names(&["uid=a,ou=sales,dc=x", "uid=b,ou=sales,dc=x"]);
    let staying = names(&["uid=c,ou=oslo,ou=sales,dc=x"]);
    assert_eq!(emptied_container(&gone, staying.into_iter().map(Ok)).unwrap(), None);
}

#[test]
fn people_without_a_container_in_common_have_no_shape() {
    let gone = names(&["uid=a,dc=x", "uid=b,dc=y"]);
    assert_eq!(emptied_container(&gone, names(&["uid=c,dc=z"]).into_iter().map(Ok)).unwrap(), None);
    assert_eq!(emptied_container(&[], std::iter::empty()).unwrap(), None);
}
