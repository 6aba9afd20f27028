//! The operator API against a real node on a temporary folder.

mod campaigns;
mod clock;
mod cut_off;
mod damage;
pub(crate) mod draws;
mod entry_pages;
mod exports;
mod fields;
mod large;
mod listening;
mod redemptions;
mod roles;
mod secrets;
pub(crate) mod site;
mod stock;
mod take_over;
mod token_file;
mod waiting;
