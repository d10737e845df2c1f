//! The body of every RPC: the caller out of the request, the domain's answer into a reply, a fault into a status.

use std::pin::Pin;

use freehold_types::{Caller, Fault, Kind, Reason};
use futures::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use crate::sessions::{End, Sessions};
use crate::status::{RequestNumber, into_status};

/// What a server-streaming RPC answers.
pub type Streaming<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send + 'static>>;

/// Serves a call that needs a caller.
///
/// # Errors
/// The status of the fault that `answer` gave, or unauthenticated when no gate put a caller into the request.
pub async fn serve<M, R, F, A>(mut request: Request<M>, answer: F) -> Result<Response<R>, Status>
where
    F: FnOnce(Caller, M) -> A,
    A: Future<Output = Result<R, Fault>>,
{
    let number = number(&mut request);
    let caller = caller(&request).map_err(|fault| into_status(fault, &number))?;
    answer(caller, request.into_inner()).await.map(Response::new).map_err(|fault| into_status(fault, &number))
}

/// Serves a call of the way in, where there is no caller yet.
///
/// # Errors
/// The status of the fault that `answer` gave.
pub async fn serve_open<M, R, F, A>(mut request: Request<M>, answer: F) -> Result<Response<R>, Status>
where
    F: FnOnce(M) -> A,
    A: Future<Output = Result<R, Fault>>,
{
    let number = number(&mut request);
    answer(request.into_inner()).await.map(Response::new).map_err(|fault| into_status(fault, &number))
}

/// Serves a call that needs a caller and answers with a stream. A person's stream ends with the session it began in.
///
/// # Errors
/// The status of the fault that came before the stream began.
pub async fn serve_stream<M, R, S, F, A>(mut request: Request<M>, answer: F) -> Result<Response<Streaming<R>>, Status>
where
    F: FnOnce(Caller, M) -> A,
    A: Future<Output = Result<S, Fault>>,
    S: Stream<Item = Result<R, Fault>> + Send + 'static,
    R: 'static,
{
    let number = number(&mut request);
    let caller = caller(&request).map_err(|fault| into_status(fault, &number))?;
    let sessions = request.extensions().get::<Sessions>();
    let end = sessions.map_or(Ok(None), |sessions| sessions.end_of(&caller));
    let end = end.map_err(|fault| into_status(fault, &number))?;
    match (answer(caller, request.into_inner()).await, end) {
        (Ok(parts), None) => Ok(Response::new(stream(parts, number))),
        (Ok(parts), Some(end)) => Ok(Response::new(stream(until(parts, end), number))),
        (Err(fault), _) => Err(into_status(fault, &number)),
    }
}

/// The stream as far as it goes before the session ends.
fn until<T: 'static>(
    parts: impl Stream<Item = Result<T, Fault>> + Send + 'static,
    end: End,
) -> impl Stream<Item = Result<T, Fault>> + Send + 'static {
    let open = Some((Box::pin(parts), Box::pin(end.reached())));
    futures::stream::unfold(open, async |open| {
        let (mut parts, mut end) = open?;
        tokio::select! {
            biased;
            fault = &mut end => Some((Err(fault), None)),
            part = parts.next() => part.map(|part| (part, Some((parts, end)))),
        }
    })
}

/// Turns a stream of the domain into one of the wire.
pub fn stream<T: 'static>(
    parts: impl Stream<Item = Result<T, Fault>> + Send + 'static,
    number: impl std::fmt::Display + Send + 'static,
) -> Streaming<T> {
    Box::pin(parts.map(move |part| part.map_err(|fault| into_status(fault, &number))))
}

fn caller<M>(request: &Request<M>) -> Result<Caller, Fault> {
    request
        .extensions()
        .get::<Caller>()
        .copied()
        .ok_or_else(|| Fault::new(Kind::Unauthenticated, Reason::SignInNeeded, "this call needs a caller token"))
}

fn number<M>(request: &mut Request<M>) -> RequestNumber {
    request.extensions_mut().remove::<RequestNumber>().unwrap_or_else(|| RequestNumber::from_bytes([0; 8]))
}
