//! Draws of campaigns: from the ledger's list to the files that anybody can check, and back.
//!
//! Owns: each draw's folder below `draws/` in the data folder, the name of a draw, and the work of
//! its steps, which `ceremony` does with files and `roll` with lines. Never: decides what comes
//! next, which the ledger does; journals anything, which `operator::draws` does.
//! Invariants: the same step makes the same files, so a step that was cut off is done again; of
//! one node one step works at a time.
//! On failure: a problem with the code of what failed; files that were there are as they were.

mod awards;
mod folder;
mod lines;
mod people;
mod receipt;
mod returned;

pub(crate) use awards::awards;
pub(crate) use folder::{DrawFolder, PAGE, public_file, unsealed_name};
pub(crate) use lines::{INDEX, LINES, Maker, write_lines};
pub(crate) use receipt::Source;
pub(crate) use returned::write_returned;

use crate::problem::Problem;
use ceremony::{CeremonyError, Folder};
use draw::DrawName;
use draw::note::SigningKey;
use draw::seal::Program;
use identity::SecretKey;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use types::ids::DrawNo;

/// Where the folders of draws lie, in the data folder.
pub(crate) const DRAWS_FOLDER: &str = "draws";

/// What the steps of all draws of a node share.
pub(crate) struct Draws {
    root: PathBuf,
    one: Arc<Semaphore>,
    work: Arc<Mutex<Option<Work>>>,
}

/// The step that works now.
struct Work {
    campaign: String,
    draw: DrawNo,
    /// None until it tells.
    progress: Option<Progress>,
}

/// A step's permission to work, for as long as it is held.
pub(crate) struct AtWork {
    work: Arc<Mutex<Option<Work>>>,
    _permit: OwnedSemaphorePermit,
}

/// How far the step is that works now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Progress {
    /// What it does: `reading`, `sorting`, `drawing`, …
    pub(crate) doing: &'static str,
    /// How much of it is done.
    pub(crate) done: u64,
    /// Of how much.
    pub(crate) of: u64,
}

impl Draws {
    /// Draws below a data folder.
    pub(crate) fn new(data: &Path) -> Self {
        let one = Arc::new(Semaphore::new(1));
        Self { root: data.join(DRAWS_FOLDER), one, work: Arc::default() }
    }

    /// Where the folders of draws lie.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Permission to work on a draw of the campaign `code`.
    pub(crate) fn begin(&self, code: &str, draw: DrawNo) -> Result<AtWork, Problem> {
        let permit = Arc::clone(&self.one).try_acquire_owned().map_err(|_| {
            let detail = "Another step of a draw is under way. Nothing was done. Look at how far \
                          it is, and ask again when it is done.";
            Problem::new(503, "draw-busy", "A draw is under way", detail).retry_after(5)
        })?;
        *lock(&self.work) = Some(Work { campaign: code.to_owned(), draw, progress: None });
        Ok(AtWork { work: Arc::clone(&self.work), _permit: permit })
    }

    /// How far the step of a draw is, if one of it works now and has told.
    pub(crate) fn progress(&self, code: &str, draw: DrawNo) -> Option<Progress> {
        let work = lock(&self.work);
        let own = work.as_ref().filter(|work| work.campaign == code && work.draw == draw)?;
        own.progress
    }

    /// Whether a step of a draw works now.
    pub(crate) fn is_at_work(&self, code: &str, draw: DrawNo) -> bool {
        let work = lock(&self.work);
        work.as_ref().is_some_and(|work| work.campaign == code && work.draw == draw)
    }

    /// Takes note of how far the step is that works now.
    pub(crate) fn note(&self, progress: Progress) {
        if let Some(work) = &mut *lock(&self.work) {
            work.progress = Some(progress);
        }
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        // Before the permit, so that the next step's work is not taken away.
        *lock(&self.work) = None;
    }
}

fn lock(work: &Mutex<Option<Work>>) -> MutexGuard<'_, Option<Work>> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

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

/// This program, as a seal names it.
pub(crate) fn program() -> Result<Program, Problem> {
    let own = std::env::current_exe();
    let own = own.map_err(disk(Path::new("this program")))?;
    let digest = ceremony::digest(&own).map_err(|error| refused(&error))?;
    Ok(Program { version: env!("CARGO_PKG_VERSION").to_owned(), digest })
}

/// Why a step's files were not made.
pub(crate) fn refused(error: &CeremonyError) -> Problem {
    match error {
        CeremonyError::Disk { .. } => failed(error.code(), &error.to_string()),
        CeremonyError::Input { .. }
        | CeremonyError::Wrong { .. }
        | CeremonyError::Differs(_)
        | CeremonyError::Order(_)
        | CeremonyError::Key(_)
        | CeremonyError::Busy(_)
        | CeremonyError::Seed(_) => {
            let detail = format!("{error}. Nothing was changed. The code's page says what to do.");
            Problem::new(409, error.code(), "The draw's files do not allow it", detail)
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_a_step_is_is_told_of_its_own_draw_alone() {
        let draws = Draws::new(Path::new("data"));
        let (one, two) = (DrawNo(1), DrawNo(2));
        let progress = Progress { doing: "drawing", done: 3, of: 9 };
        let at_work = draws.begin("masks", one).unwrap();
        assert!(draws.is_at_work("masks", one) && draws.progress("masks", one).is_none());
        draws.note(progress);
        assert_eq!(draws.progress("masks", one), Some(progress));
        for (code, draw) in [("masks", two), ("gloves", one)] {
            assert_eq!(draws.progress(code, draw), None, "{code} {draw}");
            assert!(!draws.is_at_work(code, draw), "{code} {draw}");
        }
        assert_eq!(draws.begin("gloves", one).err().unwrap().code, "draw-busy");
        drop(at_work);
        assert!(!draws.is_at_work("masks", one) && draws.progress("masks", one).is_none());
        assert!(draws.begin("gloves", one).is_ok());
    }
}
