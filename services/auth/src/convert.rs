//! Between messages and our own types; collects every mistake of a request.

pub(crate) mod audit;
pub(crate) mod claim;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod passkey;
pub(crate) mod role;

use std::collections::BTreeSet;

use freehold_proto::auth::v1 as pb;
use freehold_types::{Fault, PersonId, Role, Secret, SessionId, Violations};
use freehold_wire::time::to_proto;

use crate::access_code::{DAYS_DEFAULT, DAYS_MAX, ISSUED_MAX, Issued};
use crate::ended::Told;
use crate::session::{self, Authenticated};
use crate::sign_in::{Begun, Entered, Finished, Options, Return};

/// The most people one call ends the sessions of.
const LEFT_MAX: usize = 1_000;
/// The most sessions one call asks about.
const CHECKED_MAX: usize = 1_000;
/// How a session that came without an IdP calls its method.
const LOCAL_METHOD: &str = "local";

pub(crate) fn parse_return(request: pb::FinishSignInRequest) -> Return {
    Return {
        company_address: request.company_address,
        connection_name: request.connection_name,
        browser_token: Secret::new(request.browser_token),
        state: Secret::new(request.state),
        code: Secret::new(request.code),
        issuer: request.issuer,
        error: request.error,
    }
}

pub(crate) fn parse_issue(request: &pb::IssueAccessCodesRequest) -> Result<(Vec<PersonId>, i32), Fault> {
    let mut violations = Violations::new();
    if request.person_ids.is_empty() {
        violations.push("person_ids", format!("must name 1 to {ISSUED_MAX} people"));
    }
    let people = parse_people(&mut violations, &request.person_ids, ISSUED_MAX);
    let mut seen = BTreeSet::new();
    for (place, id) in request.person_ids.iter().enumerate().take(ISSUED_MAX) {
        if !seen.insert(id) {
            violations.push(format!("person_ids[{place}]"), "stands twice");
        }
    }
    let days = match request.valid_days {
        0 => DAYS_DEFAULT,
        days => days,
    };
    if !(1..=DAYS_MAX).contains(&days) {
        violations.push("valid_days", format!("must be 1 to {DAYS_MAX}, or 0 for {DAYS_DEFAULT}"));
    }
    violations.finish()?;
    Ok((people, days))
}

pub(crate) fn parse_people_who_left(request: &pb::EndPeopleSessionsRequest) -> Result<Vec<PersonId>, Fault> {
    let mut violations = Violations::new();
    let people = parse_people(&mut violations, &request.person_ids, LEFT_MAX);
    violations.finish()?;
    Ok(people)
}

fn parse_people(violations: &mut Violations, ids: &[String], most: usize) -> Vec<PersonId> {
    if ids.len() > most {
        violations.push("person_ids", format!("must name at most {most} people"));
    }
    let parse = |(place, id): (usize, &String)| violations.take(&format!("person_ids[{place}]"), id.parse());
    ids.iter().take(most).enumerate().filter_map(parse).collect()
}

pub(crate) fn parse_sessions(request: &pb::CheckSessionsRequest) -> Result<Vec<SessionId>, Fault> {
    let mut violations = Violations::new();
    let ids = &request.session_ids;
    if ids.len() > CHECKED_MAX {
        violations.push("session_ids", format!("must name at most {CHECKED_MAX} sessions"));
    }
    let parse = |(place, id): (usize, &String)| violations.take(&format!("session_ids[{place}]"), id.parse());
    let sessions = ids.iter().take(CHECKED_MAX).enumerate().filter_map(parse).collect();
    violations.finish()?;
    Ok(sessions)
}

pub(crate) fn parse_session_id(id: &str) -> Result<Option<SessionId>, Fault> {
    if id.is_empty() {
        return Ok(None);
    }
    let mut violations = Violations::new();
    let id = violations.take("id", id.parse());
    violations.finish()?;
    Ok(id)
}

/// `passkeys` says whether browsers have them here at all.
pub(crate) fn render_options(options: Options, passkeys: bool) -> pb::GetSignInOptionsResponse {
    let Options { company, language, connection_names, access_codes, emergency_accounts } = options;
    let passkeys = passkeys && (access_codes || emergency_accounts);
    pb::GetSignInOptionsResponse { company, language, connection_names, access_codes, passkeys, emergency_accounts }
}

pub(crate) fn render_begun(begun: &Begun) -> pb::BeginSignInResponse {
    pb::BeginSignInResponse {
        authorization_url: begun.authorization_url.clone(),
        browser_token: begun.browser_token.expose().clone(),
        state: begun.state.expose().clone(),
        expires_at: Some(to_proto(begun.expires_at)),
    }
}

pub(crate) fn render_finished(finished: Finished) -> pb::FinishSignInResponse {
    match finished {
        Finished::Entered(Entered { session, return_to }) => pb::FinishSignInResponse {
            session_token: session.token.expose().clone(),
            expires_at: Some(to_proto(session.expires_at)),
            return_to,
            begun_again: None,
        },
        Finished::Late(begun) => {
            pb::FinishSignInResponse { begun_again: Some(render_begun(&begun)), ..Default::default() }
        }
    }
}

pub(crate) fn render_authenticated(authenticated: Authenticated) -> pb::AuthenticateResponse {
    let Authenticated { caller_token, person, roles, emergency_name, emergency_uses, tenant } = authenticated;
    pb::AuthenticateResponse {
        caller_token: caller_token.token.expose().clone(),
        expires_at: Some(to_proto(caller_token.expires_at)),
        person_id: person.to_string(),
        administrator: roles.contains(Role::Administrator),
        company: tenant.company,
        language: tenant.language,
        time_zone: tenant.time_zone,
        roles: role::render_roles(roles),
        emergency_name: emergency_name.unwrap_or_default(),
        emergency_uses: emergency_uses.into_iter().map(connection::render_account).collect(),
    }
}

pub(crate) fn render_issued(codes: Vec<Issued>) -> pb::IssueAccessCodesResponse {
    let render = |issued: Issued| pb::AccessCode {
        person_id: issued.person.to_string(),
        code: issued.code.in_groups().expose().clone(),
        display_name: issued.display_name,
        expires_at: Some(to_proto(issued.expires_at)),
    };
    pb::IssueAccessCodesResponse { access_codes: codes.into_iter().map(render).collect() }
}

pub(crate) fn render_sessions(sessions: Vec<session::Shown>, next_page_token: String) -> pb::ListSessionsResponse {
    let render = |shown: session::Shown| pb::Session {
        id: shown.session.id.to_string(),
        method: shown.connection_name.unwrap_or_else(|| LOCAL_METHOD.to_owned()),
        created_at: Some(to_proto(shown.session.created_at)),
        last_used_at: Some(to_proto(shown.session.last_used_at)),
        expires_at: Some(to_proto(shown.session.expires_at)),
        current: shown.current,
        shared_device: shown.session.shared_device,
    };
    pb::ListSessionsResponse { sessions: sessions.into_iter().map(render).collect(), next_page_token }
}

pub(crate) fn render_told(told: &Told) -> pb::FollowSessionsResponse {
    pb::FollowSessionsResponse { ended_session_ids: texts(&told.sessions), began_at: Some(to_proto(told.began_at)) }
}

pub(crate) fn render_open(open: &[SessionId]) -> pb::CheckSessionsResponse {
    pb::CheckSessionsResponse { open_session_ids: texts(open) }
}

fn texts(sessions: &[SessionId]) -> Vec<String> {
    sessions.iter().map(ToString::to_string).collect()
}

pub(crate) fn render_others_ended(count: u64) -> pb::EndOtherSessionsResponse {
    pb::EndOtherSessionsResponse { ended_count: i64::try_from(count).unwrap_or(i64::MAX) }
}

pub(crate) fn render_ended(count: u64) -> pb::EndPeopleSessionsResponse {
    pb::EndPeopleSessionsResponse { ended_count: i64::try_from(count).unwrap_or(i64::MAX) }
}

#[cfg(test)]
mod tests;
