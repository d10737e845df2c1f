//! The router before any service answers: headers, refusals, probes.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use freehold_types::{Mint, SystemClock};
use freehold_wire::{Clients, Wires};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::{Config, router};

const HOME: &str = "https://freehold.example";

fn app(public_url: &str) -> Router {
    let config = Config { public_url: public_url.to_owned(), sign_in_links: false, trusted_proxies: Vec::new() };
    router(config, Clients::relaying(Wires::default()), Mint::new(Arc::new(SystemClock)))
}

async fn send(request: http::request::Builder, body: &str) -> Response {
    app(HOME).oneshot(request.body(Body::from(body.to_owned())).unwrap()).await.unwrap()
}

async fn open(path: &str) -> Response {
    send(Request::get(path), "").await
}

fn form(path: &str) -> http::request::Builder {
    Request::post(path).header("origin", HOME).header("content-type", "application/x-www-form-urlencoded")
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).unwrap().to_str().unwrap()
}

#[tokio::test]
async fn f04_f05_every_answer_carries_the_exact_policy() {
    let styles = crate::asset::style_sources();
    let policy = format!(
        "default-src 'none'; style-src {styles}; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
    for path in ["/", "/live", "/acme", "/nowhere/at/all", "/assets/icon.svg"] {
        let response = open(path).await;
        assert_eq!(header(&response, "content-security-policy"), policy, "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "same-origin", "{path}");
        assert_eq!(header(&response, "strict-transport-security"), "max-age=31536000", "{path}");
    }
    assert_eq!(header(&open("/").await, "cache-control"), "no-store");
    assert_eq!(header(&open("/assets/icon.svg").await, "cache-control"), "public, max-age=86400");
}

#[tokio::test]
async fn without_tls_nothing_is_promised_for_later() {
    let request = Request::get("/").body(Body::empty()).unwrap();
    let response = app("http://127.0.0.1:8080").oneshot(request).await.unwrap();
    assert!(response.headers().get("strict-transport-security").is_none());
}

#[tokio::test]
async fn the_first_page_asks_for_the_company_in_the_browsers_language() {
    let page = text(open("/").await).await;
    assert!(page.contains("Which company do you work for?") && page.contains("lang=\"en\""), "{page}");
    let response = send(Request::get("/").header("accept-language", "fr-FR,fr;q=0.9"), "").await;
    assert!(text(response).await.contains("Pour quelle entreprise travaillez-vous"));
    assert_eq!(open("/?company=No%20Such!").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_sign_in_and_back() {
    for (path, to) in [
        ("/acme", "/acme/sign-in?to=%2Facme"),
        ("/acme/people?q=a%20b", "/acme/sign-in?to=%2Facme%2Fpeople%3Fq%3Da%2520b"),
        ("/acme/console", "/acme/sign-in?to=%2Facme%2Fconsole"),
    ] {
        let response = open(path).await;
        assert_eq!((response.status(), header(&response, "location")), (StatusCode::SEE_OTHER, to));
    }
    let response = send(form("/acme/posts"), "request_id=1&group=g&text=t").await;
    assert_eq!((response.status(), header(&response, "location")), (StatusCode::SEE_OTHER, "/acme/sign-in"));
}

#[tokio::test]
async fn f06_forms_from_elsewhere_are_refused_with_the_right_address() {
    let somewhere = "00000000-0000-4000-8000-000000000001";
    for path in [
        "/acme/sign-in",
        "/acme/sso/okta",
        "/acme/claim",
        "/acme/claim/enrol",
        "/acme/claim/passkey",
        "/acme/passkey",
        "/acme/sign-out",
        "/acme/me/sessions/end-others",
        &format!("/acme/me/sessions/{somewhere}/end"),
        "/acme/me/passkeys",
        "/acme/me/passkeys/finish",
        &format!("/acme/me/passkeys/{somewhere}/remove"),
        "/acme/console/letters",
        "/acme/posts",
    ] {
        let response = send(Request::post(path).header("origin", "https://evil.example"), "").await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path}");
        assert!(text(response).await.contains(HOME), "{path}");
        assert_eq!(send(Request::post(path), "").await.status(), StatusCode::FORBIDDEN, "{path}");
        let marked = form(path).header("sec-fetch-site", "same-site");
        assert_eq!(send(marked, "").await.status(), StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn f03_no_address_is_made_from_what_a_request_calls_its_host() {
    let forged = |request: http::request::Builder| {
        request
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "http")
            .header("forwarded", "host=evil.example;proto=http")
    };
    for path in ["/", "/acme", "/acme/", "/acme/nothing", "/acme/sign-in"] {
        let response = send(forged(Request::get(path)), "").await;
        assert!(!format!("{:?}", response.headers()).contains("evil"), "{path}");
        assert!(!text(response).await.contains("evil"), "{path}");
    }
    let own = forged(Request::post("/acme/sign-out")).header("origin", "https://evil.example");
    assert_eq!(send(own, "").await.status(), StatusCode::FORBIDDEN, "a host of its own makes nobody one of ours");
}

#[tokio::test]
async fn wrong_turns_have_pages() {
    for path in ["/Acme", "/acme/nothing", "/a/b/c/d", "/%ff", "/acme/posts/%ff"] {
        let response = open(path).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(text(response).await.contains("<h1>Not found</h1>"), "{path}");
    }
    let response = open("/acme/").await;
    assert_eq!((response.status(), header(&response, "location")), (StatusCode::PERMANENT_REDIRECT, "/acme"));
    let response = open("//evil.example/").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let response = send(form("/acme"), "").await;
    assert_eq!((response.status(), header(&response, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
    let response = send(Request::get("/acme/sign-out"), "").await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn b13_an_answer_of_an_idp_comes_by_get_from_wherever() {
    let callback = "/acme/sso/okta/callback";
    for origin in [HOME, "https://idp.acme.test", "null"] {
        let request = Request::post(callback).header("origin", origin).header("sec-fetch-site", "cross-site");
        let response = send(request, "state=s&code=c").await;
        assert_eq!((response.status(), header(&response, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
        assert!(response.headers().get("set-cookie").is_none(), "{origin}");
    }
    let response = send(Request::post(callback), "state=s&code=c").await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    // A page of another site may lead here, and may neither fetch nor frame it.
    let framed = Request::get(callback).header("sec-fetch-site", "cross-site").header("sec-fetch-dest", "iframe");
    assert_eq!(send(framed, "").await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_idp_may_post_a_logout_from_anywhere_and_gets_no_page() {
    let path = "/acme/sso/okta/backchannel-logout";
    let from_idp = || Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    // No service is there, so it may try again.
    for (request, body, status) in [
        (from_idp(), "logout_token=x", StatusCode::SERVICE_UNAVAILABLE),
        (from_idp().header("origin", "https://idp.acme.test"), "", StatusCode::SERVICE_UNAVAILABLE),
        (from_idp(), "logout_token=1&logout_token=2", StatusCode::BAD_REQUEST),
        (Request::post(path), "{}", StatusCode::BAD_REQUEST),
    ] {
        let response = send(request, body).await;
        assert_eq!((response.status(), header(&response, "cache-control")), (status, "no-store"), "{body}");
        assert!(text(response).await.starts_with("{\"error\":"), "{body}");
    }
    let huge = send(from_idp(), &format!("logout_token={}", "x".repeat(40 * 1024))).await;
    assert_eq!(huge.status(), StatusCode::BAD_REQUEST);
    let response = open(path).await;
    assert_eq!((response.status(), header(&response, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST"));
}

#[tokio::test]
async fn a_form_has_a_largest_size_and_a_shape() {
    let response = send(form("/acme/claim"), &format!("code={}", "x".repeat(300 * 1024))).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(response).await.contains("<h1>Too long</h1>"));
    let response = send(form("/acme/claim"), "code=1&code=2").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let response = send(Request::post("/acme/claim").header("origin", HOME), "code=1").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_service_that_is_away_is_said_with_a_number() {
    let response = send(Request::get("/acme/sign-in").header("accept-language", "fr"), "").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let page = text(response).await;
    assert!(page.contains("Injoignable pour l’instant") && page.contains("Référence\u{a0}: "), "{page}");
    assert_eq!(open("/ready").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text(open("/live").await).await, "live\n");
}

#[tokio::test]
async fn requests_are_counted_by_route() {
    let app = app(HOME);
    let ask = |path: &str| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap());
    ask("/acme").await.unwrap();
    ask("/other").await.unwrap();
    ask("/acme/nothing").await.unwrap();
    let metrics = text(ask("/metrics").await.unwrap()).await;
    assert!(metrics.contains("{route=\"/{name}\",status=\"303\"} 2\n"), "{metrics}");
    assert!(metrics.contains("{route=\"none\",status=\"404\"} 1\n"), "{metrics}");
    assert!(metrics.contains("freehold_web_requests_in_flight 1\n"), "{metrics}");
    assert!(!metrics.contains("acme"), "{metrics}");
}

#[tokio::test]
async fn the_first_page_is_small_on_the_way() {
    let response = send(Request::get("/").header("accept-encoding", "gzip, br"), "").await;
    assert_eq!(header(&response, "content-encoding"), "gzip");
    assert_eq!(header(&response, "vary"), "accept-encoding");
    let bytes = response.into_body().collect().await.unwrap().to_bytes().len();
    assert!(bytes < 7 * 1024, "{bytes} bytes");
}
