//! The step that works now, and what must not come between it and the ledger.
//!
//! Owns: permission to work, one step of one draw at a time on a node; how far that step is; and
//! that no command changes what it works with. Never: what a step does.
//! Invariants: while a step of a campaign works, no command that would disturb it begins, and while
//! such a command is on its way, no step of that campaign begins; how far a step is ends with it,
//! also when it panics.

use super::DRAWS_FOLDER;
use crate::problem::Problem;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use types::ids::DrawNo;

/// What the steps of all draws of a node share.
pub(crate) struct Draws {
    root: PathBuf,
    busy: Arc<Mutex<Busy>>,
}

#[derive(Default)]
struct Busy {
    /// The step that works now.
    work: Option<Work>,
    /// Commands on their way that a step must not meet, by campaign.
    commands: BTreeMap<String, u32>,
}

struct Work {
    campaign: String,
    draw: DrawNo,
    /// None until it tells.
    progress: Option<Progress>,
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

/// A step's permission to work, for as long as it is held.
pub(crate) struct AtWork(Arc<Mutex<Busy>>);

/// A command's permission to change what a campaign's draws work with, for as long as it is held.
pub(crate) struct OnItsWay {
    busy: Arc<Mutex<Busy>>,
    campaign: String,
}

impl Draws {
    /// Draws below a data folder.
    pub(crate) fn new(data: &Path) -> Self {
        Self { root: data.join(DRAWS_FOLDER), busy: Arc::default() }
    }

    /// Where the folders of draws lie.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Permission to work on a draw of the campaign `code`.
    pub(crate) fn begin(&self, code: &str, draw: DrawNo) -> Result<AtWork, Problem> {
        let mut busy = lock(&self.busy);
        if busy.work.is_some() {
            let detail = "Another step of a draw is under way. Nothing was done. Look at how far \
                          it is, and ask again when it is done.";
            return Err(is_busy(detail));
        }
        if busy.commands.contains_key(code) {
            let detail = "Another command of this campaign is under way, which changes what is \
                          drawn. Nothing was done. Ask again when it is done.";
            return Err(is_busy(detail).meaning("draw-command-busy"));
        }
        busy.work = Some(Work { campaign: code.to_owned(), draw, progress: None });
        Ok(AtWork(Arc::clone(&self.busy)))
    }

    /// Permission for a command that would disturb a step of the campaign `code`.
    pub(crate) fn disturb(&self, code: &str) -> Result<OnItsWay, Problem> {
        let mut busy = lock(&self.busy);
        if busy.work.as_ref().is_some_and(|work| work.campaign == code) {
            let detail = "A step of a draw of this campaign is under way, and this would change \
                          what it works with. Nothing was done. Look at how far it is, and ask \
                          again when it is done.";
            return Err(is_busy(detail));
        }
        *busy.commands.entry(code.to_owned()).or_default() += 1;
        Ok(OnItsWay { busy: Arc::clone(&self.busy), campaign: code.to_owned() })
    }

    /// How far the step of a draw is, if one of it works now and has told.
    pub(crate) fn progress(&self, code: &str, draw: DrawNo) -> Option<Progress> {
        let busy = lock(&self.busy);
        let own = busy.work.as_ref().filter(|work| work.campaign == code && work.draw == draw)?;
        own.progress
    }

    /// Whether a step of a draw works now.
    pub(crate) fn is_at_work(&self, code: &str, draw: DrawNo) -> bool {
        let busy = lock(&self.busy);
        busy.work.as_ref().is_some_and(|work| work.campaign == code && work.draw == draw)
    }

    /// Takes note of how far the step is that works now: of the whole of it, so that it goes on
    /// and is all only when the step has ended.
    pub(crate) fn note(&self, progress: Progress) {
        if let Some(work) = &mut lock(&self.busy).work {
            let goes_on = work.progress.is_none_or(|before| before.part() <= progress.part());
            debug_assert!(goes_on, "{:?}, and then {progress:?}", work.progress);
            debug_assert!(progress.done < progress.of, "a step ends by its end: {progress:?}");
            work.progress = Some(progress);
        }
    }
}

impl Progress {
    /// How much of the whole it is, so that two can be compared.
    fn part(self) -> u128 {
        let done = u128::from(self.done) << 64;
        done.checked_div(self.of.into()).unwrap_or_default()
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        lock(&self.0).work = None;
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let mut busy = lock(&self.busy);
        let count = busy.commands.get_mut(&self.campaign).expect("it is on its way");
        *count -= 1;
        if *count == 0 {
            busy.commands.remove(&self.campaign);
        }
    }
}

fn lock(busy: &Mutex<Busy>) -> MutexGuard<'_, Busy> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_busy(detail: &'static str) -> Problem {
    Problem::new(503, "draw-busy", "A draw is under way", detail).retry_after(5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    const ONE: DrawNo = DrawNo(1);
    const DRAWING: Progress = Progress { doing: "drawing", done: 3, of: 9 };

    #[test]
    fn how_far_a_step_is_is_told_of_its_own_draw_alone() {
        let draws = Draws::new(Path::new("data"));
        let at_work = draws.begin("masks", ONE).unwrap();
        assert_eq!(draws.progress("masks", ONE), None, "it has not told");
        assert!(draws.is_at_work("masks", ONE));
        draws.note(DRAWING);
        assert_eq!(draws.progress("masks", ONE), Some(DRAWING));
        for (code, draw) in [("masks", DrawNo(2)), ("gloves", ONE)] {
            assert_eq!(draws.progress(code, draw), None, "{code} {draw}");
            assert!(!draws.is_at_work(code, draw), "{code} {draw}");
        }
        assert_eq!(draws.begin("gloves", ONE).err().unwrap().code, "draw-busy");
        drop(at_work);
        assert!(draws.progress("masks", ONE).is_none() && !draws.is_at_work("masks", ONE));
        assert!(draws.begin("gloves", ONE).is_ok());
    }

    #[test]
    fn a_step_that_panics_is_not_shown_for_ever() {
        let draws = Draws::new(Path::new("data"));
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let _at_work = draws.begin("masks", ONE).unwrap();
            draws.note(DRAWING);
            panic!("as a step might");
        }));
        assert!(ended.is_err());
        assert_eq!(draws.progress("masks", ONE), None);
        assert!(draws.begin("masks", ONE).is_ok());
    }

    #[test]
    fn a_step_and_what_would_disturb_it_wait_for_each_other() {
        let draws = Draws::new(Path::new("data"));
        let at_work = draws.begin("masks", ONE).unwrap();
        assert_eq!(draws.disturb("masks").err().unwrap().code, "draw-busy");
        let elsewhere = draws.disturb("gloves").unwrap();
        drop(at_work);
        let [first, second] = [0; 2].map(|_| draws.disturb("masks").unwrap());
        drop(first);
        assert_eq!(draws.begin("masks", ONE).err().unwrap().code, "draw-busy");
        drop(second);
        assert!(draws.begin("masks", ONE).is_ok());
        drop(elsewhere);
    }
}
