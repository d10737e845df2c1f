//! People: their names on other pages, the list, one person.

use std::collections::HashMap;

use freehold_proto::directory::v1 as pb;
use maud::{Markup, html};

use crate::view::icon::Icon;
use crate::view::reader::Reader;
use crate::view::shell::{self, Page, Section};
use crate::view::ui::{self, Rank, Size, Tone};

/// The longest search text the service takes.
const QUERY_LENGTH_MAX: u32 = 100;

/// The people a page speaks of, by id.
#[derive(Debug, Default)]
pub(crate) struct People(HashMap<String, pb::Person>);

impl People {
    pub(crate) fn new(people: Vec<pb::Person>) -> Self {
        Self(people.into_iter().map(|person| (person.id.clone(), person)).collect())
    }

    /// Somebody whom the directory service does not know any more keeps their posts, without a name.
    pub(crate) fn name_of(&self, reader: &Reader, id: &str) -> String {
        self.0.get(id).map_or_else(|| reader.say("person-unknown"), |person| person.display_name.clone())
    }

    fn left(&self, id: &str) -> bool {
        self.0.get(id).is_none_or(|person| person.state() == pb::PersonState::Deactivated)
    }

    fn line(&self, id: &str) -> String {
        self.0.get(id).map(work).unwrap_or_default()
    }
}

/// Avatar of a person on another page.
pub(crate) fn avatar(reader: &Reader, people: &People, id: &str, size: Size) -> Markup {
    let photo = people.0.get(id).and_then(|person| photo(reader, person));
    ui::avatar(id, &people.name_of(reader, id), photo.as_deref(), size)
}

/// Where the photo of a person is. Another photo has another path, so that browsers may keep it.
pub(crate) fn photo(reader: &Reader, person: &pb::Person) -> Option<String> {
    let version = &person.photo_version;
    (!version.is_empty()).then(|| reader.path(&format!("/people/{}/photo/{version}", person.id)))
}

/// Name of a person on another page, as the way to their own.
pub(crate) fn name_link(reader: &Reader, people: &People, id: &str) -> Markup {
    let name = people.name_of(reader, id);
    html! {
        @if people.0.contains_key(id) {
            a class="who-name" href=(reader.path(&format!("/people/{id}"))) { bdi { (name) } }
        } @else {
            span class="who-name muted" { (name) }
        }
        @if people.left(id) { " " (ui::pill(Tone::Plain, &reader.say("person-left"))) }
    }
}

/// What somebody does and where, in one line.
pub(crate) fn work(person: &pb::Person) -> String {
    [&person.title, &person.department, &person.site]
        .into_iter()
        .filter(|part| !part.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join(" · ")
}

/// A row that leads to a person, with a word at its end when there is something to say.
pub(crate) fn row(reader: &Reader, people: &People, id: &str, badge: Option<String>) -> Markup {
    html! {
        a class="item" href=(reader.path(&format!("/people/{id}"))) {
            (avatar(reader, people, id, Size::Medium))
            div {
                p class="item-title" { bdi { (people.name_of(reader, id)) } }
                p class="meta" { bdi { (people.line(id)) } }
            }
            @if let Some(badge) = badge { (ui::pill(Tone::Info, &badge)) }
            @if people.left(id) { (ui::pill(Tone::Plain, &reader.say("person-left"))) }
        }
    }
}

/// The list of people, searched by words.
pub(crate) fn list_page(reader: &Reader, query: &str, found: &pb::ListPeopleResponse) -> Markup {
    let title = reader.say("people-title");
    let people = People::new(found.people.clone());
    let main = html! {
        h1 { (title) }
        form class="search" method="get" action=(reader.path("/people")) role="search" {
            label class="hidden" for="q" { (reader.say("people-search")) }
            input class="input" id="q" name="q" type="search" value=(query) maxlength=(QUERY_LENGTH_MAX)
                placeholder=(reader.say("people-search")) autocomplete="off" dir="auto";
            (ui::button(Rank::Second, &reader.say("people-search-button")))
        }
        @if found.people.is_empty() {
            (ui::empty(Icon::PEOPLE, &reader.say("people-none-title"), &reader.say("people-none-text"),
                (!query.is_empty()).then(|| (reader.path("/people"), reader.say("people-all"))).as_ref().map(|(a, b)| (a.as_str(), b.as_str()))))
        } @else {
            section class="card card-flush" aria-labelledby="found" {
                h2 id="found" class="hidden" { (reader.say("people-found")) }
                ul class="list" { @for person in &found.people { li { (row(reader, &people, &person.id, None)) } } }
            }
            p class="meta pager" { (reader.language.count("people-count", found.total_count)) }
        }
        @if !found.next_page_token.is_empty() {
            (ui::pager(&reader.path(&format!("/people?q={}&page={}", encoded(query), encoded(&found.next_page_token))), &reader.say("people-more")))
        }
    };
    shell::page(reader, &Page { title: &title, section: Section::People, main, aside: None })
}

/// Text as part of a query (WHATWG URL, application/x-www-form-urlencoded).
pub(crate) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// One person: what they do, whom they work with.
pub(crate) fn person_page(reader: &Reader, person: &pb::Person, others: &People, reports: &[pb::Person]) -> Markup {
    let reports_by_id = People::new(reports.to_vec());
    let main = html! {
        section class="card profile" {
            (ui::avatar(&person.id, &person.display_name, photo(reader, person).as_deref(), Size::Large))
            h1 { bdi { (person.display_name) } }
            @if !person.title.is_empty() { p dir="auto" { (person.title) } }
            @if person.state() == pb::PersonState::Deactivated { (ui::pill(Tone::Plain, &reader.say("person-left"))) }
            @if person.administrator { (ui::pill(Tone::Info, &reader.say("person-administrator"))) }
        }
        (facts(reader, person))
        @if !person.manager_id.is_empty() {
            section class="card card-flush" {
                h2 class="item" { (reader.say("person-manager")) }
                (row(reader, others, &person.manager_id, None))
            }
        }
        @if !reports.is_empty() {
            section class="card card-flush" {
                h2 class="item" { (reader.language.count("person-reports", i64::try_from(reports.len()).unwrap_or(i64::MAX))) }
                ul class="list" { @for report in reports { li { (row(reader, &reports_by_id, &report.id, None)) } } }
            }
        }
        @if !person.directory_groups.is_empty() {
            section class="card" {
                h2 { (reader.say("person-groups")) }
                ul class="row" { @for group in &person.directory_groups { li { (ui::pill(Tone::Plain, &group.name)) } } }
            }
        }
    };
    shell::page(reader, &Page { title: &person.display_name, section: Section::People, main, aside: None })
}

fn facts(reader: &Reader, person: &pb::Person) -> Markup {
    let plain = |value: &str| html! { span dir="auto" { (value) } };
    let dial = |number: &str| html! { a href={ "tel:" (number.replace(' ', "")) } { bdi { (number) } } };
    let write = |address: &str| html! { a href={ "mailto:" (address) } { bdi { (address) } } };
    let facts = [
        (reader.say("person-department"), person.department.as_str(), plain(&person.department)),
        (reader.say("person-site"), &person.site, plain(&person.site)),
        (reader.say("person-number"), &person.employee_number, plain(&person.employee_number)),
        (reader.say("person-phone"), &person.phone, dial(&person.phone)),
        (reader.say("person-email"), &person.email, write(&person.email)),
    ];
    let known: Vec<_> = facts.iter().filter(|(_, value, _)| !value.is_empty()).collect();
    html! {
        @if !known.is_empty() {
            section class="card" {
                h2 { (reader.say("person-about")) }
                dl class="facts" { @for (label, _, value) in known { div { dt { (label) } dd { (value) } } } }
            }
        }
    }
}
