//! Between the contract's messages and this service's words; the only file that names both.
//!
//! Parsing collects every mistake of a request with the path of its field.

mod rule;

use std::collections::HashMap;
use std::str::FromStr;

use freehold_proto::content::v1 as pb;
use freehold_types::access::{Action, Privacy};
use freehold_types::{Fault, GroupId, Id, IdKind, PersonId, PostId, Violations};
use freehold_wire::time::to_proto;

use crate::live::Publication;
use crate::membership::{Member, Role};
use crate::reaction::Reaction;
use crate::request::RequestId;
use crate::rule::{DECLARED_GROUPS_MAX, Declared, folded};
use crate::{comment, group, post, text};

/// Ends a parse: the value when nothing is wrong, every mistake otherwise.
fn parsed<T>(wrong: Violations, value: Option<T>) -> Result<T, Fault> {
    wrong.finish()?;
    value.ok_or_else(|| Fault::internal("parsing a request", "a value is missing without a violation"))
}

fn id<K: IdKind>(wrong: &mut Violations, field: &str, text: &str) -> Option<Id<K>> {
    wrong.take(field, Id::from_str(text))
}

/// A request that names one thing and nothing else.
pub(crate) fn parse_id<K: IdKind>(field: &str, text: &str) -> Result<Id<K>, Fault> {
    let mut wrong = Violations::new();
    let id = id(&mut wrong, field, text);
    parsed(wrong, id)
}

pub(crate) fn parse_create_group(request: pb::CreateGroupRequest) -> Result<(RequestId, group::Draft), Fault> {
    let mut wrong = Violations::new();
    let request_id = text::request_id(&mut wrong, "request_id", request.request_id);
    let name = text::name(&mut wrong, "name", &request.name);
    let purpose = text::purpose(&mut wrong, "purpose", &request.purpose);
    let privacy = privacy(&mut wrong, "privacy", request.privacy);
    let draft =
        name.zip(purpose).zip(privacy).map(|((name, purpose), privacy)| group::Draft { name, purpose, privacy });
    parsed(wrong, request_id.map(RequestId).zip(draft))
}

pub(crate) fn parse_update_group(request: pb::UpdateGroupRequest) -> Result<(GroupId, group::Patch), Fault> {
    let mut wrong = Violations::new();
    let group = request.group.unwrap_or_default();
    let id = id(&mut wrong, "group.id", &group.id);
    let mut patch = group::Patch::default();
    let paths = request.update_mask.unwrap_or_default().paths;
    if paths.is_empty() {
        wrong.push("update_mask", "must name at least one of name, purpose and privacy");
    }
    for path in paths {
        match path.as_str() {
            "name" => patch.name = text::name(&mut wrong, "group.name", &group.name),
            "purpose" => patch.purpose = text::purpose(&mut wrong, "group.purpose", &group.purpose),
            "privacy" => patch.privacy = privacy(&mut wrong, "group.privacy", group.privacy),
            other => wrong.push("update_mask", format!("{other:?} cannot be changed; name, purpose and privacy can")),
        }
    }
    parsed(wrong, id.map(|id| (id, patch)))
}

pub(crate) fn parse_add_member(request: &pb::AddMemberRequest) -> Result<(GroupId, PersonId, Role), Fault> {
    let mut wrong = Violations::new();
    let group = id(&mut wrong, "group_id", &request.group_id);
    let person = id(&mut wrong, "person_id", &request.person_id);
    let role = match pb::GroupRole::try_from(request.role) {
        Ok(pb::GroupRole::Unspecified | pb::GroupRole::Member) => Some(Role::Member),
        Ok(pb::GroupRole::Administrator) => Some(Role::Administrator),
        Err(unknown) => {
            wrong.push("role", unknown.to_string());
            None
        }
    };
    parsed(wrong, group.zip(person).zip(role).map(|((group, person), role)| (group, person, role)))
}

pub(crate) fn parse_remove_member(request: &pb::RemoveMemberRequest) -> Result<(GroupId, PersonId), Fault> {
    let mut wrong = Violations::new();
    let group = id(&mut wrong, "group_id", &request.group_id);
    let person = id(&mut wrong, "person_id", &request.person_id);
    parsed(wrong, group.zip(person))
}

pub(crate) fn parse_create_post(request: pb::CreatePostRequest) -> Result<(RequestId, GroupId, String), Fault> {
    let mut wrong = Violations::new();
    let request_id = text::request_id(&mut wrong, "request_id", request.request_id);
    let group = id(&mut wrong, "group_id", &request.group_id);
    let text = text::post(&mut wrong, "text", request.text);
    let parts = request_id.zip(group).zip(text);
    parsed(wrong, parts.map(|((request_id, group), text)| (RequestId(request_id), group, text)))
}

pub(crate) fn parse_create_comment(request: pb::CreateCommentRequest) -> Result<(RequestId, comment::Draft), Fault> {
    let mut wrong = Violations::new();
    let request_id = text::request_id(&mut wrong, "request_id", request.request_id);
    let post = id(&mut wrong, "post_id", &request.post_id);
    let parent = if request.parent_id.is_empty() {
        Some(None)
    } else {
        id(&mut wrong, "parent_id", &request.parent_id).map(Some)
    };
    let text = text::comment(&mut wrong, "text", request.text);
    let draft = post.zip(parent).zip(text).map(|((post, parent), text)| comment::Draft { post, parent, text });
    parsed(wrong, request_id.map(RequestId).zip(draft))
}

pub(crate) fn parse_set_reaction(request: &pb::SetReactionRequest) -> Result<(PostId, Reaction), Fault> {
    let mut wrong = Violations::new();
    let post = id(&mut wrong, "post_id", &request.post_id);
    let reaction = match pb::ReactionKind::try_from(request.kind) {
        Ok(pb::ReactionKind::Like) => Some(Reaction::Like),
        Ok(pb::ReactionKind::Love) => Some(Reaction::Love),
        Ok(pb::ReactionKind::Celebrate) => Some(Reaction::Celebrate),
        Ok(pb::ReactionKind::Laugh) => Some(Reaction::Laugh),
        Ok(pb::ReactionKind::Surprise) => Some(Reaction::Surprise),
        Ok(pb::ReactionKind::Support) => Some(Reaction::Support),
        Ok(pb::ReactionKind::Unspecified) | Err(_) => {
            wrong.push("kind", "must be one of the six reactions");
            None
        }
    };
    parsed(wrong, post.zip(reaction))
}

/// A manifest's groups, every mistake of every one of them at once.
pub(crate) fn parse_declared(groups: Vec<pb::GroupSettings>) -> Result<Vec<Declared>, Fault> {
    let mut wrong = Violations::new();
    if groups.len() > DECLARED_GROUPS_MAX {
        wrong.push("groups", format!("must be at most {DECLARED_GROUPS_MAX}, these are {}", groups.len()));
        return parsed(wrong, None);
    }
    let mut names: HashMap<String, usize> = HashMap::new();
    let mut declared = Vec::with_capacity(groups.len());
    for (number, group) in groups.into_iter().enumerate() {
        let field = |name: &str| format!("groups[{number}].{name}");
        let name = text::name(&mut wrong, &field("name"), &group.name);
        if let Some(name) = &name {
            let first = *names.entry(folded(name)).or_insert(number);
            if first != number {
                wrong.push(field("name"), format!("is the name of groups[{first}] already"));
            }
        }
        let privacy = privacy(&mut wrong, &field("privacy"), group.privacy);
        let rule = rule::rule(&mut wrong, &format!("groups[{number}]"), group.members);
        let exceptions = rule::exceptions(&mut wrong, &field, group.also, group.except, group.administrators);
        let rule = rule.map(|rule| rule.with(exceptions));
        let parts = name.zip(privacy).zip(rule);
        declared.extend(parts.map(|((name, privacy), rule)| Declared { name, privacy, rule }));
    }
    parsed(wrong, Some(declared))
}

fn privacy(wrong: &mut Violations, field: &str, number: i32) -> Option<Privacy> {
    match pb::GroupPrivacy::try_from(number) {
        Ok(pb::GroupPrivacy::Open) => Some(Privacy::Open),
        Ok(pb::GroupPrivacy::Closed) => Some(Privacy::Closed),
        Ok(pb::GroupPrivacy::Secret) => Some(Privacy::Secret),
        Ok(pb::GroupPrivacy::Unspecified) | Err(_) => {
            wrong.push(field, "must be open, closed or secret");
            None
        }
    }
}

pub(crate) fn render_group(view: group::View) -> pb::Group {
    let profile = view.seat.profile();
    let privacy = match profile.privacy {
        Privacy::Open => pb::GroupPrivacy::Open,
        Privacy::Closed => pb::GroupPrivacy::Closed,
        Privacy::Secret => pb::GroupPrivacy::Secret,
    };
    pb::Group {
        id: profile.id.to_string(),
        name: profile.name.clone(),
        purpose: profile.purpose.clone(),
        privacy: privacy.into(),
        filled_by_rule: profile.filled_by_rule,
        member_count: view.head.member_count,
        my_role: view.seat.role().map_or(pb::GroupRole::Unspecified, render_role).into(),
        may_join: view.seat.may(Action::Join),
        may_publish: view.seat.may(Action::Publish),
        last_seq: view.head.last_seq,
        created_at: Some(to_proto(profile.created_at)),
    }
}

pub(crate) fn render_member(member: Member) -> pb::Membership {
    pb::Membership {
        person_id: member.person.to_string(),
        role: render_role(member.role).into(),
        by_rule: member.by_rule,
        joined_at: Some(to_proto(member.joined_at)),
    }
}

pub(crate) fn render_post(view: post::View) -> pb::Post {
    let reactions = view.reactions.into_iter();
    let reactions = reactions.map(|(kind, count)| pb::ReactionCount { kind: render_reaction(kind).into(), count });
    pb::Post {
        id: view.post.id.to_string(),
        group_id: view.post.group.to_string(),
        group_name: view.group_name,
        author_id: view.post.author.to_string(),
        text: view.post.text,
        seq: view.post.seq,
        created_at: Some(to_proto(view.post.created_at)),
        comment_count: view.comment_count,
        reactions: reactions.collect(),
        my_reaction: view.my_reaction.map_or(pb::ReactionKind::Unspecified, render_reaction).into(),
    }
}

pub(crate) fn render_publications(publications: Vec<Publication>) -> pb::WatchResponse {
    let render = |publication: Publication| pb::Publication {
        group_id: publication.group.to_string(),
        kind: publication.comment.map_or(pb::PublicationKind::Post, |_| pb::PublicationKind::Comment).into(),
        post_id: publication.post.to_string(),
        comment_id: publication.comment.map(|id| id.to_string()).unwrap_or_default(),
    };
    pb::WatchResponse { publications: publications.into_iter().map(render).collect() }
}

pub(crate) fn render_comment(comment: comment::Comment) -> pb::Comment {
    pb::Comment {
        id: comment.id.to_string(),
        post_id: comment.post.to_string(),
        parent_id: comment.parent.map(|parent| parent.to_string()).unwrap_or_default(),
        author_id: comment.author.to_string(),
        text: comment.text,
        seq: comment.seq,
        created_at: Some(to_proto(comment.created_at)),
    }
}

const fn render_role(role: Role) -> pb::GroupRole {
    match role {
        Role::Member => pb::GroupRole::Member,
        Role::Administrator => pb::GroupRole::Administrator,
    }
}

const fn render_reaction(reaction: Reaction) -> pb::ReactionKind {
    match reaction {
        Reaction::Like => pb::ReactionKind::Like,
        Reaction::Love => pb::ReactionKind::Love,
        Reaction::Celebrate => pb::ReactionKind::Celebrate,
        Reaction::Laugh => pb::ReactionKind::Laugh,
        Reaction::Surprise => pb::ReactionKind::Surprise,
        Reaction::Support => pb::ReactionKind::Support,
    }
}

#[cfg(test)]
mod tests;
