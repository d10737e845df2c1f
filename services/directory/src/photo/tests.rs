use super::*;

fn of(ids: &[&str], up_to: i64) -> Sought {
    Sought { whose: Whose::Of(ids.iter().map(|id| (*id).to_owned()).collect()), after: up_to - 1, up_to }
}

#[test]
fn wishes_that_follow_each_other_become_one() {
    let both = of(&["anna"], 4).with(of(&["ben"], 5));
    assert_eq!(both, Sought { after: 3, ..of(&["anna", "ben"], 5) });
    let everybody = Sought { whose: Whose::Everybody, after: 5, up_to: 6 };
    assert_eq!(both.with(everybody), Sought { whose: Whose::Everybody, after: 3, up_to: 6 });
}

#[test]
fn wishes_with_a_gap_or_of_many_are_about_everybody() {
    assert_eq!(of(&["anna"], 4).with(of(&["ben"], 6)).whose, Whose::Everybody);
    let many: Vec<String> = (0..=SOUGHT_MAX).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(of(&["anna"], 4).with(of(&many, 5)).whose, Whose::Everybody);
}

#[tokio::test]
async fn a_directory_is_read_once_at_a_time() {
    let wishes = Wishes::default();
    let mint = freehold_types::Mint::new(Arc::new(freehold_types::SystemClock));
    let (tenant, first, second): (TenantId, DirectoryId, DirectoryId) = (mint.id(), mint.id(), mint.id());
    wishes.wish((tenant, first), of(&["anna"], 1));
    let (place, _sought) = wishes.next().await;
    wishes.wish(place, of(&["ben"], 2));
    wishes.wish((tenant, second), of(&["cem"], 1));
    assert_eq!(wishes.next().await.0, (tenant, second));
    assert!(wishes.take().is_none(), "the first one is being read");
    wishes.done(place);
    assert_eq!(wishes.next().await, (place, of(&["ben"], 2)));
}
