//! Exit codes, and the last words before them.
//!
//! After `sysexits.h`, so that a supervisor can tell what a restart may mend: 74 (the disk) may
//! pass; 65 (damaged data) and 78 (configuration or keys) need a person.

use crate::client::Refused;
use crate::output::ReaderGone;
use node::NodeError;
use server::console::accounts::AccountError;
use server::operator::tokens::TokenError;
use std::error::Error;
use std::process::ExitCode;
use std::{fmt, io};

/// Anything else that went wrong; of an audit, that it found what must never be.
const FAILURE: u8 = 1;
/// `EX_DATAERR`: the journal or a file is damaged or not ours.
const DATA: u8 = 65;
/// `EX_NOINPUT`: a file that was named is not there, or cannot be read.
const INPUT: u8 = 66;
/// `EX_UNAVAILABLE`: the node that was named cannot be asked.
const NODE: u8 = 69;
/// `EX_SOFTWARE`: an assert of the engine failed.
const SOFTWARE: u8 = 70;
/// `EX_CANTCREAT`: the output cannot be written.
const OUTPUT: u8 = 73;
/// `EX_IOERR`: the disk failed; nobody knows what is on it.
const DISK: u8 = 74;
/// `EX_TEMPFAIL`: somebody else has what is needed; it may be free soon.
const BUSY: u8 = 75;
/// `EX_NOPERM`: this account may not read what is needed.
const DENIED: u8 = 77;
/// `EX_CONFIG`: configuration, keys or clock are wrong.
const CONFIG: u8 = 78;
/// As of a program that `SIGPIPE` ended: nobody reads any more.
const READER_GONE: u8 = 128 + 13;

/// An error with its stable code.
#[derive(Debug)]
pub(crate) struct Coded {
    code: String,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Coded {
    pub(crate) fn error(code: &str, message: &impl fmt::Display) -> anyhow::Error {
        let message = message.to_string();
        anyhow::Error::new(Self { code: code.to_owned(), message, source: None })
    }

    /// The same, with what the system or a library said.
    pub(crate) fn caused(
        code: &str,
        message: impl Into<String>,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self { code: code.to_owned(), message: message.into(), source: Some(Box::new(source)) }
    }
}

impl fmt::Display for Coded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Coded {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// Prints what happened and gives the code to exit with.
pub(crate) fn explain(error: &anyhow::Error) -> ExitCode {
    if error.chain().any(|cause| within::<ReaderGone>(cause).is_some()) {
        return ExitCode::from(READER_GONE);
    }
    let code = code_of(error);
    let told = words(error);
    let words = match &code {
        Some(code) => format!("error[{code}]: {told}\n  see docs/errors/{code}.md\n"),
        None => format!("error: {told}\n"),
    };
    // Nothing is left to do when even standard error is gone.
    drop(std::io::Write::write_all(&mut std::io::stderr(), words.as_bytes()));
    ExitCode::from(code.map_or(FAILURE, |code| number(&code)))
}

/// What happened and why, each once: many errors say their cause themselves.
pub(crate) fn words(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        match (told.is_empty(), told.contains(&cause)) {
            (true, _) => cause,
            (false, true) => told,
            (false, false) => format!("{told}: {cause}"),
        }
    })
}

pub(crate) fn code_of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(coded) = within::<Coded>(cause) {
            return Some(coded.code.clone());
        }
        if let Some(refused) = cause.downcast_ref::<Refused>() {
            return Some(refused.code().to_owned());
        }
        if let Some(error) = cause.downcast_ref::<NodeError>() {
            return Some(error.code().to_owned());
        }
        if let Some(error) = cause.downcast_ref::<journal::JournalError>() {
            return Some(error.code().to_owned());
        }
        if let Some(error) = cause.downcast_ref::<TokenError>() {
            return Some(error.code().to_owned());
        }
        if let Some(error) = cause.downcast_ref::<AccountError>() {
            return Some(error.code().to_owned());
        }
        if let Some(error) = cause.downcast_ref::<ceremony::CeremonyError>() {
            return Some(error.code().to_owned());
        }
        if cause.is::<types::CommandError>() {
            return Some("journal-unreadable".to_owned());
        }
        cause.downcast_ref::<identity::KeyError>().map(|error| error.code().to_owned())
    })
}

/// An error that is one of ours, or that carries one through `std::io`.
fn within<'e, E: Error + 'static>(cause: &'e (dyn Error + 'static)) -> Option<&'e E> {
    let carried = || cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref::<E>();
    cause.downcast_ref::<E>().or_else(carried)
}

pub(crate) fn number(code: &str) -> u8 {
    match code {
        "draw-disk" | "journal-poisoned" | "journal-io" | "journal-full" => DISK,
        "access-denied" => DENIED,
        "answer-unreadable" | "audit-incomplete" | "node-unreachable" => NODE,
        "file-missing" | "file-unreadable" => INPUT,
        "output-refused" => OUTPUT,
        "data-in-use" | "address-in-use" => BUSY,
        "engine-assert" | "replay-differs" => SOFTWARE,
        "archive-mismatch" | "journal-damaged" | "journal-incomplete" | "journal-unreadable"
        | "draw-file-wrong" | "snapshot-mismatch" | "snapshot-damaged" | "data-newer"
        | "data-not-tidegate" => DATA,
        _ if code.starts_with("key-") || code.starts_with("tls-") => CONFIG,
        "data-read-only" | "data-missing" | "clock-behind" | "address-refused"
        | "configuration" => CONFIG,
        _ => FAILURE,
    }
}
