//! Forms in which people write. Each says who will read it, before anything is written.

use freehold_proto::content::v1 as pb;
use maud::{Markup, html};

use crate::view::group;
use crate::view::icon::Icon;
use crate::view::people::{self, People};
use crate::view::reader::Reader;
use crate::view::shell::{self, Page, Section};
use crate::view::ui::{self, Field, Rank};

/// Most characters the browser lets through; the service counts bytes and has the last word.
const POST_LENGTH_MAX: u32 = 16_000;
const COMMENT_LENGTH_MAX: u32 = 4_000;

/// A text that was refused, to be given back to who wrote it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refused<'a> {
    pub(crate) text: &'a str,
    pub(crate) error: &'a str,
}

const fn text_of<'a>(refused: Option<Refused<'a>>) -> (&'a str, &'a str) {
    match refused {
        Some(Refused { text, error }) => (text, error),
        None => ("", ""),
    }
}

/// The form of a new post; nothing for somebody who may publish nowhere.
pub(crate) fn post(reader: &Reader, groups: &[pb::Group], people: &People) -> Markup {
    html! {
        @if groups.iter().any(|group| group.may_publish) {
            details class="card composer" {
                summary {
                    (people::avatar(reader, people, &reader.person_id, ui::Size::Medium))
                    span class="composer-open" { (reader.say("compose-open")) }
                }
                (post_form(reader, groups, &reader.here, None))
            }
        }
    }
}

/// One group in which the person may publish is said, several are a choice.
fn post_form(reader: &Reader, groups: &[pb::Group], back: &str, refused: Option<Refused<'_>>) -> Markup {
    let (text, error) = text_of(refused);
    let open: Vec<&pb::Group> = groups.iter().filter(|group| group.may_publish).collect();
    html! {
        form class="form" method="post" action=(reader.path("/posts")) {
            input type="hidden" name="request_id" value=(reader.request_id());
            input type="hidden" name="back" value=(back);
            @if let [only] = open.as_slice() {
                input type="hidden" name="group" value=(only.id);
                p class="audience" {
                    (Icon::GROUPS.draw_small())
                    span { (reader.say("compose-audience")) " " bdi class="bold" { (group::audience(reader, only)) } }
                }
            } @else {
                @let options: Vec<(String, String)> = open.iter().map(|group| (group.id.clone(), group::audience(reader, group))).collect();
                (ui::select(Field { name: "group", label: &reader.say("compose-audience"), ..Field::default() }, &options))
            }
            (ui::text_area(Field {
                name: "text",
                label: &reader.say("compose-text"),
                value: text,
                error,
                length_max: POST_LENGTH_MAX,
                ..Field::default()
            }))
            @let label = match open.as_slice() {
                [only] => reader.language.count("compose-share-with", only.member_count),
                _ => reader.say("compose-share"),
            };
            p { (ui::icon_button(Rank::First, Icon::SEND, &label)) }
        }
    }
}

/// The post again, with what is wrong with it.
pub(crate) fn post_refused_page(reader: &Reader, groups: &[pb::Group], back: &str, refused: Refused<'_>) -> Markup {
    let title = reader.say("compose-refused-title");
    let main = html! { h1 { (title) } section class="card" { (post_form(reader, groups, back, Some(refused))) } };
    shell::page(reader, &Page { title: &title, section: Section::Home, main, aside: None })
}

/// What a comment answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answering<'a> {
    pub(crate) post_id: &'a str,
    /// Id of the comment it answers; empty when it answers the post.
    pub(crate) parent_id: &'a str,
    /// Whose comment it answers; empty when it answers the post.
    pub(crate) parent_name: &'a str,
}

/// The form of a new comment.
pub(crate) fn comment(reader: &Reader, answering: Answering<'_>, refused: Option<Refused<'_>>) -> Markup {
    let (text, error) = text_of(refused);
    let label = if answering.parent_name.is_empty() {
        reader.say("comment-label")
    } else {
        reader.language.with("comment-answering", &[("name", answering.parent_name.into())])
    };
    html! {
        form id="comment" class="form" method="post" action=(reader.path(&format!("/posts/{}/comments", answering.post_id))) {
            input type="hidden" name="request_id" value=(reader.request_id());
            @if !answering.parent_id.is_empty() { input type="hidden" name="parent" value=(answering.parent_id); }
            (ui::text_area(Field { name: "text", label: &label, value: text, error, length_max: COMMENT_LENGTH_MAX, ..Field::default() }))
            div class="row" {
                (ui::icon_button(Rank::First, Icon::SEND, &reader.say("comment-send")))
                @if !answering.parent_id.is_empty() {
                    (ui::link_button(Rank::Quiet, &reader.path(&format!("/posts/{}", answering.post_id)), &reader.say("comment-answer-none")))
                }
            }
        }
    }
}

/// The comment again, with what is wrong with it.
pub(crate) fn comment_refused_page(reader: &Reader, post_id: &str, parent_id: &str, refused: Refused<'_>) -> Markup {
    let title = reader.say("comment-refused-title");
    let answering = Answering { post_id, parent_id, parent_name: "" };
    let main = html! { h1 { (title) } section class="card" { (comment(reader, answering, Some(refused))) } };
    shell::page(reader, &Page { title: &title, section: Section::Home, main, aside: None })
}
