//! The contracts every Freehold service speaks, as generated Rust: messages, clients, server traits and their JSON
//! form. Nothing here is written by hand; `proto/README.md` says how we write contracts.

/// Includes one package: its messages, its services and their JSON form.
macro_rules! package {
    ($area:ident, $doc:literal) => {
        #[doc = $doc]
        pub mod $area {
            /// Version 1.
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/freehold.", stringify!($area), ".v1.rs"));
                include!(concat!(env!("OUT_DIR"), "/freehold.", stringify!($area), ".v1.serde.rs"));
            }
        }
    };
}

package!(auth, "Sign-in and sessions.");
package!(billing, "Metering and invoices.");
package!(content, "Groups, posts and the feed.");
package!(directory, "People from the company's directory.");
package!(error, "Reasons of faults.");
package!(tenant, "The operator's tenants.");

/// The encoded `google.protobuf.FileDescriptorSet` of all contracts, for reflection and for tests that walk them.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The scope that a client needs for each call that is open to clients, by path.
pub const SCOPES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/scopes.rs"));
