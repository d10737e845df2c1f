//! Who is in which directory group, nested groups included. Worked out here and never asked of the directory: the
//! matching rule for it takes minutes on a large Active Directory.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

/// Everything reachable from `start` by following `next`, without `start` itself unless a circle leads back to it.
pub(crate) fn closure<'a, T>(start: T, next: impl Fn(T) -> &'a [T]) -> BTreeSet<T>
where
    T: Copy + Ord + 'a,
{
    let mut reached = BTreeSet::new();
    let mut waiting = vec![start];
    while let Some(node) = waiting.pop() {
        for found in next(node) {
            if reached.insert(*found) {
                waiting.push(*found);
            }
        }
    }
    reached
}

/// Nodes that stand on a circle when each points to at most one other, as people do to their manager.
///
/// Walks every chain once: a node that is met again on the walk it was first met on closes a circle.
pub(crate) fn on_circles<T: Copy + Ord + Hash>(points_to: &BTreeMap<T, T>) -> BTreeSet<T> {
    let mut first_met_on = BTreeMap::<T, usize>::new();
    let mut circles = BTreeSet::new();
    for (walk, start) in points_to.keys().copied().enumerate() {
        let mut node = start;
        while !first_met_on.contains_key(&node) {
            first_met_on.insert(node, walk);
            match points_to.get(&node) {
                Some(following) => node = *following,
                None => break,
            }
        }
        let closes_here = first_met_on.get(&node) == Some(&walk) && points_to.contains_key(&node);
        if closes_here && !circles.contains(&node) {
            let circle_start = node;
            while circles.insert(node) {
                node = points_to.get(&node).copied().unwrap_or(circle_start);
            }
        }
    }
    circles
}

#[cfg(test)]
mod tests;
