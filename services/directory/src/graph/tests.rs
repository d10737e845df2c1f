use std::collections::{BTreeMap, BTreeSet};

use super::{closure, on_circles};

fn reach(edges: &[(u32, &[u32])], start: u32) -> Vec<u32> {
    let edges: BTreeMap<u32, &[u32]> = edges.iter().copied().collect();
    closure(start, |node| edges.get(&node).copied().unwrap_or_default()).into_iter().collect()
}

fn circles(edges: &[(u32, u32)]) -> Vec<u32> {
    let found: BTreeSet<_> = on_circles(&edges.iter().copied().collect());
    found.into_iter().collect()
}

#[test]
fn nesting_is_followed_to_the_end_and_circles_end_it() {
    assert_eq!(reach(&[(1, &[2, 3]), (3, &[4]), (4, &[5])], 1), [2, 3, 4, 5]);
    assert_eq!(reach(&[(1, &[2]), (2, &[1, 3])], 1), [1, 2, 3]);
    assert_eq!(reach(&[(1, &[1])], 1), [1]);
    assert!(reach(&[], 1).is_empty());
}

#[test]
fn only_those_on_a_circle_are_found_and_not_those_who_lead_into_it() {
    assert!(circles(&[(1, 2), (2, 3), (3, 4)]).is_empty());
    assert_eq!(circles(&[(1, 1)]), [1]);
    assert_eq!(circles(&[(1, 2), (2, 1)]), [1, 2]);
    assert_eq!(circles(&[(5, 1), (1, 2), (2, 3), (3, 1), (4, 3)]), [1, 2, 3]);
    assert_eq!(circles(&[(1, 2), (2, 1), (3, 4), (4, 3), (6, 5), (5, 9)]), [1, 2, 3, 4]);
}
