//! People and keys: what a person states is checked, keyed, sealed, and never seen again.
//!
//! Owns: the identity fields' rules, person keys and digests, the seal on personal fields, the
//! keys on disk, pickup codes and receipts. Never: reads a clock, keeps a person's data, prints
//! a secret or a personal value, in errors and `Debug` included.
//! Invariants: one normalised form per real-world value, so that one person has one key; without
//! the keys nothing here can be tested by guessing.

pub mod codes;
pub mod fields;
mod hex;
pub mod keys;
mod mac;
mod nonce;
pub mod persons;
pub mod receipts;
pub mod request;
pub mod seal;
pub mod statement;

pub use codes::{Code, CodeProblem, Codes};
pub use fields::{
    FieldProblem, FieldProblems, FieldSet, FieldSetError, mask, resident_id_check_character,
};
pub use keys::{CampaignKeys, KeyError, Keyring, Scope, SecretKey};
pub use persons::{KeyList, Persons};
pub use receipts::{NotAReceipt, Receipt, Receipts};
pub use request::{RequestIdProblem, request_id};
pub use seal::{OpenError, Sealer, TooLong};
pub use statement::Statement;
