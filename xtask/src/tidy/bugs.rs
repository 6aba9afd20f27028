//! The rule of `docs/bugs.md`: every bug names the command of a test that is there.
//!
//! Owns: how a row of that table reads. Never: runs the command; it looks the test up by its name.

use super::{Finding, Tree};

const BUGS: &str = "docs/bugs.md";
const COMMAND: &str = "`cargo test -p ";
/// What only a browser does, in the folder `web`.
const IN_A_BROWSER: &str = "`npx playwright test ";

/// Reports rows of the table without a command, and commands that no test of their crate, or of
/// their file of pages, answers.
pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    let mut add = |line: usize, message: String| {
        findings.push(Finding::new(BUGS, line, "bug-without-test", message));
    };
    let bugs = tree.texts_ending(".md").find(|(path, _)| *path == BUGS);
    let lines = bugs.map_or("", |(_, text)| text).lines().enumerate();
    // The heading and the line below it are no bugs.
    let rows = lines.filter(|(_, line)| line.starts_with("| ")).skip(1);
    for (index, row) in rows {
        let (whose, test, is_there) = if let Some((file, test)) = in_a_browser(row) {
            (file, test, has_title(tree, file, test))
        } else if let Some((member, test)) = command(row) {
            (member, test, has_function(tree, member, test))
        } else {
            let message = format!(
                "the row ends in no {COMMAND}CRATE TEST`, nor in \
                 {IN_A_BROWSER}FILE -g \"TEST\"`; name the test"
            );
            add(index + 1, message);
            continue;
        };
        if !is_there {
            let message = format!("{whose} has no test `{test}`; name the one that shows the bug");
            add(index + 1, message);
        }
    }
}

/// The crate and the test of a row's command.
fn command(row: &str) -> Option<(&str, &str)> {
    let (_, command) = row.rsplit_once(COMMAND)?;
    command.strip_suffix("` |")?.split_once(' ')
}

/// The file of pages and the test of a row's command.
fn in_a_browser(row: &str) -> Option<(&str, &str)> {
    let (_, command) = row.rsplit_once(IN_A_BROWSER)?;
    command.strip_suffix("\"` |")?.split_once(" -g \"")
}

/// Whether a function of the crate has these words in its name, as cargo would find it.
fn has_function(tree: &Tree, member: &str, test: &str) -> bool {
    let inside = [format!("crates/{member}/"), format!("{member}/")];
    let names = |line: &str| {
        let (_, rest) = line.split_once("fn ")?;
        rest.split(['(', '<']).next().map(|name| name.contains(test))
    };
    tree.texts_ending(".rs")
        .filter(|(path, _)| inside.iter().any(|folder| path.starts_with(folder)))
        .any(|(_, text)| text.lines().any(|line| names(line) == Some(true)))
}

/// Whether a test of the file has these words in its title, as playwright would find it.
fn has_title(tree: &Tree, file: &str, test: &str) -> bool {
    let path = format!("web/tests/{file}.spec.js");
    let names = |line: &str| {
        let title = line.trim_start().strip_prefix("test(")?;
        title.get(1..)?.split(['\'', '`', '"']).next().map(|title| title.contains(test))
    };
    tree.texts_ending(".js")
        .filter(|(known, _)| *known == path)
        .any(|(_, text)| text.lines().any(|line| names(line) == Some(true)))
}
