//! Letters with access codes, and the poster: what an administrator prints for people without e-mail.

use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use freehold_wire::time::from_proto;
use maud::{Markup, html};

use crate::view::icon::Icon;
use crate::view::people::{self, encoded};
use crate::view::reader::Reader;
use crate::view::ui::{self, Rank};
use crate::view::{qr, shell};

/// The longest search the directory service takes.
const QUERY_LENGTH_MAX: u32 = 100;

/// Whom to write to.
pub(crate) fn choice_page(reader: &Reader, query: &str, found: &directory::ListPeopleResponse, none: bool) -> Markup {
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
                (ui::icon_button(Rank::First, Icon::KEY, &reader.say("letters-make")))
            }
        }
        @if !found.next_page_token.is_empty() {
            @let next = format!("/console/letters?q={}&page={}", encoded(query), encoded(&found.next_page_token));
            (ui::pager(&reader.path(&next), &reader.say("people-more")))
        }
        p { (ui::link_button(Rank::Second, &reader.path("/console/poster"), &reader.say("poster-show"))) }
    };
    shell::console(reader, &title, &main)
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

/// One letter for each code. They are not shown again.
pub(crate) fn letters_page(reader: &Reader, origin: &str, codes: &[auth::AccessCode]) -> Markup {
    let title = reader.language.count("letters-made", i64::try_from(codes.len()).unwrap_or(i64::MAX));
    let around = html! {
        (ui::notice(ui::Tone::Warn, &reader.say("letters-once")))
        p { (ui::link_button(Rank::Second, &reader.path("/console/letters"), &reader.say("letters-back"))) }
    };
    let sheets = html! { @for code in codes { (letter(reader, origin, code)) } };
    shell::sheets(reader, &title, &around, &sheets)
}

fn letter(reader: &Reader, origin: &str, code: &auth::AccessCode) -> Markup {
    let address = format!("{origin}/{}", reader.address);
    let claim = format!("{address}/claim#{}", code.code);
    html! {
        article class="sheet" {
            p { bdi { (reader.company) } }
            h2 { (reader.say("letter-greeting")) " " bdi { (code.display_name) } }
            p { (reader.language.with("letter-text", &[("company", reader.company.as_str().into())])) }
            div class="sheet-way" {
                @if let Some(drawing) = qr::draw(&claim, &reader.say("letter-qr")) { (drawing) }
                div {
                    p { (reader.say("letter-type")) }
                    p { strong { (address) } }
                    p class="sheet-code" { (code.code) }
                }
            }
            ol {
                li { (reader.say("letter-step-scan")) }
                li { (reader.say("letter-step-choose")) }
                li { (reader.say("letter-step-next")) }
            }
            p { (reader.say("letter-secret")) }
            @if let Some(end) = code.expires_at.as_ref().and_then(from_proto) {
                p class="meta" { (reader.say("letter-until")) " " (end.with_timezone(&reader.zone).format("%Y-%m-%d").to_string()) }
            }
        }
    }
}

/// The poster for the canteen. It holds no secret.
pub(crate) fn poster_page(reader: &Reader, origin: &str) -> Markup {
    let title = reader.say("poster-title");
    let address = format!("{origin}/{}", reader.address);
    let around = html! {
        p { (reader.say("poster-text")) }
        p { (ui::link_button(Rank::Second, &reader.path("/console/letters"), &reader.say("letters-back"))) }
    };
    let sheet = html! {
        article class="sheet poster" {
            p { bdi { (reader.company) } }
            h2 { (reader.language.with("poster-headline", &[("company", reader.company.as_str().into())])) }
            @if let Some(drawing) = qr::draw(&address, &reader.say("poster-qr")) { (drawing) }
            p class="sheet-code" { (address) }
            ol {
                li { (reader.say("poster-step-scan")) }
                li { (reader.say("poster-step-code")) }
                li { (reader.say("poster-step-choose")) }
            }
            p { (reader.say("poster-no-email")) }
        }
    };
    shell::sheets(reader, &title, &around, &sheet)
}
