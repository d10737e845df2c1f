//! Sealed columns of the platform's own tables and of the outbox.
