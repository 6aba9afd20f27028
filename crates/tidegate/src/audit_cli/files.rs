//! The files that an audit reads beside the frames: `FORMAT`, snapshots, and which segments there
//! are and where.
//!
//! Owns: what a folder is told that cannot be audited. Never: writes, or takes a lock.
//! On failure: what is missing, denied or of another journal is an error; a snapshot that is not
//! what was written is a finding.

use super::Station;
use super::examine::{Found, SNAPSHOT};
use super::live::chain_of;
use crate::client::unreadable;
use crate::exit::Coded;
use crate::opening::{self, unread};
use anyhow::Result;
use audit::journal::{Folders, FormatError, Source as _, open_file, read_format, segment_journal};
use audit::snapshot;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use types::FrameNo;

/// A snapshot that is removed while we look is replaced by a newer one.
const SNAPSHOT_LOOKS: usize = 3;
/// Of a file of earlier audits, so much is read; each is some kilobytes.
const KEPT_BYTES_MAX: u64 = 64 << 20;
/// Far more than a file `FORMAT` holds.
const FORMAT_BYTES_MAX: u64 = 4_096;

/// What earlier audits said, by their lines `chain`.
pub(super) fn kept_chains(file: &Path) -> Result<Vec<Station>> {
    let mut text = String::new();
    let read =
        File::open(file).and_then(|opened| opened.take(KEPT_BYTES_MAX).read_to_string(&mut text));
    read.map_err(|error| unreadable(file, error))?;
    let kept: Vec<_> = text.lines().filter_map(kept_chain).collect();
    if kept.is_empty() {
        let what = format!(
            "{} holds no line `chain HASH at frame NUMBER` as an audit prints it (--kept)",
            file.display()
        );
        return Err(Coded::error("file-unreadable", &what));
    }
    Ok(kept)
}

fn kept_chain(line: &str) -> Option<Station> {
    let (hash, frame) = line.trim().strip_prefix("chain ")?.trim().split_once(" at frame ")?;
    let frame = frame.parse().ok().filter(|frame| 0 < *frame)?;
    Some(Station::kept(FrameNo(frame), chain_of(hash)?))
}

/// The journal that the folder is of.
pub(super) fn journal_id(data: &Path) -> Result<[u8; 16]> {
    opening::existing(data)?;
    let path = data.join("FORMAT");
    let mut text = Vec::new();
    match open_file(&path).and_then(|file| file.take(FORMAT_BYTES_MAX).read_to_end(&mut text)) {
        Ok(_) => {}
        Err(error) if is_no_file(&error) => {
            let what = format!(
                "{} is not a data folder: it holds no file FORMAT. Give the folder that \
                 `tidegate serve --data` uses, or a copy of it",
                data.display()
            );
            return Err(Coded::error("data-not-tidegate", &what));
        }
        Err(error) => return Err(unread(&path, error)),
    }
    read_format(&text).map_err(|error| {
        let (code, advice) = match &error {
            FormatError::Foreign(_) => ("data-not-tidegate", "give a folder that is one"),
            FormatError::Version(_) => ("data-newer", "use the release that wrote it"),
        };
        let what = format!("{}: {error}. Nothing was audited; {advice}", path.display());
        Coded::error(code, &what)
    })
}

fn is_no_file(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory)
}

/// The folders that hold segments, the first one among them.
pub(super) fn folders(data: &Path, archive: Option<&Path>, journal: [u8; 16]) -> Result<Folders> {
    let live = data.join("journal");
    if let Some(archive) = archive {
        // The archive first: what moves there meanwhile leaves a later segment behind.
        let archived = segments(archive)?;
        check_archive(archive, &archived, &kept(&live)?, journal)?;
    }
    // A folder that is not there has no segments; to list it would be an error.
    let folders = [Some(live).filter(|live| live.exists()), archive.map(Path::to_owned)];
    let folders = Folders(folders.into_iter().flatten().collect());
    // The archive last: what moves there meanwhile is seen here or there.
    let lists = folders.0.iter().map(|folder| segments(folder)).collect::<Result<Vec<_>>>()?;
    let first = lists.iter().filter_map(|names| names.first()).min();
    if first.is_none_or(|first| FIRST < first.as_str()) {
        let what = incomplete(data, archive, first);
        return Err(Coded::error("journal-incomplete", &what));
    }
    Ok(folders)
}

/// Names of the segments in the journal's folder; none when it is not there.
fn kept(live: &Path) -> Result<Vec<String>> {
    if live.exists() { segments(live) } else { Ok(Vec::new()) }
}

/// The name of the segment that begins with frame 1.
const FIRST: &str = "00000000000000000001.seg";

fn incomplete(data: &Path, archive: Option<&Path>, first: Option<&String>) -> String {
    let there = match first {
        Some(first) => format!("the first segment that is there is {first}"),
        None => "there is no segment at all".to_owned(),
    };
    let data = data.display();
    match archive {
        None => format!(
            "the journal of {data} does not begin with frame 1: {there}. If closed segments were \
             archived, name the folder (--archive FOLDER); otherwise put {FIRST} and what follows \
             back. Nothing was audited"
        ),
        Some(archive) => format!(
            "neither {data} nor the archive {} holds frame 1: {there}. Name the folder to which \
             this journal's segments were moved (--archive), or put {FIRST} and what follows \
             back. Nothing was audited",
            archive.display()
        ),
    }
}

/// Names of segments in a folder, in order.
fn segments(folder: &Path) -> Result<Vec<String>> {
    let names = fs::read_dir(folder).and_then(|_| Folders(vec![folder.to_owned()]).names());
    let mut names = names.map_err(|error| unread(folder, error))?;
    names.retain(|name| audit::journal::is_segment(name));
    names.sort_unstable();
    Ok(names)
}

/// Refuses an archive that is another journal's, or of a later time than the folder.
fn check_archive(
    archive: &Path,
    archived: &[String],
    kept: &[String],
    journal: [u8; 16],
) -> Result<()> {
    let refuse = |file: &str, why: &str| {
        let what =
            format!("the archive {} holds {file}, {why}. Nothing was audited", archive.display());
        Err(Coded::error("archive-mismatch", &what))
    };
    for name in archived {
        let path = archive.join(name);
        let of = match open_file(&path).and_then(|file| segment_journal(Box::new(file))) {
            // What is no file is damage, and told where it is needed.
            Err(error) if is_no_file(&error) => None,
            other => other.map_err(|error| unread(&path, error))?,
        };
        if of.is_some_and(|of| of != journal) {
            let why = "which is of another journal; name the folder to which this journal's \
                       segments were moved";
            return refuse(name, why);
        }
    }
    match (archived.last(), kept.last()) {
        (Some(last), Some(newest)) if newest <= last => {
            let why = "and segments move there only when the journal has gone on in a later one: \
                       it is the journal's own folder, or the folder is an older copy than its \
                       archive";
            refuse(last, why)
        }
        _ => Ok(()),
    }
}

/// What the snapshots say of the state at their frames, and which are not what was written.
pub(super) fn snapshots(data: &Path) -> Result<(Vec<Station>, Vec<Found>)> {
    let folder = data.join("snapshots");
    let (mut stations, mut found) = (Vec::new(), Vec::new());
    for look in 1..=SNAPSHOT_LOOKS {
        (stations, found) = (Vec::new(), Vec::new());
        let mut is_whole = true;
        for name in names(&folder)? {
            let Some(frame) = snapshot::parse_name(&name) else { continue };
            let path = folder.join(&name);
            let read = open_file(&path).and_then(|file| snapshot::read(Box::new(file)));
            let text = match read {
                Ok(Ok(header)) if header.frame == frame => {
                    stations.push(Station::snapshot(&header));
                    continue;
                }
                Ok(Ok(header)) => {
                    format!("the snapshot {name} says that it is of frame {}", header.frame)
                }
                Ok(Err(damage)) => format!("the snapshot {name} is damaged: {damage}"),
                Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                    format!("the snapshot {name} is no file")
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if fs::symlink_metadata(&path).is_err() {
                        // The node has made a newer one meanwhile, and removed this one.
                        is_whole = false;
                        continue;
                    }
                    format!("the snapshot {name} is a link to what is not there")
                }
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    format!("the snapshot {name} became shorter while it was read")
                }
                Err(error) => return Err(unread(&path, error)),
            };
            found.push(Found::new(SNAPSHOT, text));
        }
        if is_whole || look == SNAPSHOT_LOOKS {
            break;
        }
    }
    Ok((stations, found))
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(names),
        other => other.map_err(|error| unread(folder, error))?,
    };
    for entry in entries {
        let name = entry.map_err(|error| unread(folder, error))?.file_name();
        names.extend(name.into_string());
    }
    names.sort_unstable();
    Ok(names)
}
