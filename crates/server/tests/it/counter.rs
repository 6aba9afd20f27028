//! The counter against a real node on a temporary folder, as a phone meets it.

mod phone;
mod shifts;
mod work;
