//! Whether a draw is in time, by this computer's clock.
//!
//! Owns: that nothing is sealed upon a round that everybody knows already, and nothing opened or
//! seeded once it could be known what comes of it, or too late. Never: touches a file; the steps
//! themselves read no clock.

use crate::exit::Coded;
use anyhow::Result;
use ceremony::{Folder, History};
use draw::beacon::Chain;
use draw::seal::{Deadline, Round};
use std::time::{SystemTime, UNIX_EPOCH};

/// For steps that must be in time.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Due {
    /// Take a round or a deadline that is past, as only a rehearsal may
    #[arg(long)]
    rehearsal: bool,
}

impl Due {
    /// Whether what is past is taken.
    pub(crate) const fn is_rehearsal(self) -> bool {
        self.rehearsal
    }

    /// Refuses to seal a round that has appeared, or a deadline that is past.
    pub(crate) fn for_seal(self, round: Option<Round>, deadline: Deadline) -> Result<()> {
        self.before_deadline(deadline, "name a later one")?;
        self.before_round(round, "the seal must name one that is still to come")
    }

    /// Refuses to open behind the round, whose value could be known, or behind the deadline.
    pub(super) fn for_open(self, folder: &Folder) -> Result<()> {
        let Some(history) = History::find(folder)? else { return Ok(()) };
        if history.opened().is_some() {
            return Ok(());
        }
        self.before_deadline(history.seal.deadline, VOID)?;
        let then = "whoever opens or types the balls could choose what comes of it: declare the \
                    draw void (tidegate draw void), and seal anew";
        self.before_round(history.seal.drand, then)
    }

    /// Refuses to make the seed behind the deadline.
    pub(super) fn for_seed(self, folder: &Folder) -> Result<()> {
        let Some(history) = History::find(folder)? else { return Ok(()) };
        if history.seed().is_some() {
            return Ok(());
        }
        self.before_deadline(history.seal.deadline, &format!("{VOID}, with two new secrets"))
    }

    fn before_deadline(self, deadline: Deadline, then: &str) -> Result<()> {
        if self.rehearsal || now()? < deadline.seconds() {
            return Ok(());
        }
        let what = format!(
            "the deadline {deadline} is past by this computer's clock: {then}. Nothing was changed"
        );
        Err(Coded::error("draw-seed-refused", &what))
    }

    fn before_round(self, round: Option<Round>, then: &str) -> Result<()> {
        let Some(round) = round.filter(|_| !self.rehearsal) else { return Ok(()) };
        let seconds = Chain::find(round.chain).and_then(|chain| chain.seconds_of(round.round));
        let appears = seconds.and_then(|seconds| i64::try_from(seconds).ok());
        if appears.is_none_or(|appears| now().is_ok_and(|now| now < appears)) {
            return Ok(());
        }
        let what = format!(
            "round {} of the beacon has appeared by this computer's clock: {then}. Nothing was \
             changed",
            round.round
        );
        Err(Coded::error("draw-seed-refused", &what))
    }
}

const VOID: &str =
    "by the rules the draw is void; declare it so (tidegate draw void), and seal anew";

/// Seconds since 1970.
fn now() -> Result<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let seconds = since.and_then(|since| i64::try_from(since.as_secs()).ok());
    let what = "this computer's clock is before 1970: set it. Nothing was changed";
    seconds.ok_or_else(|| Coded::error("draw-seed-refused", &what))
}
