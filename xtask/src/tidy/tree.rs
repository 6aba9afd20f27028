//! The files of the workspace as the rules see them: paths and texts, no disk.
//!
//! Owns: which files are looked at and which have a text. Never: follows a symbolic link; touches
//! the disk once it is read. Invariants: paths are relative and have `/` between folders, and come
//! in their order. On failure: one file that cannot be read fails the whole reading.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Folders that hold nothing of ours.
const FOLDERS_SKIPPED: [&str; 4] = [".git", "target", "node_modules", "__pycache__"];
/// The end of the name of a data folder that a demo or a trial left behind.
const DATA_FOLDER_END: &str = ".tidegate-data";
/// The ends of the names of files whose text the rules read.
const TEXT_ENDS: [&str; 14] = [
    ".rs",
    ".md",
    ".toml",
    ".html",
    ".css",
    ".js",
    ".mjs",
    ".ftl",
    ".yml",
    ".service",
    ".conf",
    ".ci/run",
    "Dockerfile",
    ".gitignore",
];

/// Every file by its path relative to the workspace; `None` where the text is of no concern.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Reads the workspace at `root`, without what builds and trials leave in it.
    ///
    /// # Errors
    /// When a folder or a file cannot be read, or a text is not UTF-8.
    pub fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        Ok(tree)
    }

    /// A tree of the given paths and texts: a fixture.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let own = |&(path, text): &(&str, &str)| (path.to_owned(), Some(text.to_owned()));
        Self { files: files.iter().map(own).collect() }
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let failed = || format!("{} cannot be read", folder.display());
        for entry in fs::read_dir(folder).with_context(failed)? {
            let entry = entry.with_context(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().with_context(failed)?;
            if kind.is_dir() {
                if !FOLDERS_SKIPPED.contains(&name.as_str()) && !name.ends_with(DATA_FOLDER_END) {
                    self.read_folder(&entry.path(), &format!("{path}/"))?;
                }
            } else if kind.is_file() {
                let is_text = TEXT_ENDS.iter().any(|end| path.ends_with(end));
                let read = || {
                    fs::read_to_string(entry.path())
                        .with_context(|| format!("{path} cannot be read as UTF-8 text"))
                };
                let text = is_text.then(read).transpose()?;
                self.files.insert(path, text);
            }
        }
        Ok(())
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is no file at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether `path` is a file, or a folder with a file somewhere in it.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let inside = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(inside.clone()..)
                .next()
                .is_some_and(|(next, _)| next.starts_with(&inside))
    }

    /// Every text with its path, in the order of the paths.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// The texts whose path ends with `end`, in the order of the paths.
    pub fn texts_ending(&self, end: &'static str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(end))
    }
}
