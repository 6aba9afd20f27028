//! Each call to the disk fails once: who asked is told, what was acknowledged is there.

use crate::directed::{Answer, Directed};
use crate::support::{JOURNAL, append, folder_options, log_options, payload, read_all};
use journal::snapshots::{self, SnapshotMeta, SnapshotReader, SnapshotWriter};
use journal::{
    Archive, CheckFrom, DataFolder, Disk, FileLog, FrameStream, JournalError, Log, LogOptions,
    ReadLog, Tail,
};
use simdisk::{Fault, Kept, SimDisk};
use std::error::Error;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex};
use types::ids::{FrameNo, Millis};

/// What an error has in its text, or in that of a cause.
const FAILED: &str = "permission denied";

/// A journal's disks, and what was acknowledged on them.
struct Life {
    disk: Directed,
    archive: Directed,
    frames: u64,
}

impl Life {
    fn new(disk: &SimDisk, archive: &SimDisk) -> Self {
        let disk = Directed::new(disk.clone());
        let archive = disk.beside(archive.clone(), "archive: ");
        Self { disk, archive, frames: 0 }
    }

    fn open(&self, check_from: CheckFrom) -> Result<(DataFolder, FileLog), JournalError> {
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let folder = DataFolder::open(Arc::clone(&disk), folder_options())?;
        let archive = Some(self.archive());
        let options = LogOptions { archive, check_from, ..log_options() };
        Ok((folder, FileLog::open(disk, options)?.0))
    }

    fn archive(&self) -> Archive {
        Archive { disk: Arc::new(self.archive.clone()), folder: "deep".into() }
    }

    /// Everything that is done with a journal, up to the first error.
    fn live(&mut self) -> Result<(), Box<dyn Error>> {
        let (folder, mut log) = self.open(CheckFrom::Start)?;
        log.reserve(1_500)?;
        for _ in 0..5 {
            let no = log.tail().frame.next();
            log.append(Millis(no.0 * 10), 1, &payload(no, 1_500))?;
            self.frames = no.0;
            log.preparer().prepare()?;
        }
        let tail = log.tail();
        self.keep_a_snapshot(tail)?;
        for no in tail.frame.0 + 1..tail.frame.0 + 4 {
            log.append(Millis(no * 10), 1, &payload(FrameNo(no), 1_500))?;
            self.frames = no;
        }
        log.archiver().archive_segments(tail.frame)?;
        drop((folder, log));
        let frame = tail.frame;
        let (folder, log) = self.open(CheckFrom::Snapshot { frame, hash: tail.hash })?;
        self.read(&log)?;
        drop((folder, log));
        snapshots::remove(&self.disk, frame)?;
        Ok(())
    }

    fn keep_a_snapshot(&self, tail: Tail) -> Result<(), Box<dyn Error>> {
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let (frame, at, frame_hash) = (tail.frame, tail.at, tail.hash);
        let meta = SnapshotMeta { journal: JOURNAL, frame, at, frame_hash, ledger_hash: [6; 32] };
        let mut writer = SnapshotWriter::create(disk, meta)?;
        writer.write_all(&payload(frame, 40_000))?;
        writer.finish()?;
        assert_eq!(snapshots::list(&self.disk)?.last(), Some(&frame));
        let mut body = Vec::new();
        SnapshotReader::open(&self.disk, JOURNAL, frame)?.read_to_end(&mut body)?;
        assert_eq!(body, payload(frame, 40_000));
        Ok(())
    }

    fn read(&self, log: &FileLog) -> Result<(), Box<dyn Error>> {
        let frames = read_all(log)?;
        let expected = (1..=self.frames).map(|no| (no, payload(FrameNo(no), 1_500)));
        assert!(expected.eq(frames), "what was appended, in order");
        let mut slice = [0; 8];
        log.reader().read_slice(FrameNo(2), 16, &mut slice)?;
        assert_eq!(slice, payload(FrameNo(2), 1_500)[16..24]);
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let report = journal::verify(Arc::clone(&disk), Some(self.archive()), &mut |_| ())?;
        if let Some(damage) = report.damages.into_iter().next() {
            return Err(Box::new(damage));
        }
        assert_eq!(report.frames, self.frames);
        let mut inspection = journal::inspect(disk, Some(self.archive()), FrameNo(2))?;
        let mut seen = 1;
        while let Some(frame) = inspection.next_frame()? {
            assert_eq!(frame.payload, payload(frame.no, 1_500));
            seen += 1;
        }
        assert_eq!(seen, self.frames);
        Ok(())
    }
}

/// Disks that power left in the middle of everything: a torn frame, and whatever was half made.
fn left_overs() -> (SimDisk, SimDisk) {
    let (disk, archive) = (SimDisk::default(), SimDisk::default());
    let (folder, mut log) = Life::new(&disk, &archive).open(CheckFrom::Start).unwrap();
    append(&mut log, 3, 1_500);
    disk.set_fault(0, Fault::Crash);
    log.append(Millis(40), 1, &payload(FrameNo(4), 3_000)).unwrap_err();
    drop((folder, log));
    let disk = disk.restart(Kept::Prefix { thousandths: 999, bytes: 2_500 });
    let half = |disk: &SimDisk, path: &str| disk.create(path).unwrap().write_at(b"half", 0);
    half(&disk, "journal/prepared.tmp").unwrap();
    half(&disk, "snapshots/00000000000000000002.snap.tmp").unwrap();
    archive.create_folder("deep").unwrap();
    half(&archive, "deep/00000000000000000001.seg.tmp").unwrap();
    (disk, archive)
}

/// The errors' texts, from what is said to what the disk said.
fn told(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(|cause| format!("{cause}; ")).collect()
}

/// Lives through one call after another that fails; returns how many there were.
fn each_call_fails_once(disk: &SimDisk, archive: &SimDisk, frames: u64) -> u64 {
    for failing in 0.. {
        let (disk, archive) = (disk.copy(), archive.copy());
        let mut life = Life { frames, ..Life::new(&disk, &archive) };
        let failed = Arc::new(Mutex::new(None));
        let (mut calls, shared) = (0, Arc::clone(&failed));
        life.disk.direct(move |call| {
            calls += 1;
            if calls != failing + 1 {
                return None;
            }
            *shared.lock().unwrap() = Some(call.to_owned());
            Some(Answer::Error(io::ErrorKind::PermissionDenied))
        });
        let result = life.live();
        let Some(failed) = failed.lock().unwrap().take() else {
            result.unwrap();
            return failing;
        };
        let call = format!("call {failing}, `{failed}`");
        let error = result.expect_err(&format!("{call}: nobody was told"));
        assert!(told(&*error).contains(FAILED), "{call}: {}", told(&*error));
        let (_, log) = Life::new(&disk, &archive).open(CheckFrom::Start).unwrap();
        let kept = log.tail().frame.0;
        assert!((life.frames..=life.frames + 1).contains(&kept), "{call}: {kept} frames");
    }
    unreachable!("a life ends")
}

#[test]
fn whoever_asked_is_told_of_each_call_that_fails() {
    let calls = each_call_fails_once(&SimDisk::default(), &SimDisk::default(), 0);
    assert!(200 < calls, "{calls} calls");
}

#[test]
fn whoever_asked_is_told_of_each_call_that_fails_amid_left_overs() {
    let (disk, archive) = left_overs();
    let halves = |disk: &SimDisk| disk.paths().iter().filter(|path| path.ends_with(".tmp")).count();
    assert_eq!(halves(&disk), 2);
    let opened = disk.copy();
    Life::new(&opened, &archive.copy()).open(CheckFrom::Start).unwrap();
    assert_eq!(halves(&opened), 0, "a start clears away what was half made");
    let calls = each_call_fails_once(&disk, &archive, 3);
    assert!(200 < calls, "{calls} calls");
}
