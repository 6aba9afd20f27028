//! An entry's line: who, by commitment and tag; how many tickets; how many units; from where.
//!
//! Owns: the grammar of a line, read without a copy and written in one form. Never: sorts lines
//! or compares them with each other; that is the list's.
//! Invariants: what is read is written again to the byte.

use crate::hash::{Digest, are_digits, ascii, hex, unhex};
use crate::identity::Tag;
use crate::stock::{BucketNo, Stock, decimal, is_bucket};
use types::limits;

/// What a line may choose at most.
pub const CHOICES_MAX: usize = limits::DRAW_CHOICES_MAX;

/// A line that was read, still upon its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line<'a> {
    bytes: &'a [u8],
    commits: &'a [u8],
    tags: &'a [u8],
    tickets: u8,
    units: u8,
    choices: [&'a [u8]; CHOICES_MAX],
    choice_count: u8,
    accepts_any: bool,
}

/// What is wrong with a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineProblem {
    /// Not five parts between commas.
    #[error("an entry has five parts between commas: commits, tags, tickets, units, choices")]
    Parts,
    /// A carriage return, as some editors write it.
    #[error("the line ends in a carriage return: lines end in a line feed alone")]
    CarriageReturn,
    /// Something that no editor shows, or that is no ASCII.
    #[error("byte {0} of the line is not printable ASCII")]
    NotAscii(usize),
    /// A byte order mark.
    #[error("the file begins with a byte order mark: save it as plain ASCII")]
    ByteOrderMark,
    /// Commits that are none.
    #[error("1 to {} commits of 64 lower-case hex digits, joined by +", limits::DRAW_UNITS_MAX)]
    Commits,
    /// Tags that are none, or not as many as commits.
    #[error("as many tags as commits, each of 32 lower-case hex digits, joined by +")]
    Tags,
    /// Tickets out of range.
    #[error("tickets are 1 to {}, without leading zeros", limits::DRAW_TICKETS_MAX)]
    Tickets,
    /// Units out of range.
    #[error("units are 1 to {}, without leading zeros", limits::DRAW_UNITS_MAX)]
    Units,
    /// No choice, or too many.
    #[error("1 to {} choices joined by >, and perhaps a last *", CHOICES_MAX)]
    ChoiceCount,
    /// A choice that is no bucket's name.
    #[error("choice {0} is no bucket's name")]
    Choice(usize),
}

/// A choice that is not in the stock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("choice {place} is {bucket}, which is not in the stock")]
pub struct NotInStock<'a> {
    /// The how manieth choice, from 1.
    pub place: usize,
    /// What was chosen.
    pub bucket: &'a str,
}

/// What an entry wants, as a pass needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wish {
    choices: [BucketNo; CHOICES_MAX],
    choice_count: u8,
    units: u8,
    accepts_any: bool,
}

impl<'a> Line<'a> {
    /// Reads a line, without its line feed.
    ///
    /// # Errors
    /// What is wrong with it, the leftmost first.
    pub fn read(bytes: &'a [u8]) -> Result<Self, LineProblem> {
        Self::parts(bytes).map_err(|problem| {
            // No part of an entry holds a comma, so only of what is wrong they need be counted.
            let are_five = bytes.iter().filter(|byte| **byte == b',').count() == 4;
            let problem = if are_five { problem } else { LineProblem::Parts };
            unprintable(bytes).unwrap_or(problem)
        })
    }

    fn parts(bytes: &'a [u8]) -> Result<Self, LineProblem> {
        let (commits, rest) = until_comma(bytes, 64)?;
        let (tags, rest) = until_comma(rest, 32)?;
        let (tickets, rest) = until_comma(rest, 1)?;
        let (units, choices) = until_comma(rest, 1)?;
        let commit_count = joined::<64>(commits).ok_or(LineProblem::Commits)?;
        if joined::<32>(tags) != Some(commit_count) {
            return Err(LineProblem::Tags);
        }
        let tickets = in_range(tickets, limits::DRAW_TICKETS_MAX).ok_or(LineProblem::Tickets)?;
        let units = in_range(units, limits::DRAW_UNITS_MAX).ok_or(LineProblem::Units)?;
        let accepts_any = choices.ends_with(b">*");
        let listed = if accepts_any { &choices[..choices.len() - 2] } else { choices };
        let mut line = Line {
            bytes,
            commits,
            tags,
            tickets,
            units,
            choices: [b""; CHOICES_MAX],
            choice_count: 0,
            accepts_any,
        };
        for (index, choice) in listed.split(|byte| *byte == b'>').enumerate() {
            let place = line.choices.get_mut(index).ok_or(LineProblem::ChoiceCount)?;
            if !is_bucket(choice) {
                return Err(LineProblem::Choice(index + 1));
            }
            *place = choice;
            line.choice_count += 1;
        }
        Ok(line)
    }

    /// The line as it stands in the list.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The commitments to the people of the entry, in their order.
    pub fn commits(&self) -> impl Iterator<Item = Digest> + 'a {
        self.commits
            .split(|byte| *byte == b'+')
            .map(|digits| Digest(unhex(digits).expect("digits were checked as the line was read")))
    }

    /// The commitments as they stand in the line, with the comma behind them: no other line of a
    /// list begins so.
    #[must_use]
    pub fn beginning(&self) -> &'a [u8] {
        &self.bytes[..=self.commits.len()]
    }

    /// The tags of the people of the entry, in the order of the commitments.
    pub fn tags(&self) -> impl Iterator<Item = Tag> + 'a {
        self.tags
            .split(|byte| *byte == b'+')
            .map(|digits| Tag(unhex(digits).expect("digits were checked as the line was read")))
    }

    /// Whether zeros stand for its tags: nobody knows them before the list is sealed.
    #[must_use]
    pub fn has_no_tags(&self) -> bool {
        self.tags.iter().all(|byte| matches!(byte, b'0' | b'+'))
    }

    /// How many tickets the entry has: 1 to 32.
    #[must_use]
    pub const fn tickets(&self) -> u8 {
        self.tickets
    }

    /// How many units the entry needs, all or nothing: 1 to 8.
    #[must_use]
    pub const fn units(&self) -> u8 {
        self.units
    }

    /// The buckets that were chosen, in the person's order.
    #[must_use]
    pub fn choices(&self) -> &[&'a [u8]] {
        &self.choices[..usize::from(self.choice_count)]
    }

    /// Whether any bucket without a reserved tranche will do.
    #[must_use]
    pub const fn accepts_any(&self) -> bool {
        self.accepts_any
    }

    /// What the entry wants of `stock`.
    ///
    /// # Errors
    /// The first choice that is not in the stock.
    pub fn wish(&self, stock: &Stock) -> Result<Wish, NotInStock<'a>> {
        let mut wish = Wish {
            choices: [BucketNo(0); CHOICES_MAX],
            choice_count: 0,
            units: self.units,
            accepts_any: self.accepts_any,
        };
        for (index, choice) in self.choices().iter().enumerate() {
            let unknown = || NotInStock { place: index + 1, bucket: ascii(choice) };
            wish.add(stock.find(choice).ok_or_else(unknown)?);
        }
        Ok(wish)
    }
}

impl Wish {
    fn add(&mut self, bucket: BucketNo) {
        self.choices[usize::from(self.choice_count)] = bucket;
        self.choice_count += 1;
    }

    /// The buckets that were chosen, in the person's order.
    #[must_use]
    pub fn choices(&self) -> &[BucketNo] {
        &self.choices[..usize::from(self.choice_count)]
    }

    /// How many units are needed, all or nothing.
    #[must_use]
    pub const fn units(&self) -> u8 {
        self.units
    }

    /// Whether any bucket without a reserved tranche will do.
    #[must_use]
    pub const fn accepts_any(&self) -> bool {
        self.accepts_any
    }
}

/// What a line is made of.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    /// The people, each with a tag.
    pub people: &'a [(Digest, Tag)],
    /// How many tickets.
    pub tickets: u8,
    /// How many units are needed.
    pub units: u8,
    /// Bucket names in the person's order.
    pub choices: &'a [&'a str],
    /// Whether any other will do.
    pub accepts_any: bool,
}

impl Parts<'_> {
    /// The line, without a line feed.
    ///
    /// # Errors
    /// What is wrong with the parts, as a reader would find it.
    pub fn write(&self) -> Result<Vec<u8>, LineProblem> {
        let mut line = Vec::with_capacity(128);
        for (index, (commit, _)) in self.people.iter().enumerate() {
            join(&mut line, index, b'+');
            line.extend_from_slice(&commit.hex());
        }
        line.push(b',');
        for (index, (_, Tag(tag))) in self.people.iter().enumerate() {
            join(&mut line, index, b'+');
            line.extend_from_slice(&hex::<16, 32>(tag));
        }
        line.extend_from_slice(format!(",{},{},", self.tickets, self.units).as_bytes());
        line.extend_from_slice(self.choices.join(">").as_bytes());
        if self.accepts_any {
            line.extend_from_slice(b">*");
        }
        Line::read(&line)?;
        Ok(line)
    }
}

fn join(line: &mut Vec<u8>, index: usize, by: u8) {
    if 0 < index {
        line.push(by);
    }
}

/// How many words of `N` digits stand in `text`, if it holds nothing else and not too many.
fn joined<const N: usize>(text: &[u8]) -> Option<usize> {
    if let Ok(word) = <&[u8; N]>::try_from(text) {
        // One person, as in nearly every line: of a length that the compiler knows.
        return are_digits(word).then_some(1);
    }
    let count = (text.len() + 1) / (N + 1);
    let counts = 1..=usize::from(limits::DRAW_UNITS_MAX);
    if !(text.len() + 1).is_multiple_of(N + 1) || !counts.contains(&count) {
        return None;
    }
    let is_word =
        |word: &[u8]| are_digits(&word[..N]) && word.get(N).is_none_or(|joint| *joint == b'+');
    text.chunks(N + 1).all(is_word).then_some(count)
}

/// What stands before the next comma, and what behind it. Most lines have it at `usual`; were one
/// before that, too, what stands before it would be no word of so many digits.
fn until_comma(bytes: &[u8], usual: usize) -> Result<(&[u8], &[u8]), LineProblem> {
    let at = if bytes.get(usual) == Some(&b',') {
        usual
    } else {
        bytes.iter().position(|byte| *byte == b',').ok_or(LineProblem::Parts)?
    };
    Ok((&bytes[..at], &bytes[at + 1..]))
}

fn in_range(digits: &[u8], max: u8) -> Option<u8> {
    let number = match digits {
        // As in nearly every line.
        [digit @ b'0'..=b'9'] => Some(digit - b'0'),
        _ => decimal(digits),
    };
    number.filter(|number| (1..=max).contains(number))
}

/// What is worth telling before anything else that is wrong with a line.
pub(crate) fn unprintable(line: &[u8]) -> Option<LineProblem> {
    if line.starts_with("\u{feff}".as_bytes()) {
        return Some(LineProblem::ByteOrderMark);
    }
    if line.ends_with(b"\r") {
        return Some(LineProblem::CarriageReturn);
    }
    let at = line.iter().position(|byte| !(b' '..=b'~').contains(byte))?;
    Some(LineProblem::NotAscii(at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "004d58d757def4ffe8d91eae7796799f5fee692b5999ef073bac0773b3e57e21";
    const TAG: &str = "39cf7d7daa2bef773fd6e92828a45729";

    fn problem(text: &str) -> LineProblem {
        Line::read(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_line_is_read_and_written_again() {
        let text = format!("{COMMIT}+{COMMIT},{TAG}+{TAG},32,8,A-N#65>A-N>B>C>D>*");
        let line = Line::read(text.as_bytes()).unwrap();
        assert_eq!((line.tickets(), line.units(), line.accepts_any()), (32, 8, true));
        let people: Vec<_> = line.commits().zip(line.tags()).collect();
        let choices: Vec<_> =
            line.choices().iter().map(|choice| str::from_utf8(choice).unwrap()).collect();
        assert_eq!(choices, ["A-N#65", "A-N", "B", "C", "D"]);
        let parts =
            Parts { people: &people, tickets: 32, units: 8, choices: &choices, accepts_any: true };
        assert_eq!(parts.write().unwrap(), text.as_bytes());
        assert_eq!(Parts { tickets: 33, ..parts }.write(), Err(LineProblem::Tickets));
    }

    #[test]
    fn each_fault_has_its_name() {
        let of = |tail: &str| problem(&format!("{COMMIT},{TAG},{tail}"));
        assert_eq!(of("0,1,A"), LineProblem::Tickets);
        assert_eq!(of("33,1,A"), LineProblem::Tickets);
        assert_eq!(of("01,1,A"), LineProblem::Tickets);
        assert_eq!(of("1,0,A"), LineProblem::Units);
        assert_eq!(of("1,9,A"), LineProblem::Units);
        assert_eq!(of("1,1,A>B>C>D>E>F"), LineProblem::ChoiceCount);
        assert_eq!(of("1,1,*"), LineProblem::Choice(1));
        assert_eq!(of("1,1,"), LineProblem::Choice(1));
        assert_eq!(of("1,1,A>*>B"), LineProblem::Choice(2));
        assert_eq!(of("1,1,a"), LineProblem::Choice(1));
        assert_eq!(of("1,1,A,"), LineProblem::Parts);
        assert_eq!(of("1,A"), LineProblem::Parts);
        assert_eq!(of("1,1,A\r"), LineProblem::CarriageReturn);
        assert_eq!(of("1,1,Ä"), LineProblem::NotAscii(103));
        let mark = format!("\u{feff}{COMMIT},{TAG},1,1,A");
        assert_eq!(problem(&mark), LineProblem::ByteOrderMark);
        assert_eq!(problem(&format!("{COMMIT}+,{TAG},1,1,A")), LineProblem::Commits);
        assert_eq!(problem(&format!("{COMMIT}-{COMMIT},{TAG},1,1,A")), LineProblem::Commits);
        assert_eq!(
            problem(&format!("{},{TAG},1,1,A", COMMIT.to_uppercase())),
            LineProblem::Commits
        );
        assert_eq!(problem(&format!("{COMMIT}+{COMMIT},{TAG},1,1,A")), LineProblem::Tags);
        let nine = [COMMIT; 9].join("+");
        assert_eq!(problem(&format!("{nine},{TAG},1,1,A")), LineProblem::Commits);
    }

    #[test]
    fn a_wish_names_a_choice_that_is_not_there() {
        let stock = Stock::read(b"A,1\nB,2\n").unwrap();
        let text = format!("{COMMIT},{TAG},1,1,B>X>A");
        let line = Line::read(text.as_bytes()).unwrap();
        let unknown = line.wish(&stock).unwrap_err();
        assert_eq!(unknown.to_string(), "choice 2 is X, which is not in the stock");
        let text = text.replace(">X", "");
        let wish = Line::read(text.as_bytes()).unwrap().wish(&stock).unwrap();
        assert_eq!(wish.choices(), [BucketNo(1), BucketNo(0)]);
    }

    /// The grammar as the description tells it, with no thought of speed.
    fn is_entry(text: &str) -> bool {
        let [commits, tags, tickets, units, choices] = text.split(',').collect::<Vec<_>>()[..]
        else {
            return false;
        };
        let is_hex = |word: &str, length| {
            word.len() == length && word.chars().all(|c| "0123456789abcdef".contains(c))
        };
        let people = commits.split('+').count();
        let listed: Vec<&str> = choices.strip_suffix(">*").unwrap_or(choices).split('>').collect();
        let is_word = |word: &str, max| {
            let is_in = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "._-".contains(c);
            (1..=max).contains(&word.len()) && word.chars().all(is_in)
        };
        let is_name = |name: &&str| match name.split_once('#') {
            None => is_word(name, 64),
            Some((bucket, tranche)) => is_word(bucket, 64) && is_word(tranche, 16),
        };
        commits.split('+').all(|commit| is_hex(commit, 64))
            && tags.split('+').all(|tag| is_hex(tag, 32))
            && (1..=8).contains(&people)
            && tags.split('+').count() == people
            && (1..=32).any(|number| tickets == number.to_string())
            && (1..=8).any(|number| units == number.to_string())
            && (1..=5).contains(&listed.len())
            && listed.iter().all(is_name)
    }

    proptest::proptest! {
        #[test]
        fn a_line_is_read_if_the_grammar_has_it(
            people in 1..=9_usize,
            choices in proptest::collection::vec("[A-Z0-9._-]{1,3}(#[A-Z0-9]{1,17})?", 1..7),
            tail in ",(0|0?[1-9]|[123][0-9]),[0-9],",
            any in proptest::bool::ANY,
            changes in proptest::collection::vec((0..2000_usize, "[+,#>*a-fA-F0-9.\\r ]"), 0..3),
        ) {
            let (commits, tags) = (vec![COMMIT; people].join("+"), vec![TAG; people].join("+"));
            let star = if any { ">*" } else { "" };
            let mut text = format!("{commits},{tags}{tail}{}{star}", choices.join(">"));
            for (at, with) in changes {
                let at = at % text.len();
                text.replace_range(at..=at, &with);
            }
            let is_read = Line::read(text.as_bytes()).is_ok();
            proptest::prop_assert_eq!(is_read, is_entry(&text), "{}", text);
        }
    }
}
