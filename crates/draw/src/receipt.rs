//! The receipt: what a person holds against whoever runs the draw.
//!
//! Owns: the text of a receipt, and of the promise that goes before it; whether it opens to an
//! identity, and whether a line of the list is the one it is of. A receipt or a promise that is
//! signed and whose line is not in the list proves that somebody was left out. Never: signs.

use crate::fields::{Fields, FormatProblem};
use crate::hash::{ascii, hex, unhex};
use crate::identity::{Identity, Salt, commit};
use crate::line::Line;
use crate::name::DrawName;
use zeroize::Zeroizing;

const RECEIPT: &str = "tidegate-receipt/v1";
const PROMISE: &str = "tidegate-promise/v1";

/// A receipt for one entry; or, where its line has no tags yet, a promise that such a line will
/// stand in the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The draw's name.
    pub draw: DrawName,
    salts: Vec<Salt>,
    line: String,
}

/// Salts that are not as many as the commitments of the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a receipt has one salt for each commitment of its line")]
pub struct WrongSalts;

impl Receipt {
    /// The receipt for `line`, with the salt of each commitment in their order.
    ///
    /// # Errors
    /// When they are not as many.
    pub fn new(draw: DrawName, salts: Vec<Salt>, line: &Line<'_>) -> Result<Self, WrongSalts> {
        if line.commits().count() != salts.len() {
            return Err(WrongSalts);
        }
        Ok(Self { draw, salts, line: ascii(line.bytes()).to_owned() })
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let header = if self.is_promise() { PROMISE } else { RECEIPT };
        let mut text = Zeroizing::new(format!("{header}\ndraw {}\n", self.draw));
        for Salt(salt) in &self.salts {
            let salt = Zeroizing::new(hex::<32, 64>(salt));
            text.push_str("salt ");
            text.push_str(ascii(&*salt));
            text.push('\n');
        }
        text.push_str("line ");
        text.push_str(&self.line);
        text.push('\n');
        text
    }

    /// Reads the text of a receipt.
    ///
    /// # Errors
    /// The first line that is not as it should be.
    pub fn read(text: &str) -> Result<Self, FormatProblem> {
        let is_promise = text.starts_with(PROMISE);
        let mut fields = Fields::open(text, if is_promise { PROMISE } else { RECEIPT })?;
        let draw = fields.parsed("draw", "<name>")?;
        let count = text.lines().filter(|line| line.starts_with("salt ")).count();
        let mut salts = Vec::new();
        for _ in 0..count.max(1) {
            let salt = |value: &str| unhex(value.as_bytes());
            salts.push(Salt(Zeroizing::new(fields.take("salt", "<64 hex>", salt)?)));
        }
        let form = match is_promise {
            true => "<the entry's line, with a commit for each salt and zeros for each tag>",
            false => "<the entry's line, with a commit for each salt>",
        };
        let is_line = |line: &str| {
            let line = Line::read(line.as_bytes()).ok()?;
            let is_of_kind = line.has_no_tags() == is_promise;
            (line.commits().count() == salts.len() && is_of_kind).then_some(())
        };
        let line = fields.take("line", form, |line| is_line(line).map(|()| line.to_owned()))?;
        fields.end()?;
        let receipt = Self { draw, salts, line };
        assert_eq!(*receipt.text(), text, "a receipt is written as it was read");
        Ok(receipt)
    }

    /// The line that should stand in the list; of a promise, with zeros for its tags.
    #[must_use]
    pub fn line(&self) -> Line<'_> {
        Line::read(self.line.as_bytes()).expect("the line was read with the receipt")
    }

    /// Whether it was given before the list was sealed, so that its line has no tags.
    #[must_use]
    pub fn is_promise(&self) -> bool {
        self.line().has_no_tags()
    }

    /// Whether a line of the list is the one that this is of: the same; of a promise, with the
    /// same commits, units and choices, and no fewer tickets, which grow with draws that are lost.
    #[must_use]
    pub fn is_of(&self, listed: &Line<'_>) -> bool {
        let own = self.line();
        if !self.is_promise() {
            return own == *listed;
        }
        own.commits().eq(listed.commits())
            && own.tickets() <= listed.tickets()
            && (own.units(), own.choices()) == (listed.units(), listed.choices())
            && own.accepts_any() == listed.accepts_any()
    }

    /// Which of the entry's people `identity` is, from 0; nothing if it is none of them.
    #[must_use]
    pub fn place_of(&self, identity: &Identity) -> Option<usize> {
        let opened = self.salts.iter().map(|salt| commit(&self.draw, salt, identity));
        opened.zip(self.line().commits()).position(|(opened, commit)| opened == commit)
    }
}
