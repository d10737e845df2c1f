//! One post, its comments and reactions.

use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use freehold_proto::content::v1::{
    CreateCommentRequest, GetGroupRequest, GetPostRequest, ListCommentsRequest, ReactionKind, RemoveReactionRequest,
    SetReactionRequest,
};
use http::StatusCode;
use maud::Markup;

use crate::fields::{Asked, Fields};
use crate::gateway::ask;
use crate::page::feed::{refused_for_its_text, with_plain_line_ends};
use crate::page::id_in_path;
use crate::refusal::Refusal;
use crate::view;
use crate::view::compose::Refused;
use crate::view::post::Thread;
use crate::visitor::Visitor;

/// Comments on one page.
const COMMENTS_PER_PAGE: i32 = 50;

/// The part of the path that names the post.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Named {
    id: String,
}

/// Which comments, and which one the form answers.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Query {
    #[serde(default)]
    page: String,
    #[serde(default)]
    answer: String,
}

/// One post with its comments.
pub(crate) async fn show(
    visitor: Visitor,
    Path(named): Path<Named>,
    Asked(query): Asked<Query>,
) -> Result<Markup, Refusal> {
    let id = id_in_path::<freehold_types::PostId>(&named.id)?;
    let (mut for_post, mut for_comments) = (visitor.calls.content.clone(), visitor.calls.content.clone());
    let comments = ListCommentsRequest { post_id: id.clone(), page_size: COMMENTS_PER_PAGE, page_token: query.page };
    let (post, comments) =
        tokio::join!(ask(for_post.get_post(GetPostRequest { id })), ask(for_comments.list_comments(comments)));
    let (post, comments) = (post?.post.unwrap_or_default(), comments?);
    let group = GetGroupRequest { id: post.group_id.clone() };
    let authors = comments.comments.iter().map(|comment| comment.author_id.as_str()).chain([post.author_id.as_str()]);
    let (group, people) = tokio::join!(ask(for_post.get_group(group)), visitor.people(authors));
    let (group, people) = (group?.group.unwrap_or_default(), people?);
    visitor.note_read().await;
    let thread = Thread { post: &post, group: &group, comments: &comments, people: &people, answering: &query.answer };
    Ok(view::post::page(&visitor.reader, thread))
}

/// A comment as its form sends it.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Draft {
    request_id: String,
    #[serde(default)]
    parent: String,
    text: String,
}

/// Adds a comment and leads to it.
pub(crate) async fn comment(
    visitor: Visitor,
    Path(named): Path<Named>,
    Fields(draft): Fields<Draft>,
) -> Result<Response, Refusal> {
    let post_id = id_in_path::<freehold_types::PostId>(&named.id)?;
    let mut content = visitor.calls.content.clone();
    let text = with_plain_line_ends(&draft.text);
    let request = CreateCommentRequest {
        request_id: draft.request_id,
        post_id: post_id.clone(),
        parent_id: draft.parent.clone(),
        text: text.clone(),
    };
    match ask(content.create_comment(request)).await {
        Ok(created) => {
            visitor.note_write().await;
            let place = created.comment.map(|comment| format!("#{}", comment.id)).unwrap_or_default();
            Ok(visitor.back_to(&visitor.reader.path(&format!("/posts/{post_id}{place}"))))
        }
        Err(refusal) if refused_for_its_text(&refusal) => {
            let error = visitor.reader.say("comment-refused");
            let refused = Refused { text: &text, error: &error };
            let page = view::compose::comment_refused_page(&visitor.reader, &post_id, &draft.parent, refused);
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(refusal) => Err(refusal),
    }
}

/// A reaction as its button sends it.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Reaction {
    /// One of the six, or `none` to take it back.
    kind: String,
    #[serde(default)]
    back: String,
}

/// Sets the person's reaction, or takes it back.
pub(crate) async fn react(
    visitor: Visitor,
    Path(named): Path<Named>,
    Fields(reaction): Fields<Reaction>,
) -> Result<Response, Refusal> {
    let post_id = id_in_path::<freehold_types::PostId>(&named.id)?;
    let mut content = visitor.calls.content.clone();
    if reaction.kind == "none" {
        ask(content.remove_reaction(RemoveReactionRequest { post_id })).await?;
    } else {
        let kind: ReactionKind = view::post::reaction_named(&reaction.kind).ok_or(Refusal::BadForm)?;
        ask(content.set_reaction(SetReactionRequest { post_id, kind: kind.into() })).await?;
    }
    visitor.note_write().await;
    Ok(visitor.back_to(&reaction.back))
}
