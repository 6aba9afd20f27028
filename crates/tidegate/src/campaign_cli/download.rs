//! `tidegate campaign export`: a file of people, fetched whole or not at all.
//!
//! Invariants: the file appears under its name only when it is complete and the node recorded the
//! very same checksum; nobody but its owner can read it. The node journals the export before its
//! last bytes leave, so every failure behind the answer's head says that it may be recorded.
//! On failure: nothing is kept, but a whole file that only could not be checked stays as `.part`.

use super::say;
use crate::client::{Client, Connection};
use crate::exit::Coded;
use crate::output::plural;
use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use ureq::http::Response;
use ureq::{Body, Timeout};

/// What holds of every failure once the node may have begun to answer.
const MAYBE_RECORDED: &str = "the export may have been recorded as handed over although its file \
                              is not here: make a complete export before the next export of \
                              changes";

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The campaign's code
    campaign: String,
    /// CSV for programs, XLSX for spreadsheets
    #[arg(long, value_enum, default_value_t = Format::Xlsx)]
    format: Format,
    /// One file an outlet in an archive, or one file for all
    #[arg(long, value_enum, default_value_t = Layout::Archive)]
    layout: Layout,
    /// Only what changed since the last export
    #[arg(long)]
    since_last: bool,
    /// Where to write; the node's name for the file unless given
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Why; kept with the export and the token's name
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Csv,
    Xlsx,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Layout {
    Archive,
    File,
}

impl Export {
    pub(super) fn run(&self) -> Result<()> {
        // Before the node is asked: a small export is recorded as soon as it is answered.
        self.output.as_deref().map_or(Ok(()), refuse_existing)?;
        let client = self.connection.client()?;
        let path = format!("campaigns/{}/export", self.campaign);
        let response = client.stream(&path, &[], &self.body());
        let response = response.map_err(|error| match was_sent(&error) {
            // A small export is recorded before its answer begins.
            true => error.context(MAYBE_RECORDED),
            false => error,
        })?;
        self.keep(&client, response).context(MAYBE_RECORDED)
    }

    /// Takes the file and gives it its name when it is the one that the node recorded.
    fn keep(&self, client: &Client, mut response: Response<Body>) -> Result<()> {
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        let rows = header("tidegate-rows").unwrap_or("?").to_owned();
        let named = header("content-disposition").and_then(file_name);
        let output = self.output.clone().or(named).ok_or_else(|| {
            Coded::error("answer-unreadable", &"the node gave the file no name; give --output")
        })?;
        refuse_existing(&output)?;
        let mut part = output.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let fetched = fetch(response.body_mut().as_reader(), &part);
        if fetched.is_err() && part.exists() {
            fs::remove_file(&part).map_err(|error| unwritable(&part, error))?;
        }
        let (bytes, checksum) = fetched?;
        let checked = self.is_recorded(client, &checksum).with_context(|| {
            format!(
                "{} came whole and stays, but could not be compared with what the node recorded; \
                 its SHA-256 is {checksum}",
                part.display()
            )
        });
        if !checked? {
            fs::remove_file(&part).map_err(|error| unwritable(&part, error))?;
            let what = "the file's checksum is not the one the node recorded last: somebody else \
                        exported meanwhile, or the file was changed on its way";
            return Err(Coded::error("export-differs", &what));
        }
        fs::rename(&part, &output).map_err(|error| unwritable(&output, error))?;
        let file = output.display();
        if self.connection.json {
            let told = json!({ "file": file.to_string(), "bytes": bytes, "rows": rows,
                "sha256": checksum });
            return say(&serde_json::to_string_pretty(&told)?);
        }
        let (rows, bytes) = (plural(rows, "row", "rows"), plural(bytes, "byte", "bytes"));
        say(&format!("{file}: {rows}, {bytes}\nSHA-256 {checksum}"))
    }

    fn body(&self) -> Value {
        let format = match self.format {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        };
        let layout = match self.layout {
            Layout::Archive => "archive",
            Layout::File => "file",
        };
        let since = self.since_last.then_some("last");
        json!({ "format": format, "layout": layout, "since": since, "reason": self.reason })
    }

    /// Compares with what the node recorded last. The trailer with the digest would be nearer,
    /// but the HTTP client passes over trailers.
    fn is_recorded(&self, client: &Client, checksum: &str) -> Result<bool> {
        let told = client.get(&format!("campaigns/{}", self.campaign))?;
        let recorded = &told["last_export"];
        if told["shredded"] == Value::Bool(true) {
            // A shredded campaign takes no more actions, so there is nothing to compare with.
            return Ok(true);
        }
        Ok(recorded["checksum"] == checksum)
    }
}

/// Whether the node had the whole request, and only its answer is missing.
fn was_sent(error: &anyhow::Error) -> bool {
    use io::ErrorKind as K;
    let is_lost = |kind| {
        matches!(kind, K::UnexpectedEof | K::ConnectionReset | K::ConnectionAborted | K::BrokenPipe)
    };
    error.chain().any(|cause| match cause.downcast_ref::<ureq::Error>() {
        Some(ureq::Error::Timeout(Timeout::RecvResponse) | ureq::Error::Protocol(_)) => true,
        Some(ureq::Error::Io(error)) => is_lost(error.kind()),
        _ => false,
    })
}

fn refuse_existing(output: &Path) -> Result<()> {
    if output.exists() {
        let what = format!(
            "{} is there already; move it away, or give another --output",
            output.display()
        );
        return Err(Coded::error("output-refused", &what));
    }
    Ok(())
}

fn unwritable(file: &Path, error: io::Error) -> anyhow::Error {
    let what = format!("{} cannot be written or removed", file.display());
    Coded::caused("output-refused", what, error).into()
}

fn fetch(mut from: impl Read, part: &Path) -> Result<(u64, String)> {
    let mut options = OpenOptions::new();
    let mut file: File = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part)
        .map_err(|error| unwritable(part, error))?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let filled = from
            .read(&mut buffer)
            .map_err(|error| Coded::caused("export-cut", "the export broke off", error))?;
        if filled == 0 {
            break;
        }
        hash.update(&buffer[..filled]);
        file.write_all(&buffer[..filled]).map_err(|error| unwritable(part, error))?;
        bytes += filled as u64;
    }
    file.sync_all().map_err(|error| unwritable(part, error))?;
    let mut hex = String::with_capacity(64);
    for byte in hash.finalize() {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
    }
    Ok((bytes, hex))
}

/// The file's name out of a `Content-Disposition`, without any folder.
fn file_name(disposition: &str) -> Option<PathBuf> {
    let (_, rest) = disposition.split_once("filename=\"")?;
    let (name, _) = rest.split_once('"')?;
    Some(PathBuf::from(Path::new(name).file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_elsewhere() {
        let name = |value| file_name(value).map(|path| path.display().to_string());
        assert_eq!(name("attachment; filename=\"masks.zip\"").as_deref(), Some("masks.zip"));
        assert_eq!(name("attachment; filename=\"../../a.zip\"").as_deref(), Some("a.zip"));
        assert_eq!(name("attachment; filename=\"..\""), None);
        assert_eq!(name("attachment"), None);
    }
}
