//! The page on which a browser is asked for a passkey, and a person's own ones.

use freehold_proto::auth::v1 as auth;
use maud::{Markup, html};

use crate::asset;
use crate::text::Language;
use crate::view::icon::Icon;
use crate::view::reader::Reader;
use crate::view::ui::{self, Rank};
use crate::view::{moment, shell};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A new passkey.
    Create,
    /// One that is there.
    Get,
}

/// What the page is shown with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) kind: Kind,
    /// The company's name; may be empty.
    pub(crate) company: &'a str,
    /// What the browser is asked, as JSON.
    pub(crate) options_json: &'a str,
    /// Where the answer goes.
    pub(crate) action: &'a str,
    /// Where to land afterwards.
    pub(crate) to: &'a str,
    /// Where to go without a passkey.
    pub(crate) otherwise: &'a str,
}

/// Asks the browser. Shows nothing that people wrote, because a script runs here.
pub(crate) fn ask_page(language: Language, ask: Ask<'_>) -> Markup {
    let (title, text, kind) = match ask.kind {
        Kind::Create => ("passkey-create-title", "passkey-create-text", "create"),
        Kind::Get => ("passkey-get-title", "passkey-get-text", "get"),
    };
    let title = language.say(title);
    let main = html! {
        h1 { (title) }
        form id="passkey" class="form card" method="post" action=(ask.action) data-kind=(kind) data-options=(ask.options_json) {
            p { (language.say(text)) }
            input type="hidden" name="credential";
            input type="hidden" name="to" value=(ask.to);
            p id="passkey-trouble" class="error" role="alert" hidden { (language.say("passkey-trouble")) }
            button id="passkey-again" type="button" class="button button-first" hidden { (language.say("passkey-again")) }
            noscript { p class="error" { (language.say("passkey-no-script")) } }
            (ui::link_button(Rank::Second, ask.otherwise, &language.say("passkey-otherwise")))
        }
        script src=(asset::PASSKEY_SCRIPT_PATH) defer {}
    };
    shell::entry(language, ask.company, &title, &main)
}

/// The person's own passkeys, on the page `Me`. Nothing for whoever has and gets none.
pub(crate) fn own(reader: &Reader, own: &auth::ListPasskeysResponse) -> Markup {
    let removable = own.passkeys.len() > 1 || own.password || !own.enrolment;
    html! {
        @if own.enrolment || !own.passkeys.is_empty() {
            section class="card card-flush" aria-labelledby="passkeys" {
                h2 class="item" id="passkeys" { (reader.say("passkeys-title")) }
                ul class="list" {
                    @for passkey in &own.passkeys { li { (row(reader, passkey, removable)) } }
                    @if own.password { li { div class="item" {
                        (Icon::KEY.draw())
                        div { p class="item-title" { (reader.say("passkeys-password")) } }
                    } } }
                    @if own.enrolment { li { div class="item" {
                        (ui::action_form(&reader.path("/me/passkeys"), Rank::Second, &reader.say("passkeys-add"), &[]))
                        p class="meta" { (reader.say("passkeys-text")) }
                    } } }
                }
            }
        }
    }
}

fn row(reader: &Reader, passkey: &auth::Passkey, removable: bool) -> Markup {
    html! {
        div class="item" {
            (Icon::KEY.draw())
            div {
                p class="item-title" { (reader.say("passkeys-one")) " " (moment::exact(reader, passkey.created_at.as_ref())) }
                @if passkey.last_used_at.is_some() {
                    p class="meta" { (reader.say("session-used")) " " (moment::ago(reader, passkey.last_used_at.as_ref())) }
                }
            }
            @if removable {
                (ui::action_form(&reader.path(&format!("/me/passkeys/{}/remove", passkey.id)), Rank::Second, &reader.say("passkeys-remove"), &[]))
            }
        }
    }
}
