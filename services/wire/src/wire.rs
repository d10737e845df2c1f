//! One transport for a call in this process and a call over the network.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tower::Service;

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

    fn set(&self, line: Line) {
        assert!(self.0.set(line).is_ok(), "a line is led somewhere once, by whoever starts the services");
    }
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
