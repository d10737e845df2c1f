//! Sealed columns of the content service.

use freehold_types::Service;
use freehold_vault::Field;

const fn field(table: u16, column: u16, name: &'static str) -> Field {
    Field { service: Service::Content, table, column, name }
}

/// A group's name.
pub const GROUP_NAME: Field = field(300, 1, "group_profile.name_sealed");
/// What a group is for.
pub const GROUP_PURPOSE: Field = field(300, 2, "group_profile.purpose_sealed");
/// The rule that fills a group.
pub const GROUP_RULE: Field = field(300, 3, "group_profile.rule_sealed");
/// Blind index of the name a group by rule was declared under.
pub const GROUP_DECLARED_NAME: Field = field(300, 4, "group_profile.declared_name_index");
/// A post's text.
pub const POST_TEXT: Field = field(303, 1, "post.text_sealed");
/// A comment's text.
pub const COMMENT_TEXT: Field = field(304, 1, "comment.text_sealed");
/// Blind index of the id a client gave its request.
pub const REQUEST_ID: Field = field(306, 1, "create_request.request_index");
/// Keyed digest of the rest of that request.
pub const REQUEST_BODY: Field = field(306, 2, "create_request.body_index");

/// All of them, once each.
pub const ALL: &[Field] =
    &[GROUP_NAME, GROUP_PURPOSE, GROUP_RULE, GROUP_DECLARED_NAME, POST_TEXT, COMMENT_TEXT, REQUEST_ID, REQUEST_BODY];
