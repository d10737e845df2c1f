use super::PageSize;

#[test]
fn any_number_becomes_a_page_size() {
    let sizes = [(0, 50), (1, 1), (100, 100), (101, 100), (-1, 1), (i32::MIN, 1), (i32::MAX, 100)];
    for (wanted, size) in sizes {
        assert_eq!(PageSize::from_request(wanted).get(), size, "{wanted}");
    }
}
