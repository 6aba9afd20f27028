//! The rule of the arrows: which of our crates may depend on which.
//!
//! Owns: the table of arrows, which ARCHITECTURE.md draws. Never: asks cargo; it reads the
//! manifests' dependency tables line by line, which is all that ours contain.

use super::{Finding, Tree};

/// Each crate with the crates of ours it links, from the bottom up; no more than it needs.
pub const ARROWS: [(&str, &[&str]); 23] = [
    ("types", &[]),
    ("ledger", &["types"]),
    ("model", &["types"]),
    ("mirror", &["ledger", "model", "types"]),
    ("journal", &["types"]),
    ("simdisk", &["journal", "model"]),
    ("audit", &["types"]),
    ("draw", &["types"]),
    ("ceremony", &["draw", "types"]),
    ("drawpage", &["draw"]),
    ("roll", &["draw", "types"]),
    ("identity", &["types"]),
    ("campaign", &["types"]),
    ("node", &["journal", "ledger", "types"]),
    ("sim", &["node", "simdisk", "journal", "ledger", "mirror", "model", "audit", "types"]),
    ("handover", &["types"]),
    (
        "server",
        &[
            "handover", "node", "journal", "ledger", "identity", "campaign", "ceremony",
            "drawpage", "draw", "roll", "types",
        ],
    ),
    ("crowd", &["types"]),
    ("trial", &["crowd", "audit", "types"]),
    (
        "tidegate",
        &[
            "server", "node", "journal", "ledger", "identity", "campaign", "crowd", "audit",
            "ceremony", "drawpage", "draw", "types",
        ],
    ),
    ("bench", &["ledger", "campaign", "crowd", "draw", "types"]),
    (
        "fuzz",
        &[
            "server", "node", "journal", "ledger", "identity", "campaign", "simdisk", "audit",
            "draw", "types",
        ],
    ),
    ("xtask", &[]),
];

/// Crates that nobody may depend on, not even in tests: programs.
const PROGRAMS: [&str; 4] = ["tidegate", "bench", "fuzz", "xtask"];

/// Reports arrows that point up or sideways, arrows of the table that nobody uses, crates without
/// a row in it, and manifests that do not take the workspace's lints.
pub fn check(tree: &Tree, findings: &mut Vec<Finding>) {
    for (path, text) in tree.texts_ending("Cargo.toml") {
        let Some(folder) = path.strip_suffix("/Cargo.toml") else { continue };
        let name = folder.rsplit('/').next().unwrap_or(folder);
        check_manifest(path, name, text, findings);
    }
}

fn check_manifest(path: &str, name: &str, text: &str, findings: &mut Vec<Finding>) {
    let Some((_, allowed)) = ARROWS.iter().find(|(of, _)| *of == name) else {
        let message = format!(
            "`{name}` has no row in ARROWS (xtask/src/tidy/arrows.rs); add it there and in \
             ARCHITECTURE.md"
        );
        findings.push(Finding::new(path, 1, "arrow", message));
        return;
    };
    let dependencies = dependencies(text);
    let uses = |of: &str| dependencies.iter().any(|it| it.name == of && it.of == For::Use);
    for unused in allowed.iter().filter(|of| !uses(of)) {
        let message = format!(
            "`{name}` may depend on `{unused}` and does not; take it out of ARROWS \
             (xtask/src/tidy/arrows.rs)"
        );
        findings.push(Finding::new(path, 1, "arrow", message));
    }
    for dependency in dependencies {
        let ours = ARROWS.iter().any(|(of, _)| *of == dependency.name);
        let may = match dependency.of {
            For::Tests => name != "types" && !PROGRAMS.contains(&dependency.name),
            For::Use => allowed.contains(&dependency.name),
        };
        if ours && !may {
            let message = format!(
                "`{name}` must not depend on `{}`: arrows point down only; move what it needs \
                 down, or pass it in",
                dependency.name
            );
            findings.push(Finding::new(path, dependency.line, "arrow", message));
        }
    }
    if !takes_lints(text) {
        let message = "the manifest must hold `[lints]` with `workspace = true`";
        findings.push(Finding::new(path, 1, "lints", message));
    }
}

/// What a dependency is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum For {
    /// The crate itself, or its build script.
    Use,
    /// Its tests only.
    Tests,
}

struct Dependency<'a> {
    name: &'a str,
    of: For,
    line: usize,
}

fn dependencies(manifest: &str) -> Vec<Dependency<'_>> {
    let mut found = Vec::new();
    let mut table = None;
    for (index, line) in manifest.lines().enumerate() {
        let line_no = index + 1;
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default().trim();
            let (of, name) = dependency_table(header);
            table = if name.is_none() { of } else { None };
            if let (Some(of), Some(name)) = (of, name) {
                found.push(Dependency { name, of, line: line_no });
            }
        } else if let Some(of) = table
            && !line.is_empty()
            && !line.starts_with('#')
        {
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default().trim_matches('"');
            found.push(Dependency { name: renamed(line).unwrap_or(name), of, line: line_no });
        }
    }
    found
}

/// What the table under `header` lists, and the crate when the header itself names it.
fn dependency_table(header: &str) -> (Option<For>, Option<&str>) {
    let tables = [
        ("dev-dependencies", For::Tests),
        ("build-dependencies", For::Use),
        ("dependencies", For::Use),
    ];
    for (table, of) in tables {
        let Some(at) = header.rfind(table) else { continue };
        let after = &header[at + table.len()..];
        let starts_part = at == 0 || header[..at].ends_with('.');
        if starts_part && after.is_empty() {
            return (Some(of), None);
        }
        if let (true, Some(name)) = (starts_part, after.strip_prefix('.')) {
            return (Some(of), Some(name.trim_matches('"')));
        }
    }
    (None, None)
}

/// The crate's own name where the dependency goes by another: `x = { package = "node" }`.
fn renamed(line: &str) -> Option<&str> {
    let (_, after) = line.split_once("package")?;
    after.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?.split('"').next()
}

fn takes_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim);
    lines.any(|line| line == "[lints]")
        && lines.take_while(|line| !line.starts_with('[')).any(|line| line == "workspace = true")
}
