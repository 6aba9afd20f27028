//! A connection to the server under test: one request, one whole answer.
//!
//! Invariants: an answer is read to its last byte, so that the next one begins where it should.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// More than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) body: Vec<u8>,
    closes: bool,
}

/// A kept connection, opened anew when the server closed it.
pub(crate) struct Line {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl Line {
    pub(crate) const fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request, head without its length and empty line, and reads the answer.
    pub(crate) fn ask(&mut self, head: &str, body: &[u8]) -> Answer {
        let address = self.address;
        let stream = self.stream.get_or_insert_with(|| {
            let stream = TcpStream::connect(address).expect("the server listens");
            stream.set_read_timeout(Some(PATIENCE)).expect("a socket takes a timeout");
            stream.set_nodelay(true).expect("a socket takes it");
            BufReader::new(stream)
        });
        let head = format!("{head}host: x\r\ncontent-length: {}\r\n\r\n", body.len());
        let request = [head.as_bytes(), body].concat();
        stream.get_mut().write_all(&request).expect("the server reads");
        let answer = answer(stream);
        if answer.closes {
            self.stream = None;
        }
        answer
    }
}

fn answer(stream: &mut BufReader<TcpStream>) -> Answer {
    let status = line(stream);
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.expect("a status line");
    let (mut length, mut kind, mut closes) = (Some(0), String::new(), false);
    loop {
        let header = line(stream);
        let Some((name, value)) = header.split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "transfer-encoding" => length = None,
            "content-type" => value.clone_into(&mut kind),
            "connection" => closes = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let body = match length {
        Some(length) => exactly(stream, length),
        None => chunks(stream),
    };
    Answer { status, kind, body, closes }
}

fn line(stream: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).expect("an answer in time");
    assert!(line.ends_with("\r\n"), "the server broke off after {line:?}");
    line.truncate(line.len() - 2);
    line
}

fn exactly(stream: &mut BufReader<TcpStream>, length: usize) -> Vec<u8> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a whole body");
    body
}

fn chunks(stream: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let size = line(stream);
        let size = usize::from_str_radix(size.trim(), 16).expect("a chunk's size");
        body.extend(exactly(stream, size));
        assert_eq!(line(stream), "", "a chunk ends with its line");
        if size == 0 {
            return body;
        }
    }
}
