//! Hostile clients under TLS: handshakes that never end, rubbish in place of one, and slow or
//! silent ones behind it.

use super::clients::{HONEST, connect, hostile, requests};
use super::program::{Program, connections_within, name};
use super::{CLOSED_NOT_BEFORE, CLOSED_WITHIN, is_large, runtime};
use rustls::ClientConfig;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Slow clients of each kind.
const EACH: usize = 40;
const EACH_LARGE: usize = 400;
/// Kinds of slow clients.
const KINDS: usize = 11;
/// What a node may grow by for each of them, in bytes: a record of 16 KiB and the state of the
/// ciphers, too.
const BYTES_EACH_MAX: u64 = 64 << 10;
/// Beside that: threads, and pages that the allocator keeps.
const BYTES_MAX: u64 = 32 << 20;
/// Of each kind of rubbish, and of each kind of end, at once.
const RUBBISH: usize = 20;
/// What an endless sender gets rid of at most: the buffers of both kernels, and what is read.
const SENT_BYTES_MAX: usize = 32 << 20;
/// Rubbish is refused when it is seen, long before the time of a handshake is over.
const REFUSED_WITHIN: Duration = Duration::from_secs(5);
/// A client that does not read takes in at most so many bytes on its own.
const WINDOW_BYTES: u32 = 4 << 10;
const DRIP_EVERY: Duration = Duration::from_secs(1);
const LIVEZ: &str = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";
/// The head of a record with a handshake message in it, 512 bytes long.
const RECORD: &[u8] = &[22, 3, 1, 2, 0];

type Stream = TlsStream<TcpStream>;

/// What a slow client does.
#[derive(Clone, Copy)]
enum Way {
    /// Sends this instead of a handshake, then a byte now and then, if any.
    Before(&'static [u8], Option<u8>),
    /// Shakes hands, sends this, then a byte now and then, if any.
    Behind(&'static str, Option<u8>),
    /// Shakes hands, and begins a record that never ends.
    Record,
    /// Shakes hands, and changes its keys for ever.
    Keys,
    /// Shakes hands, asks for much, and reads nothing.
    Unread,
}

fn ways() -> Vec<(&'static str, Way)> {
    let post = "POST /v1/campaigns/test/entries HTTP/1.1\r\nhost: x\r\nidempotency-key: k\r\n\
                content-type: application/json\r\ncontent-length: 9000\r\n\r\n";
    vec![
        ("one request", Way::Behind(LIVEZ, None)),
        ("no handshake", Way::Before(b"", None)),
        ("half a record", Way::Before(RECORD, None)),
        ("drips a handshake", Way::Before(RECORD, Some(1))),
        ("drips a record's head", Way::Before(&[22, 3], Some(1))),
        ("no request", Way::Behind("", None)),
        ("drips headers", Way::Behind("GET / HTTP/1.1\r\nhost: x\r\n", Some(b'x'))),
        ("drips a body", Way::Behind(post, Some(b' '))),
        ("drips a record", Way::Record),
        ("changes keys", Way::Keys),
        ("never reads", Way::Unread),
    ]
}

/// A connection with its handshake done.
async fn shake(
    trust: &Arc<ClientConfig>,
    from: Ipv4Addr,
    to: SocketAddr,
    window_bytes: Option<u32>,
) -> std::io::Result<Stream> {
    let stream = connect(from, to, window_bytes).await?;
    TlsConnector::from(Arc::clone(trust)).connect(name(), stream).await
}

/// Sends a request and reads until the connection ends; the status.
async fn ask(trust: &Arc<ClientConfig>, to: SocketAddr, request: &str) -> u16 {
    let mut stream = shake(trust, HONEST, to, None).await.expect("who behaves is let in");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("an answer ends in order");
    let text = String::from_utf8(bytes).unwrap();
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer")
}

/// Someone who behaves meanwhile.
struct Others {
    stop: Arc<AtomicBool>,
    served: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Others {
    /// Begins, and returns when they have been served for a while.
    async fn begin(program: &Program) -> Self {
        let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (trust, to) = (program.trust(), program.public);
        let task = tokio::spawn({
            let (stop, served) = (Arc::clone(&stop), Arc::clone(&served));
            async move {
                let requests = requests();
                while !stop.load(Ordering::Relaxed) {
                    for (request, status) in &requests {
                        assert_eq!(ask(&trust, to, request).await, *status, "others are served");
                        served.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        });
        let others = Self { stop, served, task };
        while others.served() < 20 {
            assert!(!others.task.is_finished(), "who behaves is served");
            tokio::task::yield_now().await;
        }
        others
    }

    fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    async fn end(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
    }
}

/// Reads until the connection ends, and sends a byte now and then.
async fn drip<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    stream: &mut S,
    byte: Option<u8>,
) {
    let mut ticks = tokio::time::interval(DRIP_EVERY);
    let mut scratch = [0; 4 << 10];
    loop {
        tokio::select! {
            read = stream.read(&mut scratch) => match read {
                Ok(0) | Err(_) => return,
                Ok(_) => (),
            },
            _ = ticks.tick() => if let Some(byte) = byte {
                // The next read tells of a connection that is gone.
                if stream.write_all(&[byte]).await.is_ok() {
                    let _ = stream.flush().await;
                }
            },
        }
    }
}

/// Does what its way is until the connection is closed; how long that took, where it must take a
/// while. Who does not read cannot tell, and goes on until it is stopped.
async fn suffer(
    way: Way,
    trust: Arc<ClientConfig>,
    (from, to): (Ipv4Addr, SocketAddr),
    connected: &AtomicUsize,
) -> Option<Duration> {
    if let Way::Before(at_once, byte) = way {
        let mut stream = connect(from, to, None).await.unwrap();
        connected.fetch_add(1, Ordering::Relaxed);
        let since = Instant::now();
        stream.write_all(at_once).await.unwrap();
        drip(&mut stream, byte).await;
        return Some(since.elapsed());
    }
    let window = matches!(way, Way::Unread).then_some(WINDOW_BYTES);
    let mut stream = shake(&trust, from, to, window).await.unwrap();
    connected.fetch_add(1, Ordering::Relaxed);
    let since = Instant::now();
    match way {
        Way::Before(..) => unreachable!("it was done above"),
        Way::Behind(at_once, byte) => {
            stream.write_all(at_once.as_bytes()).await.unwrap();
            stream.flush().await.unwrap();
            drip(&mut stream, byte).await;
        }
        Way::Record => {
            // What is below the cipher: application data of 16 KiB, of which little ever comes.
            let raw = stream.get_mut().0;
            raw.write_all(&[23, 3, 3, 0x40, 0]).await.unwrap();
            drip(raw, Some(7)).await;
        }
        Way::Keys => {
            // The server does not put up with it for long.
            change_keys(&mut stream).await;
            return None;
        }
        Way::Unread => {
            let large = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(250);
            // A server whose buffers are full does not take everything, which is what we want.
            let written = stream.write_all(large.as_bytes());
            let _ = tokio::time::timeout(Duration::from_secs(1), written).await;
            std::future::pending::<()>().await;
        }
    }
    Some(since.elapsed())
}

/// New keys a hundred times a second: the server has to answer each with its own.
async fn change_keys(stream: &mut Stream) {
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    let mut scratch = [0; 4 << 10];
    loop {
        tokio::select! {
            read = stream.read(&mut scratch) => if matches!(read, Ok(0) | Err(_)) {
                return;
            },
            _ = ticks.tick() => {
                stream.get_mut().1.refresh_traffic_keys().unwrap();
                if stream.flush().await.is_err() {
                    return;
                }
            }
        }
    }
}

#[test]
fn slow_clients_under_tls_are_closed_while_others_are_served() {
    let each = if is_large() { EACH_LARGE } else { EACH };
    let each = connections_within(each * KINDS) / KINDS;
    let program = Program::start_with_tls(each * 20);
    runtime().block_on(attack(&program, each));
    program.stop();
}

async fn attack(program: &Program, each: usize) {
    let others = Others::begin(program).await;
    let (before, sockets) = (program.memory_bytes_peak(), program.sockets());
    let ways = ways();
    assert_eq!(ways.len(), KINDS);
    let clients = KINDS * each;
    // Who has asked before may be silent for twice as long, which the tests do not wait for: what
    // closes them does not know of TLS, and is waited for without it.
    let kept = if is_large() { 0 } else { each };
    let connected = Arc::new(AtomicUsize::new(0));
    let mut attackers = JoinSet::new();
    for (number, (what, way)) in ways.into_iter().enumerate() {
        for _ in 0..each {
            let (trust, connected) = (program.trust(), Arc::clone(&connected));
            let ends = (hostile(number), program.public);
            attackers.spawn(async move { (what, suffer(way, trust, ends, &connected).await) });
        }
    }
    let arriving = Instant::now();
    while connected.load(Ordering::Relaxed) < clients {
        assert!(arriving.elapsed() < CLOSED_WITHIN, "the node takes connections");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (began, served_before) = (Instant::now(), others.served());
    while sockets + kept + 2 < program.sockets() {
        if CLOSED_WITHIN < began.elapsed() {
            let mut closed = BTreeMap::new();
            while let Some(ended) = attackers.try_join_next() {
                *closed.entry(ended.unwrap().0).or_insert(0) += 1;
            }
            panic!("{} sockets are left; closed: {closed:?}", program.sockets());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (lasted, served) = (began.elapsed(), others.served() - served_before);
    let grown = program.memory_bytes_peak() - before;
    println!(
        "{clients} slow clients under TLS: gone after {:.1} s, {served} others served meanwhile, \
         at most {} KiB more memory ({} bytes a client)",
        lasted.as_secs_f64(),
        grown >> 10,
        grown / clients as u64
    );
    assert!(50 < served, "others are served meanwhile: {served}");
    assert!(grown < BYTES_MAX + clients as u64 * BYTES_EACH_MAX, "{grown} bytes of memory");
    // Whoever reads knows by now that it is over.
    while let Some(ended) = attackers.try_join_next() {
        let (what, after) = ended.unwrap();
        assert!(after.is_none_or(|after| CLOSED_NOT_BEFORE < after), "{what}: {after:?}");
    }
    attackers.abort_all();
    others.end().await;
}

/// What is sent instead of a handshake, and what of it again and again.
fn rubbish() -> Vec<(&'static str, Vec<u8>, &'static [u8])> {
    let hello = |bytes: &[u8]| {
        // A ClientHello in one record: type 1 and a length of three bytes.
        let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
        [&[22, 3, 1], &length[..], bytes].concat()
    };
    let http = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
    vec![
        ("clear text", http.into(), b""),
        ("endless clear text", http.into(), b"GET / HTTP/1.1\r\n"),
        ("zeros", Vec::new(), &[0; 64]),
        ("ones", Vec::new(), &[255; 64]),
        ("a hello of 16 MB announced", hello(&[1, 255, 255, 255]), b""),
        ("a hello of 16 MB", hello(&[1, 255, 255, 255]), &[22, 3, 1, 0, 4, 0, 0, 0, 0]),
        ("a hello of 64 KB in records of a byte", hello(&[1, 0, 255, 255]), &[22, 3, 1, 0, 1, 0]),
        ("a hello of nothing", hello(&[1, 0, 0, 0]), b""),
        ("a hello that is none", hello(&[1, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]), b""),
        ("records of nothing", Vec::new(), &[22, 3, 1, 0, 0]),
        ("records too long", Vec::new(), &[22, 3, 1, 255, 255]),
        ("changes of the cipher", Vec::new(), &[20, 3, 3, 0, 1, 1]),
        ("warnings", Vec::new(), &[21, 3, 3, 0, 2, 1, 90]),
        ("application data", Vec::new(), &[23, 3, 3, 0, 4, 1, 2, 3, 4]),
        ("SSL 2", vec![128, 46, 1, 0, 2, 0, 21, 0, 0, 0, 16], &[7; 32]),
    ]
}

#[test]
fn rubbish_and_ends_without_a_word_under_tls_cost_nothing() {
    let program = Program::start_with_tls(2_000);
    let (before, sockets) = (program.memory_bytes_peak(), program.sockets());
    let began = Instant::now();
    let kinds = rubbish();
    let count = kinds.len() * RUBBISH;
    runtime().block_on(async {
        let others = Others::begin(&program).await;
        let mut running = JoinSet::new();
        for (number, (what, at_once, again)) in kinds.into_iter().enumerate() {
            for _ in 0..RUBBISH {
                let (at_once, to) = (at_once.clone(), program.public);
                running.spawn(throw(what, at_once, again, hostile(number), to));
            }
        }
        for number in 0..3 * RUBBISH {
            running.spawn(leave(number, program.trust(), program.public));
        }
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
        others.end().await;
        let left = Instant::now();
        while sockets < program.sockets() {
            assert!(left.elapsed() < REFUSED_WITHIN, "who left is gone: {}", program.sockets());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    let grown = program.memory_bytes_peak() - before;
    println!(
        "{count} times rubbish in place of TLS, {} ends without a word, in {:.1} s, at most {} KiB \
         more memory",
        3 * RUBBISH,
        began.elapsed().as_secs_f64(),
        grown >> 10
    );
    assert!(grown < BYTES_MAX, "{grown} bytes of memory");
    program.stop();
}

/// Sends until the server has had enough.
async fn throw(
    what: &'static str,
    at_once: Vec<u8>,
    again: &'static [u8],
    from: Ipv4Addr,
    to: SocketAddr,
) {
    let stream = connect(from, to, None).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let again = again.repeat((16 << 10) / again.len().max(1));
    let write = async {
        let mut sent = 0;
        if writing.write_all(&at_once).await.is_err() || again.is_empty() {
            return;
        }
        while writing.write_all(&again).await.is_ok() {
            sent += again.len();
            assert!(sent < SENT_BYTES_MAX, "{what}: the server takes {sent} bytes");
        }
    };
    let read = async {
        let mut answer = Vec::new();
        // What came before a reset counts.
        let _ = reading.read_to_end(&mut answer).await;
        answer
    };
    let thrown = tokio::time::timeout(REFUSED_WITHIN, async { tokio::join!(write, read) });
    let ((), answer) = thrown.await.unwrap_or_else(|_| panic!("{what}: it is not refused"));
    // An alert, if anything: never a word in clear text.
    assert!(answer.first().is_none_or(|first| *first == 21), "{what}: {answer:?}");
}

/// Goes without the word that TLS has for it: after the handshake, amid a request, or with an
/// answer read.
async fn leave(number: usize, trust: Arc<ClientConfig>, to: SocketAddr) {
    let from = hostile(200 + number % 3);
    let mut stream = shake(&trust, from, to, None).await.unwrap();
    if number % 3 == 1 {
        stream.write_all(b"POST /v1/campaigns/test/entries HTTP/1.1\r\nho").await.unwrap();
        stream.flush().await.unwrap();
    }
    if number % 3 == 2 {
        stream.write_all(LIVEZ.as_bytes()).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
    }
    let (mut raw, _) = stream.into_inner();
    raw.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let closed = raw.read_to_end(&mut rest);
    let closed = tokio::time::timeout(REFUSED_WITHIN, closed).await;
    // A reset is a close, too.
    let _ = closed.expect("the server closes a connection whose client has gone");
}
