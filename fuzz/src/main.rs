//! The engine: libFuzzer, feeding the target that the environment names.
//!
//! Owns: the way from a panic to a finding. Never: counts a panic that is caught where it is
//! expected (a workbook library's), which libFuzzer's own hook would.
//! On failure: says what panicked and aborts, so that the engine keeps the bytes.

#![no_main]
#![allow(clippy::print_stderr, reason = "what panicked is told on the terminal")]

use fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;
use std::panic::{catch_unwind, set_hook};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names the target.
const VARIABLE: &str = "TIDEGATE_FUZZ_TARGET";

static TARGET: OnceLock<&'static Target> = OnceLock::new();
/// What the latest panic said, and where.
static PANIC: Mutex<String> = Mutex::new(String::new());

fn begin() {
    // The engine's bindings have just set a hook that aborts on any panic.
    set_hook(Box::new(|panic| {
        let trace = std::backtrace::Backtrace::capture();
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = format!("{panic}\n{trace}");
    }));
    let name = std::env::var(VARIABLE).unwrap_or_default();
    let Some(target) = fuzz::find(&name) else {
        let names = TARGETS.map(|target| target.name).join(", ");
        eprintln!("{VARIABLE} is `{name}`, which is no target; they are {names}");
        std::process::exit(2);
    };
    TARGET.set(target).expect("this begins once");
}

fn feed(bytes: &[u8]) {
    let target = TARGET.get().expect("it was chosen at the start");
    if catch_unwind(|| (target.feed)(bytes)).is_err() {
        eprintln!("{}", PANIC.lock().unwrap_or_else(PoisonError::into_inner));
        std::process::abort();
    }
}

fuzz_target!(init: begin(), |bytes: &[u8]| feed(bytes));
