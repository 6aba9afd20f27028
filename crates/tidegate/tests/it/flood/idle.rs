//! Idle connections in numbers, and too few open files for them.

use super::clients::{HONEST, ask, behave, connect, hostile};
use super::program::{Program, connections_within};
use super::{CLOSED_WITHIN, is_large, runtime};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const IDLE: usize = 3_000;
const IDLE_LARGE: usize = 50_000;
/// What an idle connection may cost in memory, in bytes.
const BYTES_EACH_MAX: u64 = 32 << 10;
/// Beside that: pages that the allocator keeps.
const BYTES_MAX: u64 = 16 << 20;
/// Left free for those who behave.
const ROOM: usize = 16;
/// Source addresses of the idle ones: each has ports for half of the connections.
const ADDRESSES: usize = 4;
const LIVEZ: &[u8] = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n";

/// An idle connection: every other one has asked for something before.
async fn idle(number: usize, from: Ipv4Addr, to: SocketAddr) -> TcpStream {
    let mut stream = connect(from, to, None).await.unwrap();
    if number.is_multiple_of(2) {
        stream.write_all(LIVEZ).await.unwrap();
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 200");
    }
    stream
}

#[test]
fn idle_connections_cost_little_and_are_closed() {
    let wanted = if is_large() { IDLE_LARGE } else { IDLE };
    let count = connections_within(wanted);
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap();
    println!(
        "{count} idle connections of {wanted} wanted, from {ADDRESSES} addresses with the ports {}",
        range.split_whitespace().collect::<Vec<_>>().join(" to ")
    );
    let program = Program::start(count + ROOM);
    runtime().block_on(attack(&program, count));
    let log = program.stop();
    assert!(log.contains("connections over a cap are turned away"), "{log}");
}

async fn attack(program: &Program, count: usize) {
    let (stop, served) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let others = tokio::spawn({
        let (to, stop, served) = (program.public, Arc::clone(&stop), Arc::clone(&served));
        async move { behave(to, &stop, &served).await }
    });
    while served.load(Ordering::Relaxed) < 100 {
        assert!(!others.is_finished(), "who behaves is served");
        tokio::task::yield_now().await;
    }
    let (before, sockets) = (program.memory_bytes(), program.sockets());
    let began = Instant::now();
    let mut held = Vec::with_capacity(count);
    for number in 0..count {
        held.push(idle(number, hostile(number % ADDRESSES), program.public).await);
    }
    let (opened, most) = (began.elapsed(), program.sockets() - sockets);
    let grown = program.memory_bytes().saturating_sub(before);
    let full = Instant::now();
    let served_before = served.load(Ordering::Relaxed);
    for mut stream in held {
        let closed = async {
            let mut rest = Vec::new();
            // A reset is a close, too.
            let _ = stream.read_to_end(&mut rest).await;
        };
        let left = CLOSED_WITHIN.saturating_sub(full.elapsed());
        tokio::time::timeout(left, closed).await.expect("an idle connection is closed in time");
    }
    let lasted = full.elapsed();
    let meanwhile = served.load(Ordering::Relaxed) - served_before;
    println!(
        "{count} idle connections opened in {:.1} s, at most {most} at once: {} bytes of memory \
         each; all closed {:.1} s later, {meanwhile} others served meanwhile",
        opened.as_secs_f64(),
        grown / most as u64,
        lasted.as_secs_f64()
    );
    assert!(count * 9 / 10 < most, "they were open at once: {most} of {count}");
    assert!(grown < BYTES_MAX + most as u64 * BYTES_EACH_MAX, "{grown} bytes of memory");
    assert!(100 < meanwhile, "others are served");
    stop.store(true, Ordering::Relaxed);
    others.await.unwrap();
    one_address_too_many(program, count + ROOM).await;
}

/// One address fills its half; one more of it is told so, and others are not.
async fn one_address_too_many(program: &Program, connections_max: usize) {
    let began = Instant::now();
    while 8 < program.sockets() {
        assert!(began.elapsed() < CLOSED_WITHIN, "all are closed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut held = Vec::new();
    for _ in 0..connections_max / 2 {
        held.push(connect(hostile(0), program.public, None).await.unwrap());
    }
    let (status, body) = ask(hostile(0), program.public, LIVEZ).await;
    assert_eq!(status, 503, "{body}");
    assert!(body.contains("\"code\":\"too-many-connections\""), "{body}");
    let close = b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert_eq!(ask(HONEST, program.public, close).await.0, 200);
}

#[test]
fn connections_leave_the_node_its_files() {
    const OPEN_FILES: u64 = 300;
    let program = Program::start_with_files(1_000, OPEN_FILES);
    let log = program.log();
    assert!(log.contains("for want of open files"), "{log}");
    runtime().block_on(async {
        // Far more than there are files for, from many addresses: each is held or told.
        let mut held = Vec::new();
        for number in 0..150 {
            held.push(connect(hostile(number), program.public, None).await.unwrap());
        }
        let refused = ask(hostile(150), program.public, LIVEZ).await;
        assert_eq!(refused.0, 503, "{}", refused.1);
    });
    // Whoever works on the data folder and the operators' listener still can.
    program.token("auditor");
    let log = program.stop();
    assert!(!log.contains("cannot accept"), "{log}");
}
