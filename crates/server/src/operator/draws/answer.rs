//! What the operator API says of a draw.
//!
//! Owns: that document. Never: what the winners won, before it is published.

use super::is_rehearsal;
use crate::draws::{DrawFolder, Progress};
use crate::moment::rfc3339 as moment;
use ceremony::{CeremonyError, Folder, History};
use draw::Digest;
use draw::note::VerifyingKey;
use ledger::Draw;
use serde::Serialize;
use types::action::DrawEvent;
use types::{Definition, Millis};
use utoipa::ToSchema;

/// A draw.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::operator) struct DrawAnswer {
    /// The campaign.
    campaign: String,
    /// The draw's number, from 1.
    draw: u16,
    /// Its name, which stands in each of its notes.
    name: String,
    /// `closed`, `sealed`, `opened`, `seeded`, `drawn`, `published`, `resumed` (a round of
    /// alternates has begun) or `void`.
    stage: &'static str,
    /// What is missing next: `seal`, `opening`, `seed`, `result`, `awards`, `publication`,
    /// `alternates`, or `list` for another draw.
    needs: &'static str,
    /// When its list was closed.
    closed_at: String,
    /// The slot whose units are drawn, where the campaign draws again and again.
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<String>,
    /// Whether among those only who were in the draw before and had nothing.
    unserved: bool,
    /// Entries on the list.
    entries: u32,
    /// Winners announced so far.
    winners: u32,
    /// Of those, how many the ledger has given what they won.
    awarded: u32,
    /// Whether it was ever published; alternates may be under way since.
    was_published: bool,
    /// What happened, in order.
    events: Vec<EventAnswer>,
    /// SHA-256 of `seed.txt` in hex, once it is there, where one draw is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<String>,
    /// What the seal says, once it is there, where one draw is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    sealed: Option<SealedAnswer>,
    /// The operator's key as it is published: it signs the draw's notes and receipts.
    operator_key: String,
    /// Where its files lie, on the node's machine.
    folder: String,
    /// How far the step is that works now.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressAnswer>,
}

/// An event of a draw.
#[derive(Debug, Serialize, ToSchema)]
struct EventAnswer {
    /// `seal`, `opening`, `seed`, `result`, `alternates` or `void`.
    event: &'static str,
    /// SHA-256 of its note's text, in hex.
    digest: String,
    /// The same in groups of four, to be read aloud.
    fingerprint: String,
    /// Of a result, and of each round of alternates: how many won by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    winners: Option<u32>,
}

/// What was sealed of the seed, and what was opened.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SealedAnswer {
    /// Which balls are drawn; none: no balls.
    #[serde(skip_serializing_if = "Option::is_none")]
    balls: Option<String>,
    /// The balls as they were written down, once the secrets are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    drawn: Option<String>,
    /// The beacon's round that ends the seed; none: no beacon.
    #[serde(skip_serializing_if = "Option::is_none")]
    drand_round: Option<u64>,
    /// When the draw is void if its seed has not come.
    deadline: String,
    /// Whether balls or a beacon have a part in the seed.
    publicly_verifiable: bool,
    /// Whether the round or the deadline was past when the list was closed, so that it is only a
    /// rehearsal.
    rehearsal: bool,
}

/// How far a step is.
#[derive(Debug, Serialize, ToSchema)]
struct ProgressAnswer {
    /// What is being done.
    doing: &'static str,
    /// How much of it is done.
    done: u64,
    /// Of how much.
    of: u64,
}

impl DrawAnswer {
    pub(super) fn new(
        definition: &Definition,
        draw: &Draw,
        folder: &DrawFolder,
        key: &VerifyingKey,
        progress: Option<Progress>,
    ) -> Self {
        let event = |(event, digest): &(DrawEvent, types::ids::Sha256)| EventAnswer {
            event: event.word(),
            digest: digest.to_string(),
            fingerprint: Digest(digest.0).fingerprint().to_string(),
            winners: match event {
                DrawEvent::Result { winners } | DrawEvent::Alternates { winners } => Some(*winners),
                _ => None,
            },
        };
        Self {
            campaign: definition.code.clone(),
            draw: folder.no.0,
            name: folder.name.to_string(),
            stage: draw.stage.word(),
            needs: draw.needs().word(),
            closed_at: moment(&definition.calendar, draw.at),
            slot: draw.slot.map(|slot| definition.slots[slot.index()].code.clone()),
            unserved: draw.unserved,
            entries: draw.entries,
            winners: draw.winners,
            awarded: draw.awarded,
            was_published: draw.was_published,
            events: draw.events.iter().map(event).collect(),
            seed: None,
            sealed: None,
            operator_key: key.to_string(),
            folder: folder.path.display().to_string(),
            progress: progress.map(|Progress { doing, done, of }| ProgressAnswer {
                doing,
                done,
                of,
            }),
        }
    }

    /// The same with what its folder says of the seed. For a thread that may wait.
    ///
    /// That the folder was taken elsewhere, or is damaged, hides nothing else of the draw.
    pub(super) fn with_files(self, of: &DrawFolder, closed: Millis) -> Self {
        let read = || -> Result<Option<History>, CeremonyError> {
            if of.path.try_exists().unwrap_or(true) {
                return History::find(&Folder::open(&of.path)?);
            }
            Ok(None)
        };
        let history = read().unwrap_or_else(|error| {
            tracing::warn!(folder = %of.path.display(), %error, "a draw's files cannot be read");
            None
        });
        // What is not journalled yet is not told.
        let history = history.filter(|_| self.has("seal"));
        let opened = history.as_ref().filter(|_| self.has("opening")).and_then(History::opened);
        let sealed = history.as_ref().map(|history| SealedAnswer {
            balls: history.seal.balls.as_ref().map(|words| words.as_str().to_owned()),
            drawn: opened.and_then(|opened| opened.balls.as_ref()).map(ToString::to_string),
            drand_round: history.seal.drand.map(|fixed| fixed.round),
            deadline: history.seal.deadline.to_string(),
            publicly_verifiable: history.seal.is_publicly_verifiable(),
            rehearsal: is_rehearsal(&history.seal, closed),
        });
        let seed = history.as_ref().filter(|_| self.has("seed")).and_then(History::seed);
        Self { seed: seed.map(|seed| seed.to_string()), sealed, ..self }
    }

    fn has(&self, word: &str) -> bool {
        self.events.iter().any(|event| event.event == word)
    }
}
