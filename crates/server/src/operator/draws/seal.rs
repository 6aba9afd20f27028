//! The first step of a draw: its list becomes lines, and is sealed.
//!
//! Owns: what a seal is made of. Never: a person's identity in a file that is not theirs alone to
//! read; touches anything once a seal is there.
//! Invariants: a seal given again is held against the one that is there, and nothing is written;
//! a round that everybody knows, or a deadline that is past, is sealed for a rehearsal only, also
//! where that came about while the list was made.

use super::super::access::Actor;
use super::super::{Operator, refusal};
use super::known::Known;
use super::request::Sealed;
use super::step::{Times, has_appeared, is_past, too_late};
use crate::draws::{self, refused, write_lines};
use crate::problem::Problem;
use ceremony::{CeremonyError, Folder, History, Passes, Progress, Sealing, whole};
use draw::identity::TagKey;
use draw::note::{Note, SigningKey};
use draw::seal::{Program, Round};
use draw::{Digest, Stock};
use identity::Scope;
use roll::{Roll, Salts};
use std::path::Path;
use std::sync::Arc;
use types::Refusal;
use types::action::DrawEvent;
use types::ids::Millis;

/// What the tags of one draw are keyed with on the operator's side, under the campaign's data key.
const TAG_PURPOSE: &str = "tidegate/draw-tag/v1:";

/// The sealed stock to be, in the operator's folder.
const STOCK: &str = "stock.txt";

impl Sealed {
    /// Holds what is asked for against the seal that is there, which must be the operator's.
    fn must_be(&self, history: &History, folder: &Folder, key: &SigningKey) -> Result<(), Problem> {
        let path = folder.path("seal.txt");
        let note = folder.read_text("seal.txt").map_err(|error| refused(&error))?;
        let is_wrong = |problem| draws::wrong_note(&path, &problem);
        Note::read(&note).and_then(|note| note.verify(&key.verifying())).map_err(is_wrong)?;
        let seal = &history.seal;
        let is_same = seal.operator == self.operator
            && seal.notary == self.notary
            && seal.balls == self.balls
            && seal.drand == self.drand
            && seal.deadline == self.deadline
            && seal.rules == Digest::of(self.rules.as_bytes());
        let differs = || refused(&CeremonyError::Differs(path));
        if is_same { Ok(()) } else { Err(differs()) }
    }

    /// Refuses what nobody could trust, or what would be void at once. A rehearsal takes what was
    /// past when its list was closed, by which everybody can tell that it is one.
    fn must_come(&self, times: Times) -> Result<(), String> {
        let is_refused = |is_past: &dyn Fn(Millis) -> bool| {
            is_past(times.now) && !(self.is_rehearsal && is_past(times.closed))
        };
        if is_refused(&|at| is_past(self.deadline, at)) {
            return Err(format!(
                "The deadline {} is past by the node's clock. Nothing was sealed. Name a later one, \
                 or rehearse with one from before the list was closed.",
                self.deadline
            ));
        }
        let is_known = |round: &Round| is_refused(&|at| has_appeared(*round, at));
        let Some(round) = self.drand.filter(is_known) else { return Ok(()) };
        Err(format!(
            "Round {} of the beacon has appeared already, by the node's clock: whoever seals would \
             know the seed. Nothing was sealed. Name a later round, or rehearse with one from \
             before the list was closed.",
            round.round
        ))
    }
}

impl Operator {
    pub(super) async fn seal(
        self: &Arc<Self>,
        by: &Actor,
        reason: &str,
        known: &Arc<Known>,
        sealed: Box<Sealed>,
    ) -> Result<(), Problem> {
        let work = move |operator: &Self, known: &Known, key: &SigningKey| {
            // First of all: an upgrade may take this program's place while the list is made.
            let program = draws::program()?;
            let folder = Folder::create(&known.folder.path).map_err(|error| refused(&error))?;
            match History::find(&folder).map_err(|error| refused(&error))? {
                Some(history) => sealed.must_be(&history, &folder, key)?,
                None => {
                    let times = operator.times(known);
                    sealed.must_come(times).map_err(|why| too_late("seal-too-late", &why))?;
                    operator.make_seal(known, key, &sealed, program, &folder)?;
                }
            }
            draws::put_page(&folder, key)?;
            known.digest_of("seal.txt")
        };
        let digest = self.make(known, work).await?;
        let entries = known.draw.entries;
        self.event(by, reason, known, DrawEvent::Seal { entries }, digest).await
    }

    /// When a draw's list was closed, and what time it is now.
    fn times(&self, known: &Known) -> Times {
        Times { closed: known.draw.at, now: self.now() }
    }

    /// The files of a seal. For a thread that may wait.
    fn make_seal(
        &self,
        known: &Known,
        key: &SigningKey,
        sealed: &Sealed,
        program: Program,
        folder: &Folder,
    ) -> Result<(), Problem> {
        let private = &known.folder.private;
        std::fs::create_dir_all(private).map_err(draws::disk(private))?;
        let note = |doing, done, of| self.note(doing, done, of);
        let whole = whole(&note);
        let mut passes = Passes::new(&whole, 10);
        let (listing, sealing) = (passes.next(3), passes.next(7));
        let (lines, stock) = match known.folder.stands.as_deref().filter(|_| known.draw.unserved) {
            None => (self.list(known, sealed, &listing)?, known.buckets.stock()),
            Some(before) => self.remaining(known, before, &listing)?,
        };
        if lines != known.draw.entries {
            let what = format!(
                "the ledger lists {} entries, and {lines} lines came of them",
                known.draw.entries
            );
            return Err(draws::failed("draw-file-wrong", &what));
        }
        // The stock is that of the first call: what comes back afterwards is for alternates.
        let kept = draws::open(private)?;
        if !kept.has(STOCK).map_err(|error| refused(&error))? {
            kept.put(STOCK, stock.as_bytes()).map_err(|error| refused(&error))?;
        }
        draws::write(private, "rules.txt", sealed.rules.as_bytes())?;
        let after = known.folder.after.iter().map(|path| draws::open(path));
        let parts = Sealing {
            draw: known.folder.name.clone(),
            entries: &private.join(draws::LINES),
            stock: &private.join(STOCK),
            rules: &private.join("rules.txt"),
            program,
            operator: sealed.operator,
            notary: sealed.notary,
            balls: sealed.balls.clone(),
            drand: sealed.drand,
            deadline: sealed.deadline,
            after: &after.collect::<Result<Vec<_>, _>>()?,
            // Since the step began minutes may have passed.
            may_sign: &|| sealed.must_come(self.times(known)).map_err(CeremonyError::TooLate),
        };
        ceremony::seal(folder, &parts, key, &sealing).map(drop).map_err(|error| match error {
            CeremonyError::TooLate(why) => too_late("seal-too-late", &why),
            error => refused(&error),
        })
    }

    /// The lines of everybody on the list, and the table back; how many they are.
    fn list(&self, known: &Known, sealed: &Sealed, progress: Progress<'_>) -> Result<u32, Problem> {
        let definition = &known.definition;
        let keys = self.keyring.campaign_keys(&definition.code, &Scope::of(definition));
        let keys = keys.ok_or_else(|| refusal::problem(&Refusal::Shredded))?;
        let purpose = format!("{TAG_PURPOSE}{}", known.folder.name);
        let roll = Roll {
            draw: known.folder.name.clone(),
            salts: Salts::new(keys.derived(Salts::PURPOSE)),
            operator: TagKey(keys.derived(&purpose)),
            notary: sealed.notary_tag_key.clone(),
        };
        let maker = draws::Maker {
            campaign: known.campaign,
            definition,
            keys: &keys,
            roll: &roll,
            buckets: &known.buckets,
        };
        let note = |done, of| progress("listing", done, of);
        write_lines(&maker, &self.node, known.entries, &known.folder.private, &note)
    }

    /// The lines of those unserved, and the table back, which is the one of the draw before; how
    /// many they are, and the stock: that draw's places in their order, with what each has today.
    /// A place that was added since is for another draw.
    fn remaining(
        &self,
        known: &Known,
        before: &Path,
        progress: Progress<'_>,
    ) -> Result<(u32, String), Problem> {
        let private = &known.folder.private;
        let (lines, left) = (private.join(draws::LINES), private.join("left.txt"));
        for made in [&lines, &left] {
            match std::fs::remove_file(made) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(draws::disk(made)(error));
                }
                _ => {}
            }
        }
        let table = before.with_extension("private").join(draws::INDEX);
        let copy = || {
            let part = draws::part(private, draws::INDEX);
            std::fs::copy(&table, &part)?;
            std::fs::File::open(&part)?.sync_all()
        };
        copy().map_err(draws::disk(private))?;
        draws::keep(private, draws::INDEX)?;
        let folder = draws::open(before)?;
        let sealed = folder.read(STOCK).map_err(|error| refused(&error))?;
        let sealed = Stock::read(&sealed).map_err(|error| draws::wrong(before, error))?;
        let names: Vec<&str> = sealed.numbers().map(|bucket| sealed.name(bucket)).collect();
        let nothing: String = names.iter().map(|name| format!("{name},0\n")).collect();
        draws::write(private, "nothing.txt", nothing.as_bytes())?;
        let today = |name: &&str| format!("{name},{}\n", known.buckets.units_of(name));
        let stock = names.iter().map(today).collect();
        let nothing = private.join("nothing.txt");
        let count = ceremony::remaining(&folder, &nothing, &lines, &left, progress);
        let count = count.map_err(|error| refused(&error))?;
        Ok((u32::try_from(count).expect("a list has fewer than 2^32 entries"), stock))
    }
}
