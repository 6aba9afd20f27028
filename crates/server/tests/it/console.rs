//! The console against a real node on a temporary folder, as a browser meets it.

mod answered;
pub(crate) mod browser;
mod draws;
mod hostile;
mod log_in;
mod switches;
mod watching;
