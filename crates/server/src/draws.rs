//! Draws of campaigns: from the ledger's list to the files that anybody can check, and back.
//!
//! Owns: each draw's folder below `draws/` in the data folder, the name of a draw, and the work of
//! its steps, which `ceremony` does with files and `roll` with lines. Never: decides what comes
//! next, which the ledger does; journals anything, which `operator::draws` does.
//! Invariants: the same step makes the same files, so a step that was cut off is done again; of
//! one node one step works at a time.
//! On failure: a problem with the code of what failed; files that were there are as they were.

mod at_work;
mod awards;
mod folder;
mod lines;
mod people;
mod receipt;
mod returned;

pub(crate) use at_work::{Draws, Progress};
pub(crate) use awards::{awards, entries_of};
pub(crate) use folder::{DrawFolder, PAGE, public_file, recorded_alternates, unsealed_name};
pub(crate) use lines::{INDEX, LINES, Maker, keep, part, write, write_lines};
pub(crate) use receipt::Source;
pub(crate) use returned::{Holders, forget_returned, write_returned};

use crate::problem::Problem;
use ceremony::{CeremonyError, Folder};
use draw::DrawName;
use draw::note::{Note, NoteProblem, SigningKey};
use draw::seal::{Program, Seal};
use identity::SecretKey;
use std::path::Path;

/// Where the folders of draws lie, in the data folder.
pub(crate) const DRAWS_FOLDER: &str = "draws";

/// The operator's key under a draw's name.
pub(crate) fn signing_key(name: &DrawName, secret: &SecretKey) -> SigningKey {
    let key = SigningKey::new(name.as_str(), &secret.derived("tidegate/draw-sign/v1"));
    key.expect("a draw's name can be a key's")
}

/// Puts the page on which people check their receipts beside a sealed draw. One that is there
/// stays, of whatever release it is.
pub(crate) fn put_page(folder: &Folder, key: &SigningKey) -> Result<(), Problem> {
    if folder.has(PAGE).map_err(|error| refused(&error))? {
        return Ok(());
    }
    let key = key.verifying();
    let put = ceremony::page(folder, &key, &drawpage::files(&key));
    put.map(drop).map_err(|error| refused(&error))
}

/// What was sealed, by one file alone: many ask for it at once.
pub(crate) fn seal_of(folder: &Path) -> Result<Seal, Problem> {
    let text = open(folder)?.read_text("seal.txt").map_err(|error| refused(&error))?;
    let path = folder.join("seal.txt");
    let note = Note::read(&text).map_err(|problem| wrong_note(&path, &problem))?;
    Seal::read(note.text()).map_err(|problem| wrong(&path, problem))
}

/// This program, as a seal names it: what runs, also where another release has taken its place on
/// the disk since.
pub(crate) fn program() -> Result<Program, Problem> {
    let running = Path::new("/proc/self/exe");
    let own = match running.exists() {
        true => running.to_owned(),
        false => std::env::current_exe().map_err(disk(Path::new("this program")))?,
    };
    let digest = ceremony::digest(&own).map_err(|error| refused(&error))?;
    Ok(Program { version: env!("CARGO_PKG_VERSION").to_owned(), digest })
}

/// Opens a folder of a draw.
pub(crate) fn open(path: &Path) -> Result<Folder, Problem> {
    Folder::open(path).map_err(|error| refused(&error))
}

/// Why a step's files were not made.
pub(crate) fn refused(error: &CeremonyError) -> Problem {
    match error.code() {
        code @ "draw-disk" => failed(code, &error.to_string()),
        code @ "draw-busy" => {
            let detail = format!("{error}. Nothing was changed. Ask again when it is done.");
            Problem::new(503, code, "A draw is under way", detail).retry_after(5)
        }
        code => {
            // One of them says so itself.
            let is_said = matches!(error, CeremonyError::Differs(_));
            let unchanged = if is_said { "" } else { " Nothing was changed." };
            let detail = format!("{error}.{unchanged} The code's page says what to do.");
            Problem::new(409, code, "The draw's files do not allow it", detail)
        }
    }
}

/// A file of a draw that does not say what it must.
pub(crate) fn wrong(path: &Path, what: impl std::fmt::Display) -> Problem {
    failed("draw-file-wrong", &format!("{}: {what}", path.display()))
}

/// A note of a draw that is none, or that is not signed.
pub(crate) fn wrong_note(path: &Path, problem: &NoteProblem) -> Problem {
    refused(&CeremonyError::note(path, problem))
}

/// Work for a thread that may wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(failed("draw-step-failed", &error.to_string())))
}

/// A file of a draw that the disk does not give or take.
pub(crate) fn disk(path: &Path) -> impl Fn(std::io::Error) -> Problem {
    move |error| failed("draw-disk", &format!("{}: {error}", path.display()))
}

/// A step that stopped at a fault of the machine.
pub(crate) fn failed(code: &'static str, what: &str) -> Problem {
    tracing::error!(code, what, "a step of a draw stopped");
    let detail = format!(
        "A step of the draw stopped: {what}. Whatever was whole before is as it was. Mend the \
         cause, and ask for the same step again."
    );
    Problem::new(500, code, "A step of a draw stopped", detail)
}
