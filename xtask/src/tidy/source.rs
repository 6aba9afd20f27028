//! A Rust text taken apart: what is code, what is comment, what stands in string literals.
//!
//! Owns: just enough of Rust's lexical rules to tell the three apart. Never: parses.
//! Invariants: `code` and `comments` are as long as the text, byte for byte, line for line;
//! whatever belongs to the other is a space in them.

use std::ops::Range;

/// A Rust text and its parts.
#[derive(Debug)]
pub struct Source<'a> {
    /// The whole text.
    pub text: &'a str,
    /// The text with comments and the insides of literals blanked.
    pub code: String,
    /// The text with everything but comments blanked.
    pub comments: String,
    /// Where the insides of string literals are, in order.
    pub literals: Vec<Range<usize>>,
    /// Where `#[cfg(test)]` items are, in order.
    tests: Vec<Range<usize>>,
}

impl<'a> Source<'a> {
    /// Takes `text` apart.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let mut scanner = Scanner::new(text.as_bytes());
        scanner.scan();
        let code = String::from_utf8(scanner.code).expect("only whole characters are blanked");
        let comments = String::from_utf8(scanner.comments).expect("comments are whole characters");
        assert_eq!(code.len(), text.len());
        assert_eq!(comments.len(), text.len());
        let tests = test_items(&code);
        Self { text, code, comments, literals: scanner.literals, tests }
    }

    /// The line, from 1, of the byte at `offset`.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.text.as_bytes()[..offset].iter().filter(|&&byte| byte == b'\n').count() + 1
    }

    /// Whether the byte at `offset` belongs to a `#[cfg(test)]` item.
    #[must_use]
    pub fn is_test(&self, offset: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&offset))
    }

    /// Whether the byte at `offset` stands inside a string literal.
    #[must_use]
    pub fn is_literal(&self, offset: usize) -> bool {
        let after = self.literals.partition_point(|range| range.start <= offset);
        after > 0 && self.literals[after - 1].contains(&offset)
    }

    /// Where `word` stands in the code as a word of its own.
    pub fn words<'b>(&'b self, word: &'b str) -> impl Iterator<Item = usize> + 'b {
        words_in(&self.code, word)
    }
}

/// Where `word` stands in `text` with no letter, digit or underscore beside it.
pub fn words_in<'b>(text: &'b str, word: &'b str) -> impl Iterator<Item = usize> + 'b {
    let bytes = text.as_bytes();
    let ends_open = word.ends_with(|last: char| !last.is_ascii_alphanumeric());
    text.match_indices(word).map(|(offset, _)| offset).filter(move |&offset| {
        let before = offset.checked_sub(1).map(|index| bytes[index]);
        let after = bytes.get(offset + word.len());
        !before.is_some_and(is_word) && (ends_open || !after.is_some_and(|&byte| is_word(byte)))
    })
}

/// Where the block that opens at the first `{` at or after `from` lies, braces included;
/// `None` when a `;` comes first or the block never closes.
#[must_use]
pub fn block(code: &str, from: usize) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    let mut start = from;
    for (index, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b';' if depth == 0 => return None,
            b'{' => {
                start = if depth == 0 { index } else { start };
                depth += 1;
            }
            b'}' if depth == 1 => return Some(start..index + 1),
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn test_items(code: &str) -> Vec<Range<usize>> {
    let attributes = code.match_indices("#[cfg(test)]");
    attributes.filter_map(|(at, _)| Some(at..block(code, at)?.end)).collect()
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    code: Vec<u8>,
    comments: Vec<u8>,
    literals: Vec<Range<usize>>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a [u8]) -> Self {
        let blank = |&byte: &u8| if byte == b'\n' { b'\n' } else { b' ' };
        let comments = text.iter().map(blank).collect();
        Self { text, at: 0, code: text.to_vec(), comments, literals: Vec::new() }
    }

    fn scan(&mut self) {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            match rest {
                [b'/', b'/', ..] => self.comment(line_comment_bytes(rest)),
                [b'/', b'*', ..] => self.comment(block_comment_bytes(rest)),
                [b'"', ..] => self.string(1, b"\"", true),
                [b'r', b'"' | b'#', ..] if self.starts_raw() => self.raw_string(),
                [b'\'', ..] => self.quote(),
                _ => self.at += 1,
            }
        }
    }

    fn comment(&mut self, bytes: usize) {
        let range = self.at..self.at + bytes;
        self.comments[range.clone()].copy_from_slice(&self.text[range.clone()]);
        self.blank(range.clone());
        self.at = range.end;
    }

    /// A literal with `open` bytes before its inside, up to `close`.
    fn string(&mut self, open: usize, close: &[u8], escapes: bool) {
        let start = self.at + open;
        let mut end = start;
        while end < self.text.len() && !self.text[end..].starts_with(close) {
            end += if escapes && self.text[end] == b'\\' { 2 } else { 1 };
        }
        let end = end.min(self.text.len());
        self.blank(start..end);
        self.literals.push(start..end);
        self.at = (end + close.len()).min(self.text.len());
    }

    /// Whether the `r` here begins a raw string, not an identifier.
    fn starts_raw(&self) -> bool {
        let mut before = self.at;
        if before > 0 && matches!(self.text[before - 1], b'b' | b'c') {
            before -= 1;
        }
        let stands_alone = before == 0 || !is_word(self.text[before - 1]);
        let hashes = self.text[self.at + 1..].iter().take_while(|&&byte| byte == b'#').count();
        stands_alone && self.text.get(self.at + 1 + hashes) == Some(&b'"')
    }

    fn raw_string(&mut self) {
        let hashes = self.text[self.at + 1..].iter().take_while(|&&byte| byte == b'#').count();
        let mut close = vec![b'"'];
        close.resize(1 + hashes, b'#');
        self.string(2 + hashes, &close, false);
    }

    /// A character literal, or the mark of a lifetime.
    fn quote(&mut self) {
        let rest = &self.text[self.at + 1..];
        let first = rest.first().copied().unwrap_or(b' ');
        let inside_bytes = if first == b'\\' {
            let close = rest.iter().skip(2).position(|&byte| byte == b'\'');
            close.map(|index| index + 2)
        } else {
            let wide = rest.iter().skip(1).take_while(|&&byte| byte & 0xC0 == 0x80).count();
            (rest.get(1 + wide) == Some(&b'\'')).then_some(1 + wide)
        };
        if let Some(bytes) = inside_bytes {
            self.blank(self.at + 1..self.at + 1 + bytes);
            self.at += bytes + 2;
        } else {
            self.at += 1;
        }
    }

    fn blank(&mut self, range: Range<usize>) {
        let visible = self.code[range].iter_mut().filter(|byte| **byte != b'\n');
        visible.for_each(|byte| *byte = b' ');
    }
}

fn line_comment_bytes(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

fn block_comment_bytes(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] if depth == 1 => return at + 2,
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    rest.len()
}
