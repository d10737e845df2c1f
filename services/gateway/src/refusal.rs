//! Why a page could not be shown, and the page that says so. The only place that turns a fault into an answer.

use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use freehold_types::{Fault, Kind, Reason};
use http::header::{ACCEPT_LANGUAGE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use crate::gateway::Gateway;
use crate::text::Language;
use crate::view::entry::{self, Trouble};
use crate::view::people::encoded;

/// Why there is no page.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// A service said no.
    Fault(Fault),
    /// There is no such page.
    NoPage,
    /// The page takes no such request.
    WrongMethod,
    /// The form holds more than a form may.
    TooLarge,
    /// The form is not one of ours.
    BadForm,
    /// The form came from another site.
    FromElsewhere,
    /// Nobody is signed in.
    SignIn {
        /// Address of the company.
        address: String,
        /// The page that was asked for, to land on afterwards.
        to: String,
    },
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Carries a refusal from where it arose to [`explain`].
#[derive(Clone)]
struct Told(Arc<Refusal>);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        if let Self::SignIn { address, to } = &self {
            let query = if to.is_empty() { String::new() } else { format!("?to={}", encoded(to)) };
            return Redirect::to(&format!("/{address}/sign-in{query}")).into_response();
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Told(Arc::new(self)));
        response
    }
}

impl Refusal {
    /// The HTTP status that fits.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Fault(fault) => match fault.kind() {
                Kind::Invalid => StatusCode::BAD_REQUEST,
                Kind::Unauthenticated | Kind::Forbidden => StatusCode::FORBIDDEN,
                Kind::NotFound => StatusCode::NOT_FOUND,
                Kind::AlreadyExists | Kind::Conflict => StatusCode::CONFLICT,
                Kind::Exhausted => StatusCode::TOO_MANY_REQUESTS,
                Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
                Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::NoPage => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BadForm => StatusCode::BAD_REQUEST,
            Self::FromElsewhere => StatusCode::FORBIDDEN,
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
        }
    }

    /// Seconds after which trying again makes sense.
    pub(crate) fn retry_after(&self) -> Option<HeaderValue> {
        let Self::Fault(fault) = self else { return None };
        fault.retry().map(|wait| HeaderValue::from(wait.as_secs().max(1)))
    }

    /// Keys of title and text.
    const fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Fault(fault) => match (fault.kind(), fault.reason()) {
                (_, Reason::MembershipByRule) => ("error-conflict-title", "error-by-rule-text"),
                (Kind::Invalid, _) => ("error-invalid-title", "error-invalid-text"),
                (Kind::Unauthenticated | Kind::Forbidden, _) => ("error-forbidden-title", "error-forbidden-text"),
                (Kind::NotFound, _) => ("error-not-found-title", "error-not-found-text"),
                (Kind::AlreadyExists | Kind::Conflict, _) => ("error-conflict-title", "error-conflict-text"),
                (Kind::Exhausted, _) => ("error-exhausted-title", "error-exhausted-text"),
                (Kind::Unavailable, _) => ("error-unavailable-title", "error-unavailable-text"),
                (Kind::Internal, _) => ("error-internal-title", "error-internal-text"),
            },
            Self::NoPage => ("error-not-found-title", "error-not-found-text"),
            Self::WrongMethod => ("error-method-title", "error-method-text"),
            Self::TooLarge => ("error-too-large-title", "error-too-large-text"),
            Self::BadForm | Self::SignIn { .. } => ("error-invalid-title", "error-invalid-text"),
            Self::FromElsewhere => ("error-elsewhere-title", "error-elsewhere-text"),
        }
    }
}

/// The company a request turned out to be about, for a page that says what went wrong.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) language: Option<Language>,
}

/// Where a page notes the company once it knows it.
pub(crate) type CompanyNote = Arc<OnceLock<Company>>;

/// Shows a page for every refusal, in the person's language, under a number that the log has, too.
pub(crate) async fn explain(State(gateway): State<Arc<Gateway>>, mut request: Request, next: Next) -> Response {
    let note = CompanyNote::default();
    request.extensions_mut().insert(Arc::clone(&note));
    let accept = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut response = next.run(request).await;
    let Some(Told(refusal)) = response.extensions_mut().remove::<Told>() else { return response };
    let number = format!("{:016x}", u64::from_be_bytes(gateway.mint.bytes()));
    log(&refusal, &number);
    let company = note.get();
    let language = Language::choose(accept.as_deref(), company.and_then(|company| company.language));
    let (title, text) = refusal.words();
    let home = company.map_or_else(|| "/".to_owned(), |company| format!("/{}", company.address));
    let way_on = if company.is_some() { "error-home" } else { "error-start" };
    let page = entry::trouble(
        language,
        company.map_or("", |company| &company.name),
        Trouble {
            title: &language.say(title),
            text: &language.with(text, &[("address", gateway.site.origin().into())]),
            reference: if refusal.status().is_server_error() { &number } else { "" },
            way_on: (&home, &language.say(way_on)),
        },
    );
    let mut explained = (refusal.status(), page).into_response();
    // Headers that the refusal came with stay, such as `Allow`.
    for (name, value) in response.headers() {
        if !explained.headers().contains_key(name) && name != http::header::CONTENT_LENGTH {
            explained.headers_mut().insert(name, value.clone());
        }
    }
    if let Some(wait) = refusal.retry_after() {
        explained.headers_mut().insert(RETRY_AFTER, wait);
    }
    explained
}

fn log(refusal: &Refusal, number: &str) {
    let Refusal::Fault(fault) = refusal else { return };
    if refusal.status().is_server_error() {
        tracing::error!(request.id = number, reason = fault.reason().name(), fault = %fault, "a page failed");
    } else {
        tracing::debug!(request.id = number, reason = fault.reason().name(), fault = %fault, "a page was refused");
    }
}
