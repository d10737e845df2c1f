//! The person's own page: who Freehold thinks they are, and where they are signed in.

use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use maud::{Markup, html};

use crate::view::icon::Icon;
use crate::view::reader::Reader;
use crate::view::shell::{self, Page, Section};
use crate::view::ui::{self, Rank, Size, Tone};
use crate::view::{moment, passkey, people};

/// How a session that came without an IdP is named by the service.
const METHOD_LOCAL: &str = "local";

/// The page `Me`.
pub(crate) fn page(
    reader: &Reader,
    me: &directory::Person,
    sessions: &auth::ListSessionsResponse,
    passkeys: &auth::ListPasskeysResponse,
) -> Markup {
    let title = reader.say("me-title");
    let profile = reader.path(&format!("/people/{}", me.id));
    let main = html! {
        section class="card profile" {
            (ui::avatar(&me.id, &me.display_name, people::photo(reader, me).as_deref(), Size::Large))
            h1 { bdi { (me.display_name) } }
            @if !me.title.is_empty() { p dir="auto" { (me.title) } }
            (ui::link_button(Rank::Second, &profile, &reader.say("me-profile")))
            p class="meta" { (reader.say("me-from-directory")) }
        }
        @if let Some(console) = reader.console() {
            section class="card card-flush" {
                a class="item" href=(console) {
                    (Icon::CONSOLE.draw())
                    div { h2 class="who-title" { (reader.say("nav-console")) } p class="meta" { (reader.say("me-console")) } }
                }
            }
        }
        section class="card" {
            h2 { (reader.say("me-language")) }
            p { (reader.say("me-language-now")) }
            p class="meta" { (reader.say("me-language-how")) }
        }
        (passkey::own(reader, passkeys))
        section class="card card-flush" aria-labelledby="sessions" {
            h2 class="item" id="sessions" { (reader.say("me-sessions")) }
            ul class="list" { @for session in &sessions.sessions { li { (session_row(reader, session)) } } }
            @if sessions.sessions.iter().any(|session| !session.current) {
                div class="item" { (ui::action_form(&reader.path("/me/sessions/end-others"), Rank::Second, &reader.say("session-end-others"), &[])) }
            }
        }
        @if !sessions.next_page_token.is_empty() {
            (ui::pager(&reader.path(&format!("/me?page={}", people::encoded(&sessions.next_page_token))), &reader.say("me-sessions-more")))
        }
        section class="card" {
            form method="post" action=(reader.path("/sign-out")) {
                (ui::icon_button(Rank::Danger, Icon::LEAVE, &reader.say("me-sign-out")))
            }
        }
    };
    shell::page(reader, &Page { title: &title, section: Section::Me, main, aside: None })
}

fn session_row(reader: &Reader, session: &auth::Session) -> Markup {
    let method = if session.method == METHOD_LOCAL {
        reader.say("session-local")
    } else {
        reader.language.with("session-by-connection", &[("name", session.method.as_str().into())])
    };
    html! {
        div class="item" {
            (Icon::KEY.draw())
            div {
                p class="item-title" { (method) }
                p class="meta" { (reader.say("session-used")) " " (moment::ago(reader, session.last_used_at.as_ref())) }
                p class="meta" { (reader.say("session-since")) " " (moment::exact(reader, session.created_at.as_ref())) }
            }
            @if session.shared_device { (ui::pill(Tone::Plain, &reader.say("session-shared"))) }
            @if session.current { (ui::pill(Tone::Ok, &reader.say("session-current"))) }
            @else {
                (ui::action_form(&reader.path(&format!("/me/sessions/{}/end", session.id)), Rank::Second, &reader.say("session-end"), &[]))
            }
        }
    }
}
