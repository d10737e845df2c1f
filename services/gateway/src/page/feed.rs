//! The feed, and publishing.

use axum::response::{IntoResponse as _, Response};
use freehold_proto::content::v1::{CreatePostRequest, Group, ListFeedRequest, ListGroupsRequest};
use freehold_types::{Kind, Reason};
use http::StatusCode;
use maud::Markup;

use crate::fields::{Asked, Fields, Paging};
use crate::gateway::ask;
use crate::refusal::Refusal;
use crate::site::path_back;
use crate::view;
use crate::view::compose::Refused;
use crate::visitor::Visitor;

/// Posts on one page: a slow phone lays out ten at once, not fifty.
pub(crate) const POSTS_PER_PAGE: i32 = 10;
/// Groups among which one chooses. Whoever is in more publishes from the group's own page.
const GROUPS_CHOICE_MAX: i32 = 100;

/// The feed.
pub(crate) async fn show(visitor: Visitor, Asked(paging): Asked<Paging>) -> Result<Markup, Refusal> {
    let mut content = visitor.calls.content.clone();
    let first = paging.page.is_empty();
    let request = ListFeedRequest { page_size: POSTS_PER_PAGE, page_token: paging.page };
    let (feed, groups) = tokio::join!(ask(content.list_feed(request)), my_groups(&visitor));
    let (feed, groups) = (feed?, groups?);
    let people = visitor.people(feed.posts.iter().map(|post| post.author_id.as_str())).await?;
    visitor.note_read().await;
    Ok(view::feed::page(&visitor.reader, &feed, &groups, &people, first))
}

async fn my_groups(visitor: &Visitor) -> Result<Vec<Group>, Refusal> {
    let mut content = visitor.calls.content.clone();
    let request = ListGroupsRequest { mine_only: true, page_size: GROUPS_CHOICE_MAX, page_token: String::new() };
    Ok(ask(content.list_groups(request)).await?.groups)
}

/// A post as its form sends it.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Draft {
    request_id: String,
    group: String,
    text: String,
    #[serde(default)]
    back: String,
}

/// Publishes a post and leads back to where it was written.
pub(crate) async fn publish(visitor: Visitor, Fields(draft): Fields<Draft>) -> Result<Response, Refusal> {
    let mut content = visitor.calls.content.clone();
    let text = with_plain_line_ends(&draft.text);
    let request = CreatePostRequest { request_id: draft.request_id, group_id: draft.group, text: text.clone() };
    match ask(content.create_post(request)).await {
        Ok(created) => {
            visitor.note_write().await;
            let back = path_back(&visitor.reader.address, &draft.back);
            let place = created.post.map(|post| format!("#{}", post.id)).unwrap_or_default();
            Ok(visitor.back_to(&format!("{}{place}", back.split('#').next().unwrap_or_default())))
        }
        Err(refusal) if refused_for_its_text(&refusal) => {
            let groups = my_groups(&visitor).await?;
            let error = visitor.reader.say("compose-refused");
            let refused = Refused { text: &text, error: &error };
            let page = view::compose::post_refused_page(&visitor.reader, &groups, &draft.back, refused);
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(refusal) => Err(refusal),
    }
}

/// Whether the service had nothing to say against anything but the text.
pub(crate) fn refused_for_its_text(refusal: &Refusal) -> bool {
    let Refusal::Fault(fault) = refusal else { return false };
    fault.kind() == Kind::Invalid
        && fault.reason() == Reason::InvalidRequest
        && !fault.violations().is_empty()
        && fault.violations().iter().all(|violation| violation.field == "text")
}

/// Browsers send line ends as CR LF (HTML, form submission); people mean one line end.
pub(crate) fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}
