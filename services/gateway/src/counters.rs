//! What `/metrics` tells: requests by route and status, and how many are under way.
//!
//! Routes are patterns such as `/{name}/posts/{id}`, so no company and no person is named.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::gateway::Gateway;

/// Requests so far.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    under_way: AtomicI64,
    answered: Mutex<BTreeMap<(String, u16), u64>>,
}

/// One request under way; counts it out again however it ends.
struct UnderWay<'a>(&'a AtomicI64);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counters {
    fn begin(&self) -> UnderWay<'_> {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(&self.under_way)
    }

    fn answered(&self, route: String, status: u16) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let count = answered.entry((route, status)).or_default();
        *count = count.saturating_add(1);
    }

    /// The counters in the text format of Prometheus (version 0.0.4).
    pub(crate) fn text(&self) -> String {
        let mut text = String::from(
            "# HELP freehold_web_requests_total Requests answered, by route and status.\n\
             # TYPE freehold_web_requests_total counter\n",
        );
        for ((route, status), count) in &*self.answered.lock().unwrap_or_else(PoisonError::into_inner) {
            // Writing to a String cannot fail.
            writeln!(text, "freehold_web_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}")
                .unwrap_or_default();
        }
        let under_way = self.under_way.load(Ordering::Relaxed);
        text.push_str("# HELP freehold_web_requests_in_flight Requests being answered now.\n");
        text.push_str("# TYPE freehold_web_requests_in_flight gauge\n");
        writeln!(text, "freehold_web_requests_in_flight {under_way}").unwrap_or_default();
        text
    }
}

/// Counts every request.
pub(crate) async fn count(State(gateway): State<Arc<Gateway>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let under_way = gateway.counters.begin();
    let response = next.run(request).await;
    gateway.counters.answered(route, response.status().as_u16());
    drop(under_way);
    response
}

#[cfg(test)]
mod tests;
