//! Standard output: what a command tells.
//!
//! Owns: what a failed write to it means. A reader that has seen enough, such as `head`, ends
//! the program quietly, as it ends any other.

use crate::exit::Coded;
use std::io::{self, StdoutLock, Write};
use std::{error, fmt};

/// Standard output.
pub(crate) struct Output(StdoutLock<'static>);

/// Whoever read standard output reads no more.
#[derive(Debug)]
pub(crate) struct ReaderGone;

impl Output {
    pub(crate) fn open() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(meaning)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(meaning)
    }
}

fn meaning(error: io::Error) -> io::Error {
    match error.kind() {
        // Says nothing of the output.
        io::ErrorKind::Interrupted => error,
        io::ErrorKind::BrokenPipe => io::Error::new(io::ErrorKind::BrokenPipe, ReaderGone),
        _ => {
            let message = "standard output cannot be written, and what was to be told there is \
                           cut off. A command that only looks can be run again; what any other \
                           was to do is done";
            io::Error::other(Coded::caused("output-refused", message, error))
        }
    }
}

/// One thing and its number: `1 unit`, `2 units`.
pub(crate) fn plural(number: impl fmt::Display, one: &str, many: &str) -> String {
    let number = number.to_string();
    let word = if number == "1" { one } else { many };
    format!("{number} {word}")
}

impl fmt::Display for ReaderGone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads standard output any more")
    }
}

impl error::Error for ReaderGone {}
