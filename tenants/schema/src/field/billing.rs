//! Sealed columns of the billing service.
