//! The rules that keep clocks, chance and IO out of the crates that must give equal results.
//!
//! Owns: the table of what each crate must not name, outside its tests. Architecture invariants
//! 1 and 2 rest on it: the same journal gives the same state on any machine, and time enters
//! stamped on the frame.

use super::rust::is_test_file;
use super::source::Source;
use super::{Finding, Tree};

/// What a group of crates must not name.
struct Purity {
    crates: &'static [&'static str],
    /// Identifiers, or paths written as such.
    words: &'static [&'static str],
    /// Items of the standard library, however they are imported.
    items: &'static [&'static str],
    why: &'static str,
}

const PURITIES: [Purity; 4] = [
    Purity {
        crates: &["types", "ledger", "model"],
        words: &["rand", "rand_core", "rand_chacha", "getrandom", "thread_rng", "RandomState"],
        items: &[
            "std::time",
            "std::thread",
            "std::fs",
            "std::net",
            "std::io",
            "std::env",
            "std::process",
            "std::collections::HashMap",
            "std::collections::HashSet",
            "std::collections::hash_map",
            "std::collections::hash_set",
        ],
        why: "the same journal must give the same state everywhere; take it as an argument",
    },
    Purity {
        crates: &["draw"],
        words: &["rand", "getrandom", "RandomState", "f32", "f64", "Instant", "SystemTime"],
        items: &["std::time", "std::thread", "std::fs", "std::net", "std::io", "std::env"],
        why: "the same sealed files must give the same draw everywhere; take it as an argument",
    },
    Purity {
        crates: &["types", "ledger", "model"],
        words: &["f32", "f64"],
        items: &[],
        why: "floats round differently elsewhere; count in whole units",
    },
    Purity {
        crates: &["types", "ledger", "model", "audit", "journal", "identity", "campaign"],
        words: &["Instant", "SystemTime", "Timestamp::now", "Zoned::now"],
        items: &[],
        why: "only the crates that serve read a clock; take the time as an argument",
    },
];

/// Reports clocks, chance, IO, floats and unordered tables where they must not be.
pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts_ending(".rs") {
        let mut parts = path.split('/');
        let (Some("crates"), Some(name), Some("src")) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let purities = PURITIES.iter().filter(|purity| purity.crates.contains(&name));
        if is_test_file(path) {
            continue;
        }
        let source = Source::new(text);
        purities.for_each(|purity| check_file(path, name, &source, purity, findings));
    }
}

fn check_file(
    path: &str,
    name: &str,
    source: &Source<'_>,
    purity: &Purity,
    findings: &mut Vec<Finding>,
) {
    let mut report = |offset: usize, what: &str| {
        if !source.is_test(offset) {
            let message = format!("`{name}` must not name `{what}`: {}", purity.why);
            findings.push(Finding::new(path, source.line(offset), "purity", message));
        }
    };
    for word in purity.words {
        source.words(word).for_each(|offset| report(offset, word));
    }
    for offset in source.words("std::") {
        for (at, item) in paths(&source.code, offset) {
            let is_in = |outer: &&&str| {
                item.strip_prefix(**outer)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
            };
            if let Some(outer) = purity.items.iter().find(is_in) {
                report(at, outer);
            }
        }
    }
}

/// Every full path that the path at `from` stands for, groups in braces taken apart, each with
/// the offset of its last name.
fn paths(code: &str, from: usize) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut outer = Vec::new();
    let mut prefix = String::new();
    let mut at = from;
    let bytes = code.as_bytes();
    loop {
        while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        let rest = &code[at..];
        let name_bytes =
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if name_bytes > 0 {
            let full = format!("{prefix}{}", &rest[..name_bytes]);
            let after = rest[name_bytes..].trim_start();
            if after.starts_with("::") {
                prefix = format!("{full}::");
                at += name_bytes + (rest.len() - name_bytes - after.len()) + 2;
                continue;
            }
            found.push((at, full));
            at += name_bytes;
        } else if rest.starts_with('{') {
            outer.push(prefix.clone());
            at += 1;
        } else if rest.starts_with('}') {
            outer.pop();
            at += 1;
        } else if rest.starts_with(',') {
            prefix = outer.last().cloned().unwrap_or_default();
            at += 1;
        } else if rest.starts_with('*') && !outer.is_empty() {
            at += 1;
        } else {
            return found;
        }
        if outer.is_empty() {
            return found;
        }
    }
}
