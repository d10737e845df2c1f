//! What can go wrong in this service, one function each.

use std::time::Duration;

use freehold_types::{Fault, Kind, PersonId, Reason, SyncRunId};

use crate::journal;

/// No directory of that name, or none was named and there is not exactly one.
pub(crate) fn directory_not_found(name: &str, names: &[String]) -> Fault {
    let fault = if name.is_empty() {
        Fault::new(Kind::NotFound, Reason::DirectoryNotFound, "the tenant does not have exactly one directory")
    } else {
        Fault::not_found(Reason::DirectoryNotFound, "directory", name)
    };
    if names.is_empty() {
        fault.cure("add a [[directory]] to the tenant's manifest and apply it")
    } else {
        fault.cure(format!("name one of: {}", names.join(", ")))
    }
}

/// Another run of the same directory is alive.
pub(crate) fn sync_running(directory: &str) -> Fault {
    Fault::new(Kind::Conflict, Reason::SyncRunning, format!("a sync run of directory {directory} is under way"))
        .cure("wait for it; `freehold directory runs` shows how far it is")
}

/// A run was silent for so long that another one took its place.
pub(crate) fn run_taken_over(id: SyncRunId) -> Fault {
    Fault::new(
        Kind::Conflict,
        Reason::SyncRunning,
        format!("sync run {id} was silent for too long, and another took over"),
    )
    .cure("`freehold directory runs` shows the one that did")
}

/// The approved change set is not what a run would do now.
pub(crate) fn change_set_stale(approved: &str, now: &str) -> Fault {
    let message = format!("change set {approved} is not what the directory says any more; now it is {now}");
    Fault::new(Kind::Conflict, Reason::ChangeSetStale, message)
        .cure("look at the preview again and approve the new change set")
}

/// No such person, or another tenant's.
pub(crate) fn person_not_found(id: impl std::fmt::Display) -> Fault {
    Fault::not_found(Reason::PersonNotFound, "person", id)
}

/// The directory has no photo of that person, or there is no such person, or another tenant's.
pub(crate) fn photo_not_found(id: PersonId) -> Fault {
    Fault::not_found(Reason::PersonNotFound, "photo of person", id)
}

/// A change set names a person whose record is gone: a defect.
pub(crate) fn record_missing(id: PersonId) -> Fault {
    Fault::internal("applying a change set", format!("no record for {id}"))
}

/// The temporary file with the records of a reading cannot be read.
pub(crate) fn record_lost(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::internal("looking a record of the reading up", cause)
}

/// A directory that is followed said nothing more.
pub(crate) fn following_ended(directory: &str) -> Fault {
    let message = format!("directory {directory} ended the connection over which it was followed");
    Fault::new(Kind::Unavailable, Reason::DirectoryUnreachable, message)
        .cure("nothing, unless it stays so: following is tried again by itself")
}

/// A run of a follower did not end well.
pub(crate) fn run_failed(error: &str, cure: &str) -> Fault {
    Fault::new(Kind::Unavailable, Reason::DirectoryUnreachable, error).cure(cure)
}

/// The directory cannot be followed; a whole reading tells what is there.
pub(crate) fn not_followed(directory: &str) -> Fault {
    let message = format!("directory {directory} cannot be followed: its kind tells no changes");
    Fault::new(Kind::Conflict, Reason::DirectoryNotFollowed, message)
        .cure("run `freehold directory sync` whenever it changed")
}

/// No such run, or another directory's.
pub(crate) fn sync_run_not_found(id: SyncRunId) -> Fault {
    Fault::not_found(Reason::SyncRunNotFound, "sync run", id).cure("`freehold directory runs` shows the runs")
}

/// The run was undone before.
pub(crate) fn undone_already(id: SyncRunId, by: SyncRunId) -> Fault {
    Fault::new(Kind::Conflict, Reason::SyncRunUndone, format!("sync run {id} was undone already, by run {by}"))
        .cure("to have it back, undo that run")
}

/// What the run did is not written down any more.
pub(crate) fn journal_gone(id: SyncRunId) -> Fault {
    let message = format!("what sync run {id} did is not known any more: that is kept for {}", journal::KEPT_WORDS);
    Fault::new(Kind::Conflict, Reason::SyncRunUndone, message)
        .cure("change the directory so that it says what is wanted, then sync")
}

/// No such provisioned user or group, or another directory's.
pub(crate) fn resource_not_found(id: impl std::fmt::Display) -> Fault {
    Fault::not_found(Reason::ResourceNotFound, "resource", id)
}

/// The resource is another version than the change is for.
pub(crate) fn resource_changed(id: impl std::fmt::Display, version: i64) -> Fault {
    let message = format!("resource {id} is version {version} now");
    Fault::new(Kind::Conflict, Reason::ResourceChanged, message).cure("read it again and make the change anew")
}

/// Another resource has the name.
pub(crate) fn resource_exists(kind: crate::provisioning::resource::Kind) -> Fault {
    let (type_name, attribute) = (kind.type_name(), kind.name_attribute());
    Fault::new(Kind::AlreadyExists, Reason::AlreadyExists, format!("another {type_name} has this {attribute}"))
}

/// The directory is read, not filled.
pub(crate) fn not_provisioned(directory: &str) -> Fault {
    let message = format!("directory {directory} is not of kind scim, so nobody pushes to it");
    Fault::new(Kind::Conflict, Reason::InvalidRequest, message)
        .cure("add a [[directory]] of kind \"scim\" to the manifest and apply it")
}

/// A good token of that name is there.
pub(crate) fn token_exists(name: &str) -> Fault {
    Fault::new(Kind::AlreadyExists, Reason::AlreadyExists, format!("there is a provisioning token {name:?} already"))
        .cure("choose another name, or revoke that one first")
}

/// The directory has as many good tokens as it may.
pub(crate) fn too_many_tokens(max: usize) -> Fault {
    let message = format!("a directory has at most {max} provisioning tokens that are good");
    Fault::new(Kind::Exhausted, Reason::InvalidRequest, message).cure("revoke one that is not needed any more")
}

/// No good token of that name.
pub(crate) fn token_not_found(name: &str) -> Fault {
    Fault::not_found(Reason::ResourceNotFound, "provisioning token", name)
}

/// No connector of that fingerprint asked to read the directory.
pub(crate) fn connector_not_found(fingerprint: &str) -> Fault {
    Fault::not_found(Reason::ConnectorNotFound, "connector", fingerprint)
        .cure("start the connector and compare the fingerprint it prints with `freehold directory connector NAME list`")
}

/// As many connectors as there may be.
pub(crate) fn connectors_too_many(most: usize) -> Fault {
    let message = format!("the directory has {most} approved connectors, and there are no more than that");
    Fault::new(Kind::Exhausted, Reason::ConnectorNotFound, message).cure("remove one that is not used any more")
}

/// The key is unknown, waits, was removed, or the proof is wrong: all look alike.
pub(crate) fn connector_refused() -> Fault {
    let message = "this connector is not approved for that directory of that company";
    Fault::new(Kind::Unauthenticated, Reason::ConnectorRefused, message).cure(
        "let an administrator compare the fingerprint and run `freehold directory connector NAME approve FINGERPRINT`",
    )
}

/// Too many streams are about to say who they are.
pub(crate) fn connectors_knocking() -> Fault {
    Fault::new(Kind::Exhausted, Reason::TooManyTries, "too many connectors attach at once")
        .cure("try again in a few seconds")
        .retry_after(Duration::from_secs(10))
}

/// Nobody reads the directory right now.
pub(crate) fn connector_away(directory: &str, last_seen_at: Option<chrono::DateTime<chrono::Utc>>) -> Fault {
    let seen =
        last_seen_at.map_or_else(|| "never seen".to_owned(), |at| format!("last seen {}", at.format("%F %T UTC")));
    let message = format!("the connector of directory {directory} is not connected ({seen})");
    Fault::new(Kind::Unavailable, Reason::ConnectorAway, message).cure(
        "start `freehold connector` in the company's network and see what it says; until then the directory is stale \
         and nobody is deactivated",
    )
}

/// A connector reads the directory, but for another process of the installation.
pub(crate) fn connector_elsewhere(directory: &str) -> Fault {
    let message = format!("the connector of directory {directory} is connected to another process of the installation");
    Fault::new(Kind::Unavailable, Reason::ConnectorAway, message)
        .cure("run directory sync in one process, or ask the one that the connector is connected to")
}

/// A connector is connected, of a version that reads no photos.
pub(crate) fn connector_without_photos(directory: &str) -> Fault {
    let message = format!("the connector of directory {directory} is of an older version, which reads no photos");
    Fault::new(Kind::Conflict, Reason::DirectoryRefused, message)
        .cure("run the same version of freehold on both sides, or set photos = false in the manifest")
}

/// A connector is connected and does not answer.
pub(crate) fn connector_silent(directory: &str, limit: Duration) -> Fault {
    let message =
        format!("the connector of directory {directory} is connected and said nothing for {} s", limit.as_secs());
    Fault::new(Kind::Unavailable, Reason::ConnectorAway, message)
        .cure("see what `freehold connector` says, and start it again; nobody was changed")
}

/// A connector went away before the end.
pub(crate) fn connector_left(directory: &str) -> Fault {
    let message = format!("the connector of directory {directory} went away before it was done");
    Fault::new(Kind::Unavailable, Reason::ConnectorAway, message)
        .cure("it connects again by itself; what was not read to its end changes nobody")
}

/// A connector said what it must not.
pub(crate) fn connector_wrong(directory: &str, what: &str) -> Fault {
    let message = format!("the connector of directory {directory} does not keep to the contract: {what}");
    Fault::new(Kind::Conflict, Reason::DirectoryRefused, message)
        .cure("run the same version of freehold on both sides; nobody was changed by what it sent")
}
