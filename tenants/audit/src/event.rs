//! What can be written. Every kind has a name, which is written with it and never changes its meaning.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use freehold_types::access::Scopes;
use freehold_types::{ClientId, PasskeyId, PersonId, Role, SessionId, SyncRunId};

/// The longest label.
const LABEL_BYTES_MAX: usize = 63;

/// A name that a manifest gave to a connection or a directory: small letters, digits and hyphens. Nothing else fits, so
/// no code and no token of ours gets into the log as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label(String);

impl Label {
    /// The name; a hyphen instead of what cannot be one.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let fits = |sign: u8| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == b'-';
        let fits = (1..=LABEL_BYTES_MAX).contains(&name.len()) && name.bytes().all(fits);
        Self(if fits { name.to_owned() } else { "-".to_owned() })
    }
}

/// What somebody signed in with, or tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// The company's IdP.
    Idp,
    /// A password and an authenticator app.
    Password,
    /// A passkey.
    Passkey,
    /// An access code.
    AccessCode,
    /// A sign-in link, which is an access code alone; in the demo only.
    SignInLink,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::Idp => "idp",
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::AccessCode => "access_code",
            Self::SignInLink => "sign_in_link",
        }
    }
}

/// The way somebody came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// With what.
    pub method: Method,
    /// Through which connection, when an IdP was part of it.
    pub connection: Option<Label>,
}

impl Way {
    /// Through an IdP.
    #[must_use]
    pub fn idp(connection_name: &str) -> Self {
        Self { method: Method::Idp, connection: Some(Label::new(connection_name)) }
    }

    /// With something of the person's own.
    #[must_use]
    pub const fn own(method: Method) -> Self {
        Self { method, connection: None }
    }
}

/// Why several sessions of a person ended at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionsEndedBy {
    /// The person is not active in the company's directory any more.
    Leaving,
    /// The person claimed anew, with a new access code.
    Claim,
    /// The person ended all others of their own.
    Themselves,
    /// The IdP would not let the person in any more, or could not be asked for too long.
    Idp,
    /// A role of the person was taken away.
    Role,
}

impl SessionsEndedBy {
    const fn name(self) -> &'static str {
        match self {
            Self::Leaving => "leaving",
            Self::Claim => "claim",
            Self::Themselves => "themselves",
            Self::Idp => "idp",
            Self::Role => "role",
        }
    }
}

/// Why a role was not given or not taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleRefusal {
    /// It was for whoever asked.
    OwnRole,
    /// There is no such active person in this company.
    PersonUnknown,
    /// The person does not have it by hand, or is not known in this company.
    NotByHand,
    /// Nobody would administer the company any more.
    LastAdministrator,
}

impl RoleRefusal {
    const fn name(self) -> &'static str {
        match self {
            Self::OwnRole => "own_role",
            Self::PersonUnknown => "person_unknown",
            Self::NotByHand => "not_by_hand",
            Self::LastAdministrator => "last_administrator",
        }
    }
}

/// Why somebody may not make an access code for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// The person has a role, and whoever asked is no administrator.
    HasRole,
    /// The person is not in an area of whoever asked.
    OutsideArea,
}

impl Beyond {
    const fn name(self) -> &'static str {
        match self {
            Self::HasRole => "has_role",
            Self::OutsideArea => "outside_area",
        }
    }
}

/// Something that happened. Ids, names that a manifest gave, and words of our own; nothing that a browser sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields are the documentation that people read in the log")]
pub enum Event {
    /// Somebody signed in; `first` is set when they never had before.
    SignedIn { person: PersonId, way: Way, first: bool },
    /// Somebody was not let in. `count` is how often in this minute, for this reason.
    SignInRefused { way: Way, reason: &'static str, person: Option<PersonId>, count: u64 },
    /// Somebody tried too often and must wait.
    Throttled { way: Way, count: u64 },
    /// A subject at an IdP was linked to a person.
    IdentityLinked { person: PersonId, connection: Label },
    /// A connection was declared.
    ConnectionAdded { connection: Label },
    /// A connection was declared anew; `fields` are the settings that changed.
    ConnectionChanged { connection: Label, fields: Vec<&'static str> },
    /// An administrator came in through a connection for the first time since it was declared as it is.
    ConnectionTried { person: PersonId, connection: Label },
    /// A connection was declared no more; its sessions and links ended.
    ConnectionRemoved { connection: Label },
    /// How people may sign in was declared anew.
    SignInPolicyChanged { access_codes: bool, sso_only: bool },
    /// An emergency account was named.
    EmergencyAccountAdded { person: PersonId },
    /// An emergency account is named no more.
    EmergencyAccountRemoved { person: PersonId },
    /// Somebody came in with an emergency account.
    EmergencyAccountUsed { person: PersonId },
    /// An IdP said that sessions are over.
    LogoutTokenTaken { connection: Label, ended: u64 },
    /// What an IdP, or somebody else, said of sessions was not believed.
    LogoutTokenRefused { connection: Label, reason: &'static str, count: u64 },
    /// A person ended one of their own sessions.
    SessionEnded { person: PersonId, session: SessionId },
    /// Sessions of a person ended.
    SessionsEnded { person: PersonId, count: u64, by: SessionsEndedBy },
    /// An access code was made, to be printed or handed over.
    AccessCodeIssued { person: PersonId, expires_at: DateTime<Utc> },
    /// An access code was asked for that whoever asked may not make.
    AccessCodeIssueRefused { person: PersonId, reason: Beyond },
    /// Access codes of a person that nobody used are not good any more.
    AccessCodeVoided { person: PersonId },
    /// An access code was typed by somebody, who may now choose a way to sign in.
    AccessCodeRedeemed { person: PersonId },
    /// A person chose a password and an authenticator app.
    PasswordSet { person: PersonId },
    /// A person's password and authenticator app are gone.
    PasswordRemoved { person: PersonId },
    /// A person enrolled a passkey.
    PasskeyEnrolled { person: PersonId, passkey: PasskeyId },
    /// A person's passkey is gone.
    PasskeyRemoved { person: PersonId, passkey: PasskeyId },
    /// A person was given a role by hand, or another end for it.
    RoleGranted { person: PersonId, role: Role, expires_at: Option<DateTime<Utc>> },
    /// A role that a person had by hand was taken away.
    RoleRevoked { person: PersonId, role: Role },
    /// Somebody asked for a change of roles that is not done.
    RoleChangeRefused { role: Role, reason: RoleRefusal },
    /// The directory groups that give roles were declared anew.
    RoleGroupsChanged { count: usize },
    /// The operator applied the company's manifest.
    ManifestApplied,
    /// The operator asked for a token that is good inside this company.
    OperatorEntered,
    /// Somebody approved a sync run that a guard held.
    SyncApproved { directory: Label, run: SyncRunId },
    /// Somebody undid a sync run.
    SyncUndone { directory: Label, run: SyncRunId, undone: SyncRunId },
    /// A provisioning token was issued.
    ProvisioningTokenIssued { directory: Label, expires_at: DateTime<Utc> },
    /// A provisioning token was revoked.
    ProvisioningTokenRevoked { directory: Label },
    /// A client was registered.
    ClientRegistered { client: ClientId, owner: PersonId, scopes: Scopes, expires_at: DateTime<Utc> },
    /// A client was removed.
    ClientRemoved { client: ClientId },
    /// A client was not given a caller token.
    ClientRefused { client: Option<ClientId>, reason: &'static str, count: u64 },
    /// A connector may read a directory.
    ConnectorApproved { directory: Label },
    /// A connector may not read a directory any more.
    ConnectorRemoved { directory: Label },
}

/// What is written beside an event's name.
pub(crate) type Details = BTreeMap<String, String>;

impl Event {
    /// The name that is written. Never change one: logs are kept.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "signed_in",
            Self::SignInRefused { .. } => "sign_in_refused",
            Self::Throttled { .. } => "throttled",
            Self::IdentityLinked { .. } => "identity_linked",
            Self::ConnectionAdded { .. } => "connection_added",
            Self::ConnectionChanged { .. } => "connection_changed",
            Self::ConnectionTried { .. } => "connection_tried",
            Self::ConnectionRemoved { .. } => "connection_removed",
            Self::SignInPolicyChanged { .. } => "sign_in_policy_changed",
            Self::EmergencyAccountAdded { .. } => "emergency_account_added",
            Self::EmergencyAccountRemoved { .. } => "emergency_account_removed",
            Self::EmergencyAccountUsed { .. } => "emergency_account_used",
            Self::LogoutTokenTaken { .. } => "logout_token_taken",
            Self::LogoutTokenRefused { .. } => "logout_token_refused",
            Self::SessionEnded { .. } => "session_ended",
            Self::SessionsEnded { .. } => "sessions_ended",
            Self::AccessCodeIssued { .. } => "access_code_issued",
            Self::AccessCodeIssueRefused { .. } => "access_code_issue_refused",
            Self::AccessCodeVoided { .. } => "access_code_voided",
            Self::AccessCodeRedeemed { .. } => "access_code_redeemed",
            Self::PasswordSet { .. } => "password_set",
            Self::PasswordRemoved { .. } => "password_removed",
            Self::PasskeyEnrolled { .. } => "passkey_enrolled",
            Self::PasskeyRemoved { .. } => "passkey_removed",
            Self::RoleGranted { .. } => "role_granted",
            Self::RoleRevoked { .. } => "role_revoked",
            Self::RoleChangeRefused { .. } => "role_change_refused",
            Self::RoleGroupsChanged { .. } => "role_groups_changed",
            Self::ManifestApplied => "manifest_applied",
            Self::OperatorEntered => "operator_entered",
            Self::SyncApproved { .. } => "sync_approved",
            Self::SyncUndone { .. } => "sync_undone",
            Self::ProvisioningTokenIssued { .. } => "provisioning_token_issued",
            Self::ProvisioningTokenRevoked { .. } => "provisioning_token_revoked",
            Self::ClientRegistered { .. } => "client_registered",
            Self::ClientRemoved { .. } => "client_removed",
            Self::ClientRefused { .. } => "client_refused",
            Self::ConnectorApproved { .. } => "connector_approved",
            Self::ConnectorRemoved { .. } => "connector_removed",
        }
    }

    pub(crate) fn details(&self) -> Details {
        let pairs = match self {
            Self::SignedIn { person, way, first } => {
                let first = first.then(|| ("first", "true".to_owned()));
                [who(*person)].into_iter().chain(first).chain(by(way)).collect()
            }
            Self::SignInRefused { way, reason, person, count } => {
                let why = [("reason", (*reason).to_owned()), ("count", count.to_string())];
                person.map(who).into_iter().chain(why).chain(by(way)).collect()
            }
            Self::Throttled { way, count } => by(way).chain([("count", count.to_string())]).collect(),
            Self::IdentityLinked { person, connection } | Self::ConnectionTried { person, connection } => {
                vec![who(*person), through(connection)]
            }
            Self::ConnectionAdded { connection } | Self::ConnectionRemoved { connection } => vec![through(connection)],
            Self::ConnectionChanged { connection, fields } => {
                vec![through(connection), ("fields", fields.join(", "))]
            }
            Self::SignInPolicyChanged { access_codes, sso_only } => {
                vec![("access_codes", access_codes.to_string()), ("sso_only", sso_only.to_string())]
            }
            Self::LogoutTokenTaken { connection, ended } => {
                vec![through(connection), ("ended_count", ended.to_string())]
            }
            Self::LogoutTokenRefused { connection, reason, count } => {
                vec![through(connection), ("reason", (*reason).to_owned()), ("count", count.to_string())]
            }
            Self::SessionEnded { person, session } => vec![who(*person), ("session_id", session.to_string())],
            Self::SessionsEnded { person, count, by } => {
                vec![who(*person), ("ended_count", count.to_string()), ("reason", by.name().to_owned())]
            }
            Self::AccessCodeIssued { person, expires_at } => vec![who(*person), until(*expires_at)],
            Self::AccessCodeIssueRefused { person, reason } => vec![who(*person), why(reason.name())],
            Self::EmergencyAccountAdded { person }
            | Self::EmergencyAccountRemoved { person }
            | Self::EmergencyAccountUsed { person }
            | Self::AccessCodeVoided { person }
            | Self::AccessCodeRedeemed { person }
            | Self::PasswordSet { person }
            | Self::PasswordRemoved { person } => vec![who(*person)],
            Self::PasskeyEnrolled { person, passkey } | Self::PasskeyRemoved { person, passkey } => {
                vec![who(*person), ("passkey_id", passkey.to_string())]
            }
            Self::RoleGranted { person, role, expires_at } => {
                [who(*person), named(*role)].into_iter().chain(expires_at.map(until)).collect()
            }
            Self::RoleRevoked { person, role } => vec![who(*person), named(*role)],
            Self::RoleChangeRefused { role, reason } => vec![named(*role), why(reason.name())],
            Self::RoleGroupsChanged { count } => vec![("count", count.to_string())],
            Self::ManifestApplied | Self::OperatorEntered => Vec::new(),
            Self::SyncApproved { directory, run } => vec![of(directory), ("sync_run_id", run.to_string())],
            Self::SyncUndone { directory, run, undone } => {
                vec![of(directory), ("sync_run_id", run.to_string()), ("undone_sync_run_id", undone.to_string())]
            }
            Self::ProvisioningTokenIssued { directory, expires_at } => vec![of(directory), until(*expires_at)],
            Self::ClientRegistered { client, owner, scopes, expires_at } => {
                vec![program(*client), who(*owner), ("scopes", scopes.text()), until(*expires_at)]
            }
            Self::ClientRemoved { client } => vec![program(*client)],
            Self::ClientRefused { client, reason, count } => {
                let why = [("reason", (*reason).to_owned()), ("count", count.to_string())];
                client.map(program).into_iter().chain(why).collect()
            }
            Self::ProvisioningTokenRevoked { directory }
            | Self::ConnectorApproved { directory }
            | Self::ConnectorRemoved { directory } => vec![of(directory)],
        };
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

type Pair = (&'static str, String);

fn by(way: &Way) -> impl Iterator<Item = Pair> {
    let connection = way.connection.as_ref().map(through);
    [("method", way.method.name().to_owned())].into_iter().chain(connection)
}

fn who(person: PersonId) -> Pair {
    ("person_id", person.to_string())
}

fn program(client: ClientId) -> Pair {
    ("client_id", client.to_string())
}

fn why(reason: &str) -> Pair {
    ("reason", reason.to_owned())
}

fn named(role: Role) -> Pair {
    ("role", role.name().to_owned())
}

fn through(connection: &Label) -> Pair {
    ("connection_name", connection.0.clone())
}

fn of(directory: &Label) -> Pair {
    ("directory_name", directory.0.clone())
}

fn until(moment: DateTime<Utc>) -> Pair {
    ("expires_at", moment.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}
