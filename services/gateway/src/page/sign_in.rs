//! The ways in: which there are, the one over the company's IdP, and the one with a password.

use axum::extract::Path;
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use freehold_proto::auth::v1::{
    AuthenticateRequest, BeginSignInRequest, BeginSignInResponse, FinishSignInRequest, FinishSignInResponse,
    GetSignInOptionsRequest, GetSignInOptionsResponse, ShortenSessionRequest, SignInWithPasswordRequest,
};
use freehold_types::{Kind, Reason};
use freehold_wire::time::from_proto;
use http::header::{LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use crate::cookie::{self, Jar};
use crate::dress::{FormsLeave, Scripted};
use crate::fields::{Asked, Fields};
use crate::gateway::ask;
use crate::refusal::Refusal;
use crate::site::path_back;
use crate::text::Language;
use crate::view::entry::{self, SignIn};
use crate::visitor::Guest;

/// How long a browser that comes back late is still known: it is sent to the IdP once more.
const LATE_SECONDS: i64 = 50 * 60;

/// Where to land afterwards.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Landing {
    #[serde(default)]
    to: String,
}

/// The sign-in page; somebody who is signed in already is led on.
pub(crate) async fn show(guest: Guest, Asked(landing): Asked<Landing>) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &landing.to);
    if guest.find_visitor(to.clone()).await?.is_some() {
        return Ok(Redirect::to(&to).into_response());
    }
    page(&guest, &to, "", None).await
}

/// What somebody signs in with who has no company account.
#[derive(serde::Deserialize)]
pub(crate) struct Factors {
    #[serde(default)]
    sign_in_name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    totp_code: String,
    #[serde(default)]
    to: String,
}

/// Lets a person in with password and authenticator app.
pub(crate) async fn with_password(guest: Guest, Fields(factors): Fields<Factors>) -> Result<Response, Refusal> {
    let Factors { sign_in_name, password, totp_code, to } = factors;
    let to = path_back(&guest.address, &to);
    let company_address = guest.address.clone();
    let request = SignInWithPasswordRequest { company_address, sign_in_name, password, totp_code };
    let mut anonymous = guest.gateway.clients.anonymous();
    match ask(anonymous.auth.sign_in_with_password(request)).await {
        Ok(done) => signed_in(&guest, &done.session_token, seconds_left(&guest, done.expires_at.as_ref()), &to).await,
        Err(refusal) => page(&guest, &to, "", Some(&Failed::of(refusal, "password-refused")?)).await,
    }
}

/// The sign-in page, with a code already typed, or with why the last try failed.
pub(crate) async fn page(guest: &Guest, to: &str, code: &str, refused: Option<&Failed>) -> Result<Response, Refusal> {
    let (language, options) = options(guest).await?;
    let words = refused.map(|failed| language.say(failed.key)).unwrap_or_default();
    let shared = guest.shared_device();
    let page = SignIn { address: &guest.address, options: &options, to, code, refused: &words, letter: false, shared };
    let mut response = entry::sign_in(language, page).into_response();
    response.extensions_mut().insert(FormsLeave);
    if let Some(failed) = refused {
        *response.status_mut() = failed.status;
        if let Some(wait) = &failed.retry_after {
            response.headers_mut().insert(RETRY_AFTER, wait.clone());
        }
    }
    Ok(response)
}

/// The same page where a letter leads to: with the script that reads the code from the address.
pub(crate) async fn letter_page(guest: &Guest, to: &str, code: &str) -> Result<Response, Refusal> {
    let (language, options) = options(guest).await?;
    let shared = guest.shared_device();
    let page = SignIn { address: &guest.address, options: &options, to, code, refused: "", letter: true, shared };
    let mut response = entry::sign_in(language, page).into_response();
    response.extensions_mut().insert(FormsLeave);
    response.extensions_mut().insert(Scripted);
    Ok(response)
}

async fn options(guest: &Guest) -> Result<(Language, GetSignInOptionsResponse), Refusal> {
    let mut anonymous = guest.gateway.clients.anonymous();
    let request = GetSignInOptionsRequest { company_address: guest.address.clone() };
    let options = ask(anonymous.auth.get_sign_in_options(request)).await?;
    guest.note_company(&options.company, &options.language);
    Ok((guest.language(&options.language), options))
}

/// A try to sign in that the service refused. Which part was wrong is not told, so that nobody can probe.
pub(crate) struct Failed {
    key: &'static str,
    status: StatusCode,
    retry_after: Option<HeaderValue>,
}

impl Failed {
    /// Tells a refused try, which the person may repeat, from everything else.
    pub(crate) fn of(refusal: Refusal, key: &'static str) -> Result<Self, Refusal> {
        let Refusal::Fault(fault) = &refusal else { return Err(refusal) };
        match (fault.kind(), fault.reason()) {
            // A wrong company has no sign-in page to come back to.
            (_, Reason::TenantNotFound | Reason::TenantNotActive) => Err(refusal),
            (Kind::Exhausted, _) => {
                Ok(Self { key: "too-many-tries", status: refusal.status(), retry_after: refusal.retry_after() })
            }
            (Kind::Invalid | Kind::Unauthenticated | Kind::Forbidden | Kind::NotFound | Kind::Conflict, _) => {
                Ok(Self { key, status: StatusCode::FORBIDDEN, retry_after: None })
            }
            (Kind::AlreadyExists | Kind::Unavailable | Kind::Internal, _) => Err(refusal),
        }
    }
}

/// The part of the path that names a connection.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Connection {
    pub(crate) connection: String,
}

/// Sends the browser to the IdP, bound to this browser by a cookie.
pub(crate) async fn begin(
    guest: Guest,
    Path(path): Path<Connection>,
    Fields(landing): Fields<Landing>,
) -> Result<Response, Refusal> {
    let to = path_back(&guest.address, &landing.to);
    let mut anonymous = guest.gateway.clients.anonymous();
    let request = BeginSignInRequest {
        company_address: guest.address.clone(),
        connection_name: path.connection,
        return_to: to.clone(),
    };
    let begun = match ask(anonymous.auth.begin_sign_in(request)).await {
        Ok(begun) => begun,
        Err(refusal) => return page(&guest, &to, "", Some(&Failed::of(refusal, "sign-in-refused")?)).await,
    };
    leave(&guest, &begun)
}

/// Sends the browser to the IdP.
fn leave(guest: &Guest, begun: &BeginSignInResponse) -> Result<Response, Refusal> {
    let site = &guest.gateway.site;
    let seconds = seconds_left(guest, begun.expires_at.as_ref()) + LATE_SECONDS;
    let jar = Jar::SignIn(&begun.state);
    let kept = cookie::keep(site, jar, &guest.address, &begun.browser_token, seconds).ok_or_else(malformed)?;
    let location = HeaderValue::from_str(&begun.authorization_url).map_err(|_malformed| malformed())?;
    let mut cookies = cookie::make_room(site, &guest.address, &guest.headers);
    cookies.push(kept);
    let cookies = AppendHeaders(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
    Ok((StatusCode::SEE_OTHER, cookies, [(LOCATION, location)]).into_response())
}

/// What an IdP sends the browser back with.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    iss: String,
    #[serde(default)]
    error: String,
}

/// Takes the IdP's answer and signs the person in.
pub(crate) async fn finish(
    guest: Guest,
    Path(path): Path<Connection>,
    Asked(answer): Asked<Answer>,
) -> Result<Response, Refusal> {
    let site = &guest.gateway.site;
    let mut anonymous = guest.gateway.clients.anonymous();
    let jar = Jar::SignIn(&answer.state);
    let spent = AppendHeaders(cookie::remove(site, jar, &guest.address).map(|removal| (SET_COOKIE, removal)));
    let request = FinishSignInRequest {
        company_address: guest.address.clone(),
        connection_name: path.connection,
        browser_token: cookie::find(site, jar, &guest.address, &guest.headers).unwrap_or_default(),
        state: answer.state.clone(),
        code: answer.code,
        issuer: answer.iss,
        error: answer.error,
    };
    match ask(anonymous.auth.finish_sign_in(request)).await {
        Ok(FinishSignInResponse { begun_again: Some(begun), .. }) => {
            Ok((spent, leave(&guest, &begun)?).into_response())
        }
        Ok(done) => {
            let seconds = seconds_left(&guest, done.expires_at.as_ref());
            Ok((spent, signed_in(&guest, &done.session_token, seconds, &done.return_to).await?).into_response())
        }
        Err(refusal) => {
            let failed = Failed::of(refusal, "sign-in-refused")?;
            Ok((spent, page(&guest, &format!("/{}", guest.address), "", Some(&failed)).await?).into_response())
        }
    }
}

/// Keeps the session in the browser and leads on. Every way in ends here, so none leaves a long session on a device that
/// several people use.
pub(crate) async fn signed_in(guest: &Guest, token: &str, seconds: i64, to: &str) -> Result<Response, Refusal> {
    let site = &guest.gateway.site;
    let session = if guest.shared_device() {
        shorten(guest, token).await?;
        cookie::keep_until_closed(site, Jar::Session, &guest.address, token)
    } else {
        cookie::keep(site, Jar::Session, &guest.address, token, seconds)
    };
    let session = session.ok_or_else(malformed)?;
    Ok((AppendHeaders([(SET_COOKIE, session)]), Redirect::to(&path_back(&guest.address, to))).into_response())
}

async fn shorten(guest: &Guest, token: &str) -> Result<(), Refusal> {
    let clients = &guest.gateway.clients;
    let request = AuthenticateRequest { company_address: guest.address.clone(), session_token: token.to_owned() };
    let authenticated = ask(clients.anonymous().auth.authenticate(request)).await?;
    let mut person = clients.bearer(&authenticated.caller_token)?;
    ask(person.auth.shorten_session(ShortenSessionRequest {})).await.map(|_shortened| ())
}

/// Seconds from now until `at`.
pub(crate) fn seconds_left(guest: &Guest, at: Option<&pbjson_types::Timestamp>) -> i64 {
    let end = at.and_then(from_proto);
    end.map_or(0, |end| end.signed_duration_since(guest.gateway.mint.now()).num_seconds())
}

pub(crate) fn malformed() -> Refusal {
    let fault =
        freehold_types::Fault::new(Kind::Internal, Reason::Internal, "the answer of sign-in cannot stand in a header");
    Refusal::Fault(fault)
}
