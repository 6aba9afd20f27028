//! Batches of a front end: written from single entries, and taken apart into single answers.
//!
//! Owns: the bodies of the batch call. Never: judges an answer.
//! Invariants: an answer's text is cut out as it came, so that it compares to the byte with the
//! answer to the same request sent singly.

use serde_json::Value;

/// What stands around the answers.
const BEFORE: &str = "{\"results\":[";
const BEHIND: &str = "]}";

/// Begins a batch.
pub fn begin(body: &mut Vec<u8>) {
    body.clear();
    body.extend_from_slice(b"{\"entries\":[");
}

/// Adds an entry: the body of a single request, with its request id.
///
/// # Panics
/// When the single body is no object.
pub fn add(body: &mut Vec<u8>, key: &[u8], single: &[u8]) {
    let members = single.strip_prefix(b"{").expect("an entry is an object");
    if body.last() == Some(&b'}') {
        body.push(b',');
    }
    for part in [b"{\"idempotency_key\":\"", key, b"\",", members] {
        body.extend_from_slice(part);
    }
}

/// Ends a batch.
pub fn end(body: &mut Vec<u8>) {
    body.extend_from_slice(b"]}");
}

/// The answers of a batch, each with its status and the body that a single request would get.
#[must_use]
pub fn answers(body: &str) -> Option<Vec<(u16, String)>> {
    let mut rest = body.strip_prefix(BEFORE)?.strip_suffix(BEHIND)?;
    let mut answers = Vec::new();
    while !rest.is_empty() {
        let (one, behind) = rest.split_at(object_bytes(rest)?);
        answers.push(answer(one)?);
        rest = match behind.strip_prefix(',') {
            Some(next) if !next.is_empty() => next,
            None if behind.is_empty() => behind,
            _ => return None,
        };
    }
    Some(answers)
}

/// Bytes of the object at the beginning.
fn object_bytes(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut is_escaped) = (0_u32, false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            in_string = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return (byte == b'}').then_some(at + 1);
        }
    }
    None
}

/// An accepted entry has its status as its last member, which a single answer has not.
fn answer(one: &str) -> Option<(u16, String)> {
    let document: Value = serde_json::from_str(one).ok()?;
    let status = u16::try_from(document.get("status")?.as_u64()?).ok()?;
    let body = match one.strip_suffix(&format!(",\"status\":{status}}}")) {
        Some(members) if status < 300 => format!("{members}}}"),
        _ => one.to_owned(),
    };
    Some((status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_cut_out_as_they_came() {
        let body =
            r#"{"results":[{"number":1,"a":{"b":"}\"{"},"status":201},{"code":"x","status":409}]}"#;
        let expected =
            [(201, r#"{"number":1,"a":{"b":"}\"{"}}"#), (409, r#"{"code":"x","status":409}"#)];
        let expected = expected.map(|(status, body)| (status, body.to_owned()));
        assert_eq!(answers(body), Some(expected.to_vec()));
        for bad in ["", r#"{"results":[{"status":201},]}"#, r#"{"results":[{"status":201}"#, "[]"] {
            assert_eq!(answers(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_batch_is_its_entries_with_their_request_ids() {
        let mut body = b"before".to_vec();
        begin(&mut body);
        add(&mut body, b"k1", br#"{"units":1}"#);
        add(&mut body, b"k2", br#"{"units":2}"#);
        end(&mut body);
        let one = r#"{"idempotency_key":"k1","units":1}"#;
        let two = r#"{"idempotency_key":"k2","units":2}"#;
        assert_eq!(body, format!("{{\"entries\":[{one},{two}]}}").into_bytes());
    }
}
