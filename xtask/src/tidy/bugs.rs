//! The rule of `docs/bugs.md`: every bug names the command of a test that is there.
//!
//! Owns: how a row of that table reads. Never: runs the command; it looks the test up by its name.

use super::{Finding, Tree};

const BUGS: &str = "docs/bugs.md";
const COMMAND: &str = "`cargo test -p ";

/// Reports rows of the table without a command, and commands that no test of their crate answers.
pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    let mut add = |line: usize, message: String| {
        findings.push(Finding::new(BUGS, line, "bug-without-test", message));
    };
    let bugs = tree.texts_ending(".md").find(|(path, _)| *path == BUGS);
    let lines = bugs.map_or("", |(_, text)| text).lines().enumerate();
    // The heading and the line below it are no bugs.
    let rows = lines.filter(|(_, line)| line.starts_with("| ")).skip(1);
    for (index, row) in rows {
        let Some((member, test)) = command(row) else {
            let message = format!("the row ends in no {COMMAND}CRATE TEST`; name the test");
            add(index + 1, message);
            continue;
        };
        if !is_there(tree, member, test) {
            let message = format!("{member} has no test `{test}`; name the one that shows the bug");
            add(index + 1, message);
        }
    }
}

/// The crate and the test of a row's command.
fn command(row: &str) -> Option<(&str, &str)> {
    let (_, command) = row.rsplit_once(COMMAND)?;
    command.strip_suffix("` |")?.split_once(' ')
}

/// Whether a function of the crate has these words in its name, as cargo would find it.
fn is_there(tree: &Tree, member: &str, test: &str) -> bool {
    let inside = [format!("crates/{member}/"), format!("{member}/")];
    let names = |line: &str| {
        let (_, rest) = line.split_once("fn ")?;
        rest.split(['(', '<']).next().map(|name| name.contains(test))
    };
    tree.texts_ending(".rs")
        .filter(|(path, _)| inside.iter().any(|folder| path.starts_with(folder)))
        .any(|(_, text)| text.lines().any(|line| names(line) == Some(true)))
}
