//! The rules of error codes: every code has a page in `docs/errors/`, every page has a code.
//!
//! A code is a kebab-case string literal in the body of a `fn code` of a crate; what an
//! `Outcome` that is no refusal says there is not an error and needs no page.
//!
//! Owns: where codes stand in the code, and what every page holds. Never: judges what a page says.

use super::rust::is_test_file;
use super::source::{Source, block};
use super::{Finding, Tree};
use std::collections::BTreeSet;

const PAGES: &str = "docs/errors/";
/// What every page holds besides its title.
const SECTIONS: [&str; 2] = ["## What happened", "## What to do"];

/// Reports codes without a page, pages without a code, and pages that are not made as agreed.
pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    let mut literals = BTreeSet::new();
    for (path, text) in tree.texts_ending(".rs") {
        if path.starts_with("xtask/") || is_test_file(path) {
            continue;
        }
        let source = Source::new(text);
        let inside = |range: &std::ops::Range<usize>| &text[range.clone()];
        literals.extend(source.literals.iter().map(inside));
        for (offset, code) in codes(&source) {
            let page = format!("{PAGES}{code}.md");
            if !tree.has(&page) {
                let message = format!("the code `{code}` has no page; write {page}");
                findings.push(Finding::new(path, source.line(offset), "error-page", message));
            }
        }
    }
    for (path, text) in tree.texts_ending(".md") {
        let Some(code) = path.strip_prefix(PAGES).and_then(|name| name.strip_suffix(".md")) else {
            continue;
        };
        if code != "README" {
            check_page(path, code, text, literals.contains(code), findings);
        }
    }
}

fn check_page(path: &str, code: &str, text: &str, known: bool, findings: &mut Vec<Finding>) {
    if !known {
        let message = format!(
            "no Rust file holds the code \"{code}\"; delete the page, or name it as the code is"
        );
        findings.push(Finding::new(path, 1, "error-page", message));
    }
    let title = format!("# `{code}`");
    if text.lines().next() != Some(title.as_str()) {
        let message = format!("the page must begin with the line {title}");
        findings.push(Finding::new(path, 1, "error-page", message));
    }
    for section in SECTIONS {
        if !text.lines().any(|line| line == section) {
            let message = format!("the page lacks the section `{section}`");
            findings.push(Finding::new(path, 1, "error-page", message));
        }
    }
}

/// The codes that the file's `fn code` bodies hold, with their offsets.
fn codes<'a>(source: &Source<'a>) -> Vec<(usize, &'a str)> {
    let mut found = Vec::new();
    for at in source.words("fn code(") {
        let of_outcome = implementor(&source.code[..at]) == Some("Outcome");
        let Some(body) = block(&source.code, at) else { continue };
        if of_outcome || source.is_test(at) {
            continue;
        }
        let inside = |range: &&std::ops::Range<usize>| body.contains(&range.start);
        for range in source.literals.iter().filter(inside) {
            let literal = &source.text[range.clone()];
            if is_code(literal) {
                found.push((range.start, literal));
            }
        }
    }
    found
}

/// The type of the last `impl` block that opens in `code`.
fn implementor(code: &str) -> Option<&str> {
    let start = code.rfind("impl ").or_else(|| code.rfind("impl<"))?;
    let head = code[start..].split('{').next()?;
    let last = head.split("where").next()?.split_whitespace().last()?;
    last.split('<').next()
}

fn is_code(literal: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    literal.starts_with(|first: char| first.is_ascii_lowercase()) && literal.split('-').all(is_part)
}
