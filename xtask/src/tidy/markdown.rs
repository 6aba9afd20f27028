//! The rules of Markdown: one title a file, and links that lead somewhere.
//!
//! Owns: what a title, a fence and a link look like in our texts. Never: follows a link out of the
//! tree; what lies in the web is not asked for.

use super::{Finding, Tree};

/// Reports files without exactly one H1, and relative links to files that are not there.
pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts_ending(".md") {
        let mut titles = 0;
        let mut fence: Option<&str> = None;
        for (index, line) in text.lines().enumerate() {
            let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
            match (fence, mark) {
                (None, Some(mark)) => fence = Some(mark),
                (Some(open), Some(mark)) if open == mark => fence = None,
                _ => {}
            }
            if fence.is_some() || mark.is_some() {
                continue;
            }
            titles += usize::from(line.starts_with("# "));
            if titles > 1 && line.starts_with("# ") {
                let message = "a second H1; make it `##`, or split the file";
                findings.push(Finding::new(path, index + 1, "one-title", message));
            }
            for target in targets(line) {
                check_target(tree, path, index + 1, &target, findings);
            }
        }
        if titles == 0 {
            let message = "no H1; begin the file with `# ` and its title";
            findings.push(Finding::new(path, 1, "one-title", message));
        }
    }
}

/// Where the links and pictures of a line lead: `](x)`, `[y]: x`, `src="x"`, `href="x"`.
fn targets(line: &str) -> Vec<String> {
    let line = without_code(line);
    let mut found = Vec::new();
    for (open, close) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
        for (at, _) in line.match_indices(open) {
            let rest = &line[at + open.len()..];
            found.extend(rest.find(close).map(|end| rest[..end].to_owned()));
        }
    }
    if line.starts_with('[')
        && let Some((_, target)) = line.split_once("]: ")
    {
        found.push(target.to_owned());
    }
    let first = |target: String| target.split_whitespace().next().map(str::to_owned);
    found.into_iter().filter_map(first).collect()
}

/// The line with what stands between back-ticks taken out.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

fn check_target(tree: &Tree, path: &str, line: usize, target: &str, findings: &mut Vec<Finding>) {
    let target = target.trim_start_matches('<').trim_end_matches('>');
    let elsewhere = target.contains("://") || target.starts_with("mailto:");
    let file = target.split(['#', '?']).next().unwrap_or_default();
    if elsewhere || file.is_empty() {
        return;
    }
    if !resolve(path, file).is_some_and(|resolved| tree.has(&resolved)) {
        let message = format!("the link `{target}` leads nowhere; correct it or add the file");
        findings.push(Finding::new(path, line, "dead-link", message));
    }
}

/// `target` as a path from the workspace, seen from the file at `path`; `None` when it leads
/// out of the workspace.
fn resolve(path: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
