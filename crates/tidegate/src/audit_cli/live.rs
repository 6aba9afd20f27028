//! What a running node says of its state: a frame and the hash there.
//!
//! Owns: one request for its metrics. Never: more than a look.

use super::Station;
use crate::client::{trusting, unreadable};
use crate::exit::Coded;
use anyhow::Result;
use audit::Hash;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;
use types::FrameNo;
use ureq::Agent;

const PATIENCE: Duration = Duration::from_secs(10);
/// Far more than any node's metrics.
const METRICS_BYTES_MAX: u64 = 16 << 20;
const METRIC: &str = "tidegate_ledger_hash_frame{";

/// Where a node's replayed state must be what the node says; none when it has said nothing yet.
pub(super) fn station(
    server: &str,
    token_file: Option<&Path>,
    ca: Option<&Path>,
) -> Result<Option<Station>> {
    let text = metrics(server.trim_end_matches('/'), token_file, ca)?;
    let Some((frame, hash, chain)) = parse(&text) else {
        let what = format!(
            "{server} names no state and chain in its metrics; is this the operator address of a \
             node of this release (--server)?"
        );
        return Err(Coded::error("answer-unreadable", &what));
    };
    // A new node says what an empty ledger is, before any frame.
    Ok((FrameNo(0) < frame).then(|| Station::node(frame, hash, Some(chain))))
}

fn metrics(server: &str, token_file: Option<&Path>, ca: Option<&Path>) -> Result<String> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(PATIENCE));
    let config = match server.starts_with("https://") {
        true => config.tls_config(trusting(ca)?),
        false => config,
    };
    let mut request = config.build().new_agent().get(format!("{server}/metrics"));
    if let Some(file) = token_file {
        let token = fs::read_to_string(file).map_err(|error| unreadable(file, error))?;
        request = request.header("authorization", format!("Bearer {}", token.trim()));
    }
    let mut response = request.call().map_err(|error| {
        let what = format!(
            "the node at {server} cannot be reached ({error}). See that it runs, and that this \
             is its operator address (--server)"
        );
        Coded::caused("node-unreachable", what, error)
    })?;
    if !response.status().is_success() {
        let what = format!(
            "{server}/metrics answered {}; is this a node's operator address (--server)?",
            response.status()
        );
        return Err(Coded::error("answer-unreadable", &what));
    }
    let mut text = String::new();
    let body = response.body_mut().with_config().limit(METRICS_BYTES_MAX);
    body.reader().read_to_string(&mut text).map_err(|error| {
        Coded::caused("answer-unreadable", "the node's answer broke off", error)
    })?;
    Ok(text)
}

/// Frame, hash of the state and hash of the frame, from a line of metrics.
fn parse(text: &str) -> Option<(FrameNo, u64, Hash)> {
    let line = text.lines().find_map(|line| line.strip_prefix(METRIC))?;
    let (hash, line) = line.strip_prefix("hash=\"")?.split_once("\",chain=\"")?;
    let (chain, frame) = line.split_once("\"}")?;
    let frame = frame.trim().parse().ok()?;
    let hash = u64::from_str_radix(hash, 16).ok().filter(|_| hash.len() == 16)?;
    Some((FrameNo(frame), hash, chain_of(chain)?))
}

/// A hash from 64 hexadecimal digits.
pub(super) fn chain_of(digits: &str) -> Option<Hash> {
    let is_hex = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let mut bytes = [0; 32];
    for (nth, byte) in bytes.iter_mut().enumerate().filter(|_| is_hex) {
        *byte = u8::from_str_radix(&digits[2 * nth..2 * nth + 2], 16).ok()?;
    }
    is_hex.then_some(Hash(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_metrics_names_frame_and_hashes() {
        let line = |hash: &str, chain: &str| {
            format!("tidegate_ledger_hash_frame{{hash=\"{hash}\",chain=\"{chain}\"}} 4711\n# EOF\n")
        };
        let chain = "0a".repeat(32);
        let text = format!(
            "# TYPE tidegate_ledger_hash_frame gauge\n{}",
            line("00000000000000ff", &chain)
        );
        assert_eq!(parse(&text), Some((FrameNo(4711), 255, Hash([10; 32]))));
        for wrong in [
            "",
            "tidegate_frame 7",
            "tidegate_ledger_hash_frame{hash=\"00000000000000ff\"} 1",
            &line("ff", &chain),
            &line("00000000000000ff", &chain[1..]),
            &line("00000000000000ff", &chain.replacen("0a", "+a", 1)),
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
