//! Which requests are let through at all: forms from our own pages, pages opened by a person.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::ORIGIN;
use http::{HeaderMap, Method};

use crate::gateway::Gateway;
use crate::refusal::Refusal;
use crate::site::Site;

/// Refuses what came from somewhere else.
pub(crate) async fn admit(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    if comes_from_here(&gateway.site, request.method(), request.headers()) {
        next.run(request).await
    } else {
        Refusal::FromElsewhere.into_response()
    }
}

/// Whether a request may change something, or show somebody's page.
///
/// A form must come from our own pages: `Origin` says so in every browser, `Sec-Fetch-Site` in newer ones. A page may
/// be opened from anywhere, by a link, but not fetched or embedded by another site (Fetch Metadata, W3C).
fn comes_from_here(site: &Site, method: &Method, headers: &HeaderMap) -> bool {
    let fetch_site = header(headers, "sec-fetch-site");
    if matches!(*method, Method::GET | Method::HEAD) {
        let opened = header(headers, "sec-fetch-mode") == Some("navigate")
            && header(headers, "sec-fetch-dest") == Some("document");
        return matches!(fetch_site, None | Some("same-origin" | "none")) || opened;
    }
    let origin = headers.get(ORIGIN).and_then(|value| value.to_str().ok());
    matches!(fetch_site, None | Some("same-origin"))
        && origin.is_some_and(|origin| origin.eq_ignore_ascii_case(site.origin()))
}

/// Whether a person asked for this page themselves: typed it, clicked it here, or opened it from outside a browser's
/// page. A browser that only prepares a page did not.
pub(crate) fn asked_by_hand(headers: &HeaderMap) -> bool {
    matches!(header(headers, "sec-fetch-site"), None | Some("same-origin" | "none")) && !prefetched(headers)
}

/// Whether a browser only prepares a page that nobody sees yet.
pub(crate) fn prefetched(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose"].iter().any(|name| header(headers, name).is_some_and(|value| value.contains("prefetch")))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests;
