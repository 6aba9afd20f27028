//! The seal: every parameter of a draw, fixed before its seed exists.
//!
//! Owns: the text of `seal.txt`, the commitments to the two secrets. Never: signs; a seal is the
//! text of a note.
//! Invariants: what is read is written again to the byte.

use crate::beacon::Chain;
use crate::fields::{Fields, FormatProblem};
use crate::hash::{Digest, hex, unhex};
use crate::name::DrawName;
use crate::stock::decimal;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::fmt;
use std::str::FromStr;
use types::limits;
use zeroize::Zeroizing;

const HEADER: &str = "tidegate-seal/v1";
/// The suite of hashes, the only one so far.
const SUITE: &str = "sha256";

/// What a seal fixes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seal {
    /// The draw's name.
    pub draw: DrawName,
    /// How many entries the list has.
    pub entries: u64,
    /// The root of the tree over them.
    pub root: Digest,
    /// The digest of `entries.txt`.
    pub list: Digest,
    /// The digest of `stock.txt`.
    pub stock: Digest,
    /// The digest of `rules.txt`.
    pub rules: Digest,
    /// The program that is to draw.
    pub program: Program,
    /// The commitment to the operator's secret.
    pub operator: Digest,
    /// The commitment to the notary's secret.
    pub notary: Digest,
    /// Which balls are drawn, in words; nothing if none are.
    pub balls: Option<Words>,
    /// Which round of which beacon; nothing if none.
    pub drand: Option<Round>,
    /// When the draw is void if its seed has not come.
    pub deadline: Deadline,
    /// The event before this one, if there was any.
    pub previous: Option<Digest>,
}

/// A program by its version and the digest of its binary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// The version, a word.
    pub version: String,
    /// The digest of the binary.
    pub digest: Digest,
}

/// A round of a beacon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Round {
    /// The hash of the chain.
    pub chain: Digest,
    /// The round, from 1.
    pub round: u64,
}

/// Why a round cannot be the one that ends a seed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RoundProblem {
    /// Of such a chain a seal could name any round, even one that has appeared.
    #[error(
        "the chain {0} is not known: nobody here can say when its rounds appear, or check what \
         they said"
    )]
    UnknownChain(Digest),
    /// It appears when the draw is void.
    #[error("round {0} of the beacon does not appear before the deadline")]
    Late(u64),
}

/// A moment as a seal writes it: RFC 3339 in UTC, whole seconds, of a year that every program that
/// checks a draw can reckon with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadline(Timestamp);

/// A text that is no deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a deadline is in UTC and whole seconds, in a year from {} to {}: 2026-02-18T12:00:00Z",
    limits::DRAW_DEADLINE_YEARS.start(),
    limits::DRAW_DEADLINE_YEARS.end()
)]
pub struct NotADeadline;

/// One line of printable words for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Words(String);

/// Who holds a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder {
    /// Whoever runs the draw.
    Operator,
    /// Whoever watches it.
    Notary,
}

/// 32 bytes that one holder knows until the draw is opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Zeroizing<[u8; 32]>);

impl Seal {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { draw, entries, root, list, stock, rules, operator, notary, .. } = self;
        let Program { version, digest } = &self.program;
        let balls = self.balls.as_ref().map_or("none", Words::as_str);
        let drand = self.drand.map_or("none".to_owned(), |round| round.to_string());
        let deadline = self.deadline;
        let previous = self.previous.map_or("none".to_owned(), |previous| previous.to_string());
        format!(
            "{HEADER}\n\
             draw {draw}\n\
             suite {SUITE}\n\
             entries {entries} root {root} file {list}\n\
             stock {stock}\n\
             rules {rules}\n\
             program {version} {digest}\n\
             operator-commitment {operator}\n\
             notary-commitment {notary}\n\
             balls {balls}\n\
             drand {drand}\n\
             deadline {deadline}\n\
             previous {previous}\n"
        )
    }

    /// Reads the text of a seal.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn read(text: &str) -> Result<Self, FormatProblem> {
        let mut fields = Fields::open(text, HEADER)?;
        let draw = fields.parsed("draw", "<name>")?;
        fields.take("suite", SUITE, |suite| (suite == SUITE).then_some(()))?;
        let list = |value: &str| {
            let (entries, rest) = value.split_once(" root ")?;
            let (root, list) = rest.split_once(" file ")?;
            let entries =
                decimal(entries.as_bytes()).filter(|count| *count <= limits::DRAW_ENTRIES_MAX)?;
            Some((entries, root.parse().ok()?, list.parse().ok()?))
        };
        let form = "<count> root <64 hex> file <64 hex>";
        let (entries, root, list) = fields.take("entries", form, list)?;
        let stock = fields.digest("stock")?;
        let rules = fields.digest("rules")?;
        let program = fields.take("program", "<version> <64 hex>", Program::read)?;
        let operator = fields.digest("operator-commitment")?;
        let notary = fields.digest("notary-commitment")?;
        let balls =
            fields.take("balls", "<words>, or none", |value| or_none(value, Words::read))?;
        let form = "<chain hash> round <round>, or none";
        let drand = fields.take("drand", form, |value| or_none(value, Round::read))?;
        let (first, last) = limits::DRAW_DEADLINE_YEARS.into_inner();
        let form = format!("<RFC 3339, UTC, whole seconds, years {first} to {last}>");
        let deadline = fields.parsed("deadline", &form)?;
        let previous = |value| or_none(value, |value| value.parse().ok());
        let previous = fields.take("previous", "<64 hex>, or none", previous)?;
        fields.end()?;
        let seal = Self {
            draw,
            entries,
            root,
            list,
            stock,
            rules,
            program,
            operator,
            notary,
            balls,
            drand,
            deadline,
            previous,
        };
        assert_eq!(seal.text(), text, "a seal is written as it was read");
        Ok(seal)
    }

    /// The digest of the text, which the seed names.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }

    /// Whether anybody can see that nobody chose the seed: balls or a beacon have a part in it.
    #[must_use]
    pub const fn is_publicly_verifiable(&self) -> bool {
        self.balls.is_some() || self.drand.is_some()
    }

    /// The commitment of `holder`.
    #[must_use]
    pub const fn commitment(&self, holder: Holder) -> Digest {
        match holder {
            Holder::Operator => self.operator,
            Holder::Notary => self.notary,
        }
    }
}

impl Deadline {
    /// In seconds since 1970.
    #[must_use]
    pub fn seconds(&self) -> i64 {
        self.0.as_second()
    }
}

impl Program {
    fn read(value: &str) -> Option<Self> {
        let (version, digest) = value.split_once(' ')?;
        let is_word = (1..=limits::DRAW_VERSION_CHARS_MAX).contains(&version.len())
            && version.bytes().all(|byte| byte.is_ascii_graphic());
        is_word.then_some(Self { version: version.to_owned(), digest: digest.parse().ok()? })
    }
}

impl Round {
    fn read(value: &str) -> Option<Self> {
        let (chain, round) = value.split_once(" round ")?;
        let round = decimal(round.as_bytes()).filter(|round| 0 < *round)?;
        Some(Self { chain: chain.parse().ok()?, round })
    }
}

impl Round {
    /// Whether a seal with this `deadline` can end in the round.
    ///
    /// # Errors
    /// When nobody here knows its chain, or it does not appear before the deadline.
    pub fn check(&self, deadline: Deadline) -> Result<(), RoundProblem> {
        let chain = Chain::find(self.chain).ok_or(RoundProblem::UnknownChain(self.chain))?;
        let seconds = chain.seconds_of(self.round);
        let is_before =
            seconds.is_some_and(|seconds| i128::from(seconds) < i128::from(deadline.seconds()));
        if is_before { Ok(()) } else { Err(RoundProblem::Late(self.round)) }
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} round {}", self.chain, self.round)
    }
}

impl FromStr for Deadline {
    type Err = NotADeadline;

    fn from_str(text: &str) -> Result<Self, NotADeadline> {
        let deadline = Self(text.parse().map_err(|_| NotADeadline)?);
        let year = deadline.0.to_zoned(TimeZone::UTC).year();
        let is_one = limits::DRAW_DEADLINE_YEARS.contains(&year) && deadline.to_string() == text;
        if is_one { Ok(deadline) } else { Err(NotADeadline) }
    }
}

impl fmt::Display for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").fmt(f)
    }
}

impl Words {
    /// Takes 1 to 200 printable ASCII characters that neither begin nor end in a space, and that
    /// are not the word for nothing.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let is_short = (1..=limits::DRAW_WORDS_CHARS_MAX).contains(&text.len());
        let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let is_word = is_short && is_plain && text.trim() == text && text != "none";
        is_word.then(|| Self(text.to_owned()))
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Secret {
    /// Reads 64 hex digits in lower case.
    #[must_use]
    pub fn read(digits: &str) -> Option<Self> {
        unhex(digits.as_bytes()).map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// The 64 digits.
    #[must_use]
    pub fn digits(&self) -> Zeroizing<String> {
        let digits = Zeroizing::new(hex::<32, 64>(&self.0));
        Zeroizing::new(crate::hash::ascii(&*digits).to_owned())
    }

    /// What `holder` publishes before the draw.
    #[must_use]
    pub fn commitment(&self, draw: &DrawName, holder: Holder) -> Digest {
        let holder = match holder {
            Holder::Operator => ":operator:",
            Holder::Notary => ":notary:",
        };
        Digest::of_parts(&[
            b"tidegate/secret/v1:",
            draw.as_str().as_bytes(),
            holder.as_bytes(),
            self.digits().as_bytes(),
        ])
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// `none`, or what `read` takes.
pub(crate) fn or_none<'a, T>(
    value: &'a str,
    read: impl FnOnce(&'a str) -> Option<T>,
) -> Option<Option<T>> {
    if value == "none" { Some(None) } else { read(value).map(Some) }
}
