//! Who opened the page: anybody at a company's address, or a person who is signed in there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::response::{IntoResponse, Redirect, Response};
use chrono_tz::Tz;
use freehold_proto::auth::v1::AuthenticateRequest;
use freehold_proto::billing::v1::{ActivityKind, RecordActivityRequest};
use freehold_proto::directory::v1::{BatchGetPeopleRequest, GetPersonRequest, Person};
use freehold_types::{Kind, Role};
use freehold_wire::Calls;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::cookie::{self, Jar};
use crate::gateway::{Gateway, ask};
use crate::guard;
use crate::refusal::{Company, CompanyNote, Refusal};
use crate::site::{company_address, path_back};
use crate::text::Language;
use crate::view::people::People;
use crate::view::reader::Reader;

/// The most people the directory service answers at once.
const PEOPLE_PER_CALL_MAX: usize = 200;
/// The longest a page waits for its activity to be noted.
const ACTIVITY_WAIT_MAX: Duration = Duration::from_secs(2);

/// Anybody at a company's address.
pub(crate) struct Guest {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) address: String,
    pub(crate) headers: HeaderMap,
    note: CompanyNote,
}

impl Guest {
    /// The language for this browser at a company that speaks `company`.
    pub(crate) fn language(&self, company: &str) -> Language {
        let accept = self.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Language::choose(accept, Language::of_tag(company))
    }

    /// Whether several people use this browser.
    pub(crate) fn shared_device(&self) -> bool {
        cookie::find(&self.gateway.site, Jar::SharedDevice, &self.address, &self.headers).is_some()
    }

    /// Keeps what is known of the company, in case the page fails later.
    pub(crate) fn note_company(&self, name: &str, language: &str) {
        let company =
            Company { address: self.address.clone(), name: name.to_owned(), language: Language::of_tag(language) };
        // The first note stays; a second would say the same.
        self.note.get_or_init(|| company);
    }

    /// The person who is signed in with this browser, if anybody is.
    pub(crate) async fn find_visitor(&self, here: String) -> Result<Option<Visitor>, Refusal> {
        let gateway = &self.gateway;
        let Some(token) = cookie::find(&gateway.site, Jar::Session, &self.address, &self.headers) else {
            return Ok(None);
        };
        let mut anonymous = gateway.clients.anonymous();
        let request = AuthenticateRequest { company_address: self.address.clone(), session_token: token };
        let answer = match ask(anonymous.auth.authenticate(request)).await {
            Ok(answer) => answer,
            Err(Refusal::Fault(fault)) if fault.kind() == Kind::Unauthenticated => return Ok(None),
            Err(refusal) => return Err(refusal),
        };
        self.note_company(&answer.company, &answer.language);
        let role = |number: &i32| i16::try_from(*number).ok().and_then(Role::from_number);
        let roles = answer.roles.iter().filter_map(role).collect();
        let reader = Reader {
            language: self.language(&answer.language),
            zone: answer.time_zone.parse().unwrap_or(Tz::UTC),
            now: gateway.mint.now(),
            address: self.address.clone(),
            company: answer.company,
            person_id: answer.person_id,
            roles,
            emergency_name: answer.emergency_name,
            emergency_uses: answer.emergency_uses,
            shared_device: self.shared_device(),
            here,
            mint: gateway.mint.clone(),
        };
        let calls = gateway.clients.bearer(&answer.caller_token)?;
        Ok(Some(Visitor { reader, calls, prefetched: guard::prefetched(&self.headers) }))
    }
}

impl FromRequestParts<Arc<Gateway>> for Guest {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Arc<Gateway>) -> Result<Self, Refusal> {
        let parameters =
            RawPathParams::from_request_parts(parts, gateway).await.map_err(|_malformed| Refusal::NoPage)?;
        let name = parameters.iter().find(|(key, _)| *key == "name").map_or("", |(_, value)| value);
        let address = company_address(name).ok_or(Refusal::NoPage)?.to_owned();
        let note = parts.extensions.get::<CompanyNote>().cloned().unwrap_or_default();
        Ok(Self { gateway: Arc::clone(gateway), address, headers: parts.headers.clone(), note })
    }
}

/// A person who is signed in.
pub(crate) struct Visitor {
    pub(crate) reader: Reader,
    /// Clients that speak for the person. Clone one for each call.
    pub(crate) calls: Calls,
    prefetched: bool,
}

impl FromRequestParts<Arc<Gateway>> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, gateway: &Arc<Gateway>) -> Result<Self, Refusal> {
        let guest = Guest::from_request_parts(parts, gateway).await?;
        let here = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let to = if parts.method == Method::GET { here.clone() } else { String::new() };
        let found = guest.find_visitor(here).await?;
        found.ok_or_else(|| Refusal::SignIn { address: guest.address, to })
    }
}

impl Visitor {
    /// The people with these ids and the visitor, in one call.
    pub(crate) async fn people(&self, ids: impl Iterator<Item = &str>) -> Result<People, Refusal> {
        let mut wanted: BTreeSet<String> = ids.filter(|id| !id.is_empty()).map(str::to_owned).collect();
        wanted.insert(self.reader.person_id.clone());
        let ids = wanted.into_iter().take(PEOPLE_PER_CALL_MAX).collect();
        let mut directory = self.calls.directory.clone();
        Ok(People::new(ask(directory.batch_get_people(BatchGetPeopleRequest { ids })).await?.people))
    }

    /// Who is signed in, as the directory or, of an emergency account, the manifest has them.
    pub(crate) async fn person(&self) -> Result<Person, Refusal> {
        let (id, name) = (self.reader.person_id.clone(), self.reader.emergency_name.clone());
        if !name.is_empty() {
            return Ok(Person { id, display_name: name.clone(), user_name: name, ..Person::default() });
        }
        let mut directory = self.calls.directory.clone();
        Ok(ask(directory.get_person(GetPersonRequest { id })).await?.person.unwrap_or_default())
    }

    /// Notes that the person opened a page. One that the browser only prepared was not opened.
    pub(crate) async fn note_read(&self) {
        if !self.prefetched {
            self.note(ActivityKind::Read).await;
        }
    }

    /// Notes that the person wrote something.
    pub(crate) async fn note_write(&self) {
        self.note(ActivityKind::Write).await;
    }

    /// A month that counts somebody too little costs us; a page that fails for counting costs them. So it never fails.
    async fn note(&self, kind: ActivityKind) {
        if !self.reader.emergency_name.is_empty() {
            return;
        }
        let mut billing = self.calls.billing.clone();
        let noted = ask(billing.record_activity(RecordActivityRequest { kind: kind.into() }));
        match tokio::time::timeout(ACTIVITY_WAIT_MAX, noted).await {
            Ok(Ok(_)) => {}
            Ok(Err(refusal)) => tracing::warn!(reason = ?refusal.status(), "an activity was not recorded"),
            Err(_elapsed) => tracing::warn!("an activity was not recorded in time"),
        }
    }

    /// Leads back to where a form was sent from, or to the company's first page.
    pub(crate) fn back_to(&self, wanted: &str) -> Response {
        Redirect::to(&path_back(&self.reader.address, wanted)).into_response()
    }
}
