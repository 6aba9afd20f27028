//! The server over real sockets, with a real node under it.

#![allow(clippy::unwrap_used, reason = "a test may fail at any step")]

mod apply;
mod console;
mod counter;
mod documents;
mod entries;
mod hostile;
mod operator;
mod outlets;
mod pages;
mod shapes;
mod smuggling;
mod states;
mod support;
