//! Exit codes, and the last words before them.
//!
//! After `sysexits.h`, so that a supervisor can tell what a restart may mend: 74 (the disk) may
//! pass; 65 (damaged data) and 78 (configuration or keys) need a person.

use node::NodeError;
use std::fmt;
use std::process::ExitCode;

/// Anything else that went wrong.
const FAILURE: u8 = 1;
/// `EX_DATAERR`: the journal or a file is damaged or not ours.
const DATA: u8 = 65;
/// `EX_SOFTWARE`: an assert of the engine failed.
const SOFTWARE: u8 = 70;
/// `EX_IOERR`: the disk failed; nobody knows what is on it.
const DISK: u8 = 74;
/// `EX_TEMPFAIL`: somebody else has what is needed; it may be free soon.
const BUSY: u8 = 75;
/// `EX_CONFIG`: configuration, keys or clock are wrong.
const CONFIG: u8 = 78;

/// An error with its stable code.
#[derive(Debug)]
pub(crate) struct Coded {
    code: String,
    message: String,
}

impl Coded {
    pub(crate) fn error(code: &str, message: &impl fmt::Display) -> anyhow::Error {
        anyhow::Error::new(Self { code: code.to_owned(), message: message.to_string() })
    }
}

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Coded {}

/// Prints what happened and gives the code to exit with.
pub(crate) fn explain(error: &anyhow::Error) -> ExitCode {
    let code = code_of(error);
    let words = match &code {
        Some(code) => format!("error[{code}]: {error:#}\n  see docs/errors/{code}.md\n"),
        None => format!("error: {error:#}\n"),
    };
    // Nothing is left to do when even standard error is gone.
    drop(std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes()));
    ExitCode::from(code.map_or(FAILURE, |code| number(&code)))
}

pub(crate) fn code_of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(coded) = cause.downcast_ref::<Coded>() {
            return Some(coded.code.clone());
        }
        if let Some(error) = cause.downcast_ref::<NodeError>() {
            return Some(error.code().to_owned());
        }
        if let Some(error) = cause.downcast_ref::<journal::JournalError>() {
            return Some(error.code().to_owned());
        }
        cause.downcast_ref::<identity::KeyError>().map(|error| error.code().to_owned())
    })
}

pub(crate) fn number(code: &str) -> u8 {
    match code {
        "journal-poisoned" | "journal-io" | "journal-full" => DISK,
        "data-in-use" | "address-in-use" => BUSY,
        "engine-assert" | "replay-differs" => SOFTWARE,
        "journal-damaged" | "journal-incomplete" | "journal-unreadable" | "snapshot-mismatch"
        | "snapshot-damaged" | "data-newer" | "data-not-tidegate" => DATA,
        _ if code.starts_with("key-") || code.starts_with("tls-") => CONFIG,
        "data-read-only" | "clock-behind" | "address-refused" | "configuration" => CONFIG,
        _ => FAILURE,
    }
}
