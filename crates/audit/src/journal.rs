//! A reader of journal segments, written from `docs/format.md` alone.
//!
//! Owns: the walk over all frames from the first one, every check on the way, and the verdict on
//! where the journal ends. Never: writes, locks, decodes a command.
//! Invariants: a frame is handed out only when it is whole and continues the chain; memory is one
//! frame, or a mebibyte; a running writer beside it is never taken for damage.
//! On failure: a read error is returned and says nothing about the bytes; damage is an end.

mod bytes;
mod layout;
mod source;
mod tail;

pub(crate) use bytes::{Window, is_zero};
pub use layout::{EndMark, FormatError, is_segment, read_format, segment_journal};
pub(crate) use layout::{array_at, u32_at, u64_at};
pub use source::{Bytes, Folders, Source, open_file};

use crate::hash::Hash;
use layout::{FRAME_BYTES_MIN, FrameHeader, SEGMENT_HEADER_BYTES, SegmentHeader};
use std::collections::BTreeSet;
use std::io;
use types::ids::{FrameNo, Millis};

/// So often something beside a running writer must look damaged, each time read anew, before it
/// is called damage: a read may meet a write half-way.
const LOOKS: usize = 3;

/// One frame of the journal, checked.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Its number, from 1.
    pub no: FrameNo,
    /// When it was sequenced.
    pub at: Millis,
    /// Commands in it, as its writer said.
    pub commands: u32,
    /// A frame that was durable when this one was written.
    pub durable_through: FrameNo,
    /// Its hash, which covers the hash of the frame before.
    pub hash: Hash,
    /// Its records.
    pub payload: &'a [u8],
    /// The file it lies in.
    pub segment: &'a str,
    /// The byte of that file at which it begins.
    pub offset: u64,
    /// What its last eight bytes say.
    pub end_mark: EndMark,
}

/// Where a journal ends, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The file.
    pub segment: String,
    /// The byte of that file.
    pub offset: u64,
    /// The frame that would follow there.
    pub frame: FrameNo,
    /// How.
    pub ending: Ending,
}

/// How a journal ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Zeros follow.
    Clean,
    /// A frame follows that never reached the disk as a whole, or is being written now. It was
    /// never acknowledged.
    Torn {
        /// From the offset to the last byte that is not zero.
        bytes: u64,
    },
    /// What was durable has changed, or is missing.
    Damaged(Damage),
}

/// What is wrong with durable bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// A segment is missing, at the beginning or in between.
    #[error("no segment begins with frame {0}")]
    NoSegment(FrameNo),
    /// A segment begins amid the frames of the one before it.
    #[error(
        "by its name it begins with frame {0}, behind which the journal is already: it is a stray \
         copy, or another journal's"
    )]
    Stray(FrameNo),
    /// A folder, or something else that holds no bytes, has a segment's name.
    #[error("it is no file")]
    NoFile,
    /// A segment's header is not one.
    #[error("the segment's header is damaged: {0}")]
    SegmentHeader(&'static str),
    /// Written by a later release.
    #[error("its version is {0}, which this auditor does not know")]
    Newer(u32),
    /// The segment is of another journal.
    #[error("it belongs to another journal")]
    OtherJournal,
    /// A frame's header is not one.
    #[error("the frame's header does not match its check")]
    FrameHeader,
    /// A frame is longer than its segment has room.
    #[error("the frame's payload of {0} bytes is more than there is room for")]
    Length(u32),
    /// Another frame than the next.
    #[error("frame {0} stands where the next one must be")]
    Number(FrameNo),
    /// The chain is broken: the past was changed.
    #[error("it carries another hash of the frame before it")]
    Chain,
    /// Time went back.
    #[error("its time lies before the frame before it")]
    Time,
    /// The durable mark went back, or ahead of itself.
    #[error("it calls frame {0} durable, which it cannot know, or less than was durable before")]
    DurableMark(FrameNo),
    /// The content is not what was hashed.
    #[error("the frame's content does not match its hash")]
    Content,
    /// Something other than zeros fills a frame up.
    #[error("the frame is filled up with something other than zeros")]
    Padding,
    /// A frame is not readable, and a later one proves that it was durable.
    #[error("the frame does not read back as written, though frame {0} proves it was durable")]
    DurableLater(FrameNo),
    /// Frames of a closed segment end, and something follows.
    #[error("something other than zeros follows the last frame of a segment that is closed")]
    AfterTheLast,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the journal's {what} cannot be read: {error}")]
pub struct ReadError {
    /// The file, or the folder.
    pub what: String,
    /// What the system said.
    #[source]
    pub error: io::Error,
}

/// The walk over a journal from its first frame.
pub struct Reader<'s> {
    source: &'s dyn Source,
    journal: Option<[u8; 16]>,
    /// First frames of the segments behind the present one.
    ahead: BTreeSet<u64>,
    segment: Option<Segment<'s>>,
    expected: Expected,
    last: Option<Sound>,
    end: Option<End>,
}

/// A segment being read.
struct Segment<'s> {
    name: String,
    first: u64,
    window: Window<'s>,
    offset: u64,
}

/// What the next frame must continue.
#[derive(Clone, Copy, Debug)]
struct Expected {
    no: u64,
    at: u64,
    durable_through: u64,
    previous: Hash,
}

/// A frame that was found sound, and where.
#[derive(Clone, Copy, Debug)]
struct Sound {
    offset: u64,
    header: FrameHeader,
    hash: Hash,
    end_mark: EndMark,
}

/// What lies at a place.
enum Step {
    Frame(Sound),
    /// Zeros where a header would be, or no room for a frame.
    Nothing,
    Bad(Damage),
}

impl<'s> Reader<'s> {
    /// A walk that begins with frame 1. With `journal`, every segment must be of that journal;
    /// without, of the one that the first segment names.
    #[must_use]
    pub const fn new(source: &'s dyn Source, journal: Option<[u8; 16]>) -> Self {
        let expected = Expected { no: 1, at: 0, durable_through: 0, previous: Hash([0; 32]) };
        let (segment, last, end) = (None, None, None);
        Self { source, journal, ahead: BTreeSet::new(), segment, expected, last, end }
    }

    /// The next frame; none at the end, which [`Reader::end`] then tells of.
    ///
    /// # Errors
    /// When a file cannot be read. It may be tried again.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, ReadError> {
        if self.end.is_some() || !self.advance()? {
            assert!(self.end.is_some(), "a walk stops only at an end");
            return Ok(None);
        }
        let Sound { offset, header, hash, end_mark } = self.last.expect("it advanced over one");
        let segment = self.segment.as_mut().expect("frames lie in a segment");
        let bytes = segment.window.bytes(offset, header.frame_bytes());
        let bytes = bytes.map_err(unreadable(&segment.name))?;
        Ok(Some(Frame {
            no: FrameNo(header.no),
            at: Millis(header.at),
            commands: header.commands,
            durable_through: FrameNo(header.durable_through),
            hash,
            payload: layout::payload(bytes, &header),
            segment: &segment.name,
            offset,
            end_mark,
        }))
    }

    /// Where and how the journal ends, once there are no more frames.
    #[must_use]
    pub const fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// The journal's id, once a segment was opened.
    #[must_use]
    pub const fn journal(&self) -> Option<[u8; 16]> {
        self.journal
    }

    /// Moves over the next frame; false at the end.
    fn advance(&mut self) -> Result<bool, ReadError> {
        if self.segment.is_none() {
            self.list()?;
            if !self.enter_next()? {
                return Ok(false);
            }
        }
        loop {
            if let Step::Frame(sound) = self.step()? {
                self.accept(sound);
                return Ok(true);
            }
            // Segments first, then the bytes: with a segment behind it, all of this one is
            // durable. What was read ahead may be older than what is there now.
            self.list()?;
            self.forget();
            if self.ahead.is_empty() {
                return self.finish();
            }
            match self.step()? {
                Step::Frame(sound) => {
                    self.accept(sound);
                    return Ok(true);
                }
                Step::Bad(damage) => return Ok(self.stop(Ending::Damaged(damage))),
                Step::Nothing => {}
            }
            let (segment, _) = self.present();
            let end = segment.written_end().map_err(unreadable(&segment.name))?;
            if segment.offset < end {
                return Ok(self.stop(Ending::Damaged(Damage::AfterTheLast)));
            }
            if !self.enter_next()? {
                return Ok(false);
            }
        }
    }

    /// Behind the last frame of the last segment.
    fn finish(&mut self) -> Result<bool, ReadError> {
        let mut ending = Ending::Clean;
        for _ in 0..LOOKS {
            if let Step::Frame(sound) = self.step()? {
                self.accept(sound);
                return Ok(true);
            }
            let (segment, expected) = self.present();
            ending = tail::judge(segment, &expected).map_err(unreadable(&segment.name))?;
            if !matches!(ending, Ending::Damaged(_)) {
                break;
            }
            self.forget();
        }
        // It may have been written to its end since it was last looked at.
        if let Step::Frame(sound) = self.step()? {
            self.accept(sound);
            return Ok(true);
        }
        Ok(self.stop(ending))
    }

    fn present(&mut self) -> (&mut Segment<'s>, Expected) {
        (self.segment.as_mut().expect("a segment is open"), self.expected)
    }

    fn step(&mut self) -> Result<Step, ReadError> {
        let (segment, expected) = self.present();
        segment.step(&expected).map_err(unreadable(&segment.name))
    }

    fn forget(&mut self) {
        let (segment, _) = self.present();
        segment.window.forget();
    }

    fn accept(&mut self, sound: Sound) {
        let header = &sound.header;
        assert!(header.no == self.expected.no, "frames come one by one");
        self.expected = Expected {
            no: header.no + 1,
            at: header.at,
            durable_through: header.durable_through,
            previous: sound.hash,
        };
        let bytes = header.frame_bytes() as u64;
        let (segment, _) = self.present();
        assert!(sound.offset == segment.offset, "a frame lies at the walk's place");
        segment.offset += bytes;
        self.last = Some(sound);
    }

    fn stop(&mut self, ending: Ending) -> bool {
        let frame = FrameNo(self.expected.no);
        let (segment, _) = self.present();
        self.end =
            Some(End { segment: segment.name.clone(), offset: segment.offset, frame, ending });
        false
    }

    /// Looks which segments there are behind the present one.
    fn list(&mut self) -> Result<(), ReadError> {
        let names = self.source.names().map_err(unreadable("folder"))?;
        let firsts = names.iter().filter_map(|name| layout::parse_name(name));
        let present = self.segment.as_ref().map(|segment| segment.first);
        self.ahead.extend(firsts.filter(|first| present < Some(*first)));
        Ok(())
    }

    /// Opens the segment that must hold the next frame; false when that is the end.
    fn enter_next(&mut self) -> Result<bool, ReadError> {
        let no = self.expected.no;
        let name = layout::name(no);
        let refused = |damage| {
            let ending = Ending::Damaged(damage);
            Some(End { segment: name.clone(), offset: 0, frame: FrameNo(no), ending })
        };
        match self.ahead.pop_first() {
            Some(first) if first == no => {}
            Some(first) if first < no => {
                let (segment, ending) = (layout::name(first), Damage::Stray(FrameNo(first)));
                let (frame, ending) = (FrameNo(no), Ending::Damaged(ending));
                self.end = Some(End { segment, offset: 0, frame, ending });
                return Ok(false);
            }
            _ => {
                self.end = refused(Damage::NoSegment(FrameNo(no)));
                return Ok(false);
            }
        }
        let bytes = match self.source.open(&name) {
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                self.end = refused(Damage::NoFile);
                return Ok(false);
            }
            other => other.map_err(unreadable(&name))?,
        };
        let mut window = Window::open(bytes).map_err(unreadable(&name))?;
        let header = match SegmentHeader::read(&mut window).map_err(unreadable(&name))? {
            Ok(header) => header,
            Err(damage) => {
                self.end = refused(damage);
                return Ok(false);
            }
        };
        let journal = *self.journal.get_or_insert(header.journal);
        let previous = match no {
            1 => layout::genesis(&journal),
            _ => self.expected.previous,
        };
        let damage = if header.journal != journal {
            Some(Damage::OtherJournal)
        } else if header.first != no {
            Some(Damage::SegmentHeader("it names another first frame than the file's name"))
        } else if header.previous != previous {
            Some(Damage::Chain)
        } else {
            None
        };
        if let Some(damage) = damage {
            self.end = refused(damage);
            return Ok(false);
        }
        self.expected.previous = previous;
        let offset = SEGMENT_HEADER_BYTES as u64;
        self.segment = Some(Segment { name, first: no, window, offset });
        Ok(true)
    }
}

impl Segment<'_> {
    fn step(&mut self, expected: &Expected) -> io::Result<Step> {
        assert!(self.offset.is_multiple_of(8), "frames begin at multiples of 8");
        let room = self.window.length().saturating_sub(self.offset);
        if room < FRAME_BYTES_MIN as u64 {
            return Ok(Step::Nothing);
        }
        let bytes = self.window.bytes(self.offset, layout::FRAME_HEADER_BYTES)?;
        if bytes::is_zero(bytes) {
            return Ok(Step::Nothing);
        }
        let header = match FrameHeader::decode(bytes) {
            Ok(header) => header,
            Err(damage) => return Ok(Step::Bad(damage)),
        };
        if room < header.frame_bytes() as u64 {
            return Ok(Step::Bad(Damage::Length(header.payload_bytes)));
        }
        if let Some(damage) = header.breaks_off(expected) {
            return Ok(Step::Bad(damage));
        }
        let frame = self.window.bytes(self.offset, header.frame_bytes())?;
        Ok(match layout::check_content(frame, &header) {
            Ok((hash, end_mark)) => {
                Step::Frame(Sound { offset: self.offset, header, hash, end_mark })
            }
            Err(damage) => Step::Bad(damage),
        })
    }

    /// Where the last byte that is not zero ends, from the walk's place on.
    fn written_end(&mut self) -> io::Result<u64> {
        self.window.written_end(self.offset)
    }
}

fn unreadable(what: &str) -> impl Fn(io::Error) -> ReadError {
    move |error| ReadError { what: what.to_owned(), error }
}
