//! Files that the command line reads and writes by itself, beside those of a draw's folder.
//!
//! Owns: what is said when one cannot be read or written, or says what it must not, with its code.
//! Never: opens one.

use crate::exit::Coded;
use draw::note::NoteProblem;
use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::path::Path;

/// What is said of a file that could not be read, made or written: `what`.
pub(crate) fn refused(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> anyhow::Error {
    let told = format!("{} cannot be {what}", path.display());
    move |error| {
        let code = match error.kind() {
            ErrorKind::AlreadyExists => "draw-differs",
            // No text in UTF-8.
            ErrorKind::InvalidData => "draw-file-wrong",
            _ => "draw-disk",
        };
        Coded::caused(code, told, error).into()
    }
}

/// What is said of a note that is none, or that is not signed.
pub(super) fn wrong_note(path: &Path) -> impl Fn(NoteProblem) -> anyhow::Error {
    move |problem| {
        let line = problem.line().map_or_else(String::new, |line| format!(", line {line}"));
        Coded::error("draw-file-wrong", &format!("{}{line}: {problem}", path.display()))
    }
}

/// What is said of a file with a mistake in it.
pub(super) fn wrong<E: Display>(path: &Path) -> impl Fn(E) -> anyhow::Error {
    move |problem| Coded::error("draw-file-wrong", &format!("{}: {problem}", path.display()))
}
