//! What can go wrong here, in words for whoever asked.

use std::time::Duration;

use freehold_types::{ClientId, Fault, Kind, PasskeyId, PersonId, Reason, Role, SessionId};

use crate::idp::IdpError;

/// Nobody has this address, or its tenant is not in use, which is the same to the caller.
pub(crate) fn company_not_found(address: &str) -> Fault {
    Fault::not_found(Reason::TenantNotFound, "company", address)
}

/// The one answer to every sign-in that is refused.
pub(crate) fn sign_in_refused() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::SignInRefused, "the sign-in was refused")
        .cure("try again; if it stays so, ask your administrator")
}

/// The one answer to every logout token that is refused.
pub(crate) fn logout_refused() -> Fault {
    Fault::new(Kind::Invalid, Reason::LogoutRefused, "the logout token is not accepted")
}

/// The one answer to every access code that is refused.
pub(crate) fn access_code_refused() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::AccessCodeRefused, "the access code is not accepted")
        .cure("check the letters, or ask for a new code")
}

/// Too many wrong tries.
pub(crate) fn too_many_tries(wait: Duration) -> Fault {
    Fault::new(Kind::Exhausted, Reason::TooManyTries, "too many tries").retry_after(wait)
}

/// The one answer to every claim that is not good, or not any more.
pub(crate) fn claim_refused() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::AccessCodeRefused, "there is no such claim under way")
        .cure("begin again with the access code")
}

/// Nobody could say who they are when they sign in.
pub(crate) fn no_sign_in_name() -> Fault {
    Fault::new(Kind::Conflict, Reason::NotAllowed, "the person has neither a user name nor an employee number")
        .cure("give the person one of them in the directory, and sync")
}

/// The one answer to every client that is refused.
pub(crate) fn client_refused() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::ClientRefused, "the client's assertion is not accepted")
        .cure("see that the client is registered and has not ended; the company's audit log has the reason")
}

/// No client has this id.
pub(crate) fn client_not_found(id: ClientId) -> Fault {
    Fault::not_found(Reason::ClientNotFound, "client", id)
}

/// A client of the company has this name.
pub(crate) fn client_exists(name: &str) -> Fault {
    Fault::new(Kind::Conflict, Reason::AlreadyExists, format!("there is a client {name} already"))
        .cure("choose another name, or remove that one first")
}

/// A client of the company has this key.
pub(crate) fn client_key_taken() -> Fault {
    Fault::new(Kind::Conflict, Reason::AlreadyExists, "another client has one of these keys")
        .cure("make a key of its own for each client")
}

/// The company has as many as one may have.
pub(crate) fn too_many_clients(most: usize) -> Fault {
    Fault::new(Kind::Conflict, Reason::AlreadyExists, format!("a company has at most {most} clients"))
        .cure("remove those that have ended")
}

/// There are no passkeys for this caller, or none at this installation.
pub(crate) fn passkeys_off() -> Fault {
    Fault::new(Kind::Conflict, Reason::PasskeyRefused, "passkeys are not possible here")
        .cure("sign in through the company's IdP, or have the installation reached under a name with TLS")
}

/// What the browser answered is no passkey that was asked for, or one that is known already.
pub(crate) fn passkey_refused() -> Fault {
    Fault::new(Kind::Conflict, Reason::PasskeyRefused, "the passkey was not enrolled")
        .cure("try again; a device is enrolled once")
}

/// The caller has as many as one may have.
pub(crate) fn too_many_passkeys() -> Fault {
    Fault::new(Kind::Conflict, Reason::PasskeyRefused, "a person has at most ten passkeys").cure("remove one first")
}

/// Without this one the caller could not sign in again.
pub(crate) fn last_way_in() -> Fault {
    Fault::new(Kind::Conflict, Reason::PasskeyRefused, "this passkey is the last way in")
        .cure("enrol another one first")
}

/// The caller has no such passkey.
pub(crate) fn passkey_not_found(id: PasskeyId) -> Fault {
    Fault::not_found(Reason::PasskeyNotFound, "passkey", id)
}

/// The one answer to every session token that is not good, or not any more.
pub(crate) fn sign_in_needed() -> Fault {
    Fault::new(Kind::Unauthenticated, Reason::SignInNeeded, "a sign-in is needed")
}

/// The IdP cannot be used now.
pub(crate) fn idp_unavailable(connection_name: &str, error: IdpError) -> Fault {
    let message = format!("the sign-in service of connection {connection_name} cannot be reached");
    Fault::new(Kind::Unavailable, Reason::IdpUnavailable, message).because(error)
}

/// The caller has no such session.
pub(crate) fn session_not_found(id: SessionId) -> Fault {
    Fault::not_found(Reason::SessionNotFound, "session", id)
}

/// Nobody active here has this id; whether somebody did, or does elsewhere, is not said.
pub(crate) fn person_not_found(id: PersonId) -> Fault {
    Fault::not_found(Reason::PersonNotFound, "active person", id)
}

/// The tenant's policy takes no access codes.
pub(crate) fn access_codes_off() -> Fault {
    Fault::new(Kind::Conflict, Reason::NotAllowed, "this company takes no access codes")
        .cure("declare `access_codes = true` in the company's sign-in policy")
}

/// Who gives roles gives none to themselves.
pub(crate) fn own_role() -> Fault {
    Fault::new(Kind::Forbidden, Reason::NotAllowed, "nobody gives a role to themselves")
        .cure("ask another administrator, or the operator")
}

/// The company would be left without anybody who administers it.
pub(crate) fn last_administrator() -> Fault {
    Fault::new(Kind::Conflict, Reason::NotAllowed, "this is the company's last administrator")
        .cure("make somebody else an administrator first")
}

/// The person does not have the role, or not by hand; or there is no such person here.
pub(crate) fn role_not_found(person: PersonId, role: Role) -> Fault {
    let message = format!("{person} has no role {} that was given by hand", role.name());
    Fault::new(Kind::NotFound, Reason::RoleNotFound, message)
        .cure("what comes from a directory group ends in the directory, or in the manifest")
}

/// Whoever has a code for this person has the person's roles.
pub(crate) fn role_holder(person: PersonId) -> Fault {
    let message = format!("{person} has a role, and an access code would hand it on");
    Fault::new(Kind::Forbidden, Reason::NotAllowed, message).cure("ask an administrator to make the code")
}
