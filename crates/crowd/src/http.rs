//! Just enough HTTP/1.1 for a client that makes load: requests rendered, answers told apart.
//!
//! Owns: the head of a request, the head and length of an answer. Never: opens a connection
//! itself, except for the one plain call of [`fetch`]. Invariants: an answer is complete only with
//! its whole body; a coding of the body that we do not read is an error, not a guess.

use crate::error::CrowdError;
use crate::load::Loopback;
use memchr::{memchr, memmem};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use types::limits;

/// An answer in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// The status code.
    pub status: u16,
    /// Seconds of a `Retry-After`, when there is one in seconds.
    pub retry_after_seconds: Option<u32>,
    /// The body.
    pub body: &'a [u8],
    /// Bytes of the whole answer in the buffer.
    pub bytes: usize,
    /// Whether the server keeps the connection.
    pub keep: bool,
}

/// A request's method, path and constant headers, rendered once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    bytes: Vec<u8>,
}

impl Head {
    /// A head for `method` and `path` at `address`, with `headers` as they are.
    #[must_use]
    pub fn new(method: &str, path: &str, address: Loopback, headers: &[(&str, &str)]) -> Self {
        let mut bytes = Vec::with_capacity(256);
        push_line(&mut bytes, &[method, " ", path, " HTTP/1.1"]);
        push_line(&mut bytes, &["host: ", &address.to_string()]);
        for (name, value) in headers {
            push_line(&mut bytes, &[name, ": ", value]);
        }
        Self { bytes }
    }

    /// Appends the head, these `headers`, and `body` to `request`.
    pub fn write(&self, request: &mut Vec<u8>, headers: &[(&str, &[u8])], body: &[u8]) {
        request.extend_from_slice(&self.bytes);
        for (name, value) in headers {
            push_all(request, &[name.as_bytes(), b": ", value, b"\r\n"]);
        }
        if !body.is_empty() {
            request.extend_from_slice(b"content-length: ");
            push_number(request, body.len() as u64);
            request.extend_from_slice(b"\r\n");
        }
        push_all(request, &[b"\r\n", body]);
    }
}

/// Appends `number` in decimal.
pub fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    bytes.extend_from_slice(&digits[start..]);
}

/// Reads one answer from the beginning of `received`; `None` while it is incomplete.
///
/// # Errors
/// [`CrowdError::Protocol`] when the bytes are not an answer that we read.
pub fn parse(received: &[u8]) -> Result<Option<Response<'_>>, CrowdError> {
    let Some(head_bytes) = memmem::find(received, b"\r\n\r\n") else {
        let too_long = received.len() > limits::HEADER_BYTES_MAX;
        return if too_long { Err(CrowdError::Protocol("the head never ends")) } else { Ok(None) };
    };
    let head = &received[..head_bytes + 2];
    let status = parse_status(head)?;
    let mut fields = Fields { length: None, retry_after: None, keep: true };
    let mut rest = &head[memchr(b'\n', head).map_or(head.len(), |end| end + 1)..];
    while let Some(end) = memchr(b'\n', rest) {
        fields.read(&rest[..end - usize::from(end > 0)])?;
        rest = &rest[end + 1..];
    }
    let body_bytes = match fields.length {
        Some(length) => length,
        None if matches!(status, 204 | 304) => 0,
        None => return Err(CrowdError::Protocol("the answer has no content-length")),
    };
    if body_bytes > limits::LOAD_ANSWER_BYTES_MAX {
        return Err(CrowdError::Protocol("the answer is over the limit of a load run"));
    }
    let start = head_bytes + 4;
    let bytes = start + body_bytes;
    let body = received.get(start..bytes);
    let (retry_after_seconds, keep) = (fields.retry_after, fields.keep);
    Ok(body.map(|body| Response { status, retry_after_seconds, body, bytes, keep }))
}

/// One plain request on a connection of its own: status and body.
///
/// # Errors
/// When the server cannot be reached, or its answer cannot be read within ten seconds.
pub fn fetch(address: Loopback, request: &[u8]) -> Result<(u16, Vec<u8>), CrowdError> {
    let failed = |cause| CrowdError::Connect { address: address.get(), cause };
    let patience = Duration::from_secs(10);
    let mut stream = TcpStream::connect_timeout(&address.get(), patience).map_err(failed)?;
    stream.set_read_timeout(Some(patience)).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    stream.write_all(request).map_err(failed)?;
    let mut received = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        let count = match stream.read(&mut chunk) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other.map_err(failed)?,
        };
        if count == 0 {
            return Err(CrowdError::Protocol("the connection ended before the answer did"));
        }
        received.extend_from_slice(&chunk[..count]);
        if let Some(response) = parse(&received)? {
            return Ok((response.status, response.body.to_vec()));
        }
    }
}

struct Fields {
    length: Option<usize>,
    retry_after: Option<u32>,
    keep: bool,
}

impl Fields {
    fn read(&mut self, line: &[u8]) -> Result<(), CrowdError> {
        // The names are looked at only when their length is right: most lines cost one compare.
        let Some(colon) = memchr(b':', line) else {
            return Err(CrowdError::Protocol("a header line has no colon"));
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        match name.len() {
            10 if name.eq_ignore_ascii_case(b"connection") => {
                self.keep = !value.eq_ignore_ascii_case(b"close");
            }
            11 if name.eq_ignore_ascii_case(b"retry-after") => {
                self.retry_after = parse_number(value).map(|seconds| seconds as u32);
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                let length = parse_number(value);
                let wrong = CrowdError::Protocol("the content-length is not a number");
                self.length = Some(length.ok_or(wrong)?);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                return Err(CrowdError::Protocol("the answer comes in chunks"));
            }
            _ => {}
        }
        Ok(())
    }
}

fn parse_status(head: &[u8]) -> Result<u16, CrowdError> {
    let digits = head.strip_prefix(b"HTTP/1.1 ").and_then(|rest| rest.get(..3));
    let status = digits.and_then(parse_number);
    status.map(|status| status as u16).ok_or(CrowdError::Protocol("it is not HTTP/1.1"))
}

fn parse_number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 10 {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + usize::from(digit - b'0'))
    })
}

fn push_line(bytes: &mut Vec<u8>, parts: &[&str]) {
    parts.iter().for_each(|part| bytes.extend_from_slice(part.as_bytes()));
    bytes.extend_from_slice(b"\r\n");
}

fn push_all(bytes: &mut Vec<u8>, parts: &[&[u8]]) {
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
}
