//! Counts wrong tries to sign in by where they come from, so that nobody guesses at many names from one place.
//!
//! The measure is wide, because a whole plant may stand behind one address, and who comes in costs nothing. How often one
//! name may be guessed at is counted by the auth service. In memory: each process counts for itself, and one that starts
//! again forgets ten minutes. No library, because those that count requests cannot take one back that was right.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use freehold_types::{Fault, Kind, Reason};
use http::{Method, StatusCode};

use crate::gateway::Gateway;
use crate::refusal::Refusal;
use crate::source::Source;

/// Wrong tries that one place has at once.
const TRIES_AT_ONCE: i32 = 100;
/// After how long one of them is forgotten.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::seconds(6);
/// The most places that are remembered.
const SOURCES_MAX: usize = 50_000;

/// When each place's wrong tries will all be forgotten.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<Source, DateTime<Utc>>>);

impl Tries {
    /// Begins a try, which counts as wrong until it is taken back: so nobody gains by trying many at once.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    fn begin(&self, source: Source, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sources.len() >= SOURCES_MAX {
            sources.retain(|_, forgotten_at| now < *forgotten_at);
        }
        if sources.len() >= SOURCES_MAX {
            sources.clear();
        }
        let forgotten_at = sources.entry(source).or_insert(now);
        let next = now.max(*forgotten_at) + FORGOTTEN_AFTER;
        let over = next - now - FORGOTTEN_AFTER * TRIES_AT_ONCE;
        if over > TimeDelta::zero() {
            return Err(over.to_std().unwrap_or_default());
        }
        *forgotten_at = next;
        Ok(())
    }

    /// The try was right.
    fn take_back(&self, source: Source) {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(forgotten_at) = sources.get_mut(&source) {
            *forgotten_at -= FORGOTTEN_AFTER;
        }
    }
}

/// Counts the forms of the ways in that are refused, and takes none from where too many were.
pub(crate) async fn count(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let source = Source::of(&request, &gateway.trusted_proxies);
    if let Err(wait) = gateway.tries.begin(source, gateway.mint.now()) {
        tracing::warn!(client.address = ?source, "too many wrong tries to sign in come from one place");
        let fault = Fault::new(Kind::Exhausted, Reason::TooManyTries, "too many wrong tries from here");
        return Refusal::Fault(fault.retry_after(wait)).into_response();
    }
    let response = next.run(request).await;
    if !matches!(response.status(), StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS) {
        gateway.tries.take_back(source);
    }
    response
}

#[cfg(test)]
mod tests;
