//! The public files of draws: `/draws/CAMPAIGN/NUMBER/FILE`, for whoever checks one.
//!
//! Owns: reading them to a client a chunk at a time. Never: a file that is not public yet, which
//! `draws::public_file` says; a folder's list.
//! Invariants: a slow reader holds no thread; a file that gets shorter meanwhile ends the
//! connection, and never looks whole.

use crate::draws::{DrawFolder, public_file};
use crate::extract::Segments;
use crate::language::Language;
use crate::problem::Problem;
use crate::state::ServerState;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use hyper::body::Frame;
use std::fs::File;
use std::io::{self, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::task::JoinHandle;
use types::ids::DrawNo;

/// Bytes read at once, and on their way to one reader.
const CHUNK_BYTES: u64 = 64 << 10;
/// What is sealed never changes; what is not there yet may come.
const A_MINUTE: HeaderValue = HeaderValue::from_static("public, max-age=60");

pub(super) async fn show(
    State(state): State<ServerState>,
    Segments((code, draw, file)): Segments<(String, u16, String)>,
    headers: HeaderMap,
) -> Response {
    let language = Language::of(&headers);
    match open(&state, &code, DrawNo(draw), &file).await {
        Some((file, length)) => answer(file, length),
        None => Problem::of("no-such-page", language).to_response().map(Body::from),
    }
}

async fn open(state: &ServerState, code: &str, no: DrawNo, file: &str) -> Option<(Found, u64)> {
    let view = state.node.view().by_code(code)?.clone();
    let draws = view.draws();
    let draw = draws.get(no.index().checked_sub(1)?)?;
    if !public_file(draw, file) {
        return None;
    }
    let folder = DrawFolder::of(&state.draws, code, draws, no)?;
    let path = folder.path.join(file);
    let kind = content_type(file);
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_file() { Ok((file, about.len())) } else { Err(io::ErrorKind::NotFound.into()) }
    });
    let opened: io::Result<_> = opened.await.ok()?;
    let (file, length) = opened.ok()?;
    Some((Found { file, kind }, length))
}

struct Found {
    file: File,
    kind: &'static str,
}

fn answer(found: Found, length: u64) -> Response {
    let Found { file, kind } = found;
    let body = FileBody { file: Some(file), reading: None, left: length };
    let mut response = Response::new(Body::new(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(CACHE_CONTROL, A_MINUTE);
    response
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit_once('.') {
        _ if file.starts_with("tile/") => "application/octet-stream",
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    }
}

type Chunk = io::Result<(File, Vec<u8>)>;

/// A file on its way to a reader.
struct FileBody {
    file: Option<File>,
    reading: Option<JoinHandle<Chunk>>,
    left: u64,
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if let Some(file) = self.file.take() {
            let wanted = self.left.min(CHUNK_BYTES) as usize;
            self.reading = Some(tokio::task::spawn_blocking(move || read(file, wanted)));
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let done = ready!(Pin::new(reading).poll(context));
        self.reading = None;
        match done.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok((file, bytes)) => {
                self.left -= bytes.len() as u64;
                self.file = Some(file);
                Poll::Ready(Some(Ok(Frame::data(bytes.into()))))
            }
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

fn read(mut file: File, wanted: usize) -> Chunk {
    let mut bytes = vec![0; wanted];
    file.read_exact(&mut bytes)?;
    Ok((file, bytes))
}
