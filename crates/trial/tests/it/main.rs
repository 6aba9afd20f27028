//! What the checks find when an answer is wrong.
#![allow(clippy::unwrap_used, missing_docs)]

mod ends;
mod looks;
mod operated;
mod records;
mod words;
