//! Our own icons. A page names the ones it uses; the shell puts their drawings into the page once.

use maud::{Markup, PreEscaped, html};

/// One drawing on a 24-unit grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Icon {
    name: &'static str,
    file: &'static str,
}

macro_rules! icons {
    ($($constant:ident $name:literal)*) => {
        impl Icon {
            $(pub(crate) const $constant: Self = Self { name: $name, file: include_str!(concat!("../../web/icons/", $name, ".svg")) };)*
            const ALL: &[Self] = &[$(Self::$constant,)*];
        }
    };
}

icons! {
    CELEBRATE "celebrate"
    CHECK "check"
    COMMENT "comment"
    COMPANY "company"
    CONSOLE "console"
    GROUPS "groups"
    HOME "home"
    INFO "info"
    KEY "key"
    LAUGH "laugh"
    LEAVE "leave"
    LIKE "like"
    LOCK "lock"
    LOVE "love"
    MARK "mark"
    ME "me"
    OLDER "older"
    OPEN "open"
    PEOPLE "people"
    PLUS "plus"
    REACT "react"
    SEARCH "search"
    SECRET "secret"
    SEND "send"
    SUPPORT "support"
    SURPRISE "surprise"
    SYNC "sync"
    WARNING "warning"
}

const BEGIN: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">"#;
const END: &str = "</svg>\n";

impl Icon {
    /// At the size of text that stands beside it.
    pub(crate) fn draw(self) -> Markup {
        self.with_class("icon")
    }

    /// For a line of small text.
    pub(crate) fn draw_small(self) -> Markup {
        self.with_class("icon icon-small")
    }

    /// For an empty page.
    pub(crate) fn draw_large(self) -> Markup {
        self.with_class("icon icon-large")
    }

    /// Turned around in languages that run from right to left.
    pub(crate) fn draw_mirrored(self) -> Markup {
        self.with_class("icon icon-mirrored")
    }

    fn with_class(self, class: &str) -> Markup {
        html! { svg class=(class) aria-hidden="true" { use href={ "#i-" (self.name) } {} } }
    }

    fn shapes(self) -> &'static str {
        self.file.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).unwrap_or_default()
    }

    /// The drawing as a file of its own, in the brand's colour, for the browser's tab.
    pub(crate) fn file_for_tab(self) -> String {
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0f5d4c" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{}</svg>"##,
            self.shapes()
        )
    }
}

/// The drawings of all icons that `page` names.
pub(crate) fn drawings(page: &Markup) -> Markup {
    let named = |icon: &&Icon| page.0.contains(&format!("\"#i-{}\"", icon.name));
    html! {
        svg hidden aria-hidden="true" {
            @for icon in Icon::ALL.iter().filter(named) {
                symbol id={ "i-" (icon.name) } viewBox="0 0 24 24" { (PreEscaped(icon.shapes())) }
            }
        }
    }
}
