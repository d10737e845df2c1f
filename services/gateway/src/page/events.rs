//! What is published in a person's groups, as server-sent events (HTML, section 9.2). The stream ends with the session.

use std::future::ready;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse as _, Response};
use freehold_proto::content::v1::{Publication, WatchRequest, WatchResponse};
use freehold_types::Kind;
use futures::{Stream, StreamExt as _};
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use tonic::{Status, Streaming};

use crate::gateway::ask;
use crate::refusal::Refusal;
use crate::visitor::Visitor;

/// Media type of such a stream.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("text/event-stream");
/// Asks a proxy in front to hand on what comes at once.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
/// How long a browser waits before it opens a broken stream again, so that not all come back at once.
const RETRY_MS: u32 = 3_000;
/// A line that says only that the stream lives.
const ALIVE: &str = ":\n\n";

/// Streams what is published. A machine reads the answer: without a session no page, and no way to the sign-in.
pub(crate) async fn follow(visitor: Result<Visitor, Refusal>) -> Response {
    let watched = match visitor {
        Ok(mut visitor) => ask(visitor.calls.content.watch(WatchRequest {})).await,
        Err(refusal) => Err(refusal),
    };
    match watched {
        Ok(told) => ([(CONTENT_TYPE, MEDIA_TYPE), UNBUFFERED], Body::from_stream(events(told))).into_response(),
        Err(Refusal::SignIn { .. }) => StatusCode::UNAUTHORIZED.into_response(),
        Err(Refusal::Fault(fault)) if fault.kind() == Kind::Unauthenticated => StatusCode::UNAUTHORIZED.into_response(),
        Err(refusal) => refusal.status().into_response(),
    }
}

fn events(told: Streaming<WatchResponse>) -> impl Stream<Item = Result<Bytes, serde_json::Error>> {
    let retry = futures::stream::once(ready(Ok(Bytes::from(format!("retry: {RETRY_MS}\n\n")))));
    // After an error comes nothing.
    let told = told.scan((), |(), message: Result<WatchResponse, Status>| ready(message.ok()));
    retry.chain(told.map(|message| text(&message).map(Bytes::from)))
}

fn text(message: &WatchResponse) -> Result<String, serde_json::Error> {
    if message.publications.is_empty() {
        return Ok(ALIVE.to_owned());
    }
    message.publications.iter().map(event).collect()
}

/// One event: the contract's message in its JSON form.
fn event(publication: &Publication) -> Result<String, serde_json::Error> {
    Ok(format!("event: publication\ndata: {}\n\n", serde_json::to_string(publication)?))
}

#[cfg(test)]
mod tests;
