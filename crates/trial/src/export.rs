//! A reader of an export, who may be left in the middle of it.
//!
//! Owns: the connection and what came over it. Never: takes half a file for a whole one: whole is
//! what ended with its checksum and has it; waits for ever.
//! On failure: a file that broke off says how; whoever reads it knows whether the program was to
//! live then.

use crate::error::TrialError;
use crate::site::{CAMPAIGN, Site};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use crowd::http::Head;
use sha2::{Digest as _, Sha256};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const CHUNK_BYTES: usize = 16 << 10;

/// An export under way.
#[derive(Debug)]
pub struct Export {
    stream: TcpStream,
    received: Vec<u8>,
}

/// How far an export came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Come {
    /// More is to come.
    More,
    /// It was read to its end; the SHA-256 of the file, in hex, which its end told, too.
    Whole(String),
    /// The connection ended before the file did, or was silent for too long: how.
    BrokeOff(String),
}

impl Export {
    /// Asks for an export of all bookings, of which something must come within each `patience`.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn begin(site: &Site<'_>, patience: Duration) -> Result<Self, TrialError> {
        let path = format!("/v1/operator/campaigns/{CAMPAIGN}/export");
        let authorization = site.authorization();
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("te", "trailers"),
        ];
        let body = br#"{"format":"csv","layout":"file","reason":"trial"}"#;
        let mut request = Vec::new();
        Head::new("POST", &path, site.operator(), &headers).write(&mut request, &[], body);
        let refused = || TrialError::no_answer("an export");
        let address = site.operator().get();
        let mut stream = TcpStream::connect_timeout(&address, patience).map_err(refused())?;
        stream.set_read_timeout(Some(patience)).map_err(refused())?;
        stream.write_all(&request).map_err(refused())?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Bytes that came, heads and all.
    #[must_use]
    pub const fn received_bytes(&self) -> usize {
        self.received.len()
    }

    /// Reads what comes next.
    ///
    /// # Errors
    /// When what came is no export.
    pub fn read(&mut self) -> Result<Come, TrialError> {
        let mut chunk = [0; CHUNK_BYTES];
        match self.stream.read(&mut chunk) {
            Ok(0) => return Ok(self.broke_off("the connection ended")),
            Ok(count) => self.received.extend_from_slice(&chunk[..count]),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted => {}
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    return Ok(self.broke_off("nothing more came in time"));
                }
                _ => return Ok(self.broke_off(&error.to_string())),
            },
        }
        if !self.received.starts_with(b"HTTP/1.1 200")
            && self.received.windows(4).any(|four| four == b"\r\n\r\n")
        {
            return Err(self.unreadable());
        }
        if !self.received.ends_with(b"\r\n\r\n") {
            return Ok(Come::More);
        }
        let Some((file, digest)) = whole(&self.received) else { return Ok(Come::More) };
        let checksum = Sha256::digest(&file);
        if digest != BASE64_STANDARD.encode(checksum) {
            return Err(self.unreadable());
        }
        Ok(Come::Whole(checksum.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    fn broke_off(&self, how: &str) -> Come {
        Come::BrokeOff(format!("{how}, after {} bytes", self.received.len()))
    }

    fn unreadable(&self) -> TrialError {
        let end = self.received.len().min(1_000);
        let answer = String::from_utf8_lossy(&self.received[..end]).into_owned();
        TrialError::Answer { what: "an export".to_owned(), answer }
    }
}

/// The file and the checksum behind it, when all of it has come.
fn whole(received: &[u8]) -> Option<(Vec<u8>, String)> {
    let mut rest = after(received, b"\r\n\r\n")?.1;
    let mut file = Vec::new();
    loop {
        let (size, data) = after(rest, b"\r\n")?;
        let size = std::str::from_utf8(size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            let trailers = std::str::from_utf8(data).ok()?.to_ascii_lowercase();
            let start = trailers.find("sha-256=:")? + "sha-256=:".len();
            // Base 64 knows capitals, so the digest is cut from the trailers as they came.
            let told = std::str::from_utf8(data).ok()?.get(start..)?;
            return Some((file, told.split_once(':')?.0.to_owned()));
        }
        file.extend_from_slice(data.get(..size)?);
        rest = data.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

fn after<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}
