//! Sealed columns of the auth service.

use freehold_types::Service;
use freehold_vault::Field;

const fn field(table: u16, column: u16, name: &'static str) -> Field {
    Field { service: Service::Auth, table, column, name }
}

/// Blind index of a connection's name.
pub const CONNECTION_NAME: Field = field(200, 1, "connection.name_index");
/// A connection's settings, client secret included.
pub const CONNECTION_SETTINGS: Field = field(200, 2, "connection.settings_sealed");
/// What a sign-in under way must come back with, and where it lands.
pub const SIGN_IN_SECRETS: Field = field(202, 1, "sign_in.secrets_sealed");
/// Blind index of an issuer and a subject.
pub const IDENTITY_SUBJECT_INDEX: Field = field(203, 1, "identity.subject_index");
/// An issuer and a subject.
pub const IDENTITY_SUBJECT: Field = field(203, 2, "identity.subject_sealed");
/// Blind index of what an IdP calls a session of its own.
pub const SESSION_SID: Field = field(204, 1, "session.sid_index");
/// The ID token that a session came with.
pub const SESSION_ID_TOKEN: Field = field(204, 2, "session.id_token_sealed");
/// The refresh token that a session came with, or that its IdP has given since.
pub const SESSION_REFRESH_TOKEN: Field = field(204, 3, "session.refresh_token_sealed");
/// Blind index of an access code; the code itself is kept nowhere.
pub const ACCESS_CODE: Field = field(205, 1, "access_code.code_index");
/// Secret of the authenticator app that a claim offers.
pub const CLAIM_TOTP_SECRET: Field = field(210, 1, "claim.totp_secret_sealed");
/// Hash of a password, and secret of the authenticator app beside it.
pub const PASSWORD_SECRETS: Field = field(211, 1, "password.secrets_sealed");
/// Blind index of a name under which a person signs in.
pub const SIGN_IN_NAME: Field = field(212, 1, "sign_in_name.name_index");
/// Blind index of a passkey's credential id.
pub const PASSKEY_CREDENTIAL: Field = field(213, 1, "passkey.credential_index");
/// A passkey: its public key, counter and flags.
pub const PASSKEY_RECORD: Field = field(213, 2, "passkey.record_sealed");
/// What a passkey that is being asked for must sign.
pub const PASSKEY_ATTEMPT: Field = field(214, 1, "passkey_attempt.state_sealed");
/// Name of an emergency account.
pub const EMERGENCY_ACCOUNT_NAME: Field = field(215, 1, "emergency_account.name_sealed");
/// What a client is called, may do and proves itself with.
pub const CLIENT_RECORD: Field = field(220, 1, "client.record_sealed");
/// Distinguished name of the directory group that is the area of somebody given a role by hand.
pub const ROLE_GRANT_AREA: Field = field(227, 1, "role_grant.area_sealed");
/// A directory group whose members have a role, and an area.
pub const ROLE_GROUP_SETTINGS: Field = field(228, 1, "role_group.settings_sealed");
