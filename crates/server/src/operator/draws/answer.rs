//! What the operator API says of a draw.
//!
//! Owns: that document. Never: what the winners won, before it is published.

use crate::draws::{DrawFolder, Progress};
use crate::moment::rfc3339 as moment;
use draw::Digest;
use draw::note::VerifyingKey;
use ledger::Draw;
use serde::Serialize;
use types::Definition;
use types::action::DrawEvent;
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
            operator_key: key.to_string(),
            folder: folder.path.display().to_string(),
            progress: progress.map(|Progress { doing, done, of }| ProgressAnswer {
                doing,
                done,
                of,
            }),
        }
    }

    /// The same with the digest of the seed.
    pub(super) fn with_seed(self, seed: Option<Digest>) -> Self {
        Self { seed: seed.map(|seed| seed.to_string()), ..self }
    }
}

/// The seed of a draw that has one. That the folder was taken elsewhere hides nothing else of it.
pub(super) fn seed_of(of: &DrawFolder) -> Option<Digest> {
    let path = of.path.join("seed.txt");
    match std::fs::read(&path) {
        Ok(text) => Some(Digest::of(&text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a draw's seed cannot be read");
            None
        }
    }
}
