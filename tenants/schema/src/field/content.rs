//! Sealed columns of the content service.
