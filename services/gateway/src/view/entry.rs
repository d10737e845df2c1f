//! Pages before sign-in: which company, how to enter, and what went wrong.

use freehold_proto::auth::v1 as pb;
use maud::{Markup, html};

use crate::text::Language;
use crate::view::icon::Icon;
use crate::view::shell;
use crate::view::ui::{self, Field, Rank};

/// The longest address of a company.
const ADDRESS_LENGTH_MAX: u32 = 40;
/// Room for an access code however it is grouped.
const CODE_LENGTH_MAX: u32 = 40;

/// The first page of the installation: which company?
pub(crate) fn which_company(language: Language, typed: &str, unknown: bool) -> Markup {
    let title = language.say("start-title");
    let error = if unknown { language.say("start-unknown") } else { String::new() };
    let main = html! {
        h1 { (title) }
        form class="form card" method="get" action="/" {
            (ui::text_field(Field {
                name: "company",
                label: &language.say("start-field"),
                value: typed,
                hint: &language.say("start-hint"),
                error: &error,
                length_max: ADDRESS_LENGTH_MAX,
            }))
            (ui::button(Rank::First, &language.say("start-button")))
        }
    };
    shell::entry(language, "", &title, &main)
}

/// What the sign-in page is shown with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignIn<'a> {
    pub(crate) address: &'a str,
    pub(crate) options: &'a pb::GetSignInOptionsResponse,
    /// Where to land afterwards; may be empty.
    pub(crate) to: &'a str,
    /// A code from the address of the page, to be sent by the person's own hand.
    pub(crate) code: &'a str,
    /// Why the last try did not work; may be empty.
    pub(crate) refused: &'a str,
}

/// How to enter a company.
pub(crate) fn sign_in(language: Language, page: SignIn<'_>) -> Markup {
    let SignIn { address, options, to, code, refused } = page;
    let title = language.say("sign-in-title");
    let only = options.connection_names.len() == 1;
    let both = options.access_codes && !options.connection_names.is_empty();
    // A code that is already here is what the person came for.
    let rank = if code.is_empty() && both { Rank::Second } else { Rank::First };
    let main = html! {
        h1 { (title) }
        @if !refused.is_empty() { (ui::notice(ui::Tone::Danger, refused)) }
        @if !options.connection_names.is_empty() {
            section class="card form" {
                @for (place, name) in options.connection_names.iter().enumerate() {
                    form class="form" method="post" action={ "/" (address) "/sso/" (name) } {
                        (to_field(to))
                        @let label = if only { language.say("sign-in-company") } else { language.with("sign-in-with", &[("name", name.as_str().into())]) };
                        @let first = place == 0 && code.is_empty();
                        (ui::icon_button(if first { Rank::First } else { Rank::Second }, Icon::COMPANY, &label))
                    }
                }
            }
        }
        @if options.access_codes {
            form class="form card" method="post" action={ "/" (address) "/claim" } {
                @if both { h2 { (language.say("sign-in-code-title")) } }
                (to_field(to))
                (ui::code_field(Field {
                    name: "code",
                    label: &language.say("sign-in-code"),
                    value: code,
                    hint: &language.say("sign-in-code-hint"),
                    error: "",
                    length_max: CODE_LENGTH_MAX,
                }))
                (ui::icon_button(rank, Icon::KEY, &language.say("sign-in-code-button")))
            }
        }
        @if options.connection_names.is_empty() && !options.access_codes {
            (ui::empty(Icon::KEY, &language.say("sign-in-closed-title"), &language.say("sign-in-closed-text"), None))
        }
        p class="meta" { (language.say("sign-in-no-email")) }
    };
    shell::entry(language, &options.company, &title, &main)
}

fn to_field(to: &str) -> Markup {
    html! { @if !to.is_empty() { input type="hidden" name="to" value=(to); } }
}

/// Out of Freehold, and not yet out of the company's IdP.
pub(crate) fn signed_out(language: Language, company: &str, address: &str, idp_sign_out_url: &str) -> Markup {
    let title = language.say("signed-out-title");
    let main = html! {
        h1 { (title) }
        section class="card" {
            p { (language.say("signed-out-text")) }
            p { (ui::link_away(Rank::First, idp_sign_out_url, &language.say("signed-out-at-idp"))) }
            p { (ui::link_button(Rank::Second, &format!("/{address}/sign-in"), &language.say("signed-out-again"))) }
        }
    };
    shell::entry(language, company, &title, &main)
}

/// What went wrong, why, and what now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trouble<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    /// Number under which the log has the rest; empty when there is no more to know.
    pub(crate) reference: &'a str,
    /// Path of the one way on, and its words.
    pub(crate) way_on: (&'a str, &'a str),
}

/// A page that says that something did not work.
pub(crate) fn trouble(language: Language, company: &str, trouble: Trouble<'_>) -> Markup {
    let (href, label) = trouble.way_on;
    let main = html! {
        h1 { (trouble.title) }
        section class="card" {
            p { (trouble.text) }
            @if !trouble.reference.is_empty() {
                p class="meta" { (language.with("error-reference", &[("number", trouble.reference.into())])) }
            }
            p { (ui::link_button(Rank::First, href, label)) }
        }
    };
    shell::entry(language, company, trouble.title, &main)
}
