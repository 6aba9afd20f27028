//! Bodies and heads that are too large, announced or endless.

use super::clients::{HONEST, ask, connect, hostile};
use super::program::Program;
use super::runtime;
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

/// Of each kind at once.
const EACH: usize = 20;
/// What all of them together may cost, in bytes of memory.
const BYTES_MAX: u64 = 48 << 20;
/// What an endless sender gets rid of at most: the buffers of both kernels, and what is read.
const SENT_BYTES_MAX: usize = 32 << 20;

/// What is sent, what of it again and again, and the answer.
struct Case {
    what: &'static str,
    of_operators: bool,
    head: String,
    endless: &'static [u8],
    status: u16,
}

fn cases(token: &str, front: &str) -> Vec<Case> {
    let post = |path: &str, headers: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n\
             content-type: application/json\r\n{headers}\r\n"
        )
    };
    let (entries, batch) = ("/v1/campaigns/test/entries", "/v1/campaigns/test/entries:batch");
    let (find, load) = ("/v1/campaigns/test/find", "/v1/operator/campaigns");
    let sized = |bytes: u64| format!("content-length: {bytes}\r\n");
    let (ten, coded) = (sized(10_000_000_000), "transfer-encoding: chunked\r\n");
    let may = format!("authorization: Bearer {token}\r\n");
    let front = format!("authorization: Bearer {front}\r\n");
    let chunk: &[u8] = b"10\r\n                \r\n";
    let open = "GET / HTTP/1.1\r\nhost: x\r\n";
    let case = |what, of_operators, head, endless, status| Case {
        what,
        of_operators,
        head,
        endless,
        status,
    };
    vec![
        case("one byte too many", false, post(entries, &sized((16 << 10) + 1)), b"", 413),
        case("10 GB announced", false, post(entries, &ten), b"", 413),
        case("10 GB announced and sent", false, post(entries, &ten), b" ", 413),
        case("10 GB to find", false, post(find, &ten), b" ", 413),
        case("10 GB to a page", false, post("/c/test", &ten), b" ", 413),
        case("10 GB to nothing", false, post("/nothing", &ten), b" ", 413),
        case("a batch too large", false, post(batch, &(ten.clone() + &front)), b" ", 413),
        case("a batch of a stranger", false, post(batch, &ten), b" ", 401),
        case("endless chunks", false, post(entries, coded), chunk, 413),
        case("one endless chunk", false, post(entries, coded) + "ffffffffff\r\n", b" ", 413),
        case("endless chunks to a page", false, post("/c/test", coded), chunk, 413),
        case("10 GB of an operator", true, post(load, &(ten.clone() + &may)), b"", 413),
        case("10 GB of a stranger", true, post(load, &ten), b" ", 401),
        case("endless chunks of a stranger", true, post(load, coded), chunk, 401),
        case("endless headers", false, open.into(), b"x: y\r\n", 431),
        case("an endless header", false, format!("{open}x: "), b"y", 431),
        case("an endless name", false, open.into(), b"x", 431),
        case("an endless address", false, "GET /".into(), b"a", 431),
        case("an endless query", false, "GET /?".into(), b"a=b&", 431),
        case("endless headers to operators", true, open.into(), b"x: y\r\n", 431),
    ]
}

#[test]
fn huge_bodies_and_heads_are_refused_early() {
    let program = Program::start(2_000);
    let (token, front) = (program.token("operator"), program.token("frontend"));
    let before = program.memory_bytes_peak();
    let began = Instant::now();
    runtime().block_on(async {
        let mut running = JoinSet::new();
        for (number, case) in cases(&token, &front).into_iter().enumerate() {
            let to = if case.of_operators { program.operator } else { program.public };
            let case = std::sync::Arc::new(case);
            for _ in 0..EACH {
                let case = std::sync::Arc::clone(&case);
                running.spawn(async move { send(&case, hostile(number), to).await });
            }
        }
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
        let livez = b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        assert_eq!(ask(HONEST, program.public, livez).await.0, 200);
    });
    let grown = program.memory_bytes_peak() - before;
    println!(
        "{} huge requests refused in {:.1} s, at most {} KiB more memory",
        cases("", "").len() * EACH,
        began.elapsed().as_secs_f64(),
        grown >> 10
    );
    assert!(grown < BYTES_MAX, "{grown} bytes of memory");
    program.stop();
}

/// Sends until the server has had enough, and reads what it said.
async fn send(case: &Case, from: std::net::Ipv4Addr, to: std::net::SocketAddr) {
    let stream = connect(from, to, None).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let again = case.endless.repeat((16 << 10) / case.endless.len().max(1));
    let write = async {
        let mut sent = 0;
        if writing.write_all(case.head.as_bytes()).await.is_err() || again.is_empty() {
            return sent;
        }
        while writing.write_all(&again).await.is_ok() {
            sent += again.len();
            assert!(sent < SENT_BYTES_MAX, "{}: the server takes {sent} bytes", case.what);
        }
        sent
    };
    let read = async {
        let mut answer = Vec::new();
        // What came before a reset counts.
        let _ = reading.read_to_end(&mut answer).await;
        answer
    };
    let (sent, answer) = tokio::join!(write, read);
    // A reset may overtake the answer to one who goes on sending.
    if answer.is_empty() && !again.is_empty() {
        return;
    }
    let text = String::from_utf8_lossy(&answer);
    let status = text.split(' ').nth(1).map(|status| status.parse::<u16>().unwrap());
    assert_eq!(status, Some(case.status), "{} ({sent} bytes sent): {text}", case.what);
}
