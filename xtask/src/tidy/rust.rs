//! The rules of every Rust file: size, header, and what must not stand in it.
//!
//! Clippy counts the lines of functions (`too_many_lines`) and finds most of these macros too;
//! here they are found in code that the compiler was not asked to build as well.
//!
//! Owns: the measures of a file, the words that no code may hold, and which file is a test's.
//! Never: takes a word in a literal or a comment for code.

use super::source::{Source, words_in};
use super::{Finding, Tree};

/// Lines of a file outside tests.
const LINES_MAX: usize = 1_000;
/// Columns of a line.
const COLUMNS_MAX: usize = 100;

/// What no code may hold, tests included: the text, and what to do instead.
const NEVER: [(&str, &str); 6] = [
    ("unsafe", "one file alone needs it; find the safe way or a library that did"),
    ("todo!", "finish it, or leave the whole thing out"),
    ("unimplemented!", "finish it, or leave the whole thing out"),
    ("dbg!", "remove it, or make it a trace"),
    ("#[ignore]", "repair the test or delete it; a test that does not run tests nothing"),
    ("#[ignore =", "repair the test or delete it; a test that does not run tests nothing"),
];
/// The one file that may say `unsafe`, with its reason in it; no other, and no second word of
/// `NEVER`.
const UNSAFE_IN: &str = "crates/draw/src/hash/many.rs";
/// What no code outside tests may hold.
const NEVER_OUTSIDE_TESTS: [(&str, &str); 2] = [
    (".unwrap()", "return the error, or `expect` with the invariant that excludes it"),
    (".unwrap_err()", "return the error, or `expect_err` with the invariant that excludes it"),
];
/// Words of comments that put work off.
const PUT_OFF: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// Reports what no Rust file may be or hold.
pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts_ending(".rs") {
        let source = Source::new(text);
        check_size(path, &source, findings);
        check_header(path, text, findings);
        check_words(path, &source, findings);
    }
}

/// Whether the whole file at `path` is test code.
#[must_use]
pub fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

fn check_size(path: &str, source: &Source<'_>, findings: &mut Vec<Finding>) {
    let lines = source.text.lines().count();
    if lines > LINES_MAX && !is_test_file(path) {
        let message = format!("{lines} lines; at most {LINES_MAX}: split the file by concept");
        findings.push(Finding::new(path, lines, "file-length", message));
    }
    let mut start = 0;
    for (index, line) in source.text.split('\n').enumerate() {
        if line.contains('\t') {
            let message = "a tab; indent with spaces, write \\t in a literal";
            findings.push(Finding::new(path, index + 1, "tab", message));
        }
        let columns = columns(line);
        if columns > COLUMNS_MAX && !may_be_wide(source, start, line) {
            let message = format!("{columns} columns; at most {COLUMNS_MAX}: break the line");
            findings.push(Finding::new(path, index + 1, "line-length", message));
        }
        start += line.len() + 1;
    }
}

/// Columns on a terminal: East Asian characters, full-width forms and pictures take two.
fn columns(line: &str) -> usize {
    let wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}' | '\u{1F300}'..='\u{1FAFF}')
    };
    line.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// Addresses cannot be broken; rows of a table of texts and literals over several lines
/// would only become harder to read.
fn may_be_wide(source: &Source<'_>, start: usize, line: &str) -> bool {
    let begins_with_text = line.trim_start().trim_start_matches(['(', '[', '&']).starts_with('"');
    line.contains("://") || source.is_literal(start) || begins_with_text
}

fn check_header(path: &str, text: &str, findings: &mut Vec<Finding>) {
    if !text.starts_with("//! ") {
        let message = "the file must begin with `//! ` and a noun phrase that says what it is";
        findings.push(Finding::new(path, 1, "module-header", message));
    }
}

fn check_words(path: &str, source: &Source<'_>, findings: &mut Vec<Finding>) {
    for (word, instead) in NEVER {
        if (word, path) == ("unsafe", UNSAFE_IN) {
            continue;
        }
        for offset in source.words(word) {
            let message = format!("`{word}`: {instead}");
            findings.push(Finding::new(path, source.line(offset), "forbidden", message));
        }
    }
    if !is_test_file(path) {
        for (word, instead) in NEVER_OUTSIDE_TESTS {
            let found = source.code.match_indices(word).map(|(offset, _)| offset);
            for offset in found.filter(|&offset| !source.is_test(offset)) {
                let message = format!("`{word}` outside tests: {instead}");
                findings.push(Finding::new(path, source.line(offset), "unwrap", message));
            }
        }
    }
    for word in PUT_OFF {
        for offset in words_in(&source.comments, word) {
            let message = format!("`{word}`: do it now, or open an issue and say nothing here");
            findings.push(Finding::new(path, source.line(offset), "put-off", message));
        }
    }
}
