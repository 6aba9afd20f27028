//! HTTP: the public API, the pages, the operator API, and the listener under them.
//!
//! Owns: the edge. Whatever comes from outside is bounded, checked, keyed and sealed here, and
//! whatever goes out is written here. Never: decides anything that needs the ledger; holds a
//! lock or a clock the node relies on. No globals: the binary gives every value.
//! Invariants: nothing is queued that can be refused; the same outcome gives the same bytes; a
//! held-back decision shows in no answer, size, counter or mark.
//! On failure: a problem document with a stable code and a page in `docs/errors/`.

mod api;
mod app;
mod body;
mod campaigns;
pub mod config;
pub mod console;
mod draws;
mod extract;
mod gate;
mod json;
pub mod language;
pub mod listener;
pub mod moment;
pub mod operator;
mod order;
mod pages;
mod people;
mod private_file;
pub mod problem;
mod record;
mod secret;
mod state;
mod take_over;
mod texts;

pub use api::openapi::openapi;
pub use app::{PublicApp, RouterApp, do_nothing, public_app, router_app};
pub use body::{Body, BodyError};
pub use config::{ConnectionLimits, Network, ServerConfig, TlsFiles};
pub use listener::{ClientAddress, Handler, ListenError, Listener};
pub use private_file::PrivateFileError;
pub use state::{ServerState, Shared};
