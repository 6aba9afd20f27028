//! The events after the seal: opening, seed, result, alternates, void; each names the one before.
//!
//! Owns: their texts, which are signed as notes. Never: decides which may come next; that is for
//! whoever keeps the log.
//! Invariants: what is read is written again to the byte.

use crate::fields::{Fields, FormatProblem};
use crate::hash::Digest;
use crate::name::DrawName;
use crate::seal::Words;
use crate::seed::Opened;
use crate::stock::decimal;

/// An event of a draw, after its seal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The draw's name.
    pub draw: DrawName,
    /// What happened.
    pub what: What,
    /// Whether neither balls nor a beacon have a part in the seed, which each event then says.
    pub is_private: bool,
    /// The digest of the event before.
    pub previous: Digest,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum What {
    /// The secrets were opened and the balls drawn, of the seal with this digest.
    Opening {
        /// The digest of the seal's text.
        seal: Digest,
        /// The secrets and the balls.
        opened: Opened,
    },
    /// The seed is there: the digest of `seed.txt`.
    Seeded {
        /// The seed.
        seed: Digest,
    },
    /// The draw was made.
    Result {
        /// The seed it was made with.
        seed: Digest,
        /// What came of it.
        tables: Tables,
    },
    /// What came back was drawn again, by the same numbers.
    Alternates {
        /// The how manieth time, from 1.
        number: u32,
        /// The digest of `returned-K.txt`.
        returned: Digest,
        /// What came of it.
        tables: Tables,
    },
    /// The draw is void.
    Void {
        /// Why.
        reason: Words,
    },
}

/// The digests of winners and cut-offs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tables {
    /// How many winners there are.
    pub winners: u64,
    /// The digest of their file.
    pub winners_digest: Digest,
    /// The digest of the cut-offs' file.
    pub cutoffs_digest: Digest,
}

/// The line that a draw without balls and beacon carries.
const PRIVATE: &str = "not publicly verifiable";

impl What {
    const fn header(&self) -> &'static str {
        match self {
            Self::Opening { .. } => "tidegate-opening/v1",
            Self::Seeded { .. } => "tidegate-seeded/v1",
            Self::Result { .. } => "tidegate-result/v1",
            Self::Alternates { .. } => "tidegate-alternates/v1",
            Self::Void { .. } => "tidegate-void/v1",
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Opening { seal, opened } => format!("seal {seal}\n{}", opened.text()),
            Self::Seeded { seed } => format!("seed {seed}\n"),
            Self::Result { seed, tables } => format!("seed {seed}\n{}", tables.text()),
            Self::Alternates { number, returned, tables } => {
                format!("event {number}\nreturned {returned}\n{}", tables.text())
            }
            Self::Void { reason } => format!("reason {}\n", reason.as_str()),
        }
    }

    fn take(header: &str, fields: &mut Fields<'_>) -> Result<Self, FormatProblem> {
        Ok(match header {
            "tidegate-opening/v1" => {
                Self::Opening { seal: fields.digest("seal")?, opened: Opened::take(fields)? }
            }
            "tidegate-seeded/v1" => Self::Seeded { seed: fields.digest("seed")? },
            "tidegate-result/v1" => {
                Self::Result { seed: fields.digest("seed")?, tables: Tables::take(fields)? }
            }
            "tidegate-alternates/v1" => {
                let number = |value: &str| decimal(value.as_bytes()).filter(|number| 0 < *number);
                Self::Alternates {
                    number: fields.take("event", "<a number from 1>", number)?,
                    returned: fields.digest("returned")?,
                    tables: Tables::take(fields)?,
                }
            }
            _ => Self::Void { reason: fields.take("reason", "<words>", Words::read)? },
        })
    }
}

impl Event {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { draw, what, previous, .. } = self;
        let private = if self.says_private() { format!("{PRIVATE}\n") } else { String::new() };
        format!("{}\ndraw {draw}\n{}{private}previous {previous}\n", what.header(), what.text())
    }

    /// Reads the text of an event.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn read(text: &str) -> Result<Self, FormatProblem> {
        let header = text.split('\n').next().unwrap_or_default();
        let is_known = HEADERS.contains(&header);
        let mut fields = Fields::open(text, if is_known { header } else { EVENT_FORM })?;
        let draw = fields.parsed("draw", "<name>")?;
        let what = What::take(header, &mut fields)?;
        let is_private = !matches!(what, What::Void { .. }) && fields.skip(PRIVATE);
        let previous = fields.digest("previous")?;
        fields.end()?;
        let event = Self { draw, what, is_private, previous };
        assert_eq!(event.text(), text, "an event is written as it was read");
        Ok(event)
    }

    const fn says_private(&self) -> bool {
        self.is_private && !matches!(self.what, What::Void { .. })
    }
}

const HEADERS: [&str; 5] = [
    "tidegate-opening/v1",
    "tidegate-seeded/v1",
    "tidegate-result/v1",
    "tidegate-alternates/v1",
    "tidegate-void/v1",
];
const EVENT_FORM: &str = "tidegate-opening/v1, -seeded, -result, -alternates or -void";

impl Tables {
    fn text(&self) -> String {
        let Self { winners, winners_digest, cutoffs_digest } = self;
        format!("winners {winners} {winners_digest}\ncutoffs {cutoffs_digest}\n")
    }

    fn take(fields: &mut Fields<'_>) -> Result<Self, FormatProblem> {
        let read = |value: &str| {
            let (count, digest) = value.split_once(' ')?;
            Some((decimal(count.as_bytes())?, digest.parse().ok()?))
        };
        let (winners, winners_digest) = fields.take("winners", "<count> <64 hex>", read)?;
        Ok(Self { winners, winners_digest, cutoffs_digest: fields.digest("cutoffs")? })
    }
}
