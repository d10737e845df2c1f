//! What can go wrong in this service, one function each.

use freehold_types::{CommentId, Fault, GroupId, Kind, PersonId, PostId, Reason, Violation};

/// No such group, or none the caller may see.
pub(crate) fn group_not_found(id: GroupId) -> Fault {
    Fault::not_found(Reason::GroupNotFound, "group", id)
}

/// No such post, or it is in a group the caller may not see.
pub(crate) fn post_not_found(id: PostId) -> Fault {
    Fault::not_found(Reason::PostNotFound, "post", id)
}

/// No such comment under the post it should be under.
pub(crate) fn comment_not_found(id: CommentId) -> Fault {
    Fault::not_found(Reason::CommentNotFound, "comment", id)
}

/// The caller sees the group and may not do this there.
pub(crate) fn not_allowed(id: GroupId, cure: &'static str) -> Fault {
    Fault::new(Kind::Forbidden, Reason::NotAllowed, format!("the caller may not do this in group {id}")).cure(cure)
}

/// Nobody of that id works for the company now.
pub(crate) fn active_person_not_found(id: PersonId) -> Fault {
    Fault::not_found(Reason::PersonNotFound, "active person", id)
}

/// The person is not in the group.
pub(crate) fn member_not_found(id: PersonId) -> Fault {
    Fault::not_found(Reason::PersonNotFound, "member", id)
}

/// A rule put the person there, so only the rule takes them away.
pub(crate) fn membership_by_rule(person: PersonId, group: GroupId) -> Fault {
    Fault::new(Kind::Conflict, Reason::MembershipByRule, format!("person {person} is in group {group} by its rule"))
        .cure("change the rule in the tenant's manifest, or what the rule looks at in the directory")
}

/// The client used a request id a second time for something else.
pub(crate) fn request_id_reused() -> Fault {
    Fault::new(Kind::Conflict, Reason::RequestIdReused, "this request id was used for another request")
        .cure("choose a new request id for every new request, and the same one only to repeat it")
}

/// The token was ours, but of an older form.
pub(crate) fn page_token_outdated() -> Fault {
    let message = "must be empty or the next_page_token of an answer to the same list".to_owned();
    Fault::invalid(vec![Violation { field: "page_token".to_owned(), message }])
}

/// A row that this service cannot have written.
pub(crate) fn row_broken(table: &str, what: &str) -> Fault {
    Fault::internal("reading a row", format!("a row of {table} has {what}"))
}
