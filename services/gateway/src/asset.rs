//! Embedded files: the styles, which stand inside every page so that the first one needs a single request, the
//! drawing for the browser's tab, and the two scripts.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::view::icon::Icon;

/// Where the drawing for the browser's tab is.
pub(crate) const TAB_ICON_PATH: &str = "/assets/icon.svg";

/// Where the script is that asks a browser for a passkey.
pub(crate) const PASSKEY_SCRIPT_PATH: &str = "/assets/passkey.js";

/// Where the script is that reads an access code from a letter's address.
pub(crate) const CLAIM_SCRIPT_PATH: &str = "/assets/claim.js";

/// That script.
pub(crate) const CLAIM_SCRIPT: &str = include_str!("../web/js/claim.js");

/// The script that asks for a passkey.
pub(crate) const PASSKEY_SCRIPT: &str = include_str!("../web/js/passkey.js");

static PEOPLE_CSS: LazyLock<String> = LazyLock::new(|| {
    [
        include_str!("../web/css/tokens.css"),
        include_str!("../web/css/base.css"),
        include_str!("../web/css/layout.css"),
        include_str!("../web/css/components.css"),
    ]
    .map(squeeze)
    .concat()
});

static CONSOLE_CSS: LazyLock<String> = LazyLock::new(|| squeeze(include_str!("../web/css/console.css")));

static PRINT_CSS: LazyLock<String> = LazyLock::new(|| squeeze(include_str!("../web/css/print.css")));

static TAB_ICON: LazyLock<String> = LazyLock::new(|| Icon::MARK.file_for_tab());

/// The styles of every page.
pub(crate) fn people_css() -> &'static str {
    &PEOPLE_CSS
}

/// What the console adds.
pub(crate) fn console_css() -> &'static str {
    &CONSOLE_CSS
}

/// What letters and posters add.
pub(crate) fn print_css() -> &'static str {
    &PRINT_CSS
}

/// The drawing for the browser's tab.
pub(crate) fn tab_icon() -> &'static str {
    &TAB_ICON
}

/// The styles' digests as CSP source expressions (CSP Level 3 section 2.3.1): no other style is applied.
pub(crate) fn style_sources() -> String {
    let source = |css: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(css.as_bytes())));
    [people_css(), console_css(), print_css()].map(source).join(" ")
}

/// Styles without comments and indentation. Our own files hold no string with a comment sign or a line break in it.
fn squeeze(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    for part in css.split("/*").enumerate().map(|(place, part)| match part.split_once("*/") {
        Some((_, after)) if place > 0 => after,
        Some(_) | None => part,
    }) {
        kept.push_str(part);
    }
    kept.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| line.replace(": ", ":").replace(" {", "{"))
        .collect()
}

#[cfg(test)]
mod tests;
