//! The seed: everything that nobody could know together when the list was sealed.
//!
//! Owns: the opening of the secrets, the balls, the text of `seed.txt`, and each check of them
//! against the seal. Never: makes a seed of what the seal does not allow.

use crate::beacon::{BeaconSignature, Chain, NotTheRound};
use crate::fields::{Fields, FormatProblem};
use crate::hash::Digest;
use crate::seal::{Holder, Seal, Secret, or_none};
use crate::stock::decimal;
use std::fmt;
use types::limits;

const HEADER: &str = "tidegate-seed/v1";

/// The two secrets and the balls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opened {
    /// The operator's secret.
    pub operator: Secret,
    /// The notary's secret.
    pub notary: Secret,
    /// The balls as drawn; nothing if there are none.
    pub balls: Option<Balls>,
}

/// Balls as drawn: 1 to 64 of 1 to 8 capital letters and digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Balls(Vec<String>);

/// A round of a beacon with what it said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BeaconRound {
    /// The hash of the chain.
    pub chain: Digest,
    /// The round, from 1.
    pub round: u64,
    /// What it said.
    pub signature: BeaconSignature,
}

/// What `seed.txt` says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeedText {
    /// The digest of the seal's text.
    pub seal: Digest,
    /// The secrets and the balls.
    pub opened: Opened,
    /// The beacon's round; nothing if there is none.
    pub drand: Option<BeaconRound>,
}

/// Why something is no part of a draw's seed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SeedProblem {
    /// A seed of another seal.
    #[error("the seed is of the seal {found}, not of {sealed}")]
    Seal {
        /// The digest that the seed names.
        found: Digest,
        /// The digest of the seal.
        sealed: Digest,
    },
    /// A secret that does not open its commitment.
    #[error(
        "the {} secret does not open its commitment: it makes {made}, and {sealed} was sealed",
        whose(*holder)
    )]
    Secret {
        /// Whose secret.
        holder: Holder,
        /// The commitment of what was given.
        made: Digest,
        /// The commitment in the seal.
        sealed: Digest,
    },
    /// Balls where the seal has none, or none where it has.
    #[error("{}", if *sealed { "the seal wants balls" } else { "the seal has no balls" })]
    Balls {
        /// Whether the seal wants balls.
        sealed: bool,
    },
    /// A beacon where the seal has none, or none where it has.
    #[error("{}", if *sealed { "the seal wants a beacon" } else { "the seal has no beacon" })]
    Beacon {
        /// Whether the seal wants a beacon.
        sealed: bool,
    },
    /// Another round, or another chain, than the seal fixes.
    #[error("the seal fixes round {sealed} of its chain, and this is round {found} of {chain}")]
    Round {
        /// The round of the seal.
        sealed: u64,
        /// The round that was given.
        found: u64,
        /// The chain that was given.
        chain: Digest,
    },
    /// A chain whose signatures nobody here can check.
    #[error("the chain {0} is not known: its signatures cannot be checked")]
    UnknownChain(Digest),
    /// A signature that is not the round's.
    #[error(transparent)]
    NotTheRound(#[from] NotTheRound),
}

const fn whose(holder: Holder) -> &'static str {
    match holder {
        Holder::Operator => "operator's",
        Holder::Notary => "notary's",
    }
}

impl Opened {
    /// Holds secrets and balls against the seal.
    ///
    /// # Errors
    /// The first that the seal does not allow.
    pub fn check(&self, seal: &Seal) -> Result<(), SeedProblem> {
        for (holder, secret) in [(Holder::Operator, &self.operator), (Holder::Notary, &self.notary)]
        {
            let made = secret.commitment(&seal.draw, holder);
            let sealed = seal.commitment(holder);
            if made != sealed {
                return Err(SeedProblem::Secret { holder, made, sealed });
            }
        }
        if self.balls.is_some() != seal.balls.is_some() {
            return Err(SeedProblem::Balls { sealed: seal.balls.is_some() });
        }
        Ok(())
    }

    pub(crate) fn text(&self) -> String {
        let (operator, notary) = (self.operator.digits(), self.notary.digits());
        let balls = self.balls.as_ref().map_or("none".to_owned(), Balls::to_string);
        format!("operator {}\nnotary {}\nballs {balls}\n", *operator, *notary)
    }

    pub(crate) fn take(fields: &mut Fields<'_>) -> Result<Self, FormatProblem> {
        let operator = fields.take("operator", "<64 hex>", Secret::read)?;
        let notary = fields.take("notary", "<64 hex>", Secret::read)?;
        let form = "<as drawn, separated by spaces>, or none";
        let balls = fields.take("balls", form, |value| or_none(value, Balls::read))?;
        Ok(Self { operator, notary, balls })
    }
}

impl BeaconRound {
    fn read(value: &str) -> Option<Self> {
        let mut words = value.split(' ');
        let mut word = || words.next();
        let [chain, round, signature] = [word()?, word()?, word()?];
        let round = decimal(round.as_bytes())?;
        let signature = BeaconSignature::read(signature)?;
        words.next().is_none().then_some(Self { chain: chain.parse().ok()?, round, signature })
    }
}

impl SeedText {
    /// `seed.txt`.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { seal, opened, drand } = self;
        let drand = drand.map_or("none".to_owned(), |BeaconRound { chain, round, signature }| {
            format!("{chain} {round} {signature}")
        });
        format!("{HEADER}\nseal {seal}\n{}drand {drand}\n", opened.text())
    }

    /// Reads `seed.txt`.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn read(text: &str) -> Result<Self, FormatProblem> {
        let mut fields = Fields::open(text, HEADER)?;
        let seal = fields.digest("seal")?;
        let opened = Opened::take(&mut fields)?;
        let form = "<chain hash> <round> <96 hex>, or none";
        let drand = fields.take("drand", form, |value| or_none(value, BeaconRound::read))?;
        fields.end()?;
        let seed = Self { seal, opened, drand };
        assert_eq!(seed.text(), text, "a seed is written as it was read");
        Ok(seed)
    }

    /// Holds the whole seed against the seal.
    ///
    /// # Errors
    /// The first part that the seal does not allow, or that proves false.
    pub fn check(&self, seal: &Seal) -> Result<(), SeedProblem> {
        let sealed = seal.digest();
        if self.seal != sealed {
            return Err(SeedProblem::Seal { found: self.seal, sealed });
        }
        self.opened.check(seal)?;
        let (fixed, given) = match (seal.drand, self.drand) {
            (None, None) => return Ok(()),
            (Some(fixed), Some(given)) => (fixed, given),
            (fixed, _) => return Err(SeedProblem::Beacon { sealed: fixed.is_some() }),
        };
        let BeaconRound { chain, round, signature } = given;
        if (chain, round) != (fixed.chain, fixed.round) {
            return Err(SeedProblem::Round { sealed: fixed.round, found: round, chain });
        }
        let known = Chain::find(chain).ok_or(SeedProblem::UnknownChain(chain))?;
        Ok(known.check(round, signature)?)
    }

    /// The seed: the digest of `seed.txt`.
    #[must_use]
    pub fn seed(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }
}

impl Balls {
    /// Reads balls with one space between them.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let is_ball = |ball: &str| {
            (1..=limits::DRAW_BALL_CHARS_MAX).contains(&ball.len())
                && ball.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        let balls: Vec<_> = text.split(' ').map(str::to_owned).collect();
        let are_balls = balls.len() <= limits::DRAW_BALLS_MAX && balls.iter().all(|b| is_ball(b));
        are_balls.then_some(Self(balls))
    }
}

impl fmt::Display for Balls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}
