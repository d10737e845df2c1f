//! Letters with access codes, and the poster: what an administrator prints for people without e-mail.

use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use maud::{Markup, html};

use crate::sheet::{Part, Sheet, Size};
use crate::view::icon::Icon;
use crate::view::people::{self, encoded};
use crate::view::reader::Reader;
use crate::view::ui::{self, Rank};
use crate::view::{qr, shell};

/// The longest search the directory service takes.
const QUERY_LENGTH_MAX: u32 = 100;

/// Whom to write to.
pub(crate) fn choice_page(
    reader: &Reader,
    query: &str,
    found: &auth::ListAreaPeopleResponse,
    accounts: &[auth::EmergencyAccount],
    none: bool,
) -> Markup {
    let title = reader.say("letters-title");
    let action = reader.path("/console/letters");
    let main = html! {
        h1 { (title) }
        p { (reader.say("letters-text")) }
        @if none { (ui::notice(ui::Tone::Warn, &reader.say("letters-nobody"))) }
        form class="search" method="get" action=(action) role="search" {
            label class="hidden" for="q" { (reader.say("people-search")) }
            input class="input" id="q" name="q" type="search" value=(query) maxlength=(QUERY_LENGTH_MAX)
                placeholder=(reader.say("people-search")) autocomplete="off" dir="auto";
            (ui::button(Rank::Second, &reader.say("people-search-button")))
        }
        @if found.people.is_empty() {
            (ui::empty(Icon::PEOPLE, &reader.say("people-none-title"), &reader.say("people-none-text"), None))
        } @else {
            form class="form" method="post" action=(action) {
                section class="card card-flush" aria-labelledby="found" {
                    h2 id="found" class="hidden" { (reader.say("people-found")) }
                    ul class="list" { @for person in &found.people { li { (choice_row(person)) } } }
                }
                p class="meta" { (reader.say("letters-warning")) }
                div class="row" {
                    (ui::icon_button(Rank::First, Icon::KEY, &reader.say("letters-make")))
                    button type="submit" class="button button-second" name="as" value="pdf" { (reader.say("letters-make-file")) }
                }
            }
        }
        @if !accounts.is_empty() { (emergency_accounts(reader, accounts)) }
        @if !found.next_page_token.is_empty() {
            @let next = format!("/console/letters?q={}&page={}", encoded(query), encoded(&found.next_page_token));
            (ui::pager(&reader.path(&next), &reader.say("people-more")))
        }
        p { (ui::link_button(Rank::Second, &reader.path("/console/poster"), &reader.say("poster-show"))) }
    };
    shell::console(reader, &title, &main)
}

fn emergency_accounts(reader: &Reader, accounts: &[auth::EmergencyAccount]) -> Markup {
    html! {
        form class="form card" method="post" action=(reader.path("/console/letters")) {
            h2 { (reader.say("letters-emergency")) }
            p class="meta" { (reader.say("letters-emergency-hint")) }
            ul class="list" {
                @for account in accounts {
                    li {
                        div class="item" {
                            input type="checkbox" id=(account.id) name=(account.id) value="yes";
                            label for=(account.id) { bdi { (account.name) } }
                        }
                    }
                }
            }
            div class="row" { (ui::icon_button(Rank::Second, Icon::KEY, &reader.say("letters-make"))) }
        }
    }
}

fn choice_row(person: &directory::Person) -> Markup {
    html! {
        div class="item" {
            input type="checkbox" id=(person.id) name=(person.id) value="yes";
            label for=(person.id) {
                bdi { (person.display_name) }
                @let line = people::work(person);
                @if !line.is_empty() { " " span class="meta" { bdi { (line) } } }
            }
            @if !person.email.is_empty() { span class="meta" { bdi { (person.email) } } }
        }
    }
}

/// The letters, this once. With `no_file` a PDF was asked for and cannot be made.
pub(crate) fn letters_page(reader: &Reader, sheets: &[Sheet], no_file: bool) -> Markup {
    let title = reader.language.count("letters-made", i64::try_from(sheets.len()).unwrap_or(i64::MAX));
    let around = html! {
        @if no_file { (ui::notice(ui::Tone::Info, &reader.say("letters-no-file"))) }
        (ui::notice(ui::Tone::Warn, &reader.say("letters-once")))
        p { (ui::link_button(Rank::Second, &reader.path("/console/letters"), &reader.say("letters-back"))) }
    };
    shell::sheets(reader, &title, &around, &html! { @for sheet in sheets { (draw(sheet)) } })
}

/// The poster.
pub(crate) fn poster_page(reader: &Reader, sheet: &Sheet) -> Markup {
    let around = html! {
        p { (reader.say("poster-text")) }
        div class="row" {
            (ui::link_button(Rank::First, &reader.path("/console/poster.pdf"), &reader.say("poster-file")))
            (ui::link_button(Rank::Second, &reader.path("/console/letters"), &reader.say("letters-back")))
        }
    };
    shell::sheets(reader, &reader.say("poster-title"), &around, &draw(sheet))
}

fn draw(sheet: &Sheet) -> Markup {
    let class = match sheet.size {
        Size::Letter => "sheet",
        Size::Poster => "sheet poster",
    };
    html! {
        article class=(class) {
            @for part in &sheet.parts {
                @match part {
                    Part::Small(text) => p class="meta" { bdi { (text) } },
                    Part::Headline(text) => h2 { bdi { (text) } },
                    Part::Text(text) => p { bdi { (text) } },
                    Part::Typed(text) => p class="sheet-typed" { (text) },
                    Part::Steps(steps) => ol { @for step in steps { li { (step) } } },
                    Part::Qr { says, is } => @if let Some(drawing) = qr::draw(says, is) { (drawing) },
                }
            }
        }
    }
}
