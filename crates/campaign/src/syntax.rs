//! What the syntax errors of a campaign file leave to be read.
//!
//! Owns: which values an error spoils, and the lines that must go so that the parser comes past
//! them. Never: knows what a key means.
//! Invariants: every place keeps its offset; a value that an error lies in is never judged; once
//! lines are gone, nothing is called missing or unknown.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use types::limits;

/// How often lines are taken out: what follows a list that never ends shows only when it is gone.
const ROUNDS_MAX: usize = 8;

/// Quotation marks, curly, angular and wide, that input methods and word processors type for `"`.
const QUOTATION_MARKS: &str = "“”„‟‘’‚‛＂＇«»「」『』〝〞";

/// A file as far as it can be read.
pub(crate) struct Readable {
    /// The file with spaces, or a section nobody asks for, where lines could not be read.
    text: String,
    pub(crate) errors: Vec<SyntaxError>,
    pub(crate) damage: Damage,
    /// Where errors are known already, from the round before.
    seen: HashSet<(usize, usize)>,
}

/// Something that is not TOML.
pub(crate) struct SyntaxError {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    /// Whether more than one value may be lost by it.
    pub(crate) is_structural: bool,
    /// Whether it is a quotation mark that TOML does not know.
    pub(crate) is_quotation_mark: bool,
}

/// What cannot be believed.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    values: HashSet<(usize, usize)>,
    is_structural: bool,
}

impl Damage {
    /// Whether the value that stands there cannot be read.
    pub(crate) fn spoils(&self, span: &Range<usize>) -> bool {
        self.values.contains(&(span.start, span.end))
    }

    /// Whether keys and sections may be lost, or stand where nobody wrote them.
    pub(crate) const fn is_structural(&self) -> bool {
        self.is_structural
    }
}

impl Readable {
    pub(crate) fn of(text: &str) -> Self {
        let mut readable = Self {
            text: text.to_owned(),
            errors: Vec::new(),
            damage: Damage::default(),
            seen: HashSet::new(),
        };
        for round in 0..ROUNDS_MAX {
            let lines = readable.assess(round == 0);
            if lines.is_empty() {
                break;
            }
            readable.damage.is_structural = true;
            lines.into_iter().for_each(|start| readable.take_out(start));
        }
        assert_eq!(readable.text.len(), text.len(), "every place keeps its offset");
        readable
    }

    /// Everything that can be read.
    pub(crate) fn table(&self) -> DeTable<'_> {
        DeTable::parse_recoverable(&self.text).0.into_inner()
    }

    /// Notes errors and what they spoil; returns where the lines start that must go.
    fn assess(&mut self, is_first: bool) -> BTreeSet<usize> {
        let (table, found) = DeTable::parse_recoverable(&self.text);
        let outline = Outline::of(&self.text, table.get_ref());
        let mut found: Vec<SyntaxError> = found.iter().map(SyntaxError::from).collect();
        found.sort_by_key(|error| error.span.start);
        let mut lines = BTreeSet::new();
        let mut seen = 0;
        for mut error in found {
            // A list that does not end makes an error of every word in it; the first one tells.
            if outline.is_in_spoilt_list(error.span.start, &self.damage) {
                continue;
            }
            seen += 1;
            if limits::PROBLEMS_MAX < seen {
                self.damage.is_structural = true;
                break;
            }
            match outline.loss(&error) {
                Loss::Nothing => {}
                Loss::Value(value) => {
                    if outline.takes_more(&value) {
                        error.is_structural = true;
                        lines.insert(outline.line_start(value.start));
                    }
                    error.is_structural |= outline.takes_a_key(&error.span, &value);
                    self.damage.is_structural |= error.is_structural;
                    self.damage.values.insert((value.start, value.end));
                    error.tell(&outline, &value);
                }
                Loss::Line => {
                    error.is_structural = true;
                    if !lines.insert(outline.line_start(error.span.start)) {
                        continue;
                    }
                }
            }
            // What is structural in a later round follows from the lines that are gone.
            let is_new = self.seen.insert((error.span.start, error.span.end));
            if is_new && (is_first || !error.is_structural) {
                error.look_for_a_quotation_mark(outline.text);
                self.errors.push(error);
            }
        }
        lines
    }

    /// Makes a line blank; one that begins a section begins one that nobody asks for, so that its
    /// keys do not fall to the section before.
    fn take_out(&mut self, start: usize) {
        let length = self.text[start..].lines().next().unwrap_or_default().len();
        let is_section = self.text[start..start + length].trim_start().starts_with('[');
        let line = if is_section && 5 <= length {
            format!("[[-{}]]", " ".repeat(length - 5))
        } else {
            " ".repeat(length)
        };
        self.text.replace_range(start..start + length, &line);
    }
}

impl From<&toml::de::Error> for SyntaxError {
    fn from(error: &toml::de::Error) -> Self {
        let message = error.message().replace('\n', ", ");
        let span = error.span().unwrap_or(0..0);
        Self { span, message, is_structural: false, is_quotation_mark: false }
    }
}

impl SyntaxError {
    /// Speaks of a quotation mark as word processors make it, where one stands instead of a
    /// straight one: where the error begins, or at the end of the line that it is at the end of.
    fn look_for_a_quotation_mark(&mut self, text: &str) {
        let at = self.span.start;
        let (Some(before), Some(after)) = (text.get(..at), text.get(at..)) else { return };
        let is_mark = |c: &char| QUOTATION_MARKS.contains(*c);
        let mark = match after.chars().next().filter(is_mark) {
            Some(mark) => Some((at, mark)),
            None if after.trim_start_matches([' ', '\t', '\r']).starts_with(['\n', '#'])
                || after.trim().is_empty() =>
            {
                let last = before.char_indices().next_back();
                last.filter(|(_, mark)| is_mark(mark))
            }
            None => None,
        };
        let Some((start, mark)) = mark else { return };
        self.span = start..start + mark.len_utf8();
        self.message = format!("{mark} is not a quotation mark in TOML");
        self.is_quotation_mark = true;
    }

    /// Speaks of the value where the parser speaks of something else.
    fn tell(&mut self, outline: &Outline<'_>, value: &Range<usize>) {
        let text = &outline.text[value.clone()];
        if is_long(text) && self.is_structural {
            "the text of several lines does not end".clone_into(&mut self.message);
            self.span = value.start..value.start + 3;
        } else if is_word(text) && self.message.starts_with("invalid float") {
            // A word that begins like "nan", such as N95.
            "string values must be quoted".clone_into(&mut self.message);
        }
    }
}

/// What an error takes away.
enum Loss {
    /// Nothing: what it is about was read all the same.
    Nothing,
    /// The value that stands there.
    Value(Range<usize>),
    /// The line it is in.
    Line,
}

/// Where keys and values of a file stand.
struct Outline<'a> {
    text: &'a str,
    keys: HashSet<(usize, usize)>,
    /// Values that hold no others, by their place; whether each was read as a text.
    leaves: Vec<(Range<usize>, bool)>,
    /// `[…]` and `{…}` in values, by their place, with the one around each.
    lists: Vec<(Range<usize>, Option<usize>)>,
}

impl<'a> Outline<'a> {
    fn of(text: &'a str, table: &DeTable<'_>) -> Self {
        let (mut leaves, mut lists, mut keys) = (Vec::new(), Vec::new(), HashSet::new());
        // No recursion: dotted keys can nest deeper than a stack.
        let mut tables = vec![table];
        let mut values: Vec<&Spanned<DeValue<'_>>> = Vec::new();
        loop {
            if let Some(table) = tables.pop() {
                keys.extend(table.keys().map(|key| (key.span().start, key.span().end)));
                values.extend(table.values());
            }
            let Some(value) = values.pop() else { break };
            let span = value.span();
            match value.get_ref() {
                DeValue::Table(table) => {
                    tables.push(table);
                    if text[span.start..].starts_with('{') {
                        lists.push(span);
                    }
                }
                DeValue::Array(array) => {
                    values.extend(array.iter());
                    // Tables under `[[name]]` begin where their array does.
                    if array.iter().next().is_none_or(|first| first.span().start != span.start) {
                        lists.push(span);
                    }
                }
                leaf => leaves.push((span, matches!(leaf, DeValue::String(_)))),
            }
        }
        leaves.sort_by_key(|(span, _)| span.start);
        lists.sort_by_key(|span| span.start);
        Self { text, keys, leaves, lists: nested(lists) }
    }

    fn loss(&self, error: &SyntaxError) -> Loss {
        let SyntaxError { span, message, .. } = error;
        let at = span.start;
        let is_key = self.keys.contains(&(at, span.end)) || message == "duplicate key";
        let line = &self.text[self.line_start(at)..];
        if is_key && !line.trim_start().starts_with('[') {
            return Loss::Nothing;
        }
        let list = self.innermost(at);
        if let Some((value, is_text)) = self.leaf(span, list.is_some()) {
            // Quotation marks are all that is missing: the word can be judged as it stands.
            let is_bare = *is_text && span == value && is_word(&self.text[value.clone()]);
            return if is_bare { Loss::Nothing } else { Loss::Value(value.clone()) };
        }
        match list.or_else(|| self.list_before(at)) {
            Some(list) => Loss::Value(self.lists[list].0.clone()),
            None => Loss::Line,
        }
    }

    /// Whether a value that is spoilt may have taken what follows with it.
    fn takes_more(&self, value: &Range<usize>) -> bool {
        let text = &self.text[value.clone()];
        if text.starts_with(['[', '{']) {
            return text.len() < 2 || !text.ends_with([']', '}']) || text.contains('\n');
        }
        is_long(text) && (text.len() < 6 || !text.ends_with(&text[..3]))
    }

    /// Whether another key stands on the line, behind the value, where the parser looks no more.
    fn takes_a_key(&self, error: &Range<usize>, value: &Range<usize>) -> bool {
        let rest = self.text.get(error.start..).unwrap_or_default();
        value.end <= error.start && rest.lines().next().unwrap_or_default().contains('=')
    }

    fn is_in_spoilt_list(&self, at: usize, damage: &Damage) -> bool {
        let mut next = self.innermost(at).or_else(|| self.list_before(at));
        while let Some(index) = next {
            let (span, around) = &self.lists[index];
            if damage.spoils(span) {
                return true;
            }
            next = *around;
        }
        false
    }

    fn line_start(&self, at: usize) -> usize {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
    }

    /// The value that an error lies in; or, outside of lists, just behind.
    fn leaf(&self, error: &Range<usize>, is_in_list: bool) -> Option<&(Range<usize>, bool)> {
        let at = error.start;
        let behind = self.leaves.partition_point(|(span, _)| span.start <= at);
        let leaf = self.leaves[..behind].last()?;
        let Range { start, end } = leaf.0;
        if is_in_list {
            // Before a value, it is the comma that is missing.
            let is_before = error.is_empty() && at == start && start < end;
            return (at <= end && !is_before).then_some(leaf);
        }
        (at <= end || self.is_behind(end, at)).then_some(leaf)
    }

    fn innermost(&self, at: usize) -> Option<usize> {
        let behind = self.lists.partition_point(|(span, _)| span.start <= at);
        let mut found = behind.checked_sub(1);
        while let Some(index) = found {
            let (span, around) = &self.lists[index];
            if at < span.end || at == span.end && self.takes_more(span) {
                return Some(index);
            }
            found = *around;
        }
        None
    }

    /// The list that ends before a place on the same line.
    fn list_before(&self, at: usize) -> Option<usize> {
        let behind = self.lists.partition_point(|(span, _)| span.start <= at);
        let mut last = behind.checked_sub(1)?;
        while let Some(around) = self.lists[last].1 {
            last = around;
        }
        self.is_behind(self.lists[last].0.end, at).then_some(last)
    }

    /// Whether nothing but spaces of one line lies between.
    fn is_behind(&self, end: usize, at: usize) -> bool {
        let between = self.text.get(end..at);
        between.is_some_and(|between| between.chars().all(|c| c == ' ' || c == '\t'))
    }
}

/// Ranges by their start, each with the one around it.
fn nested(ranges: Vec<Range<usize>>) -> Vec<(Range<usize>, Option<usize>)> {
    let mut around: Vec<usize> = Vec::new();
    let mut nested: Vec<(Range<usize>, Option<usize>)> = Vec::with_capacity(ranges.len());
    for (index, range) in ranges.into_iter().enumerate() {
        while around.last().is_some_and(|last| nested[*last].0.end <= range.start) {
            around.pop();
        }
        nested.push((range, around.last().copied()));
        around.push(index);
    }
    nested
}

/// Whether a value begins as a text of several lines does.
fn is_long(text: &str) -> bool {
    text.starts_with("\"\"\"") || text.starts_with("'''")
}

/// Whether somebody left out quotation marks around a word, and nothing else is wrong with it.
fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    !text.is_empty() && text.bytes().all(plain)
}
