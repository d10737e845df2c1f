//! What can go wrong in this service, one function each.

use std::io;
use std::path::Path;

use freehold_types::{Fault, Kind, Reason};

/// No tenant of that name.
pub(crate) fn tenant_not_found(name: &str) -> Fault {
    Fault::not_found(Reason::TenantNotFound, "tenant", name)
}

/// The tenant is closed or on its way out; a manifest does not bring it back.
pub(crate) fn tenant_sealed(name: &str) -> Fault {
    Fault::new(Kind::Conflict, Reason::TenantNotActive, format!("tenant {name} is sealed or being erased"))
        .cure("a manifest cannot open it; declare the company under another name")
}

/// The token's file cannot be read or written.
pub(crate) fn token_file(path: &Path, doing: &str, error: io::Error) -> Fault {
    let message = format!("the operator's token cannot be {doing} at {}", path.display());
    Fault::new(Kind::Unavailable, Reason::StorageRefused, message)
        .cure("check that the folder exists and that this account may write to it")
        .because(error)
}

/// Everybody on the machine could be the operator.
pub(crate) fn token_exposed(path: &Path) -> Fault {
    let message = format!("the operator's token at {} can be read by other accounts", path.display());
    Fault::new(Kind::Conflict, Reason::TokenRefused, message)
        .cure("delete the file, since others may have read it, and start again: a new token is made")
}

/// The file holds a token of another installation, or one that was replaced.
pub(crate) fn token_stale(path: &Path) -> Fault {
    let message = format!("the operator's token at {} is not the one this installation accepts", path.display());
    Fault::new(Kind::Conflict, Reason::TokenRefused, message)
        .cure("copy the right file there; or delete it and start again: a new token is made and the old one ends")
}
