//! One transport for a call in this process and a call over the network.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use axum::extract::State;
use axum::routing::post;
use freehold_types::{Fault, Kind, Reason};
use http::{Request, Response};
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tower::Service;

use crate::status::into_status;

/// A line to a service, cheap to clone. Callers never know whether it is local.
///
/// Services call in both directions, so a local line is made empty, handed out, and filled once when all routes exist.
#[derive(Clone, Debug, Default)]
pub struct Wire(Arc<OnceLock<Line>>);

#[derive(Debug)]
enum Line {
    Local(axum::Router),
    Remote(Channel),
}

impl Wire {
    /// A line that leads nowhere yet.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// A line over the network; connects when it is first used, and again whenever it broke.
    #[must_use]
    pub fn remote(endpoint: Endpoint) -> Self {
        let wire = Self::empty();
        wire.set(Line::Remote(endpoint.connect_lazy()));
        wire
    }

    /// Leads the line to routes of this process. They must be behind the [`crate::Gate`] already.
    pub fn fill(&self, routes: axum::Router) {
        self.set(Line::Local(routes));
    }

    /// Routes that hand every call of a service on to the other end of this line, as it came: the other end looks at the
    /// caller token itself.
    pub fn hand_on(&self, service: &str) -> axum::Router {
        axum::Router::new().route(&format!("/{service}/{{call}}"), post(hand_on)).with_state(self.clone())
    }

    fn set(&self, line: Line) {
        assert!(self.0.set(line).is_ok(), "a line is led somewhere once, by whoever starts the services");
    }
}

async fn hand_on(State(mut wire): State<Wire>, request: axum::extract::Request) -> axum::response::Response {
    match wire.call(request.map(Body::new)).await {
        Ok(response) => response.map(axum::body::Body::new),
        Err(error) => into_status(unreachable(error), &"handed on").into_http(),
    }
}

fn unreachable(error: tonic::transport::Error) -> Fault {
    Fault::new(Kind::Unavailable, Reason::ServiceUnavailable, "the service cannot be reached")
        .cure("try again; if it stays, look whether the process that runs it is up")
        .because(error)
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, tonic::transport::Error>> + Send>>;

impl Service<Request<Body>> for Wire {
    type Response = Response<Body>;
    type Error = tonic::transport::Error;
    type Future = Answer;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Readiness belongs to the clone that `call` makes, and is awaited there.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answer {
        match self.0.get() {
            Some(Line::Local(routes)) => {
                let mut routes = routes.clone();
                Box::pin(async move {
                    let answer: Result<_, Infallible> = Service::call(&mut routes, request).await;
                    let Ok(response) = answer;
                    Ok(response.map(Body::new))
                })
            }
            Some(Line::Remote(channel)) => {
                let mut channel = channel.clone();
                Box::pin(async move {
                    std::future::poll_fn(|context| channel.poll_ready(context)).await?;
                    channel.call(request).await
                })
            }
            None => Box::pin(async {
                Ok(tonic::Status::unavailable("the service behind this line has not started").into_http())
            }),
        }
    }
}
