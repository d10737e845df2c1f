//! The layers around every service, local and remote alike: who calls, may they, how long may it take, and what
//! happens when it panics.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use freehold_proto::SCOPES;
use freehold_types::access::{Scope, may_call, service_at};
use freehold_types::{Caller, Fault, Kind, Mint, Reason, Service};
use futures::FutureExt as _;
use http::HeaderMap;
use tracing::Instrument as _;

use crate::caller_token::TokenVerifier;
use crate::sessions::Sessions;
use crate::status::{RequestNumber, into_status};

/// The longest a call may take to begin its answer. A stream may last longer once it began.
const CALL_TIMEOUT_MAX: Duration = Duration::from_secs(300);

/// Knows the operator's opaque token.
pub trait OperatorTokens: Send + Sync + 'static {
    /// Whether this is it.
    fn verify<'a>(&'a self, token: &'a str) -> Pin<Box<dyn Future<Output = Result<bool, Fault>> + Send + 'a>>;
}

/// What stands in front of the routes of a process.
#[derive(Clone)]
pub struct Gate {
    verifier: TokenVerifier,
    operator_tokens: Option<Arc<dyn OperatorTokens>>,
    sessions: Sessions,
    mint: Mint,
}

impl Gate {
    /// A gate that takes caller tokens, those of people while their session is open, and, when given, the operator's
    /// token.
    #[must_use]
    pub fn new(
        verifier: TokenVerifier,
        operator_tokens: Option<Arc<dyn OperatorTokens>>,
        sessions: Sessions,
        mint: Mint,
    ) -> Self {
        Self { verifier, operator_tokens, sessions, mint }
    }

    /// Puts the gate around routes. A call that [`freehold_types::access::RPCS`] does not know reaches nothing.
    pub fn around(self, routes: axum::Router) -> axum::Router {
        routes.layer(middleware::from_fn_with_state(self, pass))
    }

    async fn admitted(&self, headers: &HeaderMap, at: Service) -> Result<Option<Admitted>, Fault> {
        let Some(value) = headers.get(http::header::AUTHORIZATION) else { return Ok(None) };
        let token = value.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
        let token = token.ok_or_else(|| refused("the authorization metadata must be `Bearer` and a token"))?;
        // The operator's token is random bytes in base64url, so it has no dot; a caller token has two.
        if token.contains('.') {
            let verified = self.verifier.verify(token, at)?;
            self.sessions.admit(&verified.caller, verified.issued_at).await?;
            return Ok(Some(Admitted { caller: verified.caller, actor: verified.actor }));
        }
        match &self.operator_tokens {
            Some(tokens) if tokens.verify(token).await? => {
                Ok(Some(Admitted { caller: Caller::operator(None), actor: None }))
            }
            Some(_) | None => Err(refused("the token is not accepted")),
        }
    }

    async fn admit(&self, path: &str, headers: &HeaderMap) -> Result<Option<Admitted>, Fault> {
        let nowhere = || Fault::new(Kind::NotFound, Reason::InvalidRequest, format!("there is no call {path}"));
        let at = service_at(path).ok_or_else(nowhere)?;
        let admitted = self.admitted(headers, at).await?;
        let caller = admitted.map(|admitted| admitted.caller);
        if may_call(path, scope_of(path), caller.as_ref()).ok_or_else(nowhere)? {
            return Ok(admitted);
        }
        Err(match admitted {
            None => Fault::new(Kind::Unauthenticated, Reason::SignInNeeded, "this call needs a caller token"),
            Some(Admitted { caller, actor }) => {
                tracing::warn!(
                    rpc.path = path,
                    ?caller,
                    actor = actor.map(Service::name),
                    "a call is not this caller's"
                );
                Fault::new(Kind::Forbidden, Reason::NotAllowed, format!("this caller may not call {path}"))
            }
        })
    }
}

/// The scope that the contract of the call at `path` names.
#[must_use]
pub fn scope_of(path: &str) -> Option<Scope> {
    SCOPES.iter().find(|(known, _)| *known == path).and_then(|(_, name)| Scope::find(name))
}

/// Who calls, and the service that acts for them, if one does.
#[derive(Clone, Copy)]
struct Admitted {
    caller: Caller,
    actor: Option<Service>,
}

fn refused(message: &str) -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::TokenRefused, message)
}

async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let number = RequestNumber::from_bytes(gate.mint.bytes());
    let path = request.uri().path().to_owned();
    let admitted = match gate.admit(&path, request.headers()).await {
        Ok(admitted) => admitted,
        Err(fault) => return into_status(fault, &number).into_http(),
    };
    let caller = admitted.map(|admitted| admitted.caller);
    let span = tracing::info_span!(
        "rpc",
        rpc.path = path,
        request.id = %number,
        tenant.id = caller.and_then(|caller| caller.tenant).map(tracing::field::display),
        rpc.actor = admitted.and_then(|admitted| admitted.actor).map(Service::name),
    );
    if let Some(caller) = caller {
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(gate.sessions.clone());
    }
    request.extensions_mut().insert(number.clone());
    let limit = timeout(request.headers());
    let answer = AssertUnwindSafe(tokio::time::timeout(limit, next.run(request))).catch_unwind();
    match answer.instrument(span).await {
        Ok(Ok(response)) => response,
        Ok(Err(_elapsed)) => into_status(
            Fault::new(Kind::Unavailable, Reason::DeadlineExceeded, "the call took longer than its deadline"),
            &number,
        )
        .into_http(),
        Err(_panic) => {
            tracing::error!(rpc.path = path, request.id = %number, "a call panicked");
            into_status(Fault::new(Kind::Internal, Reason::Internal, "something went wrong"), &number).into_http()
        }
    }
}

/// Reads `grpc-timeout` (gRPC over HTTP/2, "Requests"): digits and a unit.
fn timeout(headers: &HeaderMap) -> Duration {
    let wanted = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(|text| {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let count: u64 = digits.parse().ok()?;
        Some(match unit {
            "H" => Duration::from_secs(count.saturating_mul(3600)),
            "M" => Duration::from_secs(count.saturating_mul(60)),
            "S" => Duration::from_secs(count),
            "m" => Duration::from_millis(count),
            "u" => Duration::from_micros(count),
            "n" => Duration::from_nanos(count),
            _ => return None,
        })
    });
    wanted.map_or(CALL_TIMEOUT_MAX, |wanted| wanted.min(CALL_TIMEOUT_MAX))
}
