//! Recovery: walks the chain to its end, cuts a torn tail, refuses damage.
//!
//! Owns: which segments are walked and which only looked at, and the cut. Never: guesses; what
//! is neither sound nor torn is refused.
//! Invariants: the tail it returns is durable; the segment after it holds only zeros.
//! On failure: nothing was changed, except that a torn tail may be cut already.

use crate::disk::{Access, DiskFile, write_all_at, write_zeros};
use crate::error::{Flaw, JournalError, reading, writing};
use crate::frame::{Expected, FRAME_BYTES_MAX};
use crate::log::{FrameHash, JournalId, Tail};
use crate::scan::{End, SegmentScan, Step};
use crate::segment::{FOLDER, PREPARED, Places, SegmentHeader};
use std::io;
use std::sync::Arc;
use types::ids::FrameNo;
#[cfg(planted)]
use types::planted::{self, Bug};

/// From where on the journal is checked when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckFrom {
    /// From the first frame.
    Start,
    /// From the segment that holds a snapshot's frame; that frame must have this hash. Earlier
    /// segments are looked at in their headers only, and need not be kept.
    Snapshot {
        /// The snapshot's frame.
        frame: FrameNo,
        /// Its hash.
        hash: FrameHash,
    },
}

/// What opening a journal found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The last frame.
    pub tail: Tail,
    /// Frames that were checked in full.
    pub frames: u64,
    /// Bytes of their payloads.
    pub payload_bytes: u64,
    /// Segments there are, archived ones too.
    pub segments: u64,
    /// What was cut from the end: a frame that was never acknowledged.
    pub torn: Option<Torn>,
}

/// A frame that was never whole, at the end of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The segment's file.
    pub file: String,
    /// Where it began, in bytes.
    pub offset: u64,
    /// How many bytes there were of it.
    pub bytes: u64,
    /// The number it would have had.
    pub frame: FrameNo,
}

/// What the file provider goes on with.
#[derive(Debug)]
pub(crate) struct Recovered {
    pub(crate) recovery: Recovery,
    pub(crate) firsts: Vec<FrameNo>,
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) path: String,
    pub(crate) header: SegmentHeader,
    /// Where the next frame goes, in bytes.
    pub(crate) offset: u64,
    pub(crate) durable_through: FrameNo,
}

/// Checks the journal, cuts a torn tail, and makes sure that what it accepts is durable.
pub(crate) fn recover(
    places: &Places,
    journal: JournalId,
    from: CheckFrom,
) -> Result<Recovered, JournalError> {
    places.check_archive(journal)?;
    let firsts = places.list()?;
    let begin = first_to_walk(&firsts, from)?;
    for &first in &firsts[..begin] {
        let segment = places.open(first)?;
        check_header(&segment.header, journal, &segment.path)?;
    }
    let mut recovery = Recovery {
        tail: Tail { frame: FrameNo(0), at: Default::default(), hash: FrameHash([0; 32]) },
        frames: 0,
        payload_bytes: 0,
        segments: firsts.len() as u64,
        torn: None,
    };
    let mut expected = None;
    let mut last_scan = None;
    for (index, &first) in firsts.iter().enumerate().skip(begin) {
        let mut scan = enter(places, first, journal, expected.as_ref())?;
        check_snapshot(from, &scan)?;
        let is_last = index + 1 == firsts.len();
        walk(&mut scan, from, is_last, &mut recovery)?;
        expected = Some(*scan.expected());
        last_scan = Some(scan);
    }
    let mut scan = last_scan.expect("there is a segment to walk");
    #[cfg(planted)]
    if planted::is(Bug::ReuseNumber) {
        scan.step_back();
    }
    recovery.tail = scan.expected().tail();
    if let CheckFrom::Snapshot { frame, .. } = from
        && recovery.tail.frame < frame
    {
        let last = recovery.tail.frame;
        return Err(JournalError::EndsBefore { snapshot: frame, last });
    }
    let file = settle(places, &mut scan, recovery.torn.as_ref())?;
    let (header, offset) = (*scan.header(), scan.offset());
    let durable_through = scan.expected().durable_through;
    let path = scan.path().to_owned();
    Ok(Recovered { recovery, firsts, file, path, header, offset, durable_through })
}

/// The segment to begin with.
fn first_to_walk(firsts: &[FrameNo], from: CheckFrom) -> Result<usize, JournalError> {
    match from {
        CheckFrom::Start => match firsts.first() {
            Some(FrameNo(1)) => Ok(0),
            _ => Err(JournalError::Incomplete { frame: FrameNo(1) }),
        },
        CheckFrom::Snapshot { frame, .. } => {
            let holding = firsts.iter().rposition(|&first| first <= frame);
            let next = firsts.iter().position(|&first| first == frame.next());
            holding.or(next).ok_or(JournalError::Incomplete { frame: frame.next() })
        }
    }
}

/// Begins the walk of a segment, which must go on where the one before ended.
pub(crate) fn enter(
    places: &Places,
    first: FrameNo,
    journal: JournalId,
    before: Option<&Expected>,
) -> Result<SegmentScan, JournalError> {
    let segment = places.open(first)?;
    let path = segment.path.clone();
    check_header(&segment.header, journal, &path)?;
    let Some(expected) = before else { return Ok(SegmentScan::new(segment, None)) };
    if expected.no < first {
        return Err(JournalError::Incomplete { frame: expected.no });
    }
    let why = if first < expected.no {
        Flaw::SegmentName(first)
    } else if segment.header.previous != expected.previous {
        Flaw::Link
    } else {
        return Ok(SegmentScan::new(segment, before));
    };
    Err(JournalError::Damaged { file: path, offset: 0, frame: expected.no, why })
}

fn check_header(
    header: &SegmentHeader,
    journal: JournalId,
    path: &str,
) -> Result<(), JournalError> {
    let why = if header.journal != journal {
        Flaw::Journal
    } else if header.first == FrameNo(1) && header.previous != FrameHash::genesis(journal) {
        Flaw::Link
    } else {
        return Ok(());
    };
    Err(JournalError::Damaged { file: path.to_owned(), offset: 0, frame: header.first, why })
}

/// Walks to the end of a segment; everything but a torn tail of the last one is an error.
fn walk(
    scan: &mut SegmentScan,
    from: CheckFrom,
    is_last: bool,
    recovery: &mut Recovery,
) -> Result<(), JournalError> {
    let bad = loop {
        match scan.step()? {
            Step::Frame(header, _) => {
                recovery.frames += 1;
                recovery.payload_bytes += u64::from(header.payload_bytes);
                check_snapshot(from, scan)?;
            }
            Step::End => break None,
            Step::Bad(flaw) => break Some(flaw),
        }
    };
    if is_last {
        match scan.judge_end()? {
            End::Clean => {}
            #[cfg(planted)]
            End::Damaged(_) if planted::is(Bug::CutAtBadFrame) => {
                let (file, offset) = (scan.path().to_owned(), scan.offset());
                let bytes = scan.header().file_bytes - offset;
                let frame = scan.expected().no;
                recovery.torn = Some(Torn { file, offset, bytes, frame });
            }
            End::Damaged(flaw) => return Err(scan.damaged(flaw)),
            End::Torn { bytes } => {
                let (file, offset) = (scan.path().to_owned(), scan.offset());
                let frame = scan.expected().no;
                recovery.torn = Some(Torn { file, offset, bytes, frame });
            }
        }
        return Ok(());
    }
    // The next segment was begun only after every frame in this one was durable.
    scan.check_closed(bad)
}

/// Compares with the snapshot when the walk stands right after its frame.
fn check_snapshot(from: CheckFrom, scan: &SegmentScan) -> Result<(), JournalError> {
    match from {
        CheckFrom::Snapshot { frame, hash } => {
            let tail = scan.expected().tail();
            if tail.frame == frame && tail.hash != hash {
                return Err(JournalError::Mismatch { frame });
            }
            Ok(())
        }
        CheckFrom::Start => Ok(()),
    }
}

/// Makes the end durable: writes the last frame once more, and zeros as far behind it as a torn
/// frame can reach. What a crashed process left in the page cache reads well and may never have
/// reached the disk; after a failed sync the system even takes such pages for clean, those of an
/// earlier cut among them. Writing makes them dirty again.
fn settle(
    places: &Places,
    scan: &mut SegmentScan,
    torn: Option<&Torn>,
) -> Result<Arc<dyn DiskFile>, JournalError> {
    let path = scan.path().to_owned();
    assert!(path.starts_with(FOLDER), "the last segment is never archived");
    match places.disk.remove(PREPARED) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        other => other.map_err(writing("remove", PREPARED))?,
    }
    let file = places.disk.open(&path, Access::Write).map_err(writing("open", &path))?;
    let torn_end = torn.map_or(0, |torn| torn.offset + torn.bytes);
    let reach = (scan.offset() + FRAME_BYTES_MAX as u64).min(scan.header().file_bytes);
    assert!(torn_end <= reach, "no more is torn than one frame, within its segment");
    write_zeros(&*file, scan.offset(), reach)
        .map_err(|failure| writing("cut", &path)(failure.source))?;
    let last = scan.last_frame_bytes()?;
    #[cfg(planted)]
    let last = last.filter(|_| !planted::is(Bug::TrustCache));
    if let Some((offset, bytes)) = last {
        write_all_at(&*file, bytes, offset)
            .map_err(|failure| writing("write", &path)(failure.source))?;
    }
    file.sync_data().map_err(writing("sync", &path))?;
    places.disk.sync_folder(FOLDER).map_err(writing("sync", FOLDER))?;
    assert_eq!(file.length().map_err(reading(&path))?, scan.header().file_bytes);
    Ok(file)
}
