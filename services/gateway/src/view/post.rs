//! Posts, their reactions and comments.

use freehold_proto::content::v1 as pb;
use maud::{Markup, html};

use crate::view::compose::{self, Answering};
use crate::view::icon::Icon;
use crate::view::people::{self, People};
use crate::view::reader::Reader;
use crate::view::shell::{self, Page, Section};
use crate::view::ui::{self, Rank, Size};
use crate::view::{group, moment, prose};

/// How much of a post a list shows.
const BEGINNING_LINES_MAX: usize = 6;
const BEGINNING_CHARACTERS_MAX: usize = 600;
/// Characters of a post's text that name its page.
const TITLE_CHARACTERS_MAX: usize = 60;

/// The six reactions: kind, name in forms, drawing, key of its word.
const REACTIONS: [(pb::ReactionKind, &str, Icon, &str); 6] = [
    (pb::ReactionKind::Like, "like", Icon::LIKE, "reaction-like"),
    (pb::ReactionKind::Love, "love", Icon::LOVE, "reaction-love"),
    (pb::ReactionKind::Celebrate, "celebrate", Icon::CELEBRATE, "reaction-celebrate"),
    (pb::ReactionKind::Laugh, "laugh", Icon::LAUGH, "reaction-laugh"),
    (pb::ReactionKind::Surprise, "surprise", Icon::SURPRISE, "reaction-surprise"),
    (pb::ReactionKind::Support, "support", Icon::SUPPORT, "reaction-support"),
];

/// The reaction of that name in a form.
pub(crate) fn reaction_named(name: &str) -> Option<pb::ReactionKind> {
    REACTIONS.iter().find(|(_, known, ..)| *known == name).map(|(kind, ..)| *kind)
}

/// A post in a list: its beginning, its counts, what one can do.
pub(crate) fn card(reader: &Reader, people: &People, post: &pb::Post, may_respond: bool) -> Markup {
    let path = reader.path(&format!("/posts/{}", post.id));
    let beginning = prose::beginning(&post.text, BEGINNING_LINES_MAX, BEGINNING_CHARACTERS_MAX);
    html! {
        article class="card" id=(post.id) aria-labelledby={ (post.id) "-by" } {
            (head(reader, people, post, true))
            div class="prose" { (prose::text(beginning.as_deref().unwrap_or(&post.text))) }
            @if beginning.is_some() { p { a href=(path) { (reader.say("post-more")) } } }
            (tally(reader, post, &path))
            (actions(reader, post, &path, may_respond))
        }
    }
}

/// Who published it, where and when.
fn head(reader: &Reader, people: &People, post: &pb::Post, linked: bool) -> Markup {
    let group = reader.path(&format!("/groups/{}", post.group_id));
    html! {
        header class="who" {
            (people::avatar(reader, people, &post.author_id, Size::Medium))
            div {
                h2 class="who-title" id={ (post.id) "-by" } { (people::name_link(reader, people, &post.author_id)) }
                p class="meta" {
                    a href=(group) { bdi { (post.group_name) } } " · "
                    @if linked { a href=(reader.path(&format!("/posts/{}", post.id))) { (moment::ago(reader, post.created_at.as_ref())) } }
                    @else { (moment::ago(reader, post.created_at.as_ref())) }
                }
            }
        }
    }
}

/// How many reacted and how, how many comments.
fn tally(reader: &Reader, post: &pb::Post, path: &str) -> Markup {
    let counted = |kind: pb::ReactionKind| post.reactions.iter().find(|count| count.kind() == kind && count.count > 0);
    let total: i64 = post.reactions.iter().map(|count| count.count).fold(0, i64::saturating_add);
    html! {
        @if total > 0 || post.comment_count > 0 {
            div class="tally meta" {
                @for (kind, _, icon, key) in REACTIONS {
                    @if let Some(counted) = counted(kind) {
                        span title=(reader.say(key)) { (icon.draw_small()) (counted.count) span class="hidden" { (reader.say(key)) } }
                    }
                }
                @if post.comment_count > 0 { a href={ (path) "#comments" } { (reader.language.count("comments-count", post.comment_count)) } }
            }
        }
    }
}

fn actions(reader: &Reader, post: &pb::Post, path: &str, may_respond: bool) -> Markup {
    let mine = REACTIONS.iter().find(|(kind, ..)| *kind == post.my_reaction());
    let (shown, name, icon, key) =
        mine.copied().unwrap_or((pb::ReactionKind::Like, "like", Icon::LIKE, "reaction-like"));
    let back = format!("{}#{}", reader.here, post.id);
    html! {
        @if may_respond {
            div class="actions" {
                (reaction_form(path, &back, &html! { (reaction_button(reader, post, shown, name, icon, key)) }))
                details {
                    summary class="action" { (Icon::REACT.draw()) (reader.say("reaction-more")) }
                    (palette(reader, post, path, &back))
                }
                a class="action" href={ (path) "#comment" } { (Icon::COMMENT.draw()) (reader.say("post-comment")) }
            }
        }
    }
}

fn palette(reader: &Reader, post: &pb::Post, path: &str, back: &str) -> Markup {
    reaction_form(
        path,
        back,
        &html! {
            div class="palette" {
                @for (kind, name, icon, key) in REACTIONS { (reaction_button(reader, post, kind, name, icon, key)) }
            }
        },
    )
}

fn reaction_form(path: &str, back: &str, buttons: &Markup) -> Markup {
    html! {
        form method="post" action={ (path) "/reaction" } {
            input type="hidden" name="back" value=(back);
            (buttons)
        }
    }
}

/// Pressing one's own reaction again takes it back.
fn reaction_button(
    reader: &Reader,
    post: &pb::Post,
    kind: pb::ReactionKind,
    name: &str,
    icon: Icon,
    key: &'static str,
) -> Markup {
    let own = post.my_reaction() == kind;
    html! {
        button class="action" type="submit" name="kind" value=(if own { "none" } else { name }) aria-pressed=(own) {
            (icon.draw()) (reader.say(key))
        }
    }
}

/// What the page of one post is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thread<'a> {
    pub(crate) post: &'a pb::Post,
    pub(crate) group: &'a pb::Group,
    pub(crate) comments: &'a pb::ListCommentsResponse,
    pub(crate) people: &'a People,
    /// Id of the comment that the form answers; empty: the post.
    pub(crate) answering: &'a str,
}

/// One post with its comments.
pub(crate) fn page(reader: &Reader, thread: Thread<'_>) -> Markup {
    let Thread { post, group, people, .. } = thread;
    let path = reader.path(&format!("/posts/{}", post.id));
    let line = post.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let title = prose::beginning(line, 1, TITLE_CHARACTERS_MAX).unwrap_or_else(|| line.to_owned());
    let back = format!("{path}#{}", post.id);
    let main = html! {
        h1 class="hidden" { (reader.say("post-title")) }
        article class="card" id=(post.id) aria-labelledby={ (post.id) "-by" } {
            (head(reader, people, post, false))
            div class="prose" { (prose::text(&post.text)) }
            p class="audience" {
                (Icon::GROUPS.draw_small())
                span { (reader.say("post-audience")) " " bdi { (group::audience(reader, group)) } }
            }
            (tally(reader, post, &path))
            @if group.may_publish { (palette(reader, post, &path, &back)) }
        }
        (comments(reader, thread, &path))
    };
    shell::page(reader, &Page { title: &title, section: Section::Home, main, aside: None })
}

fn comments(reader: &Reader, thread: Thread<'_>, path: &str) -> Markup {
    let Thread { post, group, comments, people, answering } = thread;
    let answered = comments.comments.iter().find(|comment| comment.id == answering);
    let parent_name = answered.map(|comment| people.name_of(reader, &comment.author_id)).unwrap_or_default();
    let form = Answering {
        post_id: &post.id,
        parent_id: answered.map_or("", |comment| &comment.id),
        parent_name: &parent_name,
    };
    html! {
        section class="card" id="comments" {
            h2 { (reader.language.count("comments-title", post.comment_count)) }
            @if comments.comments.is_empty() { p class="muted" { (reader.say("comments-none")) } }
            @else {
                ol {
                    @for comment in in_order(&comments.comments) { li { (comment_row(reader, people, comment, path, group.may_publish)) } }
                }
            }
            @if !comments.next_page_token.is_empty() {
                (ui::pager(&format!("{path}?page={}#comments", people::encoded(&comments.next_page_token)), &reader.say("comments-more")))
            }
            @if group.may_publish {
                (compose::comment(reader, form, None))
            } @else if group.may_join {
                p class="muted" { (reader.say("comments-join")) }
                (ui::action_form(&reader.path(&format!("/groups/{}/join", group.id)), Rank::Second, &reader.say("group-join"), &[("back", path)]))
            }
        }
    }
}

/// Answers stand under the comment they answer, however deep they answer each other.
fn in_order(comments: &[pb::Comment]) -> Vec<&pb::Comment> {
    let top = |comment: &pb::Comment| {
        let mut id = comment.id.clone();
        let mut parent = comment.parent_id.clone();
        // A comment answers an older one, so this ends; the bound is for a service that says otherwise.
        for _ in 0..comments.len() {
            let Some(found) = comments.iter().find(|other| other.id == parent) else { break };
            id.clone_from(&found.id);
            parent.clone_from(&found.parent_id);
        }
        id
    };
    let tops: Vec<String> = comments.iter().map(top).collect();
    let mut places: Vec<(usize, usize, &pb::Comment)> = comments
        .iter()
        .zip(&tops)
        .enumerate()
        .map(|(place, (comment, top))| {
            let thread = comments.iter().position(|other| other.id == *top).unwrap_or(place);
            (thread, place, comment)
        })
        .collect();
    places.sort_by_key(|(thread, place, _)| (*thread, *place));
    places.into_iter().map(|(.., comment)| comment).collect()
}

fn comment_row(reader: &Reader, people: &People, comment: &pb::Comment, path: &str, may_respond: bool) -> Markup {
    let class = if comment.parent_id.is_empty() { "comment" } else { "comment comment-reply" };
    html! {
        article class=(class) id=(comment.id) {
            (people::avatar(reader, people, &comment.author_id, Size::Small))
            div class="comment-body" {
                div class="bubble" {
                    (people::name_link(reader, people, &comment.author_id))
                    div class="prose" { (prose::text(&comment.text)) }
                }
                p class="comment-foot meta" {
                    (moment::ago(reader, comment.created_at.as_ref()))
                    @if may_respond { a href={ (path) "?answer=" (comment.id) "#comment" } { (reader.say("comment-answer")) } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
