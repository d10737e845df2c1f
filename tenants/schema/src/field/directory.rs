//! Sealed columns of the directory service.
