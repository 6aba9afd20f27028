//! What a running node says of its state: a frame and the hash there.
//!
//! Owns: one request for its metrics. Never: more than a look.

use super::Station;
use crate::client::{trusting, unreadable};
use crate::exit::Coded;
use anyhow::Result;
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
    let Some((frame, hash)) = parse(&text) else {
        let what = format!(
            "{server} names no state in its metrics; is this a node's operator address (--server)?"
        );
        return Err(Coded::error("answer-unreadable", &what));
    };
    // A new node says what an empty ledger is, before any frame.
    Ok((FrameNo(0) < frame).then(|| Station::node(frame, hash)))
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

/// Frame and hash, from a line of metrics.
fn parse(text: &str) -> Option<(FrameNo, u64)> {
    let line = text.lines().find_map(|line| line.strip_prefix(METRIC))?;
    let (hash, frame) = line.strip_prefix("hash=\"")?.split_once("\"}")?;
    let frame = frame.trim().parse().ok()?;
    let hash = u64::from_str_radix(hash, 16).ok().filter(|_| hash.len() == 16)?;
    Some((FrameNo(frame), hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_metrics_names_frame_and_hash() {
        let text = "# TYPE tidegate_ledger_hash_frame gauge\n\
                    tidegate_ledger_hash_frame{hash=\"00000000000000ff\"} 4711\n# EOF\n";
        assert_eq!(parse(text), Some((FrameNo(4711), 255)));
        for wrong in ["", "tidegate_ledger_hash_frame{hash=\"ff\"} 1", "tidegate_frame 7"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
