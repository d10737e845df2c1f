//! Sealed columns of the auth service.
