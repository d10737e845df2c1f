//! Why a sign-in, or what an IdP says of one, is refused: precise for the log, never for the caller.

use freehold_types::Fault;

use crate::idp::IdpError;

/// One reason per check. The words are ours alone: nothing that a browser or an IdP sent is among them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no such company")]
    UnknownCompany,
    #[error("there is no such connection")]
    UnknownConnection,
    #[error("the browser has no sign-in under way: cookie missing, forged, or used already")]
    NoAttempt,
    #[error("the sign-in took longer than ten minutes")]
    Late,
    #[error("the sign-in was begun at another connection")]
    OtherConnection,
    #[error("the parameter iss is missing although the IdP announces it")]
    IssuerMissing,
    #[error("the parameter iss names another IdP")]
    OtherIssuer,
    #[error("the parameter state is missing or another")]
    State,
    #[error("the IdP answered with the error {0}")]
    IdpRefused(&'static str),
    #[error("the parameter code is missing or too long")]
    Code,
    #[error("the IdP did not take the code or the refresh token: {0}")]
    CodeRefused(&'static str),
    #[error("the IdP's answer to the code cannot be read")]
    AnswerUnreadable,
    #[error("the IdP's answer to the code has no ID token")]
    NoIdToken,
    #[error("the IdP failed")]
    Idp(#[source] IdpError),
    #[error("the IdP did not answer a moment ago")]
    IdpSilent,
    #[error("the ID token is refused: {0}")]
    IdToken(#[from] crate::id_token::TokenRefusal),
    #[error("the logout token is refused: {0}")]
    LogoutToken(crate::logout_token::LogoutRefusal),
    #[error("the logout token was here before")]
    LogoutReplayed,
    #[error("the ID token has no claim to meet the person by, or it is no text of 1 to 255 bytes")]
    NoLinkClaim,
    #[error("no active person has the value of the claim")]
    UnknownPerson,
    #[error("the claim names another person than the one this subject is linked to")]
    OtherPerson,
    #[error("the IdP's userinfo is about somebody else")]
    OtherUserInfo,
    #[error("the refreshed ID token is about somebody else")]
    OtherSubject,
    #[error("the person is not active")]
    Inactive,
}

impl Refusal {
    /// The reason in a word, as the audit log has it. Never change one: logs are kept.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::UnknownCompany => "company_unknown",
            Self::UnknownConnection => "connection_unknown",
            Self::NoAttempt => "attempt_missing",
            Self::Late => "attempt_late",
            Self::OtherConnection => "attempt_of_other_connection",
            Self::IssuerMissing => "issuer_missing",
            Self::OtherIssuer => "issuer_other",
            Self::State => "state_wrong",
            Self::IdpRefused(_) => "idp_refused",
            Self::Code => "code_missing",
            Self::CodeRefused(_) => "code_refused",
            Self::AnswerUnreadable => "answer_unreadable",
            Self::NoIdToken => "id_token_missing",
            Self::Idp(_) => "idp_failed",
            Self::IdToken(refusal) => refusal.code(),
            Self::LogoutToken(refusal) => refusal.code(),
            Self::LogoutReplayed => "logout_token_replayed",
            Self::NoLinkClaim => "link_claim_missing",
            Self::UnknownPerson => "person_unknown",
            Self::OtherPerson => "person_other",
            Self::OtherUserInfo => "userinfo_other",
            Self::OtherSubject => "id_token_other_subject",
            Self::IdpSilent => "idp_silent",
            Self::Inactive => "person_inactive",
        }
    }
}

/// How a sign-in ends when it does not succeed.
#[derive(Debug)]
pub(crate) enum Ended {
    /// A check said no; the caller learns that and no more.
    Refused(Refusal),
    /// Something of ours failed; the caller may try again.
    Failed(Fault),
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<Refusal> for Ended {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The name of an OAuth error (RFC 6749 sections 4.1.2.1 and 5.2, OpenID Connect Core section 3.1.2.6), so that no
/// text of the IdP reaches the log.
pub(crate) fn known_error(sent: &str) -> &'static str {
    const KNOWN: [&str; 15] = [
        "invalid_request",
        "unauthorized_client",
        "access_denied",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "interaction_required",
        "login_required",
        "account_selection_required",
        "consent_required",
        "invalid_client",
        "invalid_grant",
        "unsupported_grant_type",
        "request_not_supported",
    ];
    KNOWN.into_iter().find(|known| *known == sent).unwrap_or("an error of another name")
}
