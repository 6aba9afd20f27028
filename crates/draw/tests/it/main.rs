//! What the draw promises, from the outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod agreement;
mod documents;
mod draws;
mod fair;
mod simple;
mod trees;
mod vector;
