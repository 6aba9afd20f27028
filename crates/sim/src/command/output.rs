//! Standard output, which may be read by somebody who has seen enough.
//!
//! On failure: there is nobody to tell, and the process ends with exit code 74.

use std::fmt::Arguments;
use std::io::{Write as _, stdout};

/// What the process ends with when its output cannot be written.
const UNWRITTEN: i32 = 74;

/// Prints a line as `println!` does.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::command::output::line(format_args!($($words)*))
    };
}

pub(crate) fn line(words: Arguments<'_>) {
    if writeln!(stdout(), "{words}").is_err() {
        std::process::exit(UNWRITTEN);
    }
}
