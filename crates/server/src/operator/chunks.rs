//! A file on its way to its reader: chunks from a thread that writes, and a mark behind them.
//!
//! Owns: how much may be on its way. Invariants: the newest chunk waits until the export is
//! recorded, so whoever got the end of a file got one that is; a file has an end only behind its
//! trailers, so a writer that vanishes never makes a short file look whole.
//! On failure: before the first bytes, a problem document; after them, the connection is cut.

use crate::problem::Problem;
use axum::body::{Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::body::Frame;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;
use types::limits;

/// Chunks on their way to a reader, besides the one being filled.
const CHUNKS_AHEAD: usize = 4;

/// The trailer with the file's SHA-256 (RFC 9530), for clients that take trailers.
pub(super) const DIGEST: HeaderName = HeaderName::from_static("repr-digest");

type Sent = Result<Frame<Bytes>, Problem>;

/// What is left of a file on its way: the newest chunk waits until the export is recorded.
pub(super) struct Chunks {
    to: mpsc::Sender<Sent>,
    waiting: Vec<u8>,
}

/// The body a reader sees.
pub(super) struct Chunked {
    first: Option<Sent>,
    rest: mpsc::Receiver<Sent>,
    /// Nothing more comes: the trailers were there, or the reader was told of a failure.
    is_over: bool,
}

/// Both ends of a file's way.
pub(super) fn channel() -> (Chunked, Chunks) {
    let (to, rest) = mpsc::channel(CHUNKS_AHEAD);
    let waiting = Vec::with_capacity(limits::EXPORT_CHUNK_BYTES);
    (Chunked { first: None, rest, is_over: false }, Chunks { to, waiting })
}

impl Chunked {
    /// Waits for the first chunk, which decides whether there is a file at all.
    pub(super) async fn begin(mut self) -> Result<Self, Problem> {
        match self.rest.recv().await {
            Some(Ok(first)) => {
                self.first = Some(Ok(first));
                Ok(self)
            }
            Some(Err(problem)) => Err(problem),
            None => Err(vanished()),
        }
    }
}

fn vanished() -> Problem {
    let detail = "What writes the file ended before the file did, by a fault in the program; the \
                  log says more. Nothing was handed over. Ask again, with the same \"since\" if \
                  there was one.";
    Problem::new(500, "export-cut", "Export ended early", detail)
}

/// Tells whether the reader is still there, while nothing is ready to be sent.
pub(super) struct Watch(mpsc::Sender<Sent>);

impl Watch {
    /// Whether nobody reads any more.
    pub(super) fn has_left(&self) -> bool {
        self.0.is_closed()
    }
}

impl Chunks {
    /// For as long as the file is being written: it keeps the way to the reader open.
    pub(super) fn watch(&self) -> Watch {
        Watch(self.to.clone())
    }

    /// Lets the last bytes go. A reader who left just now misses them although the export is
    /// recorded; whoever asks again, since the same earlier file if there was one, is told it all.
    /// The checksum is the file's SHA-256 in hex.
    pub(super) fn finish(self, checksum: &str) {
        let digest = format!("sha-256=:{}:", STANDARD.encode(unhex(checksum)));
        let digest = HeaderValue::try_from(digest).expect("base 64 is visible ASCII");
        let trailers = HeaderMap::from_iter([(DIGEST, digest)]);
        for last in [Frame::data(self.waiting.into()), Frame::trailers(trailers)] {
            if self.to.blocking_send(Ok(last)).is_err() {
                tracing::warn!("the reader of an export left before its last bytes");
                return;
            }
        }
    }

    /// Cuts the connection, or answers with the problem when nothing was sent yet.
    pub(super) fn fail(self, problem: Problem) {
        // Whoever left already needs no telling.
        let _left = self.to.blocking_send(Err(problem));
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        _ => byte - b'a' + 10,
    };
    assert!(
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
        "a checksum is hex"
    );
    text.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.waiting.is_empty() && self.waiting.len() + bytes.len() > limits::EXPORT_CHUNK_BYTES
        {
            let empty = Vec::with_capacity(limits::EXPORT_CHUNK_BYTES);
            let chunk = std::mem::replace(&mut self.waiting, empty);
            let left = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader left");
            self.to.blocking_send(Ok(Frame::data(chunk.into()))).map_err(left)?;
        }
        let count = bytes.len().min(limits::EXPORT_CHUNK_BYTES);
        self.waiting.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl HttpBody for Chunked {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let next = match self.first.take() {
            Some(first) => Some(first),
            None => std::task::ready!(self.rest.poll_recv(context)),
        };
        // An end without trailers is none: whoever was writing is gone.
        let sent = next.unwrap_or_else(|| Err(vanished()));
        self.is_over = sent.as_ref().map_or(true, Frame::is_trailers);
        Poll::Ready(Some(sent.map_err(|problem| io::Error::other(problem.code))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;

    #[test]
    fn a_reader_who_leaves_is_noticed_before_anything_can_be_sent() {
        let (body, chunks) = channel();
        let watch = chunks.watch();
        assert!(!watch.has_left());
        drop(body);
        assert!(watch.has_left());
    }

    #[tokio::test]
    async fn a_writer_that_vanishes_before_the_first_chunk_is_a_problem() {
        let (body, chunks) = channel();
        drop(chunks);
        let problem = body.begin().await.err().expect("there is no file");
        assert_eq!((problem.status.as_u16(), problem.code), (500, "export-cut"));
    }

    #[tokio::test]
    async fn a_writer_that_vanishes_later_leaves_no_whole_file() {
        let (body, mut chunks) = channel();
        chunks.write_all(&[7; limits::EXPORT_CHUNK_BYTES]).unwrap();
        let chunks = tokio::task::spawn_blocking(move || {
            chunks.write_all(&[8; 1]).unwrap();
            chunks
        });
        let chunks = chunks.await.unwrap();
        let mut body = body.begin().await.unwrap();
        drop(chunks);
        let first = body.frame().await.unwrap().unwrap();
        assert_eq!(first.into_data().unwrap().len(), limits::EXPORT_CHUNK_BYTES);
        assert_eq!(body.frame().await.unwrap().unwrap_err().to_string(), "export-cut");
        assert!(body.frame().await.is_none(), "a failure is told once");
    }

    #[tokio::test]
    async fn a_file_ends_behind_its_trailers() {
        let (body, mut chunks) = channel();
        chunks.write_all(b"all").unwrap();
        let finished = tokio::task::spawn_blocking(move || chunks.finish(&"ab".repeat(32)));
        let read = body.begin().await.unwrap().collect().await.unwrap();
        finished.await.unwrap();
        assert!(read.trailers().unwrap().contains_key(DIGEST));
        assert_eq!(read.to_bytes(), "all");
    }
}
