//! Groups: the list, one group, its members.

use freehold_proto::content::v1 as pb;
use maud::{Markup, html};

use crate::view::icon::Icon;
use crate::view::people::{self, People};
use crate::view::reader::Reader;
use crate::view::shell::{self, Page, Section};
use crate::view::ui::{self, Rank, Tone};
use crate::view::{compose, post};

/// Who reads what is published in a group: its name and how many people.
pub(crate) fn audience(reader: &Reader, group: &pb::Group) -> String {
    reader
        .language
        .with("group-audience", &[("name", group.name.as_str().into()), ("count", group.member_count.into())])
}

/// Whether the person is in the group.
pub(crate) fn mine(group: &pb::Group) -> bool {
    group.my_role() != pb::GroupRole::Unspecified
}

/// Whether the person may read what is in the group.
pub(crate) fn readable(group: &pb::Group) -> bool {
    mine(group) || group.privacy() == pb::GroupPrivacy::Open
}

fn privacy(reader: &Reader, group: &pb::Group) -> Markup {
    let (icon, key) = match group.privacy() {
        pb::GroupPrivacy::Secret => (Icon::SECRET, "group-secret"),
        pb::GroupPrivacy::Open => (Icon::OPEN, "group-open"),
        pb::GroupPrivacy::Closed | pb::GroupPrivacy::Unspecified => (Icon::LOCK, "group-closed"),
    };
    html! { span class="audience" { (icon.draw_small()) (reader.say(key)) } }
}

fn row(reader: &Reader, group: &pb::Group) -> Markup {
    html! {
        a class="item" href=(reader.path(&format!("/groups/{}", group.id))) {
            (ui::group_avatar(&group.id, &group.name))
            div {
                p class="item-title" { bdi { (group.name) } }
                p class="meta" { (reader.language.count("members-count", group.member_count)) }
            }
            @if group.privacy() == pb::GroupPrivacy::Secret { (ui::pill(Tone::Plain, &reader.say("group-secret-word"))) }
            @if group.privacy() == pb::GroupPrivacy::Closed { (ui::pill(Tone::Plain, &reader.say("group-closed-word"))) }
        }
    }
}

fn rows(reader: &Reader, id: &str, title: &str, groups: &[&pb::Group]) -> Markup {
    html! {
        @if !groups.is_empty() {
            section class="card card-flush" aria-labelledby=(id) {
                h2 class="item" id=(id) { (title) }
                ul class="list" { @for group in groups { li { (row(reader, group)) } } }
            }
        }
    }
}

/// The groups the person is in, beside the feed.
pub(crate) fn mine_aside(reader: &Reader, groups: &[pb::Group]) -> Markup {
    rows(reader, "my-groups", &reader.say("groups-mine"), &groups.iter().collect::<Vec<_>>())
}

/// All groups the person may see, own ones first.
pub(crate) fn list_page(reader: &Reader, found: &pb::ListGroupsResponse) -> Markup {
    let title = reader.say("groups-title");
    let (own, others): (Vec<&pb::Group>, Vec<&pb::Group>) = found.groups.iter().partition(|group| mine(group));
    let main = html! {
        h1 { (title) }
        @if found.groups.is_empty() {
            (ui::empty(Icon::GROUPS, &reader.say("groups-none-title"), &reader.say("groups-none-text"), None))
        }
        (rows(reader, "mine", &reader.say("groups-mine"), &own))
        (rows(reader, "others", &reader.say("groups-others"), &others))
        @if !found.next_page_token.is_empty() {
            (ui::pager(&reader.path(&format!("/groups?page={}", people::encoded(&found.next_page_token))), &reader.say("groups-more")))
        }
    };
    shell::page(reader, &Page { title: &title, section: Section::Groups, main, aside: None })
}

fn head(reader: &Reader, group: &pb::Group) -> Markup {
    let members = reader.language.count("members-count", group.member_count);
    let path = reader.path(&format!("/groups/{}", group.id));
    html! {
        section class="card" {
            div class="who" {
                (ui::group_avatar(&group.id, &group.name))
                div { h1 { bdi { (group.name) } } (privacy(reader, group)) }
            }
            @if !group.purpose.is_empty() { p dir="auto" { (group.purpose) } }
            div class="row row-apart" {
                @if readable(group) { a class="button button-quiet" href={ (path) "/members" } { (Icon::GROUPS.draw()) (members) } }
                @else { span class="muted" { (members) } }
                @if group.may_join { (ui::action_form(&format!("{path}/join"), Rank::First, &reader.say("group-join"), &[])) }
                @if mine(group) && !group.filled_by_rule {
                    (ui::action_form(&format!("{path}/leave"), Rank::Quiet, &reader.say("group-leave"), &[]))
                }
            }
            @if mine(group) && group.filled_by_rule { p class="meta" { (reader.say("group-by-rule")) } }
        }
    }
}

/// One group with its posts.
pub(crate) fn page(
    reader: &Reader,
    group: &pb::Group,
    posts: &pb::ListPostsResponse,
    people: &People,
    first: bool,
) -> Markup {
    let main = html! {
        (head(reader, group))
        @if first { (compose::post(reader, std::slice::from_ref(group), people)) }
        @if !readable(group) {
            (ui::empty(Icon::LOCK, &reader.say("group-shut-title"), &reader.say("group-shut-text"), None))
        } @else if posts.posts.is_empty() {
            (ui::empty(Icon::COMMENT, &reader.say("group-empty-title"), &reader.say("group-empty-text"), None))
        }
        @for found in &posts.posts { (post::card(reader, people, found, group.may_publish)) }
        @if !posts.next_page_token.is_empty() {
            (ui::pager(&reader.path(&format!("/groups/{}?page={}", group.id, people::encoded(&posts.next_page_token))), &reader.say("posts-older")))
        }
    };
    shell::page(reader, &Page { title: &group.name, section: Section::Groups, main, aside: None })
}

/// Who is in a group.
pub(crate) fn members_page(
    reader: &Reader,
    group: &pb::Group,
    members: &pb::ListMembersResponse,
    people: &People,
) -> Markup {
    let title = reader.language.with("members-title", &[("name", group.name.as_str().into())]);
    let path = reader.path(&format!("/groups/{}", group.id));
    let badge = |member: &pb::Membership| {
        let administrator = member.role() == pb::GroupRole::Administrator;
        let by_hand = group.filled_by_rule && !member.by_rule;
        administrator
            .then(|| reader.say("members-administrator"))
            .or_else(|| by_hand.then(|| reader.say("members-by-hand")))
    };
    let main = html! {
        h1 { bdi { (title) } }
        p class="head" { a href=(path) { (reader.say("members-back")) } }
        @if members.memberships.is_empty() {
            (ui::empty(Icon::PEOPLE, &reader.say("members-none-title"), &reader.say("members-none-text"), None))
        } @else {
            section class="card card-flush" {
                ul class="list" {
                    @for member in &members.memberships { li { (people::row(reader, people, &member.person_id, badge(member))) } }
                }
            }
        }
        @if !members.next_page_token.is_empty() {
            (ui::pager(&format!("{path}/members?page={}", people::encoded(&members.next_page_token)), &reader.say("people-more")))
        }
    };
    shell::page(reader, &Page { title: &title, section: Section::Groups, main, aside: None })
}
