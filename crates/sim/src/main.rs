//! `sim`: runs seeds and boundaries, and shows the shortest way to whatever breaks.
//!
//! Owns: who tells of a panic: the run that it broke, or, of this program's own, the usual hook.
//! Never: a run, or a word of the command line, which are `command`'s.
//! On failure: ends with the exit code of `command`, and with 101 where it is itself at fault.

#![allow(clippy::print_stderr, reason = "how far it has come is told there")]

mod command;

use std::process::ExitCode;

fn main() -> ExitCode {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // An assert that fails amid a run is told with its seed; any other is a fault of this
        // program, and must not end it without a word.
        if !sim::is_under_way() {
            usual(panic);
        }
    }));
    command::run()
}
