//! Readers: streams of frames and slices of payloads, beside the writer.
//!
//! Owns: the published tail, the list of segments, and a bounded cache of where frames lie.
//! Never: writes, or shows a frame that is not durable.
//! Invariants: a stream checks every frame again; an index entry never changes.
//! On failure: the reader gets the error; the writer is not touched.

use crate::disk::{DiskFile, read_exact_at};
use crate::error::{Flaw, JournalError, reading};
use crate::file_log::Shared;
use crate::frame::{ALIGNMENT, FRAME_BYTES_MIN, HEADER_BYTES, Header};
use crate::log::{Frame, FrameStream, ReadLog, Tail};
use crate::recovery::enter;
use crate::scan::{SegmentScan, Step};
use crate::segment::{Places, SEGMENT_HEADER_BYTES};
use crate::window::Window;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use types::ids::FrameNo;
use types::limits::JOURNAL_INDEXES_MAX;

/// Read ahead while hopping from header to header.
const HOP_BYTES: usize = 64 << 10;

/// What all readers of one log share.
#[derive(Debug)]
pub(crate) struct Readers {
    places: Places,
    published: Mutex<Published>,
    /// By first frame, the most lately used last.
    indexes: Mutex<Vec<(FrameNo, Arc<Mutex<SegmentIndex>>)>>,
}

#[derive(Debug)]
struct Published {
    firsts: Vec<FrameNo>,
    tail: Tail,
}

impl Readers {
    pub(crate) fn new(places: Places, firsts: Vec<FrameNo>, tail: Tail) -> Self {
        let published = Mutex::new(Published { firsts, tail });
        Self { places, published, indexes: Mutex::default() }
    }

    pub(crate) fn set_tail(&self, tail: Tail) {
        let mut published = lock(&self.published);
        assert_eq!(tail.frame, published.tail.frame.next(), "the tail moves by one frame");
        published.tail = tail;
    }

    pub(crate) fn add_segment(&self, first: FrameNo) {
        let mut published = lock(&self.published);
        match published.firsts.last() {
            // A segment too small for its first frame was replaced; nobody has read from it.
            Some(&last) if last == first => assert!(first > published.tail.frame),
            Some(&last) => {
                assert!(last < first, "segments only grow");
                published.firsts.push(first);
            }
            None => published.firsts.push(first),
        }
    }

    /// The first frame of the segment that holds a frame.
    fn segment_of(&self, frame: FrameNo) -> Result<FrameNo, JournalError> {
        let published = lock(&self.published);
        let after = published.firsts.partition_point(|&first| first <= frame);
        if after == 0 {
            return Err(JournalError::Incomplete { frame });
        }
        Ok(published.firsts[after - 1])
    }

    /// The index of a segment; when there are too many, the least lately used gives way.
    fn index(&self, first: FrameNo) -> Result<Arc<Mutex<SegmentIndex>>, JournalError> {
        let mut indexes = lock(&self.indexes);
        let found = indexes.iter().position(|(known, _)| *known == first);
        let index = match found {
            Some(place) => indexes.remove(place).1,
            None => {
                if indexes.len() == JOURNAL_INDEXES_MAX {
                    indexes.remove(0);
                }
                Arc::new(Mutex::new(SegmentIndex::open(&self.places, first)?))
            }
        };
        indexes.push((first, Arc::clone(&index)));
        assert!(indexes.len() <= JOURNAL_INDEXES_MAX);
        Ok(index)
    }
}

/// Where the frames of one segment lie, as far as anybody has asked.
#[derive(Debug)]
struct SegmentIndex {
    first: FrameNo,
    file: Arc<dyn DiskFile>,
    path: String,
    file_bytes: u64,
    frames: Vec<Place>,
    /// Where the next frame begins, in bytes.
    next: u64,
}

/// Eight bytes a frame: a full segment of the smallest frames takes 16 MB of them.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// In units of the frames' alignment.
    offset: u32,
    payload_bytes: u32,
}

impl SegmentIndex {
    fn open(places: &Places, first: FrameNo) -> Result<Self, JournalError> {
        let segment = places.open(first)?;
        Ok(Self {
            first,
            file: segment.file,
            path: segment.path,
            file_bytes: segment.header.file_bytes,
            frames: Vec::new(),
            next: SEGMENT_HEADER_BYTES as u64,
        })
    }

    fn place(&mut self, frame: FrameNo) -> Result<Place, JournalError> {
        assert!(self.first <= frame);
        let index = usize::try_from(frame.0 - self.first.0).expect("a segment is smaller");
        if self.frames.len() <= index {
            self.extend(index)?;
        }
        Ok(self.frames[index])
    }

    /// Hops over the headers up to a frame.
    fn extend(&mut self, index: usize) -> Result<(), JournalError> {
        let mut window = Window::new(Arc::clone(&self.file), HOP_BYTES, self.file_bytes);
        while self.frames.len() <= index {
            let frame = FrameNo(self.first.0 + self.frames.len() as u64);
            let damaged = |why| JournalError::Damaged {
                file: self.path.clone(),
                offset: self.next,
                frame,
                why,
            };
            if self.file_bytes < self.next + FRAME_BYTES_MIN as u64 {
                return Err(damaged(Flaw::NoFrame));
            }
            let bytes = window.bytes(self.next, HEADER_BYTES).map_err(reading(&self.path))?;
            let header = Header::decode(bytes).map_err(damaged)?;
            if header.no != frame {
                return Err(damaged(Flaw::Number(header.no)));
            }
            let offset = u32::try_from(self.next / ALIGNMENT as u64)
                .map_err(|_| damaged(Flaw::Length(header.payload_bytes)))?;
            self.frames.push(Place { offset, payload_bytes: header.payload_bytes });
            self.next += header.frame_bytes() as u64;
        }
        Ok(())
    }

    fn read(&mut self, frame: FrameNo, offset: u64, buffer: &mut [u8]) -> Result<(), JournalError> {
        let place = self.place(frame)?;
        let frame_offset = u64::from(place.offset) * ALIGNMENT as u64;
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| u64::from(place.payload_bytes) < end) {
            let file = self.path.clone();
            return Err(JournalError::Damaged {
                file,
                offset: frame_offset,
                frame,
                why: Flaw::Slice,
            });
        }
        let from = frame_offset + HEADER_BYTES as u64 + offset;
        read_exact_at(&*self.file, buffer, from).map_err(reading(&self.path))
    }
}

/// A reader's view of a file log.
#[derive(Clone, Debug)]
pub struct ReadHandle {
    shared: Arc<Shared>,
    through: Tail,
}

impl ReadHandle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let through = lock(&shared.readers.published).tail;
        Self { shared, through }
    }

    /// As [`ReadLog::read_from`], with its own type.
    ///
    /// # Errors
    /// When the frames are not kept any more, or cannot be read.
    ///
    /// # Panics
    /// When `first` is 0 or beyond `through` by more than one.
    pub fn frames_from(&self, first: FrameNo) -> Result<FileFrames, JournalError> {
        assert!(FrameNo(0) < first, "frames are numbered from 1");
        assert!(first <= self.through.frame.next(), "readers ask for what they can see");
        let mut frames = FileFrames {
            shared: Arc::clone(&self.shared),
            through: self.through.frame,
            next: first,
            scan: None,
        };
        if first <= self.through.frame {
            frames.open_at(first)?;
        }
        Ok(frames)
    }
}

impl ReadLog for ReadHandle {
    fn through(&self) -> Tail {
        self.through
    }

    fn refresh(&mut self) {
        let tail = lock(&self.shared.readers.published).tail;
        assert!(self.through.frame <= tail.frame, "the durable mark never moves back");
        self.through = tail;
    }

    fn duplicate(&self) -> Box<dyn ReadLog> {
        Box::new(self.clone())
    }

    fn read_from(&self, first: FrameNo) -> Result<Box<dyn FrameStream>, JournalError> {
        Ok(Box::new(self.frames_from(first)?))
    }

    fn read_slice(
        &self,
        frame: FrameNo,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<(), JournalError> {
        assert!(FrameNo(0) < frame, "frames are numbered from 1");
        assert!(frame <= self.through.frame, "readers ask for what they can see");
        let readers = &self.shared.readers;
        let first = readers.segment_of(frame)?;
        let index = readers.index(first)?;
        lock(&index).read(frame, offset, buffer)
    }
}

/// Frames in order from segment files.
#[derive(Debug)]
pub struct FileFrames {
    shared: Arc<Shared>,
    through: FrameNo,
    next: FrameNo,
    scan: Option<SegmentScan>,
}

impl FileFrames {
    /// Opens the segment that holds a frame and stands before it.
    fn open_at(&mut self, frame: FrameNo) -> Result<(), JournalError> {
        let shared = &self.shared;
        let first = shared.readers.segment_of(frame)?;
        let before = self.scan.take().map(|scan| *scan.expected());
        let mut scan = enter(&shared.places, first, shared.journal, before.as_ref())?;
        if first < frame {
            let index = shared.readers.index(first)?;
            let place = lock(&index).place(frame)?;
            scan.jump(u64::from(place.offset) * ALIGNMENT as u64, frame)?;
        }
        self.scan = Some(scan);
        Ok(())
    }
}

impl FrameStream for FileFrames {
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, JournalError> {
        if self.through < self.next {
            return Ok(None);
        }
        let mut step = self.scan.as_mut().expect("opened with the first frame").step()?;
        if matches!(step, Step::End) && self.shared.readers.segment_of(self.next)? == self.next {
            self.open_at(self.next)?;
            step = self.scan.as_mut().expect("just opened").step()?;
        }
        let scan = self.scan.as_mut().expect("opened with the first frame");
        match step {
            Step::Frame(header, _) => {
                assert_eq!(header.no, self.next, "the walk checks the order");
                self.next = self.next.next();
                Ok(Some(scan.frame()?))
            }
            Step::End => Err(scan.damaged(Flaw::NoFrame)),
            Step::Bad(flaw) => Err(scan.damaged(flaw)),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks is left half changed where a panic cuts it short.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
