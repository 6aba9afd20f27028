//! What is known of one draw: the ledger's state, its files, and when each step was recorded.
//!
//! Owns: reading them, and remembering them until the draw changes. Never: tells a winner before
//! it is published; takes what a file says for done before the journal does.
//! Invariants: one gathering at a time, however many ask; what lacks a note that is being written
//! is not remembered.
//! On failure: what cannot be read is left out, and said to be; it hides nothing else of the draw.

use super::kind::Kind;
use super::tables::Tables;
use crate::console::Console;
use crate::draws::{DrawFolder, blocking, failed, refused};
use crate::operator::history::Wanted;
use crate::operator::truth::ActionTruth;
use crate::problem::Problem;
use ceremony::{Folder, History};
use draw::seed::{BeaconRound, Opened, SeedText};
use ledger::{Draw, Stage};
use node::CampaignView;
use std::collections::HashMap;
use std::sync::Arc;
use types::action::DrawEvent;
use types::ids::{DrawNo, FrameNo, Sha256};
use types::{CampaignNo, Millis, limits};

/// One draw.
pub(in crate::console) struct Facts {
    pub(super) draw: Draw,
    pub(super) folder: DrawFolder,
    /// Whether the campaign has no later one.
    pub(super) is_latest: bool,
    /// Its log, once it is sealed and if it can be read.
    pub(super) history: Option<History>,
    /// What the beacon said, once the seed is there.
    pub(super) beacon: Option<BeaconRound>,
    /// Winners and cut-offs, once they are published.
    pub(super) tables: Option<Tables>,
    /// Why not all of its files could be read, if so.
    pub(super) damage: Option<Problem>,
    records: Vec<Record>,
}

/// When something was journalled, and by whom.
pub(super) struct Record {
    /// `seal`, …, or `publish`.
    what: String,
    pub(super) at: Millis,
    pub(super) by: String,
}

/// What facts depend on: while it is the same, so are they.
type Key = (FrameNo, Stage, bool, usize, u32, bool);

/// Until when facts hold whatever else happens, and on what they depend.
type ByDraw = HashMap<(CampaignNo, DrawNo), ((Key, Millis), Arc<Facts>)>;

/// What was gathered last of each draw.
#[derive(Default)]
pub(in crate::console) struct Known(tokio::sync::Mutex<ByDraw>);

impl Facts {
    /// The digest of the note of an event, once it is journalled.
    pub(super) fn event(&self, word: &str) -> Option<Sha256> {
        let mut events = self.draw.events.iter();
        events.find(|(event, _)| event.word() == word).map(|(_, digest)| *digest)
    }

    /// What happened, in order.
    pub(super) fn events(&self) -> &[(DrawEvent, Sha256)] {
        &self.draw.events
    }

    /// The secrets and the balls, once their opening is journalled.
    pub(super) fn opened(&self) -> Option<&Opened> {
        self.event("opening").and(self.history.as_ref()?.opened())
    }

    /// The seed, once it is journalled.
    pub(super) fn seed(&self) -> Option<draw::Digest> {
        self.event("seed").and(self.history.as_ref()?.seed())
    }

    /// What the beacon said, once the seed is journalled.
    pub(super) fn said(&self) -> Option<BeaconRound> {
        self.event("seed").and(self.beacon)
    }

    /// Why the draw is void, if it is and was sealed.
    pub(super) fn void(&self) -> Option<&str> {
        self.event("void").and(self.history.as_ref()?.void())
    }

    /// Whether it is void, and its note, which comes behind the journal, is not there.
    pub(super) fn lacks_void(&self) -> bool {
        let is_due = self.draw.stage == Stage::Void && self.draw.is_sealed();
        is_due && self.damage.is_none() && self.void().is_none()
    }

    /// Whether a step is proposed: it is due, or was cut off.
    pub(super) fn offers(&self, kind: Kind) -> bool {
        kind.is_offered(&self.draw) || (kind == Kind::Void && self.lacks_void())
    }

    /// Until when these may be told, if nothing happens to the draw.
    fn good_until(&self, now: Millis) -> Option<Millis> {
        match &self.damage {
            _ if self.lacks_void() => None,
            Some(_) => Some(Millis(now.0 + limits::CONSOLE_DAMAGED_DRAW_MILLIS)),
            None => Some(Millis(u64::MAX)),
        }
    }

    /// When an event was journalled: the note with a digest, or `publish`.
    pub(super) fn record(&self, what: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.what == what)
    }

    fn read(
        view: &CampaignView,
        (draw, folder): (Draw, DrawFolder),
        is_latest: bool,
        records: Vec<Record>,
    ) -> Self {
        let (history, beacon, tables, damage) = (None, None, None, None);
        let mut facts = Self { draw, folder, is_latest, history, beacon, tables, damage, records };
        if facts.draw.is_sealed()
            && let Err(problem) = facts.read_files(view)
        {
            let folder = facts.folder.path.display();
            tracing::warn!(%folder, why = %problem.detail, "a draw's files cannot be read");
            facts.damage = Some(problem);
        }
        facts
    }

    /// Reads what its files say, as far as that goes.
    fn read_files(&mut self, view: &CampaignView) -> Result<(), Problem> {
        let sealed = Folder::open(&self.folder.path).map_err(|error| refused(&error))?;
        self.history = Some(History::read(&sealed).map_err(|error| refused(&error))?);
        self.beacon = beacon(&sealed, &self.folder)?;
        if self.draw.was_published {
            self.tables = Some(Tables::read(view, &self.draw, &sealed)?);
        }
        Ok(())
    }
}

/// What the beacon said, as the seed's file has it.
fn beacon(sealed: &Folder, folder: &DrawFolder) -> Result<Option<BeaconRound>, Problem> {
    let Some(text) = sealed.find("seed.txt").map_err(|error| refused(&error))? else {
        return Ok(None);
    };
    let wrong = |what: String| {
        failed("draw-file-wrong", &format!("{}: {what}", folder.path.join("seed.txt").display()))
    };
    let text = String::from_utf8(text).map_err(|error| wrong(error.to_string()))?;
    let seed = SeedText::read(&text).map_err(|error| wrong(error.to_string()))?;
    Ok(seed.drand)
}

impl Console {
    /// What is known of a draw of a campaign.
    pub(super) async fn facts(
        &self,
        view: &Arc<CampaignView>,
        no: DrawNo,
    ) -> Result<Arc<Facts>, Problem> {
        let (draws, code) = (view.draws(), &view.definition.code);
        let draw = draws
            .get(no.index().wrapping_sub(1))
            .ok_or_else(|| Problem::of("no-such-page", crate::language::Language::default()))?;
        let is_latest = no.index() == draws.len();
        let events = draw.events.len();
        let key = (draw.frame, draw.stage, draw.was_published, events, draw.awarded, is_latest);
        let now = self.operator.now();
        let mut known = self.draws.0.lock().await;
        if let Some(((before, until), facts)) = known.get(&(view.no, no))
            && *before == key
            && now < *until
        {
            return Ok(Arc::clone(facts));
        }
        let records = self.records(code, no).await?;
        let folder = DrawFolder::of(self.operator.draws.root(), code, draws, no);
        let folder = folder.expect("it is one of the draws");
        let (of, draw) = (Arc::clone(view), draw.clone());
        let work = move || Facts::read(&of, (draw, folder), is_latest, records);
        let facts = Arc::new(blocking(move || Ok(work())).await?);
        if limits::CONSOLE_DRAWS_KEPT_MAX <= known.len() {
            known.clear();
        }
        if let Some(until) = facts.good_until(now) {
            known.insert((view.no, no), ((key, until), Arc::clone(&facts)));
        }
        Ok(facts)
    }

    /// When the events of a draw were journalled, and its publication.
    async fn records(&self, code: &str, no: DrawNo) -> Result<Vec<Record>, Problem> {
        let begin = format!("draw {no}: ");
        let wanted = |word: &str, text: &str| Wanted {
            text: text.to_owned(),
            campaign: code.to_owned(),
            word: word.to_owned(),
            ..Wanted::default()
        };
        let most = limits::ACTIONS_LISTED_MAX;
        let events = self.operator.find_actions(wanted("draw-event", &begin), 0, most).await?;
        let is_own =
            |action: &&ActionTruth| action.outcome == "done" && action.detail.starts_with(&begin);
        let own: Vec<&ActionTruth> = events.iter().filter(is_own).collect();
        let mut records: Vec<Record> = own
            .iter()
            .filter_map(|action| {
                let (_, digest) = action.detail.rsplit_once(", ")?;
                Record::of(digest, action)
            })
            .collect();
        // The first publication behind the result is this draw's.
        let is_result = |action: &&&ActionTruth| action.detail[begin.len()..].starts_with("result");
        if let Some(result) = own.iter().find(is_result) {
            let published = self.operator.find_actions(wanted("publish", ""), 0, most).await?;
            let is_behind =
                |action: &&ActionTruth| action.outcome == "done" && result.frame < action.frame;
            let first = published.iter().rfind(is_behind);
            records.extend(first.and_then(|action| Record::of("publish", action)));
        }
        Ok(records)
    }
}

impl Record {
    fn of(what: &str, action: &ActionTruth) -> Option<Self> {
        let at: jiff::Timestamp = action.at.parse().ok()?;
        let at = Millis(u64::try_from(at.as_millisecond()).ok()?);
        Some(Self { what: what.to_owned(), at, by: action.actor.clone() })
    }
}
