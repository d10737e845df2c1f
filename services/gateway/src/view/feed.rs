//! The feed: what the groups a person is in have said lately.

use freehold_proto::content::v1 as pb;
use maud::{Markup, html};

use crate::view::icon::Icon;
use crate::view::people::{self, People};
use crate::view::reader::Reader;
use crate::view::shell::{self, Page, Section};
use crate::view::{compose, group, post, ui};

/// The feed; `first` is its newest page, where one can write.
pub(crate) fn page(
    reader: &Reader,
    feed: &pb::ListFeedResponse,
    groups: &[pb::Group],
    people: &People,
    first: bool,
) -> Markup {
    let title = reader.say("feed-title");
    let groups_path = reader.path("/groups");
    let main = html! {
        h1 class="hidden" { (title) }
        @if first { (compose::post(reader, groups, people)) }
        @if feed.posts.is_empty() {
            @let find = reader.say("feed-empty-button");
            (ui::empty(Icon::HOME, &reader.say("feed-empty-title"), &reader.say("feed-empty-text"), Some((&groups_path, &find))))
        }
        @for found in &feed.posts { (post::card(reader, people, found, true)) }
        @if !feed.next_page_token.is_empty() {
            (ui::pager(&reader.path(&format!("?page={}", people::encoded(&feed.next_page_token))), &reader.say("posts-older")))
        }
    };
    let aside = (!groups.is_empty()).then(|| group::mine_aside(reader, groups));
    shell::page(reader, &Page { title: &title, section: Section::Home, main, aside })
}
