//! Redis's protocol, as much of it as one script call needs (RESP2, redis.io/docs/reference).

use crowd::CrowdError;

/// A reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// A number.
    Integer(i64),
    /// A text, simple or bulk.
    Text(&'a [u8]),
    /// An error.
    Error(&'a [u8]),
}

/// Appends a command.
pub fn write_command(request: &mut Vec<u8>, words: &[&[u8]]) {
    request.push(b'*');
    crowd::http::push_number(request, words.len() as u64);
    for word in words {
        request.extend_from_slice(b"\r\n$");
        crowd::http::push_number(request, word.len() as u64);
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(word);
    }
    request.extend_from_slice(b"\r\n");
}

/// Reads one reply and its length in bytes; `None` while it is incomplete.
///
/// # Errors
/// [`CrowdError::Protocol`] when the bytes are no reply that we read.
pub fn parse(received: &[u8]) -> Result<Option<(Reply<'_>, usize)>, CrowdError> {
    let Some(end) = received.windows(2).position(|pair| pair == b"\r\n") else { return Ok(None) };
    let (line, bytes) = (&received[1..end], end + 2);
    let number = || {
        let text = std::str::from_utf8(line).ok().and_then(|text| text.parse::<i64>().ok());
        text.ok_or(CrowdError::Protocol("a number of Redis cannot be read"))
    };
    match received[0] {
        b':' => Ok(Some((Reply::Integer(number()?), bytes))),
        b'+' => Ok(Some((Reply::Text(line), bytes))),
        b'-' => Ok(Some((Reply::Error(line), bytes))),
        b'$' => {
            let length = usize::try_from(number()?);
            let length = length.map_err(|_| CrowdError::Protocol("Redis answered with nothing"))?;
            let whole = bytes + length + 2;
            let text = received.get(..whole).map(|all| &all[bytes..bytes + length]);
            Ok(text.map(|text| (Reply::Text(text), whole)))
        }
        _ => Err(CrowdError::Protocol("it is not a reply of Redis")),
    }
}
