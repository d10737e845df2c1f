//! The frame around every page: head, skip link, top bar, navigation.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::asset;
use crate::text::Language;
use crate::view::icon::{self, Icon};
use crate::view::moment;
use crate::view::reader::Reader;
use crate::view::ui::{self, Rank, Tone};

/// The part of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Home,
    Groups,
    People,
    Me,
    Console,
}

/// A page for somebody who is signed in. `main` brings the page's one `h1`.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) section: Section,
    pub(crate) main: Markup,
    /// Stands beside the page where there is room, and after it on a phone.
    pub(crate) aside: Option<Markup>,
}

/// A page of the people's app.
pub(crate) fn page(reader: &Reader, page: &Page<'_>) -> Markup {
    let body = html! {
        body class="signed-in" {
            (skip_link(reader.language))
            (top_bar(reader, &reader.company, true))
            div class="frame" {
                (tabs(reader, page.section))
                main id="main" class="main" tabindex="-1" { (alerts(reader)) (page.main) }
                @if let Some(aside) = &page.aside { aside class="aside" { (aside) } }
            }
        }
    };
    document(reader.language, &format!("{} · {}", page.title, reader.company), None, &body)
}

/// A page of the administrators' console.
pub(crate) fn console(reader: &Reader, title: &str, main: &Markup) -> Markup {
    let company = format!("{} · {}", reader.company, reader.say("nav-console"));
    let body = html! {
        body class="signed-in console" {
            (skip_link(reader.language))
            (top_bar(reader, &company, false))
            div class="frame frame-wide" {
                (tabs(reader, Section::Console))
                main id="main" class="main" tabindex="-1" { (alerts(reader)) (main) }
            }
        }
    };
    document(reader.language, &format!("{title} · {}", reader.company), Some(asset::console_css()), &body)
}

/// What every administrator is told on every page.
fn alerts(reader: &Reader) -> Markup {
    html! {
        @for used in &reader.emergency_uses {
            (ui::notice(Tone::Danger, &reader.language.with("emergency-used", &[("name", used.name.as_str().into())])))
            p class="meta" {
                (moment::exact(reader, used.used_at.as_ref())) " · "
                a href=(reader.path("/console/audit")) { (reader.say("emergency-see")) }
            }
        }
    }
}

/// Sheets of paper. What stands in `around` is for the screen only.
pub(crate) fn sheets(reader: &Reader, title: &str, around: &Markup, sheets: &Markup) -> Markup {
    let body = html! {
        body {
            main id="main" class="main" tabindex="-1" {
                div class="screen form" { h1 { (title) } (around) }
                (sheets)
            }
        }
    };
    document(reader.language, &format!("{title} · {}", reader.company), Some(asset::print_css()), &body)
}

/// A page for somebody who is not signed in, or nowhere: one question or one sentence.
pub(crate) fn entry(language: Language, company: &str, title: &str, main: &Markup) -> Markup {
    let product = language.say("product");
    let name = if company.is_empty() { product.as_str() } else { company };
    let body = html! {
        body {
            (skip_link(language))
            main id="main" class="entry" tabindex="-1" {
                p class="entry-brand" { (Icon::MARK.draw()) bdi { (name) } }
                (main)
            }
        }
    };
    document(language, &format!("{title} · {name}"), None, &body)
}

fn document(language: Language, title: &str, more_css: Option<&str>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(language.tag()) dir="ltr" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="icon" type="image/svg+xml" href=(asset::TAB_ICON_PATH);
                style { (PreEscaped(asset::people_css())) }
                @if let Some(css) = more_css { style { (PreEscaped(css)) } }
            }
            (body)
            (icon::drawings(body))
        }
    }
}

fn skip_link(language: Language) -> Markup {
    html! { a class="skip" href="#main" { (language.say("skip-to-content")) } }
}

fn top_bar(reader: &Reader, name: &str, search: bool) -> Markup {
    html! {
        header class="bar" {
            div class="bar-row" {
                a class="bar-home" href=(reader.path("")) { (Icon::MARK.draw()) span { bdi { (name) } } }
                @if search {
                    a class="button button-quiet button-icon" href=(reader.path("/people")) {
                        (Icon::SEARCH.draw()) span class="hidden" { (reader.say("nav-search")) }
                    }
                }
                @if reader.shared_device {
                    form method="post" action=(reader.path("/sign-out")) {
                        (ui::icon_button(Rank::Second, Icon::LEAVE, &reader.say("me-sign-out")))
                    }
                }
            }
        }
    }
}

fn tabs(reader: &Reader, section: Section) -> Markup {
    let tab = |icon: Icon, key: &'static str, path: String, this: Section| {
        html! {
            a class="tab" href=(path) aria-current=[(this == section).then_some("page")] {
                (icon.draw()) (reader.say(key))
            }
        }
    };
    html! {
        nav class="tabs" aria-label=(reader.say("nav-main")) {
            ul {
                li { (tab(Icon::HOME, "nav-home", reader.path(""), Section::Home)) }
                li { (tab(Icon::GROUPS, "nav-groups", reader.path("/groups"), Section::Groups)) }
                li { (tab(Icon::PEOPLE, "nav-people", reader.path("/people"), Section::People)) }
                li { (tab(Icon::ME, "nav-me", reader.path("/me"), Section::Me)) }
                @if let Some(console) = reader.console() {
                    li class="wide-only" { (tab(Icon::CONSOLE, "nav-console", console, Section::Console)) }
                }
            }
        }
    }
}
