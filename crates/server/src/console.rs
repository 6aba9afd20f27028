//! The operator console: pages for those who run campaigns.
//!
//! Owns: accounts, sessions and log-in.

pub mod accounts;
mod answers;
mod lockout;
pub mod passwords;
mod sessions;
