//! How services call each other: one transport that is local or remote, the layers around every service, caller
//! tokens, and the way a fault crosses the wire.
//!
//! tonic's generated client and server trait are the interface; this crate only carries them. It holds no rule of any
//! service and never opens a database or sees a key of a tenant.

mod caller_token;
mod clients;
mod gate;
pub mod page_token;
mod serve;
mod sessions;
mod status;
pub mod time;
mod wire;

pub use caller_token::{IssuedToken, PublicKey, TOKEN_LIFETIME, TokenSigner, TokenVerifier, Verified};
pub use clients::{Bearing, Calls, Clients, Wires};
pub use gate::{Gate, OperatorTokens, scope_of};
pub use page_token::PageTokens;
pub use serve::{Streaming, serve, serve_open, serve_stream, stream};
pub use sessions::Sessions;
pub use status::{fault, into_status};
pub use wire::Wire;
