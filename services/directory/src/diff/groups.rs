//! Directory groups and who is in them.

use std::collections::{BTreeMap, BTreeSet};

use freehold_types::DirectoryGroupId;

use super::view::View;
use super::{ChangeSet, GroupChange};
use crate::graph::closure;
use crate::known::{Edge, Known, Member};
use crate::reading::{Reading, Skips};

/// All memberships of this directory's groups after the reading.
pub(super) fn edges(reading: &Reading, known: &Known, view: &View<'_>, skips: &mut Skips) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    let mut silent = BTreeSet::new();
    let mut seen_groups = BTreeSet::new();
    for group in &view.groups {
        let Some((_, seen)) = group.seen else {
            silent.insert(group.id);
            continue;
        };
        seen_groups.insert(group.id);
        let members = seen.member_dns.iter().map(|dn| view.member(dn));
        let unknown = members.clone().filter(Option::is_none).count();
        edges.extend(members.flatten().map(|member| (group.id, member)));
        if unknown > 0 {
            skips.push(
                &seen.record.distinguished_name,
                format!("{unknown} of its members are neither people nor groups that were read"),
            );
        }
    }
    edges.extend(primary(view, &seen_groups));
    report_circles(view, &edges, skips);
    let kept = kept(reading, known);
    // When only a few people were loaded, so were their memberships, and no groups.
    let keeps = |(group, member): &&Edge| {
        (!view.is_gone(*member) && (silent.contains(group) || known.totals.is_some()))
            || (kept.contains(member) && seen_groups.contains(group))
    };
    edges.extend(known.edges.iter().filter(keeps));
    edges
}

/// Memberships of primary groups, of which a directory lists no members, as far as the reading tells of either. Nobody
/// falls out when somebody's primary group becomes another one: the directory then lists the person in the former.
fn primary(view: &View<'_>, seen_groups: &BTreeSet<DirectoryGroupId>) -> impl Iterator<Item = Edge> {
    let groups: BTreeMap<_, _> = view.groups.iter().filter_map(|group| Some((group.sid()?, group.id))).collect();
    view.people.iter().filter(|person| person.can_be_meant()).filter_map(move |person| {
        let group = *groups.get(&person.primary_group()?)?;
        (person.seen.is_some() || seen_groups.contains(&group)).then_some((group, Member::Person(person.id)))
    })
}

/// An entry that was there but could not be used keeps its memberships: an error is never an absence.
fn kept(reading: &Reading, known: &Known) -> BTreeSet<Member> {
    if reading.kept.is_empty() {
        return BTreeSet::new();
    }
    let people = known.people.iter().filter(|person| reading.kept.contains(&person.key));
    let groups = known.groups.iter().filter(|group| reading.kept.contains(&group.key));
    people.map(|person| Member::Person(person.id)).chain(groups.map(|group| Member::Group(group.id))).collect()
}

fn report_circles(view: &View<'_>, edges: &BTreeSet<Edge>, skips: &mut Skips) {
    let mut nested = BTreeMap::<DirectoryGroupId, Vec<DirectoryGroupId>>::new();
    for (group, member) in edges {
        if let Member::Group(inner) = member {
            nested.entry(*group).or_default().push(*inner);
        }
    }
    for group in &view.groups {
        let Some((_, seen)) = group.seen else { continue };
        let next = |group| nested.get(&group).map_or(&[][..], Vec::as_slice);
        if nested.contains_key(&group.id) && closure(group.id, next).contains(&group.id) {
            skips.push(
                &seen.record.distinguished_name,
                "the group contains itself through nesting; its people are counted once",
            );
        }
    }
}

pub(super) fn compare(set: &mut ChangeSet, known: &Known, view: &View<'_>, edges: &BTreeSet<Edge>) {
    for group in &view.groups {
        let Some((place, seen)) = group.seen else { continue };
        let same = |stored: &crate::known::KnownGroup| stored.digest == seen.digest && stored.dn == Some(seen.dn);
        if !group.known.is_some_and(same) {
            set.groups.push(GroupChange { id: group.id, seen: place });
        }
    }
    set.gone_groups = view.gone_groups.iter().map(|group| group.id).collect();
    set.added = edges.difference(&known.edges).copied().collect();
    set.removed = known.edges.difference(edges).copied().collect();
    if known.totals.is_some() {
        return;
    }
    let before = sizes(&known.edges);
    let after = sizes(edges);
    let losing: BTreeSet<_> = set.removed.iter().map(|(group, _)| *group).collect();
    let size = |sizes: &BTreeMap<DirectoryGroupId, usize>, group| sizes.get(&group).copied().unwrap_or_default();
    set.shrinking = losing.into_iter().map(|group| (group, size(&before, group), size(&after, group))).collect();
}

fn sizes(edges: &BTreeSet<Edge>) -> BTreeMap<DirectoryGroupId, usize> {
    let mut sizes = BTreeMap::<_, usize>::new();
    for (group, _) in edges {
        let size = sizes.entry(*group).or_default();
        *size = size.saturating_add(1);
    }
    sizes
}
