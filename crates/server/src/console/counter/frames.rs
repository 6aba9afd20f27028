//! Frames of a phone's camera: small grey pictures in which a QR code is looked for.
//!
//! Owns: how much of the machine they may take. Never: keeps a picture, or tells what was in it to
//! anybody but the phone that sent it.
//! Invariants: a frame is searched off the request's threads, a few at a time; what the search
//! costs is bounded before it begins, by what could be corners of codes in the picture.
//! On failure: nothing was seen; the phone sends another frame.

use super::super::Console;
use super::super::guard::is_from_here;
use super::clerk::{Clerk, Pass};
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, FromRequestParts as _, Request, State};
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use rqrr::PreparedImage;
use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use types::limits;

/// What stands in a QR code that a pickup code could be: longer texts are something else.
const TEXT_BYTES_MAX: usize = 64;
/// Pixels around one, an eighth of the picture's width, whose mean tells dark from light.
const WINDOW_SHARE: usize = 8;
/// A dark pixel is darker than so many hundredths of its surroundings.
const DARK_HUNDREDTHS: u64 = 88;

/// How much frames may take.
pub(in super::super) struct Frames {
    at_once: Arc<Semaphore>,
    latest: Mutex<HashMap<Pass, Instant>>,
}

impl Default for Frames {
    fn default() -> Self {
        let at_once = Arc::new(Semaphore::new(limits::COUNTER_FRAMES_AT_ONCE));
        Self { at_once, latest: Mutex::default() }
    }
}

impl Frames {
    /// Whether a counter may send another frame by now.
    fn may(&self, pass: Pass, now: Instant) -> bool {
        let least = Duration::from_millis(limits::COUNTER_FRAME_MILLIS_MIN);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if latest.get(&pass).is_some_and(|latest| now < *latest + least) {
            return false;
        }
        if limits::COUNTER_SHIFTS_MAX <= latest.len() {
            latest.retain(|_, latest| now < *latest + least);
        }
        latest.insert(pass, now);
        true
    }
}

/// A picture, a byte for each pixel, its rows one after the other.
struct Grey {
    width: usize,
    height: usize,
    pixels: Bytes,
}

impl Grey {
    /// A picture of so wide rows; none when it is no picture, or not one of a camera.
    fn new(width: usize, pixels: Bytes) -> Option<Self> {
        let height = pixels.len().checked_div(width)?;
        let is_whole = width * height == pixels.len();
        let is_large = limits::COUNTER_FRAME_SIDE_MIN <= width.min(height);
        (is_whole && is_large).then_some(Self { width, height, pixels })
    }
}

/// `POST /counter/frame?width=`: the text of a QR code in the picture, if there is one.
pub(super) async fn read(State(console): State<Arc<Console>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if !is_from_here(&parts.headers) {
        return plain(StatusCode::FORBIDDEN);
    }
    let Ok(clerk) = Clerk::from_request_parts(&mut parts, &console).await else {
        return plain(StatusCode::UNAUTHORIZED);
    };
    let token = parts.headers.get("tidegate-form-token").and_then(|token| token.to_str().ok());
    if !clerk.knows(token.unwrap_or_default()) {
        return plain(StatusCode::FORBIDDEN);
    }
    let width = parts.uri.query().and_then(|query| query.strip_prefix("width="));
    let width = width.and_then(|width| width.parse().ok()).unwrap_or(0);
    if !console.frames.may(clerk.pass, Instant::now()) {
        return plain(StatusCode::TOO_MANY_REQUESTS);
    }
    let Ok(pixels) = Bytes::from_request(Request::from_parts(parts, body), &()).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let Some(picture) = Grey::new(width, pixels) else { return plain(StatusCode::BAD_REQUEST) };
    let Ok(permit) = Arc::clone(&console.frames.at_once).try_acquire_owned() else {
        return plain(StatusCode::SERVICE_UNAVAILABLE);
    };
    let seen = tokio::task::spawn_blocking(move || {
        let _held = permit;
        see(&picture)
    });
    match seen.await.expect("what the search panics with is caught") {
        Some(text) => {
            let mut answer = Response::new(Body::from(text));
            let kind = HeaderValue::from_static("text/plain; charset=utf-8");
            answer.headers_mut().insert(CONTENT_TYPE, kind);
            answer
        }
        None => plain(StatusCode::NO_CONTENT),
    }
}

fn plain(status: StatusCode) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

/// The text of a QR code in a picture. Whatever somebody drew, the search ends soon, and what it
/// panics with is a picture without a code.
fn see(picture: &Grey) -> Option<String> {
    let dark = darkened(picture);
    if limits::COUNTER_FRAME_CORNERS_MAX < corners(&dark, picture.width) {
        return None;
    }
    catch_unwind(|| find(&dark, picture.width, picture.height)).ok().flatten()
}

fn find(dark: &[bool], width: usize, height: usize) -> Option<String> {
    assert_eq!(dark.len(), width * height, "a picture has all its rows");
    let mut image = PreparedImage::prepare_from_bitmap(width, height, |x, y| dark[y * width + x]);
    let texts = image.detect_grids().into_iter().filter_map(|grid| {
        let mut text = Vec::new();
        grid.decode_to(&mut text).ok()?;
        String::from_utf8(text).ok().filter(|text| text.len() <= TEXT_BYTES_MAX)
    });
    texts.into_iter().next()
}

/// Which pixels are darker than their surroundings.
fn darkened(picture: &Grey) -> Vec<bool> {
    let Grey { width, height, pixels } = picture;
    let (width, height) = (*width, *height);
    // The sum of everything above and before each corner of a pixel.
    let stride = width + 1;
    let mut sums = vec![0_u64; stride * (height + 1)];
    for y in 0..height {
        let mut row = 0;
        for x in 0..width {
            row += u64::from(pixels[y * width + x]);
            sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
        }
    }
    let reach = (width.max(height) / WINDOW_SHARE / 2).max(1);
    let mut dark = Vec::with_capacity(width * height);
    for y in 0..height {
        let (top, bottom) = (y.saturating_sub(reach), (y + reach + 1).min(height));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(reach), (x + reach + 1).min(width));
            let sum = sums[bottom * stride + right] + sums[top * stride + left]
                - sums[top * stride + right]
                - sums[bottom * stride + left];
            let count = ((bottom - top) * (right - left)) as u64;
            dark.push(u64::from(pixels[y * width + x]) * count * 100 < sum * DARK_HUNDREDTHS);
        }
    }
    dark
}

/// How many places of a picture look like a row through a corner of a QR code: dark, light, dark,
/// light, dark, as 1 : 1 : 3 : 1 : 1 (ISO/IEC 18004).
fn corners(dark: &[bool], width: usize) -> usize {
    let mut found = 0;
    for row in dark.chunks(width) {
        let mut runs = [0; 5];
        for run in row.chunk_by(|one, other| one == other) {
            runs.rotate_left(1);
            runs[4] = run.len();
            found += usize::from(run[0] && is_corner(&runs));
        }
    }
    found
}

/// As the search itself has it: each run within three quarters of a module.
fn is_corner(runs: &[usize; 5]) -> bool {
    let module = (runs[0] + runs[1] + runs[3] + runs[4]) as f64 / 4.0;
    let wanted = [1.0, 1.0, 3.0, 1.0, 1.0];
    let is_near = |(run, wanted): (&usize, f64)| (*run as f64 - wanted * module).abs() <= module;
    runs.iter().all(|run| 0 < *run) && runs.iter().zip(wanted).all(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fast_qr::qr::QRBuilder;

    /// A frame with the QR code of a text in its middle, so many pixels a module.
    fn frame(text: &str, scale: usize) -> Grey {
        let code = QRBuilder::new(text).build().unwrap();
        let (width, height) = (640, 480);
        let side = code.size * scale;
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let mut pixels = vec![210; width * height];
        for y in 0..side {
            for x in 0..side {
                if code[y / scale][x / scale].value() {
                    pixels[(top + y) * width + left + x] = 40;
                }
            }
        }
        Grey::new(width, pixels.into()).unwrap()
    }

    /// A corner of a QR code, drawn as small as the limit lets it be, in each place of a raster.
    fn corners_everywhere(step: usize) -> Grey {
        let (width, height) = (640, 480);
        let mut pixels = vec![255; width * height];
        for (y, x) in (0..height - 8)
            .step_by(step)
            .flat_map(|y| (0..width - 8).step_by(step).map(move |x| (y, x)))
        {
            for (down, right) in (0..7).flat_map(|down| (0..7).map(move |right| (down, right))) {
                let ring = (down as i32 - 3).abs().max((right as i32 - 3).abs());
                if ring != 2 {
                    pixels[(y + down) * width + x + right] = 0;
                }
            }
        }
        Grey::new(width, pixels.into()).unwrap()
    }

    #[test]
    fn a_pickup_code_is_read_near_and_far() {
        for scale in [4, 7, 12, 15] {
            let seen = see(&frame("ABCDE-FGHJK", scale));
            assert_eq!(seen.as_deref(), Some("ABCDE-FGHJK"), "{scale} pixels a module");
        }
    }

    #[test]
    fn what_is_no_pickup_code_is_not_told() {
        assert_eq!(see(&frame(&"x".repeat(TEXT_BYTES_MAX + 1), 5)), None);
        assert_eq!(see(&Grey::new(640, vec![0; 640 * 480].into()).unwrap()), None);
        for (width, bytes) in [(0, 100), (640, 640 * 480 - 1), (62, 62 * 480), (640, 640 * 62)] {
            assert!(Grey::new(width, vec![0; bytes].into()).is_none(), "{width}, {bytes}");
        }
    }

    #[test]
    fn the_search_of_a_picture_full_of_corners_is_not_begun() {
        let many = corners_everywhere(14);
        let found = corners(&darkened(&many), many.width);
        assert!(limits::COUNTER_FRAME_CORNERS_MAX < found, "{found}");
        assert_eq!(see(&many), None);
        // About as many as there may be.
        let few = corners_everywhere(50);
        let found = corners(&darkened(&few), few.width);
        assert!(0 < found && found <= limits::COUNTER_FRAME_CORNERS_MAX, "{found}");
        assert_eq!(see(&few), None);
    }

    #[test]
    fn whatever_is_drawn_the_search_ends_and_nothing_breaks() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for round in 0..40 {
            let mut picture = frame("ABCDE-FGHJK", 4 + round % 9).pixels.to_vec();
            // Noise, bars, and pieces of the code copied elsewhere.
            for _ in 0..1 << (round % 16) {
                let place = random() as usize % picture.len();
                picture[place] = random() as u8;
            }
            for _ in 0..round % 7 {
                let from = random() as usize % (picture.len() / 2);
                let to = random() as usize % (picture.len() / 2);
                let piece = from..from + picture.len() / 4;
                picture.copy_within(piece, to);
            }
            let width = [640, 320, 480, 160][round % 4];
            let rows = picture.len() / width;
            picture.truncate(rows * width);
            let seen = see(&Grey::new(width, picture.into()).unwrap());
            assert!(seen.is_none_or(|text| text.len() <= TEXT_BYTES_MAX));
        }
    }
}
