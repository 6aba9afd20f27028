//! `tidegate campaign export`: a file of people, fetched whole or not at all.
//!
//! Invariants: the file has no name before it is complete and the node recorded the very checksum
//! of what is on the disk; it replaces nothing, and nobody but its owner can read it. The node is
//! asked only once there is a file to write to. An export of changes begins from a file that is
//! here, so one that was lost on its way loses nothing.
//! On failure: nothing is kept, however it failed, but a whole file that only could not be checked
//! stays as `.part`.

use super::say;
use super::unnamed::{PIECE_BYTES, Unnamed, digest};
use crate::client::{Client, Connection, campaign_code, unreadable};
use crate::exit::Coded;
use crate::output::plural;
use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::ffi::OsStrExt as _;
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
    #[arg(value_parser = campaign_code)]
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
        let since = self.since.as_deref().map(checksum_of).transpose()?;
        let client = self.connection.client()?;
        // Before the node is asked: a small export is recorded as soon as it is answered.
        let file = self.begin()?;
        let path = format!("campaigns/{}/export", self.campaign);
        let response = client.stream(&path, &[], &self.body(since.as_deref()));
        let response = response.map_err(|error| match was_sent(&error) {
            // A small export is recorded before its answer begins.
            true => error.context(MAYBE_RECORDED),
            false => error,
        })?;
        self.keep(&client, file, response).context(MAYBE_RECORDED)
    }

    /// A file to write to, where the one that was asked for will be.
    fn begin(&self) -> Result<Unnamed> {
        self.output.as_deref().map_or(Ok(()), refuse_existing)?;
        let folder = self.output.as_deref().and_then(Path::parent);
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        Unnamed::in_folder(folder).map_err(|error| {
            let what = format!("no file can be written in {}", folder.display());
            Coded::caused("output-refused", what, error).into()
        })
    }

    /// Takes the file and gives it its name when it is the one that the node recorded.
    fn keep(&self, client: &Client, mut file: Unnamed, mut response: Response<Body>) -> Result<()> {
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        let rows = header("tidegate-rows").unwrap_or("?").to_owned();
        let told = header("content-disposition").and_then(file_name);
        let asked = self.output.as_deref().and_then(Path::file_name);
        let name = asked.map(OsStr::to_owned).or(told).ok_or_else(|| {
            Coded::error("answer-unreadable", &"the node gave the file no name; give --output")
        })?;
        let wanted = self.output.as_deref().unwrap_or_else(|| Path::new(&name));
        let refused = |error| unwritable(wanted, error);
        fetch(response.body_mut().as_reader(), &mut file, refused)?;
        let (bytes, checksum) = file.digest().map_err(refused)?;
        match self.is_recorded(client, &checksum) {
            Ok(true) => {}
            Ok(false) => {
                let what = "the file's checksum is not one that the node recorded: the file was \
                            changed on its way";
                return Err(Coded::error("export-differs", &what));
            }
            Err(error) => {
                let mut part = name.clone();
                part.push(".part");
                let part = file.name_free(&part).map_err(refused)?;
                return Err(error.context(format!(
                    "{} came whole and stays, but could not be compared with what the node \
                     recorded; its SHA-256 is {checksum}",
                    part.display()
                )));
            }
        }
        let named = match asked {
            Some(name) => file.name(name),
            // Whoever gave no name is told the one it has.
            None => file.name_free(&name),
        };
        self.tell(&named.map_err(refused)?, bytes, &rows, &checksum)
    }

    fn tell(&self, file: &Path, bytes: u64, rows: &str, checksum: &str) -> Result<()> {
        let file = file.strip_prefix(".").unwrap_or(file).display();
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
    let (_, checksum) = digest(from).map_err(|error| unreadable(file, error))?;
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
    if output.as_os_str().as_bytes().ends_with(b"/") {
        let what = format!("{} names a folder; give --output a file's name", output.display());
        return Err(Coded::error("output-refused", &what));
    }
    // A link to nothing is there, too.
    match fs::symlink_metadata(output) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unwritable(output, error)),
        Ok(_) => Err(unwritable(output, io::ErrorKind::AlreadyExists.into())),
    }
}

fn unwritable(file: &Path, error: io::Error) -> anyhow::Error {
    let file = file.display();
    if error.kind() == io::ErrorKind::AlreadyExists {
        let what = format!("{file} is there already; move it away, or give another --output");
        return Coded::error("output-refused", &what);
    }
    Coded::caused("output-refused", format!("{file} cannot be written"), error).into()
}

/// Writes all that comes into the file.
fn fetch(
    mut from: impl Read,
    file: &mut Unnamed,
    refused: impl Fn(io::Error) -> anyhow::Error,
) -> Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let filled = from
            .read(&mut piece)
            .map_err(|error| Coded::caused("export-cut", "the export broke off", error))?;
        if filled == 0 {
            return Ok(());
        }
        file.write_all(&piece[..filled]).map_err(&refused)?;
    }
}

/// The file's name out of a `Content-Disposition`, without any folder.
fn file_name(disposition: &str) -> Option<OsString> {
    let (_, rest) = disposition.split_once("filename=\"")?;
    let (name, _) = rest.split_once('"')?;
    Some(Path::new(name).file_name()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_never_leads_elsewhere() {
        let name = |value| file_name(value).map(|name| name.into_string().unwrap());
        assert_eq!(name("attachment; filename=\"masks.zip\"").as_deref(), Some("masks.zip"));
        assert_eq!(name("attachment; filename=\"../../a.zip\"").as_deref(), Some("a.zip"));
        assert_eq!(name("attachment; filename=\"..\""), None);
        assert_eq!(name("attachment"), None);
    }
}
