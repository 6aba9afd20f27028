//! `tidegate campaign export`: a file of people, fetched whole or not at all.
//!
//! Invariants: the file appears under its name only when it is complete and the node recorded the
//! very same checksum; nobody but its owner can read it. An export of changes begins from a file
//! that is here, so one that was lost on its way loses nothing.
//! On failure: nothing is kept, but a whole file that only could not be checked stays as `.part`.

use super::say;
use crate::client::{Client, Connection, unreadable};
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

/// What holds of every failure once the node may have begun to answer: the node journals an export
/// before its last bytes leave.
const MAYBE_RECORDED: &str = "the export may have been recorded as handed over although its file \
                              is not here; ask again, with the same --since if there was one";

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
    /// Only what changed since an earlier export: its file as the node made it, or its SHA-256
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// Where to write, never the standard output; the node's name for the file unless given
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
        let since = self.since.as_deref().map(checksum_of).transpose()?;
        let client = self.connection.client()?;
        let path = format!("campaigns/{}/export", self.campaign);
        let response = client.stream(&path, &[], &self.body(since.as_deref()));
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
            let what = "the file's checksum is not one that the node recorded: the file was \
                        changed on its way";
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

    fn body(&self, since: Option<&str>) -> Value {
        let format = match self.format {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        };
        let layout = match self.layout {
            Layout::Archive => "archive",
            Layout::File => "file",
        };
        json!({ "format": format, "layout": layout, "since": since, "reason": self.reason })
    }

    /// Compares with what the node recorded. The trailer with the digest would be nearer, but the
    /// HTTP client passes over trailers.
    fn is_recorded(&self, client: &Client, checksum: &str) -> Result<bool> {
        let told = client.get(&format!("campaigns/{}", self.campaign))?;
        if told["shredded"] == Value::Bool(true) {
            // A shredded campaign takes no more actions, so there is nothing to compare with.
            return Ok(true);
        }
        let exports = told["exports"].as_array().map_or(&[][..], Vec::as_slice);
        Ok(exports.iter().any(|export| export["checksum"] == checksum))
    }
}

/// The checksum of a file, or what is one already.
fn checksum_of(file: &Path) -> Result<String> {
    let text = file.to_string_lossy();
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.into_owned());
    }
    let from = File::open(file).map_err(|error| unreadable(file, error))?;
    let (_, checksum) = digest(from, |error| unreadable(file, error), |_| Ok(()))?;
    Ok(checksum)
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
    if output == Path::new("-") {
        let what = "an export cannot go to the standard output: its file gets its name only when \
                    it is whole; give --output a name";
        return Err(Coded::error("output-refused", &what));
    }
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

fn fetch(from: impl Read, part: &Path) -> Result<(u64, String)> {
    let mut options = OpenOptions::new();
    let mut file: File = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(part)
        .map_err(|error| unwritable(part, error))?;
    let cut = |error| Coded::caused("export-cut", "the export broke off", error).into();
    let fetched =
        digest(from, cut, |bytes| file.write_all(bytes).map_err(|error| unwritable(part, error)))?;
    file.sync_all().map_err(|error| unwritable(part, error))?;
    Ok(fetched)
}

/// Reads to the end, a piece at a time; how many bytes, and their SHA-256 in hex.
fn digest(
    mut from: impl Read,
    cut: impl Fn(io::Error) -> anyhow::Error,
    mut each: impl FnMut(&[u8]) -> Result<()>,
) -> Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let filled = from.read(&mut buffer).map_err(&cut)?;
        if filled == 0 {
            return Ok((bytes, hex(&hash.finalize())));
        }
        hash.update(&buffer[..filled]);
        each(&buffer[..filled])?;
        bytes += filled as u64;
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(2 * digest.len()), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        hex
    })
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
