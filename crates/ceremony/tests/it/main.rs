//! Whole draws in folders, and everything that can be wrong with one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anew;
mod cosigning;
mod fixture;
mod inputs;
mod progress;
mod second_program;
mod steps;
mod tampering;
mod trust;
