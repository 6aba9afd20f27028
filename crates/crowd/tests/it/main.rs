//! Tests of the crowd: people, protocol, load engine and behaviour.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod behaviour;
mod http;
mod load;
mod people;
mod responder;
