//! Entries of one campaign taken over into another that takes only its people.
//!
//! Owns: the run over all entries of the first campaign, a part at a time, and its counts. Never:
//! decides who may enter, which the ledger does for each entry as for anybody's; keeps what it
//! opened.
//! Invariants: the same entry makes the same request, so that a run which is done again, or goes on
//! after it was cut off, changes nothing that is there; no more of its requests wait for the ledger
//! than `TAKE_OVERS_WAITING_MAX`; of one node one run works at a time.
//! On failure: a problem with the code of what failed; what was taken over stays.

mod way;

pub(crate) use way::{Side, Unfit, Way, request_id};

use crate::operator::unavailable;
use crate::problem::Problem;
use crate::record;
use journal::ReadLog;
use ledger::{Ledger, Place, PublicEntry};
use node::{Node, Pending, Unavailable};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use types::ids::{CampaignNo, EntryNo};
use types::limits;
use types::outcome::{Outcome, Refusal};
use way::Unmade;

/// What the runs of a node share.
pub(crate) struct TakeOvers {
    one: Arc<Semaphore>,
    latest: Mutex<Option<(CampaignNo, Tally)>>,
}

/// How far a run is, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Whether it is still at work.
    pub(crate) at_work: bool,
    /// Entries that the first campaign had when it began.
    pub(crate) entries: u32,
    /// Of those, how many it has looked at.
    pub(crate) looked_at: u32,
    /// Entries that it made.
    pub(crate) taken_over: u32,
    /// Entries that an earlier run had made.
    pub(crate) there_before: u32,
    /// Entries of the first campaign that were given up, or got nothing, or that their people made
    /// anew: nobody is in by them.
    pub(crate) gone: u32,
    /// All others, by why not.
    pub(crate) not_taken_over: BTreeMap<&'static str, u32>,
    /// Why it ended before it had looked at all of them.
    pub(crate) stopped: Option<&'static str>,
}

impl Default for TakeOvers {
    fn default() -> Self {
        Self { one: Arc::new(Semaphore::new(1)), latest: Mutex::default() }
    }
}

impl TakeOvers {
    /// Permission to work, for as long as it is held.
    pub(crate) fn begin(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.one).try_acquire_owned().map_err(|_| {
            let detail = "Entries are being taken over already. Nothing was done. Look at how far \
                          that is, and ask again when it is done.";
            Problem::new(503, "take-over-busy", "Entries are being taken over", detail)
                .retry_after(5)
        })
    }

    /// How far the latest run into a campaign is, as long as no other one was made since.
    pub(crate) fn latest(&self, campaign: CampaignNo) -> Option<Tally> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.as_ref().filter(|(of, _)| *of == campaign).map(|(_, tally)| tally.clone())
    }

    /// Takes note of how far a run is.
    pub(crate) fn note(&self, campaign: CampaignNo, tally: Tally) {
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some((campaign, tally));
    }
}

/// An entry that is to be taken over, as the ledger says.
struct Found {
    entry: EntryNo,
    place: Place,
    identity: [u8; 8],
}

/// A run.
pub(crate) struct Run<'a> {
    pub(crate) way: &'a Way,
    pub(crate) node: &'a Node,
    /// Entries of the first campaign to look at.
    pub(crate) entries: u32,
    /// Entries that the campaign had before the run.
    pub(crate) before: u32,
    /// Told once the campaign has an entry, from which on its definition stays.
    pub(crate) began: Option<oneshot::Sender<()>>,
    pub(crate) note: &'a dyn Fn(Tally),
}

impl Run<'_> {
    /// Looks at all entries. For a thread that may wait.
    ///
    /// # Errors
    /// When the node takes nothing, or an entry cannot be read.
    pub(crate) fn work(mut self) -> Result<Tally, Problem> {
        let mut tally = Tally { at_work: true, entries: self.entries, ..Tally::default() };
        (self.note)(tally.clone());
        let mut waiting = VecDeque::new();
        let done = self.all(&mut tally, &mut waiting);
        // What was sent is decided, whatever came in between.
        let settled = waiting.into_iter().try_for_each(|sent| self.settle(sent, &mut tally));
        tally.at_work = false;
        (self.note)(tally.clone());
        done.and(settled).map(|()| tally)
    }

    fn all(
        &mut self,
        tally: &mut Tally,
        waiting: &mut VecDeque<Pending<Outcome>>,
    ) -> Result<(), Problem> {
        let journal = self.node.journal_reader();
        for first in (0..self.entries).step_by(limits::LOOK_ROWS_MAX as usize) {
            let until = self.entries.min(first.saturating_add(limits::LOOK_ROWS_MAX));
            let of = self.way.first;
            let look = move |ledger: &Ledger| found(ledger, of, first..until);
            let some = self.node.read(look).map_err(unavailable)?.wait().map_err(unavailable)?;
            for found in some {
                if tally.stopped.is_some() {
                    return Ok(());
                }
                tally.pass(found.entry.0);
                match self.record(&*journal, &found)? {
                    Ok(record) => self.send(record, tally, waiting)?,
                    Err(code) => tally.leave(code),
                }
                tally.looked_at += 1;
            }
            tally.pass(until);
            (self.note)(tally.clone());
        }
        Ok(())
    }

    /// The request that an entry makes, or the code of why it makes none.
    fn record(
        &self,
        journal: &dyn ReadLog,
        found: &Found,
    ) -> Result<Result<Vec<u8>, &'static str>, Problem> {
        let Found { entry, place, identity } = *found;
        let mut read = Vec::new();
        record::read(journal, (place.frame, place.offset), &mut read)
            .map_err(|why| stopped("journal-unreadable", entry, &why))?;
        match self.way.record(entry, identity, &read) {
            Ok(record) => Ok(Ok(record)),
            Err(Unmade::Unfit(code)) => Ok(Err(code)),
            Err(Unmade::Damaged(why)) => Err(stopped("sealed-unreadable", entry, &why)),
        }
    }

    fn send(
        &mut self,
        record: Vec<u8>,
        tally: &mut Tally,
        waiting: &mut VecDeque<Pending<Outcome>>,
    ) -> Result<(), Problem> {
        loop {
            if limits::TAKE_OVERS_WAITING_MAX <= waiting.len()
                && let Some(oldest) = waiting.pop_front()
            {
                self.settle(oldest, tally)?;
            }
            match self.node.submit_one(record.clone()) {
                Ok(sent) => {
                    waiting.push_back(sent);
                    return Ok(());
                }
                // Others are many: what was sent before is waited for first.
                Err(why @ Unavailable::QueueFull) => match waiting.pop_front() {
                    Some(oldest) => self.settle(oldest, tally)?,
                    None => return Err(unavailable(why)),
                },
                Err(why) => return Err(unavailable(why)),
            }
        }
    }

    fn settle(&mut self, sent: Pending<Outcome>, tally: &mut Tally) -> Result<(), Problem> {
        match sent.wait().map_err(unavailable)? {
            Outcome::Registered { entry } => {
                if let Some(began) = self.began.take() {
                    // Whoever waits for it may have left.
                    let _left = began.send(());
                }
                let is_new = self.before <= entry.0;
                let count = if is_new { &mut tally.taken_over } else { &mut tally.there_before };
                *count += 1;
            }
            // Made by an earlier run, when the campaign offered other places.
            Outcome::Refused(Refusal::RequestReused) => tally.there_before += 1,
            Outcome::Refused(refusal) => {
                let code = refusal.code();
                if is_of_everybody(&refusal) {
                    tally.stopped = Some(code);
                }
                tally.leave(code);
            }
            other => unreachable!("an entry of a draw is registered or refused, not {other:?}"),
        }
        Ok(())
    }
}

impl Tally {
    /// All entries before this one that were not looked at are gone.
    fn pass(&mut self, next: u32) {
        self.gone += next - self.looked_at;
        self.looked_at = next;
    }

    fn leave(&mut self, code: &'static str) {
        *self.not_taken_over.entry(code).or_default() += 1;
    }
}

/// Whether a refusal says nothing of the one who is refused: nobody else would be taken either.
const fn is_of_everybody(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::NotOpenYet { .. }
            | Refusal::Paused
            | Refusal::Closed
            | Refusal::CapReached
            | Refusal::SeriesUnpublished
    )
}

/// Entries by which somebody is in the first campaign, as far as they are told so.
fn found(ledger: &Ledger, first: CampaignNo, range: Range<u32>) -> Vec<Found> {
    let of = ledger.campaign(first).expect("campaigns are never taken away");
    let is_in = |entry: &EntryNo| {
        let told = ledger.public_entry(first, *entry);
        let is_in =
            matches!(told, Some(PublicEntry::Registered { .. } | PublicEntry::Booked { .. }));
        is_in && of.is_latest(*entry)
    };
    let entries = range.map(EntryNo).filter(is_in);
    let view = |entry| {
        let view = ledger.entry(first, entry).expect("it was just looked at");
        Found { entry, place: view.place, identity: view.identity }
    };
    entries.map(view).collect()
}

/// A run that stopped at an entry that cannot be read.
fn stopped(code: &'static str, entry: EntryNo, why: &str) -> Problem {
    tracing::error!(code, entry = entry.0, why, "taking entries over stopped");
    let detail = format!(
        "Taking entries over stopped at entry {entry} of the first campaign, which cannot be read: \
         {why}. Entries before it may have been taken over, and stay. Mend the cause, and ask for \
         the same again: it goes on."
    );
    Problem::new(500, code, "Taking entries over stopped", detail)
}
