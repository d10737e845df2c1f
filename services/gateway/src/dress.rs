//! Headers that every answer carries.

use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};

use crate::asset;
use crate::gateway::Gateway;
use crate::site::Site;

/// Marks an answer whose forms lead to an IdP: Chromium holds `form-action` against the redirect that follows a form,
/// too, so the sign-in page must allow to leave. It shows nothing that people wrote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FormsLeave;

/// Marks an answer that brings a script. It shows nothing that people wrote.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scripted;

static STRICT: LazyLock<HeaderValue> = LazyLock::new(|| policy("'self'", ""));
static SCRIPTED: LazyLock<HeaderValue> = LazyLock::new(|| policy("'self'", SCRIPTS));
static LEAVING: LazyLock<HeaderValue> = LazyLock::new(|| policy("'self' https:", ""));
static LEAVING_SCRIPTED: LazyLock<HeaderValue> = LazyLock::new(|| policy("'self' https:", SCRIPTS));
/// IdPs without TLS are accepted on loopback only, and only an installation that is there itself leads to them.
const TO_LOOPBACK: &str = "'self' https: http://127.0.0.1:* http://localhost:*";
static LEAVING_TO_LOOPBACK: LazyLock<HeaderValue> = LazyLock::new(|| policy(TO_LOOPBACK, ""));
static LEAVING_TO_LOOPBACK_SCRIPTED: LazyLock<HeaderValue> = LazyLock::new(|| policy(TO_LOOPBACK, SCRIPTS));
/// Scripts of ours, as files.
const SCRIPTS: &str = " script-src 'self';";

fn policy(form_action: &str, scripts: &str) -> HeaderValue {
    let styles = asset::style_sources();
    let policy = format!(
        "default-src 'none';{scripts} style-src {styles}; img-src 'self'; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'"
    );
    HeaderValue::from_str(&policy).expect("a policy of our own holds visible ASCII only")
}

fn policy_for(site: &Site, leaving: bool, scripted: bool) -> HeaderValue {
    let policy = match (leaving, site.secure(), scripted) {
        (false, _, false) => &STRICT,
        (false, _, true) => &SCRIPTED,
        (true, true, false) => &LEAVING,
        (true, true, true) => &LEAVING_SCRIPTED,
        (true, false, false) => &LEAVING_TO_LOOPBACK,
        (true, false, true) => &LEAVING_TO_LOOPBACK_SCRIPTED,
    };
    LazyLock::force(policy).clone()
}

/// Puts the headers on.
pub(crate) async fn dress(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let leaving = response.extensions_mut().remove::<FormsLeave>().is_some();
    let scripted = response.extensions_mut().remove::<Scripted>().is_some();
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy_for(&gateway.site, leaving, scripted));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // Not `no-referrer`: browsers then send `Origin: null` with forms, and we could not tell our own.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    );
    if gateway.site.secure() {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // Pages are one person's: nothing of them stays on a shared machine.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
