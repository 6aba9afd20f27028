//! Slow clients: heads, bodies and readers at a byte now and then.

use super::clients::{behave, connect, hostile};
use super::program::{Program, connections_within};
use super::{CLOSED_NOT_BEFORE, CLOSED_WITHIN, is_large, runtime};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

/// Slow clients of each kind; of those of the operators' listener never more.
const EACH: usize = 100;
const EACH_LARGE: usize = 1_200;
/// Kinds of slow clients.
const KINDS: usize = 13;
/// What a node may grow by for each of them, in bytes: a debug build has larger tasks.
const BYTES_EACH_MAX: u64 = 64 << 10;
/// For all of them to come: two cores take a thousand a second even in a debug build.
const ARRIVED_WITHIN: Duration = Duration::from_secs(60);
/// Beside that: threads, and pages that the allocator keeps.
const BYTES_MAX: u64 = 48 << 20;
/// A client that does not read takes in at most so many bytes on its own.
const WINDOW_BYTES: u32 = 4 << 10;
/// Requests for a large answer in one write: more than all buffers on the way hold.
const PIPELINED: usize = 250;

/// How a client is slow.
#[derive(Clone)]
struct Way {
    what: &'static str,
    to: SocketAddr,
    at_once: Arc<Vec<u8>>,
    /// Sent a byte at a time.
    drip: &'static [u8],
    every: Duration,
    /// Bytes it takes at a time; none for one who reads whatever comes.
    takes: Option<usize>,
}

fn ways(program: &Program) -> Vec<Way> {
    let (public, operator) = (program.public, program.operator);
    let post = |path: &str, headers: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n\
             content-type: application/json\r\n{headers}\r\n"
        )
    };
    let (entries, batch) = ("/v1/campaigns/test/entries", "/v1/campaigns/test/entries:batch");
    let token = format!("authorization: Bearer {}\r\n", program.token("operator"));
    let front = format!("authorization: Bearer {}\r\n", program.token("frontend"));
    let (sized, coded) = ("content-length: 9000\r\n", "transfer-encoding: chunked\r\n");
    let chunk = "2000\r\n{";
    let large = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(PIPELINED);
    let stock = "/v1/operator/campaigns/test/stock";
    let way = |what, to, at_once: String, drip| {
        let every = Duration::from_secs(if is_large() { 10 } else { 1 });
        Way { what, to, at_once: Arc::new(at_once.into_bytes()), drip, every, takes: None }
    };
    let reader = |what, takes, every| {
        let way = way(what, public, large.clone(), b"");
        Way { takes: Some(takes), every, ..way }
    };
    vec![
        way("says nothing", public, String::new(), b""),
        way("drips a request line", public, "GET /".into(), b"a"),
        way("drips headers", public, "GET / HTTP/1.1\r\nhost: x\r\n".into(), b"x: y\r\n"),
        way("drips headers to operators", operator, "GET / HTTP/1.1\r\n".into(), b"x: y\r\n"),
        way("drips a body", public, post(entries, sized), b" "),
        way("drips a chunk", public, post(entries, coded) + chunk, b" "),
        way("drips the size of a chunk", public, post(entries, coded), b"0"),
        way("drips a batch", public, post(batch, &format!("{sized}{front}")), b" "),
        way("drips an upload", operator, post(stock, &format!("{sized}{token}")), b" "),
        way("drips an upload in chunks", operator, post(stock, &(token + coded)) + chunk, b" "),
        reader("never reads", 0, Duration::from_secs(1)),
        reader("reads a byte a second", 1, Duration::from_secs(1)),
        reader("reads a kilobyte a second", 1 << 10, Duration::from_secs(1)),
    ]
}

/// Does what its way is until the connection is closed; how long that took. Who hardly reads
/// cannot tell, and goes on until it is stopped.
async fn suffer(way: Way, from: Ipv4Addr, connected: &AtomicUsize) -> Option<Duration> {
    let window = way.takes.map(|_| WINDOW_BYTES);
    let mut stream = connect(from, way.to, window).await.unwrap();
    connected.fetch_add(1, Ordering::Relaxed);
    let since = Instant::now();
    // A server whose buffers are full does not take everything, which is what we want.
    let written = tokio::time::timeout(Duration::from_secs(1), stream.write_all(&way.at_once));
    let _ = written.await;
    let mut ticks = tokio::time::interval(way.every);
    let mut drip = way.drip.iter().cycle();
    let mut scratch = [0; 4 << 10];
    if let Some(takes) = way.takes {
        loop {
            ticks.tick().await;
            if 0 < takes && matches!(stream.read(&mut scratch[..takes]).await, Ok(0) | Err(_)) {
                return None;
            }
        }
    }
    loop {
        tokio::select! {
            read = stream.read(&mut scratch) => match read {
                Ok(0) | Err(_) => return Some(since.elapsed()),
                Ok(_) => (),
            },
            _ = ticks.tick() => if let Some(byte) = drip.next() {
                // The next read tells of a connection that is gone.
                let _ = stream.write_all(&[*byte]).await;
            },
        }
    }
}

#[test]
fn slow_clients_are_closed_while_others_are_served() {
    let each = if is_large() { EACH_LARGE } else { EACH };
    let each = connections_within(each * KINDS) / KINDS;
    let program = Program::start(each * 20);
    runtime().block_on(attack(&program, each));
    program.stop();
}

async fn attack(program: &Program, each: usize) {
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let others = tokio::spawn({
        let (to, stop, served) = (program.public, Arc::clone(&stop), Arc::clone(&served));
        async move { behave(to, &stop, &served).await }
    });
    while served.load(Ordering::Relaxed) < 100 {
        assert!(!others.is_finished(), "who behaves is served");
        tokio::task::yield_now().await;
    }
    let (before, sockets) = (program.memory_bytes_peak(), program.sockets());
    let ways = ways(program);
    assert_eq!(ways.len(), KINDS);
    // The operators' listener holds few connections where there are few open files.
    let amount = |way: &Way| if way.to == program.operator { each.min(EACH) } else { each };
    let clients = ways.iter().map(amount).sum::<usize>();
    let mut attackers = JoinSet::new();
    let connected = Arc::new(AtomicUsize::new(0));
    for (number, way) in ways.into_iter().enumerate() {
        for _ in 0..amount(&way) {
            let (way, what, connected) = (way.clone(), way.what, Arc::clone(&connected));
            attackers.spawn(async move { (what, suffer(way, hostile(number), &connected).await) });
        }
    }
    let arriving = Instant::now();
    while connected.load(Ordering::Relaxed) < clients {
        assert!(arriving.elapsed() < ARRIVED_WITHIN, "the node takes connections");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (began, served_before) = (Instant::now(), served.load(Ordering::Relaxed));
    while sockets + 2 < program.sockets() {
        if CLOSED_WITHIN < began.elapsed() {
            let mut closed = BTreeMap::new();
            while let Some(ended) = attackers.try_join_next() {
                *closed.entry(ended.unwrap().0).or_insert(0) += 1;
            }
            panic!("{} sockets are left; closed: {closed:?}", program.sockets());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (lasted, served_after) = (began.elapsed(), served.load(Ordering::Relaxed));
    let grown = program.memory_bytes_peak() - before;
    println!(
        "{clients} slow clients: gone after {:.1} s, {} others served meanwhile, at most {} KiB \
         more memory ({} bytes a client)",
        lasted.as_secs_f64(),
        served_after - served_before,
        grown >> 10,
        grown / clients as u64
    );
    assert!(100 < served_after - served_before, "others are served meanwhile");
    assert!(grown < BYTES_MAX + clients as u64 * BYTES_EACH_MAX, "{grown} bytes of memory");
    // Whoever reads knows by now that it is over.
    while let Some(ended) = attackers.try_join_next() {
        let (what, after) = ended.unwrap();
        assert!(after.is_none_or(|after| CLOSED_NOT_BEFORE < after), "{what}: {after:?}");
    }
    attackers.abort_all();
    stop.store(true, Ordering::Relaxed);
    others.await.unwrap();
}
