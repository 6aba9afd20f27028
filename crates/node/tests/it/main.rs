//! A whole node on a real disk, driven through its handle.
#![allow(clippy::unwrap_used, missing_docs)]

mod bits;
mod clock;
mod due;
mod durable;
mod failing;
mod frames;
mod full;
mod held_back;
mod kept;
mod marks;
mod places;
mod replay;
mod stepped;
mod support;
mod view;
