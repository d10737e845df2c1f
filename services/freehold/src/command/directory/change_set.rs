//! A change set, for people.

use freehold_proto::directory::v1 as pb;

use crate::print;

/// Prints what a run would do.
pub(super) fn print(set: &pb::ChangeSet) {
    let counts = set.counts.unwrap_or_default();
    let people = print::count(counts.people_read_count, "person", "people");
    let groups = print::count(counts.groups_read_count, "group", "groups");
    print::line(&format!("{people} and {groups} read; a run would bring:"));
    print_counts(&counts);
    if !set.changes.is_empty() {
        print::line("");
        let rows: Vec<_> = set.changes.iter().map(row).collect();
        print::table(&["CHANGE", "PERSON", "WHAT", "ENTRY"], &rows);
    }
    let shown = i64::try_from(set.changes.len()).unwrap_or(i64::MAX);
    let all = counts.joined_count + counts.changed_count + counts.deactivated_count + counts.returned_count;
    if shown < all {
        print::line(&format!("... and {} more", all - shown));
    }
    print_losses(&set.changes);
    print_memberships(&set.membership_changes, counts.memberships_added_count + counts.memberships_removed_count);
    print_skips(&set.skips, counts.skipped_count);
    print::line(&format!("\nChange set {}", set.id));
}

/// Prints what each of those who leave would lose.
fn print_losses(changes: &[pb::PersonChange]) {
    let losing: Vec<_> = changes.iter().filter(|change| !change.losses.is_empty()).collect();
    if losing.is_empty() {
        return;
    }
    print::line("\nWho leaves would lose:");
    for change in losing {
        print::line(&format!("  {}: {}", change.display_name, change.losses.join(", ")));
    }
}

fn print_memberships(changes: &[pb::MembershipChange], all: i64) {
    if changes.is_empty() {
        return;
    }
    print::line("");
    let row = |change: &pb::MembershipChange| {
        let sign = if change.gained { "gains" } else { "loses" };
        vec![change.directory_group_name.clone(), sign.to_owned(), change.member_name.clone()]
    };
    let rows: Vec<_> = changes.iter().map(row).collect();
    print::table(&["DIRECTORY GROUP", "CHANGE", "MEMBER"], &rows);
    let shown = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    if shown < all {
        print::line(&format!("... and {} more", all - shown));
    }
}

fn row(change: &pb::PersonChange) -> Vec<String> {
    let kind = match change.kind() {
        pb::ChangeKind::Unspecified => "unknown",
        pb::ChangeKind::Join => "joins",
        pb::ChangeKind::Change => "changes",
        pb::ChangeKind::Deactivate => "leaves",
        pb::ChangeKind::Return => "returns",
    };
    let what = if change.because.is_empty() { change.changed_fields.join(", ") } else { change.because.clone() };
    vec![kind.to_owned(), change.display_name.clone(), what, change.distinguished_name.clone()]
}

/// Prints how much of what.
pub(super) fn print_counts(counts: &pb::ChangeCounts) {
    for (number, what) in named(counts) {
        print::line(&format!("{number:>8} {what}"));
    }
}

/// What changed at all.
pub(super) fn counted(counts: &pb::ChangeCounts) -> impl Iterator<Item = (i64, &'static str)> {
    named(counts).into_iter().filter(|(number, what)| *number > 0 && *what != UNCHANGED)
}

const UNCHANGED: &str = "unchanged";

const fn named(counts: &pb::ChangeCounts) -> [(i64, &'static str); 7] {
    [
        (counts.joined_count, "joined"),
        (counts.returned_count, "returned"),
        (counts.changed_count, "changed"),
        (counts.deactivated_count, "deactivated"),
        (counts.unchanged_count, UNCHANGED),
        (counts.memberships_added_count, "memberships in directory groups gained"),
        (counts.memberships_removed_count, "memberships in directory groups lost"),
    ]
}

/// Prints what could not be used and why.
pub(super) fn print_skips(skips: &[pb::Skip], count: i64) {
    if count == 0 {
        return;
    }
    print::line(&format!("{count:>8} skipped:"));
    for skip in skips {
        print::line(&format!("  {}: {}", skip.distinguished_name, skip.because));
    }
    let more = count - i64::try_from(skips.len()).unwrap_or(count);
    if more > 0 {
        print::line(&format!("  ... and {more} more"));
    }
}
