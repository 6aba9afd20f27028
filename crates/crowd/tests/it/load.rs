//! The load engine before a small responder.

use crate::responder::{reply, serve};
use crowd::http::{self, Head};
use crowd::load::{self, Answer, Next, Pace, Plan, Script};
use crowd::{CrowdError, Loopback, Progress};
use std::io::{self, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

const ENOUGH: Duration = Duration::from_secs(30);

/// Sends the same request again and again.
struct Constant {
    request: Vec<u8>,
    answers: u64,
    body_bytes: usize,
    lost: u64,
}

impl Constant {
    fn new(address: Loopback, body: &[u8]) -> Self {
        let mut request = Vec::new();
        Head::new("POST", "/", address, &[]).write(&mut request, &[], body);
        Self { request, answers: 0, body_bytes: 0, lost: 0 }
    }
}

impl Script for Constant {
    fn request(&mut self, _connection: usize, request: &mut Vec<u8>) -> Next {
        request.extend_from_slice(&self.request);
        Next::Send
    }

    fn answer(&mut self, _connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        let Some(response) = http::parse(received)? else { return Ok(Answer::Incomplete) };
        self.answers += 1;
        self.body_bytes += response.body.len();
        let (bytes, keep) = (response.bytes, response.keep);
        Ok(Answer::Complete { bytes, expected: response.status == 200, keep })
    }

    fn lost(&mut self, _connection: usize) {
        self.lost += 1;
    }
}

fn counted(connections: usize, requests_max: u64) -> Plan {
    let plan = Plan::closed(connections, ENOUGH);
    Plan { requests_max, warm_up: Duration::ZERO, ..plan }
}

#[test]
fn a_closed_loop_sends_as_many_as_planned() {
    let address = serve(|_| reply(200, "hello"));
    let mut script = Constant::new(address, b"x");
    let progress = Progress::default();
    let report = load::run(address, &counted(16, 2_000), &mut script, Some(&progress)).unwrap();
    assert_eq!(
        (report.sent, report.answered, report.unexpected, report.lost),
        (2_000, 2_000, 0, 0)
    );
    assert_eq!((report.measured, report.latency.summary().count), (2_000, 2_000));
    assert_eq!((script.answers, script.body_bytes), (2_000, 10_000));
    let snapshot = progress.snapshot();
    assert_eq!((snapshot.sent, snapshot.answered, snapshot.latency.count), (2_000, 2_000, 2_000));
    assert!(report.per_second() > 0.0 && report.elapsed < ENOUGH);
}

/// Whoever ends a server under load must know that the load can do without it from then on.
#[test]
fn a_run_has_begun_when_all_connections_are_open() {
    struct Watching<'a> {
        script: Constant,
        progress: &'a Progress,
        opened: usize,
    }

    impl Script for Watching<'_> {
        fn connected(&mut self, _: usize, _: &mut TcpStream) -> io::Result<()> {
            assert!(!self.progress.has_begun(), "connection {} is not open yet", self.opened);
            self.opened += 1;
            Ok(())
        }

        fn request(&mut self, connection: usize, request: &mut Vec<u8>) -> Next {
            assert!(self.progress.has_begun());
            self.script.request(connection, request)
        }

        fn answer(&mut self, connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
            self.script.answer(connection, received)
        }
    }

    let address = serve(|_| reply(200, ""));
    let progress = Progress::default();
    let mut script =
        Watching { script: Constant::new(address, b""), progress: &progress, opened: 0 };
    load::run(address, &counted(5, 50), &mut script, Some(&progress)).unwrap();
    assert_eq!((script.opened, progress.has_begun()), (5, true));
}

#[test]
fn bodies_larger_than_any_socket_buffer_arrive_whole() {
    let body = "z".repeat(3 << 20);
    let expected = body.len();
    let address = serve(move |request| {
        assert_eq!(request.body.len(), expected);
        reply(200, &body)
    });
    let mut script = Constant::new(address, "y".repeat(expected).as_bytes());
    let report = load::run(address, &counted(3, 12), &mut script, None).unwrap();
    assert_eq!((report.answered, report.unexpected, report.lost), (12, 0, 0));
    assert_eq!(script.body_bytes, 12 * expected);
}

#[test]
fn other_answers_are_counted_apart() {
    let asked = AtomicU64::new(0);
    let address = serve(move |_| {
        reply(if asked.fetch_add(1, SeqCst).is_multiple_of(4) { 503 } else { 200 }, "")
    });
    let report =
        load::run(address, &counted(2, 400), &mut Constant::new(address, b""), None).unwrap();
    assert_eq!((report.answered, report.unexpected, report.measured), (400, 100, 300));
    assert_eq!(report.latency.summary().count, 300);
}

#[test]
fn a_run_ends_when_its_time_is_over() {
    let address = serve(|_| reply(200, ""));
    let plan = Plan::closed(4, Duration::from_millis(100));
    let began = Instant::now();
    let report = load::run(address, &plan, &mut Constant::new(address, b""), None).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(120));
    assert!(report.measured < report.answered, "the warm-up is not measured");
    assert_eq!(report.elapsed, Duration::from_millis(100));
}

#[test]
fn latency_counts_from_when_a_request_was_due() {
    // One answer in 50 takes 100 ms; at 500 a second, half of all requests fall due meanwhile.
    let asked = AtomicU64::new(0);
    let address = serve(move |_| {
        if asked.fetch_add(1, SeqCst) % 50 == 49 {
            thread::sleep(Duration::from_millis(100));
        }
        reply(200, "")
    });
    let open = Plan { warm_up: Duration::ZERO, ..Plan::open(1, 500, ENOUGH) };
    let plan = Plan { requests_max: 200, ..open };
    let report = load::run(address, &plan, &mut Constant::new(address, b""), None).unwrap();
    let latency = report.latency.summary();
    assert_eq!(latency.count, 200);
    assert!(latency.p90_nanos > 30_000_000, "{latency:?}");
    let plan = counted(1, 200);
    let report = load::run(address, &plan, &mut Constant::new(address, b""), None).unwrap();
    let latency = report.latency.summary();
    assert!(latency.p90_nanos < 30_000_000, "a closed loop hides them: {latency:?}");
}

#[test]
fn an_open_loop_keeps_its_rate() {
    let address = serve(|_| reply(200, ""));
    let open = Plan { warm_up: Duration::ZERO, ..Plan::open(8, 2_000, ENOUGH) };
    let plan = Plan { requests_max: 400, ..open };
    let began = Instant::now();
    let report = load::run(address, &plan, &mut Constant::new(address, b""), None).unwrap();
    // The 400th request is due 399 intervals after the first: never earlier.
    assert!(began.elapsed() >= Duration::from_micros(399 * 500));
    assert_eq!(report.measured, 400);
}

#[test]
fn lost_connections_are_counted_and_opened_again() {
    let asked = AtomicU64::new(0);
    let address =
        serve(
            move |_| {
                if asked.fetch_add(1, SeqCst) % 10 == 9 { Vec::new() } else { reply(200, "") }
            },
        );
    let mut script = Constant::new(address, b"");
    let plan = Plan { reconnect: true, ..counted(4, 100) };
    let report = load::run(address, &plan, &mut script, None).unwrap();
    assert_eq!((report.sent, report.answered, report.lost, script.lost), (100, 90, 10, 10));
    let mut script = Constant::new(address, b"");
    let report = load::run(address, &counted(2, 1_000), &mut script, None).unwrap();
    assert_eq!(report.lost, 2, "without reconnecting the run ends with its last connection");
}

#[test]
fn a_server_that_closes_after_each_answer_is_followed() {
    let address =
        serve(|_| b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec());
    let report =
        load::run(address, &counted(2, 50), &mut Constant::new(address, b""), None).unwrap();
    assert_eq!((report.answered, report.lost), (50, 0));
}

/// Waits after each answer, as one does who was told to come again later.
struct Waiting {
    constant: Constant,
    waits: bool,
}

impl Script for Waiting {
    fn request(&mut self, connection: usize, request: &mut Vec<u8>) -> Next {
        if std::mem::take(&mut self.waits) {
            return Next::Wait(Duration::from_millis(60));
        }
        self.constant.request(connection, request)
    }

    fn answer(&mut self, connection: usize, received: &[u8]) -> Result<Answer, CrowdError> {
        self.waits = true;
        self.constant.answer(connection, received)
    }

    fn lost(&mut self, connection: usize) {
        self.constant.lost(connection);
    }
}

#[test]
fn whoever_waits_opens_no_connection_meanwhile() {
    const REQUESTS: u64 = 5;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Loopback::new(listener.local_addr().unwrap()).unwrap();
    let accepted = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&accepted);
    thread::spawn(move || {
        for stream in listener.incoming() {
            count.fetch_add(1, SeqCst);
            thread::spawn(move || {
                let mut stream = stream.unwrap();
                // Turned away at the door, before anything is asked.
                let full = b"HTTP/1.1 503 Full\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(full).unwrap();
                stream.shutdown(Shutdown::Write).unwrap();
                std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
            });
        }
    });
    let mut script = Waiting { constant: Constant::new(address, b""), waits: false };
    let plan = Plan { reconnect: true, ..counted(1, REQUESTS) };
    let report = load::run(address, &plan, &mut script, None).unwrap();
    assert_eq!((report.answered, report.lost), (REQUESTS, 0));
    assert_eq!(accepted.load(SeqCst), REQUESTS, "one for each request");
}

#[test]
fn a_stopped_run_awaits_answers_no_longer_than_planned() {
    let progress = Arc::new(Progress::default());
    let shared = Arc::clone(&progress);
    let address = serve(move |_| {
        shared.stop();
        loop {
            thread::park();
        }
    });
    let mut script = Constant::new(address, b"");
    let plan = Plan { drain: Duration::from_millis(50), ..counted(1, u64::MAX) };
    let begun = Instant::now();
    let report = load::run(address, &plan, &mut script, Some(&progress)).unwrap();
    assert_eq!((report.sent, report.answered), (1, 0));
    assert!(begun.elapsed() < ENOUGH, "it did not wait for its planned end");
}

#[test]
fn a_run_can_be_stopped_from_outside() {
    let address = serve(|_| reply(200, ""));
    let progress = Progress::default();
    let report = thread::scope(|scope| {
        let plan = Plan::closed(2, Duration::from_secs(600));
        let progress = &progress;
        let run = scope.spawn(move || {
            load::run(address, &plan, &mut Constant::new(address, b""), Some(progress)).unwrap()
        });
        while progress.snapshot().answered < 10 {
            thread::yield_now();
        }
        progress.stop();
        run.join().unwrap()
    });
    assert_eq!(report.sent, report.answered);
}

#[test]
fn what_cannot_run_is_refused_first() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Loopback::new(listener.local_addr().unwrap()).unwrap();
    drop(listener);
    let mut script = Constant::new(address, b"");
    let mut refused = |plan: Plan| load::run(address, &plan, &mut script, None).unwrap_err();
    let second = Duration::from_secs(1);
    for plan in [
        Plan::closed(0, second),
        Plan::closed(20_001, second),
        Plan::closed(1, Duration::ZERO),
        Plan::closed(1, Duration::from_secs(3_601)),
        Plan { pace: Pace::Open { per_second: 0 }, ..Plan::closed(1, second) },
    ] {
        assert!(matches!(refused(plan), CrowdError::Plan(_)), "{plan:?}");
    }
    assert!(matches!(refused(Plan::closed(1, second)), CrowdError::Connect { .. }));
}
