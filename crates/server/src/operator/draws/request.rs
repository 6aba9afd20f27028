//! What is asked of a step of a draw.
//!
//! Owns: the bodies, read and held against their forms before anything is done. Never: keeps a
//! secret longer than its step.

use super::Step;
use crate::operator::{input, refusal};
use crate::problem::Problem;
use axum::body::Bytes;
use draw::Digest;
use draw::beacon::{BeaconSignature, QUICKNET};
use draw::identity::TagKey;
use draw::seal::{Deadline, Round, Secret, Words};
use draw::seed::{Balls, Opened};
use serde::Deserialize;
use types::ids::SlotNo;
use types::{Definition, Refusal, limits};
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// Closes the list of a draw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::operator) struct Close {
    /// The slot whose units are drawn, where the campaign draws again and again.
    pub(super) slot: Option<String>,
    /// Whether among those only who were in the draw before and have nothing.
    #[serde(default)]
    pub(super) unserved: bool,
    /// Why; kept with the action.
    pub(super) reason: Option<String>,
}

/// Seals a draw: list, stock and every parameter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::operator) struct Seal {
    /// The commitment to the operator's secret, 64 hex digits.
    operator_commitment: String,
    /// The commitment to the notary's secret, 64 hex digits.
    notary_commitment: String,
    /// The notary's key for tags, 64 hex digits.
    notary_tag_key: String,
    /// Which balls are drawn, in printable ASCII: "6 of 01-49, in the order drawn". None: no balls.
    balls: Option<String>,
    /// The round of drand's quicknet that ends the seed. None: no beacon.
    drand_round: Option<u64>,
    /// When the draw is void if its seed has not come, in UTC: 2026-02-18T12:00:00Z.
    deadline: String,
    /// The rules that people read.
    rules: String,
    /// Why; kept with the action.
    reason: Option<String>,
}

/// Opens both secrets, which everybody may know from then on, and notes the balls.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::operator) struct Open {
    /// The operator's secret, 64 hex digits.
    operator_secret: String,
    /// The notary's secret, 64 hex digits.
    notary_secret: String,
    /// The balls as drawn, with one space between them.
    balls: Option<String>,
    /// Why; kept with the action.
    reason: Option<String>,
}

/// Makes the seed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::operator) struct Seed {
    /// The beacon's signature of the sealed round, 96 hex digits; none where the seal has none.
    beacon: Option<String>,
    /// Why; kept with the action.
    reason: Option<String>,
}

/// Draws, draws what came back, or declares the draw void: with the reason, which is published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::operator) struct Reason {
    /// Why; kept with the action. Of a void draw in printable ASCII: everybody reads it.
    reason: Option<String>,
}

/// What a seal is made with.
pub(super) struct Sealed {
    pub(super) operator: Digest,
    pub(super) notary: Digest,
    pub(super) notary_tag_key: TagKey,
    pub(super) balls: Option<Words>,
    pub(super) drand: Option<Round>,
    pub(super) deadline: Deadline,
    pub(super) rules: String,
}

impl Close {
    pub(super) fn slot_of(&self, definition: &Definition) -> Result<Option<SlotNo>, Problem> {
        let Some(code) = &self.slot else { return Ok(None) };
        let found = definition.slots.iter().position(|slot| slot.code == *code);
        let found = found.ok_or_else(|| refusal::problem(&Refusal::UnknownPlace))?;
        Ok(Some(SlotNo::from_index(found)))
    }
}

impl Seal {
    fn read(&self) -> Result<Sealed, Problem> {
        let digest = |name: &str, digits: &str| {
            let digest: Result<Digest, ()> = digits.parse();
            digest.map_err(|()| wrong(name, "64 hex digits in lower case"))
        };
        let balls = self.balls.as_deref().map(|balls| {
            Words::read(balls).ok_or_else(|| wrong("balls", "1 to 200 printable ASCII characters"))
        });
        let form = "a time in UTC and whole seconds, such as 2026-02-18T12:00:00Z";
        let key = digest("notary_tag_key", &self.notary_tag_key)?;
        if limits::DRAW_NOTE_BYTES_MAX < self.rules.len() {
            return Err(wrong("rules", "at most 64 KiB of text"));
        }
        let drand = self.drand_round.map(|round| Round { chain: QUICKNET.hash(), round });
        Ok(Sealed {
            operator: digest("operator_commitment", &self.operator_commitment)?,
            notary: digest("notary_commitment", &self.notary_commitment)?,
            notary_tag_key: TagKey(Zeroizing::new(key.0)),
            balls: balls.transpose()?,
            drand: drand.filter(|round| 0 < round.round),
            deadline: self.deadline.parse().map_err(|_| wrong("deadline", form))?,
            rules: self.rules.clone(),
        })
    }
}

impl Open {
    fn read(&self) -> Result<Opened, Problem> {
        let secret = |name: &str, digits: &str| {
            Secret::read(digits).ok_or_else(|| wrong(name, "64 hex digits in lower case"))
        };
        let form = "1 to 64 balls of A-Z and 0-9, with one space between them";
        let balls = self.balls.as_deref();
        let balls = balls.map(|balls| Balls::read(balls).ok_or_else(|| wrong("balls", form)));
        Ok(Opened {
            operator: secret("operator_secret", &self.operator_secret)?,
            notary: secret("notary_secret", &self.notary_secret)?,
            balls: balls.transpose()?,
        })
    }
}

/// The step that a path names with its body, and why it is done.
pub(super) fn step(word: &str, body: &Bytes) -> Result<(Step, String), Problem> {
    let reason = |reason: &Option<String>| input::reason(reason.as_deref());
    match word {
        "seal" => {
            let asked: Seal = input::json(body)?;
            Ok((Step::Seal(Box::new(asked.read()?)), reason(&asked.reason)?))
        }
        "open" => {
            let asked: Open = input::json(body)?;
            Ok((Step::Open(asked.read()?), reason(&asked.reason)?))
        }
        "seed" => {
            let asked: Seed = input::json(body)?;
            let form = || wrong("beacon", "96 hex digits in lower case");
            let signature = asked.beacon.as_deref();
            let signature = signature.map(|hex| BeaconSignature::read(hex).ok_or_else(form));
            Ok((Step::Seed(signature.transpose()?), reason(&asked.reason)?))
        }
        "run" | "alternates" | "void" => {
            let asked: Reason = input::json(body)?;
            let why = reason(&asked.reason)?;
            let form = "1 to 200 printable ASCII characters: it stands in the note that everybody \
                        reads";
            let step = match word {
                "run" => Step::Run,
                "alternates" => Step::Alternates,
                _ => Step::Void(Words::read(&why).ok_or_else(|| wrong("reason", form))?),
            };
            Ok((step, why))
        }
        _ => {
            let detail = "A draw has the steps seal, open, seed, run, alternates and void. Nothing \
                          was done. Ask for one of them.";
            Err(Problem::new(404, "no-such-page", "No such page", detail))
        }
    }
}

fn wrong(name: &str, form: &str) -> Problem {
    let detail = format!("\"{name}\" is {form}. Nothing was done. Send it again in this form.");
    Problem::new(400, "malformed-request", "Malformed request", detail)
}
