//! The rules of every text: nothing after the last visible character, one newline at the end.
//!
//! Owns: both rules. Never: knows what kind of text it is.

use super::{Finding, Tree};

/// Reports white space at the end of lines, and files that do not end with one newline.
pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts() {
        for (index, line) in text.split('\n').enumerate() {
            if line.ends_with(char::is_whitespace) {
                let message = "white space at the end of the line; delete it";
                findings.push(Finding::new(path, index + 1, "trailing-space", message));
            }
        }
        let ends_well = text.is_empty() || (text.ends_with('\n') && !text.ends_with("\n\n"));
        if !ends_well {
            let line = text.lines().count();
            let message = "the file must end with exactly one newline";
            findings.push(Finding::new(path, line, "final-newline", message));
        }
    }
}
