//! The `tidy` chore: the house rules that neither the compiler nor clippy knows.
//!
//! Owns: the list of rules, each a function from the tree to findings. Never: changes a file.
//! Invariants: a rule sees only the [`Tree`] it is given, so fixtures test it; findings come
//! sorted by file and line. Clippy holds the other rules (`clippy.toml`, the root `Cargo.toml`).

pub mod arrows;
pub mod bugs;
pub mod errors;
pub mod markdown;
pub mod purity;
pub mod rust;
pub mod source;
pub mod text;
pub mod tree;

pub use tree::Tree;

use anyhow::Result;
use std::fmt;

/// One breach of a rule: where, which, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the workspace, with `/` between folders.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

impl Finding {
    /// A breach of `rule` in line `line` (from 1) of `path`.
    #[must_use]
    pub fn new(path: &str, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.message)
    }
}

/// All breaches in the tree, sorted by file and line.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Finding> {
    let rules: [fn(&Tree, &mut Vec<Finding>); 7] = [
        text::check,
        rust::check,
        purity::check,
        arrows::check,
        markdown::check,
        errors::check,
        bugs::check,
    ];
    let mut findings = Vec::new();
    rules.iter().for_each(|rule| rule(tree, &mut findings));
    findings.sort();
    findings
}

/// Checks the workspace and prints every finding; true when there is none.
///
/// # Errors
/// When a file of the workspace cannot be read.
pub fn run() -> Result<bool> {
    let tree = Tree::read(crate::root())?;
    let findings = check(&tree);
    findings.iter().for_each(|finding| println!("{finding}"));
    println!("tidy: {} files, {} findings", tree.len(), findings.len());
    Ok(findings.is_empty())
}
