//! A file on its way to its reader: chunks from a thread that writes, and a mark behind them.
//!
//! Owns: how much may be on its way. Invariants: the newest chunk waits until the export is
//! recorded, so whoever got the end of a file got one that is.
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
}

/// Both ends of a file's way.
pub(super) fn channel() -> (Chunked, Chunks) {
    let (to, rest) = mpsc::channel(CHUNKS_AHEAD);
    let waiting = Vec::with_capacity(limits::EXPORT_CHUNK_BYTES);
    (Chunked { first: None, rest }, Chunks { to, waiting })
}

impl Chunked {
    /// Waits for the first chunk, which decides whether there is a file at all.
    pub(super) async fn begin(mut self) -> Result<Self, Problem> {
        match self.rest.recv().await {
            Some(Err(problem)) => Err(problem),
            first => {
                self.first = first;
                Ok(self)
            }
        }
    }
}

impl Chunks {
    /// Lets the last bytes go. A reader who left just now misses them, and exports again.
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
        let next = match self.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => self.rest.poll_recv(context),
        };
        next.map(|next| next.map(|sent| sent.map_err(|problem| io::Error::other(problem.code))))
    }
}
