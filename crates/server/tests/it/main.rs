//! The server over real sockets, with a real node under it.

mod documents;
mod entries;
mod hostile;
mod pages;
mod support;
