//! Pages before sign-in: which company, how to enter, and what went wrong.

use freehold_proto::auth::v1 as pb;
use maud::{Markup, html};

use crate::asset;
use crate::text::Language;
use crate::view::claim::PASSWORD_LENGTH_MAX;
use crate::view::icon::Icon;
use crate::view::shell;
use crate::view::ui::{self, Field, Rank};

/// The longest address of a company.
const ADDRESS_LENGTH_MAX: u32 = 40;
/// The longest user name.
const NAME_LENGTH_MAX: u32 = 255;
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
    /// Whether the address may hold a code behind its #: a letter leads here.
    pub(crate) letter: bool,
    /// Whether several people use this browser.
    pub(crate) shared: bool,
}

/// How to enter a company.
pub(crate) fn sign_in(language: Language, page: SignIn<'_>) -> Markup {
    let SignIn { address, options, to, code, refused, letter, shared } = page;
    let title = language.say("sign-in-title");
    let only = options.connection_names.len() == 1;
    // A code that is already here is what the person came for.
    let first = if !code.is_empty() || letter {
        Way::Code
    } else if !options.connection_names.is_empty() {
        Way::Company
    } else if options.passkeys {
        Way::Passkey
    } else {
        Way::Password
    };
    let rank = |way: Way| if way == first { Rank::First } else { Rank::Second };
    let main = html! {
        h1 { (title) }
        @if !refused.is_empty() { (ui::notice(ui::Tone::Danger, refused)) }
        @if !options.connection_names.is_empty() {
            section class="card form" {
                @for (place, name) in options.connection_names.iter().enumerate() {
                    form class="form" method="post" action={ "/" (address) "/sso/" (name) } {
                        (to_field(to))
                        @let label = if only { language.say("sign-in-company") } else { language.with("sign-in-with", &[("name", name.as_str().into())]) };
                        (ui::icon_button(if place == 0 { rank(Way::Company) } else { Rank::Second }, Icon::COMPANY, &label))
                    }
                }
            }
        }
        @if options.access_codes {
            (passkey_form(language, page, rank(Way::Passkey)))
            @if first == Way::Code { (code_form(language, page, Rank::First)) }
            (password_form(language, page, rank(Way::Password)))
            @if first != Way::Code { (code_form(language, page, Rank::Second)) }
        }
        @if options.emergency_accounts && !options.access_codes {
            details class="card fold" open[!refused.is_empty()] {
                summary { (language.say("sign-in-emergency")) }
                (passkey_form(language, page, Rank::Second))
                (password_form(language, page, Rank::Second))
                (code_form(language, page, Rank::Second))
            }
        }
        @if options.connection_names.is_empty() && !options.access_codes {
            (ui::empty(Icon::KEY, &language.say("sign-in-closed-title"), &language.say("sign-in-closed-text"), None))
        }
        p class="meta" { (language.say("sign-in-no-email")) }
        @let key = if shared { "shared-device-on" } else { "shared-device-ask" };
        p class="meta" { a href={ "/" (address) "/shared-device" } { (language.say(key)) } }
        @if letter && (options.access_codes || options.emergency_accounts) { script src=(asset::CLAIM_SCRIPT_PATH) defer {} }
    };
    shell::entry(language, &options.company, &title, &main)
}

/// What a person came to the page for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Company,
    Passkey,
    Password,
    Code,
}

fn passkey_form(language: Language, page: SignIn<'_>, rank: Rank) -> Markup {
    html! {
        @if page.options.passkeys {
            form class="form card" method="post" action={ "/" (page.address) "/passkey" } {
                (to_field(page.to))
                (ui::icon_button(rank, Icon::KEY, &language.say("sign-in-passkey")))
                p class="meta" { (language.say("sign-in-passkey-hint")) }
            }
        }
    }
}

fn password_form(language: Language, page: SignIn<'_>, rank: Rank) -> Markup {
    html! {
        form class="form card" method="post" action={ "/" (page.address) "/sign-in" } {
            h2 { (language.say("sign-in-password-title")) }
            (to_field(page.to))
            (ui::name_field(Field {
                name: "sign_in_name",
                label: &language.say("sign-in-name"),
                length_max: NAME_LENGTH_MAX,
                ..Field::default()
            }))
            (ui::password_field(Field {
                name: "password",
                label: &language.say("sign-in-password"),
                length_max: PASSWORD_LENGTH_MAX,
                ..Field::default()
            }, "current-password"))
            (ui::digits_field(Field {
                name: "totp_code",
                label: &language.say("sign-in-digits"),
                hint: &language.say("sign-in-digits-hint"),
                ..Field::default()
            }))
            (ui::icon_button(rank, Icon::KEY, &language.say("sign-in-password-button")))
        }
    }
}

fn code_form(language: Language, page: SignIn<'_>, rank: Rank) -> Markup {
    html! {
        form class="form card" method="post" action={ "/" (page.address) "/claim" } {
            h2 { (language.say("sign-in-code-title")) }
            (to_field(page.to))
            (ui::code_field(Field {
                name: "code",
                label: &language.say("sign-in-code"),
                value: page.code,
                hint: &language.say("sign-in-code-hint"),
                error: "",
                length_max: CODE_LENGTH_MAX,
            }))
            (ui::icon_button(rank, Icon::KEY, &language.say("sign-in-code-button")))
        }
    }
}

fn to_field(to: &str) -> Markup {
    html! { @if !to.is_empty() { input type="hidden" name="to" value=(to); } }
}

/// Whether several people use the browser.
pub(crate) fn shared_device(language: Language, company: &str, address: &str, shared: bool) -> Markup {
    let title = language.say("shared-device-title");
    let (answer, button) = if shared { ("no", "shared-device-no") } else { ("yes", "shared-device-yes") };
    let action = format!("/{address}/shared-device");
    let main = html! {
        h1 { (title) }
        section class="card form" {
            p { (language.say("shared-device-text")) }
            p { (language.say(if shared { "shared-device-is" } else { "shared-device-is-not" })) }
            (ui::action_form(&action, Rank::First, &language.say(button), &[("shared", answer)]))
            (ui::link_button(Rank::Second, &format!("/{address}/sign-in"), &language.say("shared-device-back")))
        }
    };
    shell::entry(language, company, &title, &main)
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
