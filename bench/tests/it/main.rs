//! Tests of the bench program: its arithmetic, its requests, its campaigns, its protocols.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod campaigns;
mod figures;
mod protocols;
mod requests;
