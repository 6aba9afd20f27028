//! PostgreSQL's protocol, as much of it as a simple query needs (version 3, "Message Formats").

use crowd::CrowdError;
use std::io::{self, Read, Write};

/// What came back for a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The error's fields, when there was one; the transaction is rolled back then.
    pub error: Option<&'a [u8]>,
    /// Bytes of the whole reply.
    pub bytes: usize,
}

/// Appends a simple query: one transaction, whatever statements it has.
pub fn write_query(request: &mut Vec<u8>, sql: &[u8]) {
    let length = u32::try_from(sql.len() + 5).expect("a query is shorter than 4 GiB");
    request.push(b'Q');
    request.extend_from_slice(&length.to_be_bytes());
    request.extend_from_slice(sql);
    request.push(0);
}

/// Reads everything up to "ready for query"; `None` while it is incomplete.
///
/// # Errors
/// [`CrowdError::Protocol`] when the bytes are no messages.
pub fn parse(received: &[u8]) -> Result<Option<Reply<'_>>, CrowdError> {
    let mut error = None;
    let mut at = 0;
    while let Some(head) = received.get(at..at + 5) {
        let length: [u8; 4] = head[1..].try_into().expect("a length is four bytes");
        let length = u32::from_be_bytes(length) as usize;
        if length < 4 {
            return Err(CrowdError::Protocol("a message of PostgreSQL is too short"));
        }
        let Some(body) = received.get(at + 5..at + 1 + length) else { return Ok(None) };
        at += 1 + length;
        match head[0] {
            b'E' => error = Some(body),
            b'Z' => return Ok(Some(Reply { error, bytes: at })),
            _ => {}
        }
    }
    Ok(None)
}

/// Opens a session without a password.
///
/// # Errors
/// When the server refuses, or the connection ends.
pub fn greet(stream: &mut (impl Read + Write), user: &str, database: &str) -> io::Result<()> {
    const VERSION: u32 = 3 << 16;
    let mut body = VERSION.to_be_bytes().to_vec();
    for word in ["user", user, "database", database, ""] {
        body.extend_from_slice(word.as_bytes());
        body.push(0);
    }
    let length = u32::try_from(body.len() + 4).map_err(io::Error::other)?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(&body)?;
    await_ready(stream)
}

/// Runs a query and waits for its end.
///
/// # Errors
/// When the server refuses it, or the connection ends.
pub fn query(stream: &mut (impl Read + Write), sql: &str) -> io::Result<()> {
    let mut request = Vec::new();
    write_query(&mut request, sql.as_bytes());
    stream.write_all(&request)?;
    await_ready(stream)
}

fn await_ready(stream: &mut impl Read) -> io::Result<()> {
    let mut received = Vec::new();
    let mut chunk = [0; 4_096];
    loop {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        received.extend_from_slice(&chunk[..count]);
        if let Some(reply) = parse(&received).map_err(io::Error::other)? {
            return match reply.error {
                Some(error) => Err(io::Error::other(shown(error))),
                None => Ok(()),
            };
        }
    }
}

/// An error's fields as a text.
#[must_use]
pub fn shown(error: &[u8]) -> String {
    String::from_utf8_lossy(error).replace('\0', " ").trim().to_owned()
}
