//! Between the contract's messages and this service's types; the only files that name both.

mod directory;
mod person;
mod sync_run;

pub(crate) use directory::{kind_number, parse_settings, parse_wish, render_check, render_directory, render_seen};
pub(crate) use person::{
    parse_link_attribute, parse_members, parse_person_id, parse_person_ids, parse_rule, parse_search, photo_version,
    render_groups, render_person,
};
pub(crate) use sync_run::{
    CHANGES_SHOWN_MAX, Stored, parse_sync_run_id, render_change_set, render_run, render_step, shown_edges,
};

pub(crate) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
