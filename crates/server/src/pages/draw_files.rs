//! The public files of draws: `/draws/CAMPAIGN/NUMBER/FILE`, for whoever checks one, and below
//! `check/` the page that checks a receipt with them.
//!
//! Owns: reading them to a client a chunk at a time, and under which policy that page works. Never:
//! a file that is not public yet, which `draws::public_file` says; a folder's list.
//! Invariants: a slow reader holds no thread; a file that gets shorter meanwhile ends the
//! connection, and never looks whole.

use super::{Asked, Page, reads_pages};
use crate::api::document::gzip;
use crate::api::takes_gzip;
use crate::draws::{self, DrawFolder, public_file};
use crate::extract::Segments;
use crate::language::Language;
use crate::problem::Problem;
use crate::state::ServerState;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::State;
use axum::response::Response;
use flate2::Compression;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    LOCATION, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};
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

/// For the page that checks: its own scripts, style and mark, and the files of its draw.
const CHECK_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Of a file of that page; all of them together are far less.
const CHECK_BYTES_MAX: u64 = 1 << 20;

pub(super) async fn show(
    State(state): State<ServerState>,
    Segments((code, draw, file)): Segments<(String, u16, String)>,
    asked: Asked,
    headers: HeaderMap,
) -> Response {
    let no = DrawNo(draw);
    let is_of_page = file.strip_prefix(draws::PAGE).is_some_and(|rest| rest.starts_with('/'));
    let index = format!("{}/", draws::PAGE);
    // The page's files name each other from where it is.
    let wanted = match file == draws::PAGE || file == index {
        true => format!("{index}index.html"),
        false => file.clone(),
    };
    let answer = match open(&state, &code, no, &wanted).await {
        Some(_) if file == draws::PAGE => Some(see(&format!("/draws/{code}/{draw}/{index}"))),
        Some((found, length)) if is_of_page => of_page(found, length, takes_gzip(&headers)).await,
        Some((found, length)) => Some(answer(found, length)),
        None => None,
    };
    answer.unwrap_or_else(|| nothing(format!("/draws/{code}/{draw}/{file}"), &asked, &headers))
}

/// Nothing is there, or not yet: in a page to whoever reads pages.
fn nothing(path: String, asked: &Asked, headers: &HeaderMap) -> Response {
    if reads_pages(headers) {
        let page = Page::new(path, asked, headers);
        return page.problem(&Problem::of("no-such-page", page.language));
    }
    Problem::of("no-such-page", Language::of(headers)).to_response().map(Body::from)
}

fn see(path: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let target = HeaderValue::try_from(path).expect("a campaign's code and numbers are ASCII");
    response.headers_mut().insert(LOCATION, target);
    response.headers_mut().insert(CACHE_CONTROL, A_MINUTE);
    response
}

/// A file of the page, whole: a crowd asks for it on slow lines, and it is a quarter as gzip.
async fn of_page(found: Found, length: u64, takes_gzip: bool) -> Option<Response> {
    if CHECK_BYTES_MAX < length {
        return None;
    }
    let Found { file, kind } = found;
    let read = tokio::task::spawn_blocking(move || {
        let (_, bytes) = read(file, length as usize)?;
        Ok(if takes_gzip { gzip(&bytes, Compression::fast()) } else { bytes.into() })
    });
    let bytes: io::Result<Bytes> = read.await.ok()?;
    let mut response = Response::new(Body::from(bytes.ok()?));
    let headers = response.headers_mut();
    if takes_gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_SECURITY_POLICY, CHECK_POLICY);
    headers.insert(CACHE_CONTROL, A_MINUTE);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    Some(response)
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
        Some((_, "svg")) => "image/svg+xml",
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
