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
pub(crate) struct Close {
    /// The slot whose units are drawn, where the campaign draws again and again.
    pub(crate) slot: Option<String>,
    /// Whether among those only who were in the draw before and have nothing.
    #[serde(default)]
    pub(crate) unserved: bool,
    /// Why; kept with the action.
    pub(crate) reason: Option<String>,
}

/// Seals a draw: list, stock and every parameter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seal {
    /// The commitment to the operator's secret, 64 hex digits.
    pub(crate) operator_commitment: String,
    /// The commitment to the notary's secret, 64 hex digits.
    pub(crate) notary_commitment: String,
    /// The notary's key for tags, 64 hex digits.
    pub(crate) notary_tag_key: String,
    /// Which balls are drawn, in printable ASCII: "6 of 01-49, in the order drawn". None: no balls.
    pub(crate) balls: Option<String>,
    /// The round of drand's quicknet that ends the seed. None: no beacon.
    pub(crate) drand_round: Option<u64>,
    /// When the draw is void if its seed has not come, in UTC: 2026-02-18T12:00:00Z.
    pub(crate) deadline: String,
    /// The rules that people read.
    pub(crate) rules: String,
    /// Whether a round of the beacon that had appeared, or a deadline that was past, when the list
    /// was closed is taken, as only a rehearsal may: whoever seals could know the seed. One that
    /// has passed since is not.
    #[serde(default)]
    pub(crate) rehearsal: bool,
    /// Why; kept with the action.
    pub(crate) reason: Option<String>,
}

/// Opens both secrets, which everybody may know from then on, and notes the balls.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    /// The operator's secret, 64 hex digits.
    pub(crate) operator_secret: String,
    /// The notary's secret, 64 hex digits.
    pub(crate) notary_secret: String,
    /// The balls as drawn, with one space between them.
    pub(crate) balls: Option<String>,
    /// Why; kept with the action.
    pub(crate) reason: Option<String>,
}

/// Makes the seed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seed {
    /// The beacon's signature of the sealed round, 96 hex digits; none where the seal has none.
    pub(crate) beacon: Option<String>,
    /// Why; kept with the action.
    pub(crate) reason: Option<String>,
}

/// Draws, draws what came back, or declares the draw void: with the reason, which is published.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// Why; kept with the action. Of a void draw in printable ASCII: everybody reads it.
    pub(crate) reason: Option<String>,
}

/// A step as it is asked for, by a program or by a form.
pub(crate) enum Asked {
    /// Seals list, stock and every parameter.
    Seal(Box<Seal>),
    /// Opens both secrets and notes the balls.
    Open(Open),
    /// Makes the seed.
    Seed(Seed),
    /// Draws.
    Run(Reason),
    /// Draws what came back.
    Alternates(Reason),
    /// Declares the draw void.
    Void(Reason),
}

/// A field that is not in its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongField {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its form.
    form: &'static str,
}

/// What a seal is made with.
pub(crate) struct Sealed {
    pub(super) operator: Digest,
    pub(super) notary: Digest,
    pub(super) notary_tag_key: TagKey,
    pub(super) balls: Option<Words>,
    pub(super) drand: Option<Round>,
    pub(super) deadline: Deadline,
    pub(super) rules: String,
    pub(super) is_rehearsal: bool,
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
    fn read(&self) -> Result<Sealed, WrongField> {
        let digest = |name, digits: &str| {
            let digest: Result<Digest, ()> = digits.parse();
            digest.map_err(|()| wrong(name, "64 hex digits in lower case"))
        };
        let balls = self.balls.as_deref().map(|balls| {
            Words::read(balls).ok_or(wrong("balls", "1 to 200 printable ASCII characters"))
        });
        let form = "a time in UTC and whole seconds, such as 2026-02-18T12:00:00Z, of the years \
                    2000 to 9998";
        let key = digest("notary_tag_key", &self.notary_tag_key)?;
        let rules = normal(&self.rules);
        if rules.trim().is_empty() || limits::DRAW_NOTE_BYTES_MAX < rules.len() {
            return Err(wrong("rules", "a text of at most 64 KiB, which people read"));
        }
        if self.drand_round == Some(0) {
            return Err(wrong("drand_round", "a round of the beacon, from 1, or left away"));
        }
        let drand = self.drand_round.map(|round| Round { chain: QUICKNET.hash(), round });
        Ok(Sealed {
            operator: digest("operator_commitment", &self.operator_commitment)?,
            notary: digest("notary_commitment", &self.notary_commitment)?,
            notary_tag_key: TagKey(Zeroizing::new(key.0)),
            balls: balls.transpose()?,
            drand,
            deadline: self.deadline.parse().map_err(|_| wrong("deadline", form))?,
            rules,
            is_rehearsal: self.rehearsal,
        })
    }
}

/// A text as files of a draw have it: without a byte order mark, and every line ends in a line feed
/// alone, the last one too.
fn normal(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

impl Open {
    fn read(&self) -> Result<Opened, WrongField> {
        let secret = |name, digits: &str| {
            Secret::read(digits).ok_or(wrong(name, "64 hex digits in lower case"))
        };
        let form = "1 to 64 balls of A-Z and 0-9, with one space between them";
        let balls = self.balls.as_deref();
        let balls = balls.map(|balls| Balls::read(balls).ok_or(wrong("balls", form)));
        Ok(Opened {
            operator: secret("operator_secret", &self.operator_secret)?,
            notary: secret("notary_secret", &self.notary_secret)?,
            balls: balls.transpose()?,
        })
    }
}

impl Seed {
    fn read(&self) -> Result<Option<BeaconSignature>, WrongField> {
        let form = "96 hex digits in lower case, of the chain quicknet; 192 are another chain's";
        let form = wrong("beacon", form);
        let signature = self.beacon.as_deref();
        signature.map(|hex| BeaconSignature::read(hex).ok_or(form)).transpose()
    }
}

impl Asked {
    /// The step that a path names, with its body.
    pub(super) fn of(word: &str, body: &Bytes) -> Result<Self, Problem> {
        Ok(match word {
            "seal" => Self::Seal(Box::new(input::json(body)?)),
            "open" => Self::Open(input::json(body)?),
            "seed" => Self::Seed(input::json(body)?),
            "run" => Self::Run(input::json(body)?),
            "alternates" => Self::Alternates(input::json(body)?),
            "void" => Self::Void(input::json(body)?),
            _ => {
                let detail = "A draw has the steps seal, open, seed, run, alternates and void. \
                              Nothing was done. Ask for one of them.";
                return Err(Problem::new(404, "no-such-page", "No such page", detail));
            }
        })
    }

    /// Why it is done.
    pub(super) fn reason(&self) -> Option<&str> {
        let reason = match self {
            Self::Seal(asked) => &asked.reason,
            Self::Open(asked) => &asked.reason,
            Self::Seed(asked) => &asked.reason,
            Self::Run(asked) | Self::Alternates(asked) | Self::Void(asked) => &asked.reason,
        };
        reason.as_deref()
    }

    /// What is asked for, once every field is in its form.
    pub(crate) fn step(&self) -> Result<Step, WrongField> {
        Ok(match self {
            Self::Seal(asked) => Step::Seal(Box::new(asked.read()?)),
            Self::Open(asked) => Step::Open(asked.read()?),
            Self::Seed(asked) => Step::Seed(asked.read()?),
            Self::Run(_) => Step::Run,
            Self::Alternates(_) => Step::Alternates,
            Self::Void(asked) => {
                let form = "1 to 200 printable ASCII characters: it stands in the note that \
                            everybody reads";
                let why = asked.reason.as_deref().unwrap_or_default().trim();
                Step::Void(Words::read(why).ok_or(wrong("reason", form))?)
            }
        })
    }
}

const fn wrong(name: &'static str, form: &'static str) -> WrongField {
    WrongField { name, form }
}

impl From<WrongField> for Problem {
    fn from(WrongField { name, form }: WrongField) -> Self {
        let detail = format!("\"{name}\" is {form}. Nothing was done. Send it again in this form.");
        Self::new(400, "malformed-request", "Malformed request", detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_kept_as_files_of_a_draw_are() {
        for text in ["\u{feff}one\r\ntwo", "one\rtwo\n", "one\ntwo\r\n", "one\ntwo"] {
            assert_eq!(normal(text), "one\ntwo\n", "{text:?}");
        }
    }
}
