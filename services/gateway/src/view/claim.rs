//! From an access code to a way to sign in of one's own.

use freehold_proto::auth::v1 as auth;
use freehold_proto::directory::v1 as directory;
use maud::{Markup, html};

use crate::text::Language;
use crate::view::icon::Icon;
use crate::view::reader::Reader;
use crate::view::ui::{self, Field, Rank};
use crate::view::{qr, shell};

/// The most characters a password may have: none has more characters than bytes.
pub(crate) const PASSWORD_LENGTH_MAX: u32 = 128;
/// Characters between two spaces of a key that is typed.
const GROUP_CHARACTERS: usize = 4;

/// What was wrong with what somebody chose, as keys of sentences; empty when nothing was.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Mistakes {
    pub(crate) password: &'static str,
    pub(crate) again: &'static str,
    pub(crate) digits: &'static str,
}

/// What the page is shown with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) address: &'a str,
    pub(crate) offer: &'a auth::GetClaimResponse,
    /// Where to land afterwards.
    pub(crate) to: &'a str,
    pub(crate) mistakes: Mistakes,
}

/// Choosing a password and an authenticator app. Says nothing about the person: nobody is signed in yet.
pub(crate) fn choice_page(language: Language, choice: Choice<'_>) -> Markup {
    let Choice { address, offer, to, mistakes } = choice;
    let title = language.say("claim-title");
    let password = |name, label, hint: &str, mistake: &'static str| {
        let (label, error) = (language.say(label), said(language, mistake));
        ui::password_field(
            Field { name, label: &label, hint, error: &error, length_max: PASSWORD_LENGTH_MAX, value: "" },
            "new-password",
        )
    };
    let main = html! {
        h1 { (title) }
        @if offer.passkeys {
            form class="form card" method="post" action={ "/" (address) "/claim/passkey" } {
                h2 { (language.say("claim-passkey-title")) }
                p { (language.say("claim-passkey-text")) }
                input type="hidden" name="to" value=(to);
                (ui::icon_button(Rank::First, Icon::KEY, &language.say("claim-passkey-button")))
            }
            h2 { (language.say("claim-otherwise")) }
        }
        p { (language.say("claim-lead")) }
        form class="form" method="post" action={ "/" (address) "/claim/enrol" } {
            input type="hidden" name="to" value=(to);
            section class="card form" {
                h2 { (language.say("claim-password-title")) }
                (password("password", "claim-password", &language.say("claim-password-hint"), mistakes.password))
                (password("again", "claim-password-again", "", mistakes.again))
            }
            section class="card form" {
                h2 { (language.say("claim-app-title")) }
                p { (language.say("claim-app-text")) }
                (ui::link_button(Rank::Second, &offer.totp_address, &language.say("claim-app-open")))
                @if let Some(code) = qr::draw(&offer.totp_address, &language.say("claim-app-qr")) { (code) }
                p class="meta" { (language.say("claim-app-secret")) }
                p class="key" { (in_groups(&offer.totp_secret)) }
                (ui::digits_field(Field {
                    name: "totp_code",
                    label: &language.say("claim-digits"),
                    error: &said(language, mistakes.digits),
                    ..Field::default()
                }))
            }
            (ui::icon_button(if offer.passkeys { Rank::Second } else { Rank::First }, Icon::KEY, &language.say("claim-button")))
        }
    };
    shell::entry(language, &offer.company, &title, &main)
}

/// A sentence, or none.
fn said(language: Language, key: &'static str) -> String {
    if key.is_empty() { String::new() } else { language.say(key) }
}

fn in_groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(GROUP_CHARACTERS).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// The first page after it: what to sign in with next time.
pub(crate) fn welcome_page(reader: &Reader, me: &directory::Person, to: &str) -> Markup {
    let title = reader.say("welcome-title");
    let names = [("welcome-user-name", &me.user_name), ("welcome-employee-number", &me.employee_number)];
    let names: Vec<_> = names.into_iter().filter(|(_, name)| !name.is_empty()).collect();
    let main = html! {
        h1 { (title) }
        section class="card form" {
            p { (reader.say("welcome-text")) }
            dl class="facts" {
                @for (label, name) in &names { div { dt { (reader.say(label)) } dd { bdi { (name) } } } }
                @if names.is_empty() { div { dt { (reader.say("welcome-email")) } dd { bdi { (me.email) } } } }
            }
            p class="meta" { (reader.say("welcome-lost")) }
            (ui::link_button(Rank::First, to, &reader.language.with("welcome-button", &[("company", reader.company.as_str().into())])))
        }
    };
    shell::entry(reader.language, &reader.company, &title, &main)
}
