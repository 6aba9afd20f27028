//! The draw itself, and what came back of it: who wins, and what the ledger is told of it.
//!
//! Owns: the steps `run` and `alternates`, and giving the ledger their winners part by part. Never:
//! decides who wins; announces winners whose units are not there.
//! Invariants: the files come first, then the event, then the winners; a step that was cut off goes
//! on behind whatever of it is there. A round of alternates begins in the ledger before its first
//! file is made, so that what the files give away stays there; one that comes to no file is called
//! off. A round that the ledger has is never made again.

use super::super::access::Actor;
use super::super::{Operator, refusal, unavailable};
use super::known::Known;
use crate::draws::{
    Holders, awards, blocking, forget_returned, recorded_alternates, refused, write_returned, wrong,
};
use crate::problem::Problem;
use ceremony::{Passes, whole};
use draw::note::SigningKey;
use ledger::Stage;
use std::sync::Arc;
use types::action::DrawEvent;
use types::command::encode_award;
use types::ids::{EntryNo, PoolNo, Sha256};
use types::{Action, Outcome, Refusal, limits};

/// Of a whole step in tenths, what its files take; what is left is telling the ledger.
const FILES: u64 = 9;
const WHOLE: u64 = 10;

impl Operator {
    pub(super) async fn run(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        known: &Arc<Known>,
    ) -> Result<(), Problem> {
        let work = |operator: &Self, known: &Known, key: &SigningKey| {
            let note = |doing, done, of| operator.note(doing, done, of);
            let whole = whole(&note);
            let progress = Passes::new(&whole, WHOLE).next(FILES);
            let drawn = ceremony::run(&known.open()?, key, &progress);
            drawn.map_err(|error| refused(&error))?;
            let rows = awards(&known.folder, &known.buckets, 0)?;
            Ok((known.digest_of("result.txt")?, rows))
        };
        let (digest, rows) = self.make(known, work).await?;
        let event = DrawEvent::Result { winners: count(&rows) };
        self.event(by, reason, known, event, digest).await?;
        self.award(known, 0, &rows).await
    }

    pub(super) async fn alternates(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        known: Arc<Known>,
    ) -> Result<(), Problem> {
        let recorded = recorded_alternates(&known.draw);
        if known.draw.stage == Stage::Drawn {
            // Announced and not awarded: the step was cut off behind its record.
            let work = move |_: &Self, known: &Known, _: &SigningKey| {
                known.history_with_rounds()?;
                known.round(recorded)
            };
            let (digest, rows) = self.make(&known, work).await?;
            let winners = count(&rows);
            if known.draw.events.last() != Some(&(DrawEvent::Alternates { winners }, digest)) {
                let what =
                    format!("{winners} winners of round {recorded}, which the ledger has not");
                return Err(wrong(&known.folder.path, what));
            }
            return self.award(&known, known.draw.winners - winners, &rows).await;
        }
        let round = recorded + 1;
        let known = self.begin_round(by, reason, known).await?;
        let made = self.make_round(&known, round).await;
        if made.is_err() && self.forget_round(&known, round).await? {
            self.resume(by, reason, &known, false).await?;
        }
        let (digest, rows) = made?;
        let event = DrawEvent::Alternates { winners: count(&rows) };
        self.event(by, reason, &known, event, digest).await?;
        self.award(&known, known.draw.winners, &rows).await
    }

    /// A draw in which a round of alternates has begun, by this step or by one that was cut off:
    /// from now on no unit is taken from what the files say. None begins that could not be made for
    /// want of the folder or the key.
    async fn begin_round(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        known: Arc<Known>,
    ) -> Result<Arc<Known>, Problem> {
        if known.draw.stage == Stage::Resumed {
            return Ok(known);
        }
        self.make(&known, |_, known, _| known.history_with_rounds().map(drop)).await?;
        self.resume(by, reason, &known, true).await?;
        // What was free before may have been withdrawn.
        self.known(&known.definition.code, known.folder.no).await
    }

    /// Begins a round of alternates in the ledger, or calls it off.
    async fn resume(
        &self,
        by: &Actor,
        reason: &str,
        known: &Known,
        begin: bool,
    ) -> Result<(), Problem> {
        let (campaign, draw) = (known.campaign, known.folder.no);
        self.act(by, reason, Action::Alternates { campaign, draw, begin }).await.map(drop)
    }

    /// The files of a round: the digest of its note, and its winners.
    async fn make_round(
        self: &Arc<Self>,
        known: &Arc<Known>,
        round: u32,
    ) -> Result<(Sha256, Vec<(EntryNo, PoolNo)>), Problem> {
        self.make(known, move |operator: &Self, known: &Known, key: &SigningKey| {
            let note = |doing, done, of| operator.note(doing, done, of);
            let whole = whole(&note);
            let mut passes = Passes::new(&whole, WHOLE);
            let (reading, drawing) = (passes.next(2), passes.next(FILES - 2));
            if known.history_with_rounds()?.alternates() < round {
                let holders = Holders {
                    node: &operator.node,
                    campaign: known.campaign,
                    entries: known.entries,
                };
                let (folder, buckets) = (&known.folder, &known.buckets);
                let returned = write_returned(folder, buckets, &holders, round, &reading)?;
                let drawn = ceremony::alternates(&known.open()?, round, &returned, key, &drawing);
                drawn.map_err(|error| refused(&error))?;
            }
            known.round(round)
        })
        .await
    }

    /// Takes away what a round has written that could not be drawn; whether nothing of it is in the
    /// draw's folder, so that it may be called off.
    async fn forget_round(
        self: &Arc<Self>,
        known: &Arc<Known>,
        round: u32,
    ) -> Result<bool, Problem> {
        let known = Arc::clone(known);
        blocking(move || forget_returned(&known.folder, round)).await
    }

    /// Tells the ledger of the winners of one event, which come behind the `before` winners of
    /// those before it, part by part; of a step that was cut off, those that it does not have yet,
    /// however long the parts were.
    async fn award(
        &self,
        known: &Known,
        before: u32,
        rows: &[(EntryNo, PoolNo)],
    ) -> Result<(), Problem> {
        let mut done = known.awarded_behind(before).min(count(rows));
        let of = rows.len() as u64;
        for part in rows[done as usize..].chunks(limits::AWARDS_MAX) {
            self.note_awarded(u64::from(done), of);
            let mut record = Vec::new();
            let draw = (known.campaign, known.folder.no);
            encode_award(draw, before + done, part, &mut record);
            let pending = self.node.submit_one(record).map_err(unavailable)?;
            match pending.await.map_err(unavailable)? {
                Outcome::Done { .. } => {}
                Outcome::Refused(refused) => return Err(refused_award(&refused)),
                other => unreachable!("awards are done or refused, not {other:?}"),
            }
            done += part.len() as u32;
        }
        self.note_awarded(of, of);
        Ok(())
    }

    /// Takes note of how much of the winners the ledger has: the last part of the step.
    fn note_awarded(&self, done: u64, of: u64) {
        let note = |doing, done, of| self.note(doing, done, of);
        let whole = whole(&note);
        let mut passes = Passes::new(&whole, WHOLE);
        let _files = passes.next(FILES);
        passes.next(WHOLE - FILES)("awarding", done, of);
    }
}

impl Known {
    /// The digest of a round's note, and its winners, of files that are there.
    fn round(&self, round: u32) -> Result<(Sha256, Vec<(EntryNo, PoolNo)>), Problem> {
        let rows = awards(&self.folder, &self.buckets, round)?;
        Ok((self.digest_of(&format!("alternates-{round}.txt"))?, rows))
    }

    /// How many winners behind the first `before` have got what they won. What a void draw gave was
    /// taken back.
    fn awarded_behind(&self, before: u32) -> u32 {
        match self.draw.stage {
            Stage::Void => 0,
            _ => self.draw.awarded.saturating_sub(before),
        }
    }
}

fn count(rows: &[(EntryNo, PoolNo)]) -> u32 {
    u32::try_from(rows.len()).expect("a list has fewer than 2^32 entries")
}

/// What a refused part of the winners means here.
fn refused_award(refused: &Refusal) -> Problem {
    let problem = refusal::problem(refused);
    let (meaning, title, detail) = match refused {
        Refusal::SoldOut => (
            "winners-sold-out",
            "Sold out",
            "A place has fewer free units than its winners get, so that they were not given them. \
             Those before them keep theirs, and nobody is told yet. If the draw was never \
             published, declare it void and close its list again.",
        ),
        Refusal::NotAsAsked => (
            "winners-differ",
            "Not as asked",
            "The winners in the draw's files are not those that the ledger may give units: one is \
             not on the list, or has something already. Nothing of this part was given. Verify the \
             draw's folder; put its files back from a copy if they were changed.",
        ),
        _ => return problem,
    };
    Problem { title: title.into(), detail: detail.into(), ..problem }.meaning(meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_award_says_what_it_means() {
        let [sold_out, other] =
            [Refusal::SoldOut, Refusal::NotAsAsked].map(|refused| refused_award(&refused));
        assert_eq!((sold_out.code, sold_out.title.as_ref()), ("sold-out", "Sold out"));
        assert!(sold_out.detail.contains("declare it void"), "{}", sold_out.detail);
        assert!(other.detail.contains("Verify the draw's folder"), "{}", other.detail);
    }
}
