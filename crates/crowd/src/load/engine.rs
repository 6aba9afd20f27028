//! The loop that sends, receives, waits and counts.

use super::alarm::Alarm;
use super::connection::{Connection, Received, State};
use super::{Answer, Latency, Loopback, Next, Pace, Plan, Report, Script};
use crate::error::CrowdError;
use crate::progress::Progress;
use mio::{Events, Poll, Token};
use rustix::time::{ClockId, clock_gettime};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io::ErrorKind;
use std::net::TcpStream;
use std::time::{Duration, Instant};

const EVENTS_PER_POLL: usize = 1_024;
const BUFFER_BYTES: usize = 64 << 10;
/// No wait is longer: the plan's end and a wish to stop are looked at so often.
const WAIT_MAX: Duration = Duration::from_millis(50);
/// How often the shared progress gets its latencies.
const PROGRESS_NANOS: u64 = 100_000_000;
const RECONNECT_NANOS: u64 = 50_000_000;
const CONNECT_MAX: Duration = Duration::from_secs(5);
const ALARM: Token = Token(usize::MAX - 1);

/// A run under way.
pub(crate) struct Engine<'a, S> {
    address: Loopback,
    plan: Plan,
    script: &'a mut S,
    progress: Option<&'a Progress>,
    poll: Poll,
    alarm: Alarm,
    connections: Vec<Connection>,
    /// Connections that may send and wait for a request to be due (open loop only).
    idle: VecDeque<usize>,
    /// When which connection may send again, or be opened again.
    timers: BinaryHeap<Reverse<(u64, usize)>>,
    began: Instant,
    window: Window,
    counts: Counts,
    latency: Latency,
    recent: Latency,
    published: Published,
    buffer: Vec<u8>,
    request: Vec<u8>,
}

/// The measured time, in nanoseconds since the run began.
struct Window {
    from: u64,
    until: u64,
    /// When the run is over, answered or not.
    end: u64,
    /// Whether nothing more is sent; from then on answers are awaited as long as planned.
    is_draining: bool,
}

#[derive(Default)]
struct Counts {
    sent: u64,
    answered: u64,
    unexpected: u64,
    lost: u64,
    measured: u64,
    in_flight: usize,
    finished: usize,
}

/// What the shared progress was told last.
#[derive(Default)]
struct Published {
    sent: u64,
    answered: u64,
    lost: u64,
    latency_nanos: u64,
}

impl<'a, S: Script> Engine<'a, S> {
    /// Opens all connections.
    pub(crate) fn open(
        address: Loopback,
        plan: Plan,
        script: &'a mut S,
        progress: Option<&'a Progress>,
    ) -> Result<Self, CrowdError> {
        let refused = |cause| CrowdError::System { what: "a poll", cause };
        let poll = Poll::new().map_err(refused)?;
        let alarm = Alarm::new(poll.registry(), ALARM).map_err(refused)?;
        let from = plan.warm_up.as_nanos() as u64;
        let until = from + plan.duration.as_nanos() as u64;
        let end = until + plan.drain.as_nanos() as u64;
        let window = Window { from, until, end, is_draining: false };
        let mut engine = Self {
            address,
            plan,
            script,
            progress,
            poll,
            alarm,
            connections: Vec::with_capacity(plan.connections),
            idle: VecDeque::with_capacity(plan.connections),
            timers: BinaryHeap::new(),
            began: Instant::now(),
            window,
            counts: Counts::default(),
            latency: Latency::default(),
            recent: Latency::default(),
            published: Published::default(),
            buffer: vec![0; BUFFER_BYTES],
            request: Vec::with_capacity(4_096),
        };
        for index in 0..plan.connections {
            let stream = engine.connect(index)?;
            engine.connections.push(Connection::new(stream));
            engine.watch(index)?;
        }
        Ok(engine)
    }

    /// Runs to the plan's end.
    pub(crate) fn run(mut self) -> Result<Report, CrowdError> {
        let mut events = Events::with_capacity(EVENTS_PER_POLL);
        let cpu_before = thread_cpu_nanos();
        self.began = Instant::now();
        if let Some(progress) = self.progress {
            progress.begin();
        }
        for index in 0..self.connections.len() {
            self.proceed(index, 0);
        }
        loop {
            let now = self.now();
            self.publish(now);
            if self.is_over(now) {
                break;
            }
            self.start_due(now);
            let wait = self.wait(self.now());
            let timeout = self.timeout(wait)?;
            match self.poll.poll(&mut events, Some(timeout)) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(cause) => return Err(CrowdError::System { what: "polling", cause }),
            }
            for event in events.iter().filter(|event| event.token() != ALARM) {
                let index = event.token().0;
                if event.is_writable() && self.connections[index].flush().is_err() {
                    self.lose(index);
                }
                if event.is_readable() || event.is_read_closed() || event.is_error() {
                    self.receive(index);
                }
            }
        }
        Ok(self.report(thread_cpu_nanos() - cpu_before))
    }

    fn report(mut self, cpu_nanos: u64) -> Report {
        let now = self.now();
        self.published.latency_nanos = 0;
        self.publish(now);
        let elapsed = now.min(self.window.until).saturating_sub(self.window.from);
        Report {
            sent: self.counts.sent,
            answered: self.counts.answered,
            unexpected: self.counts.unexpected,
            lost: self.counts.lost,
            measured: self.counts.measured,
            elapsed: Duration::from_nanos(elapsed),
            cpu_nanos_per_request: cpu_nanos / self.counts.answered.max(1),
            latency: self.latency,
        }
    }

    fn now(&self) -> u64 {
        self.began.elapsed().as_nanos() as u64
    }

    fn may_send(&self, now: u64) -> bool {
        now < self.window.until
            && self.counts.sent < self.plan.requests_max
            && !self.progress.is_some_and(Progress::is_stopped)
    }

    fn is_over(&mut self, now: u64) -> bool {
        let no_more = !self.may_send(now) || self.counts.finished == self.connections.len();
        if no_more && !self.window.is_draining {
            self.window.is_draining = true;
            self.window.end = self.window.end.min(now + self.plan.drain.as_nanos() as u64);
        }
        now >= self.window.end || (no_more && self.counts.in_flight == 0)
    }

    /// When the next request of an open loop is due.
    fn due_nanos(&self) -> Option<u64> {
        match self.plan.pace {
            Pace::Closed => None,
            Pace::Open { per_second } => {
                Some((u128::from(self.counts.sent) * 1_000_000_000 / u128::from(per_second)) as u64)
            }
        }
    }

    fn wait(&self, now: u64) -> Duration {
        if !self.may_send(now) {
            // Only answers and the end matter now, and the end is looked at often enough.
            return WAIT_MAX;
        }
        let timer = self.timers.peek().map(|Reverse((due, _))| *due);
        let request = if self.idle.is_empty() { None } else { self.due_nanos() };
        let nearest = [timer, request].into_iter().flatten().fold(self.window.until, u64::min);
        Duration::from_nanos(nearest.saturating_sub(now)).min(WAIT_MAX)
    }

    fn timeout(&self, wait: Duration) -> Result<Duration, CrowdError> {
        match self.plan.pace {
            // Nothing in a closed loop is due sooner than a millisecond matters.
            Pace::Closed => Ok(wait),
            Pace::Open { .. } => {
                self.alarm.set(wait).map_err(|cause| CrowdError::System { what: "a timer", cause })
            }
        }
    }

    /// Sends whatever is due, and opens again what was lost.
    fn start_due(&mut self, now: u64) {
        if !self.may_send(now) {
            return;
        }
        while let Some(&Reverse((due, index))) = self.timers.peek()
            && due <= now
        {
            self.timers.pop();
            if self.connections[index].state == State::Down && !self.reopen(index, now) {
                continue;
            }
            self.connections[index].state = State::Idle;
            self.proceed(index, now);
        }
        while let Some(due) = self.due_nanos()
            && due <= now
            && self.may_send(now)
        {
            let Some(index) = self.idle.pop_front() else { break };
            self.send(index, due, now);
        }
    }

    /// Lets a connection that may send do so, at once or when a request is due.
    fn proceed(&mut self, index: usize, now: u64) {
        assert_eq!(self.connections[index].state, State::Idle);
        match self.plan.pace {
            Pace::Closed => self.send(index, now, now),
            Pace::Open { .. } => self.idle.push_back(index),
        }
    }

    fn send(&mut self, index: usize, due: u64, now: u64) {
        if !self.may_send(now) {
            return;
        }
        self.request.clear();
        match self.script.request(index, &mut self.request) {
            Next::Send => {
                let connection = &mut self.connections[index];
                connection.state = State::InFlight;
                connection.due_nanos = due;
                self.counts.in_flight += 1;
                self.counts.sent += 1;
                if self.write(index).is_err() {
                    self.lose(index);
                }
            }
            Next::Wait(wait) => {
                self.connections[index].state = State::Waiting;
                self.timers.push(Reverse((now + wait.as_nanos() as u64, index)));
            }
            Next::Finished => self.finish(index),
        }
    }

    /// Writes the request that is ready, on a new connection where the last one was closed.
    fn write(&mut self, index: usize) -> Result<(), CrowdError> {
        if !self.connections[index].is_open() {
            self.open_again(index)?;
        }
        let sent = self.connections[index].send(&self.request, self.poll.registry(), Token(index));
        sent.map_err(|cause| CrowdError::Connect { address: self.address.get(), cause })
    }

    fn receive(&mut self, index: usize) {
        let mut buffer = std::mem::take(&mut self.buffer);
        loop {
            match self.connections[index].receive(&mut buffer) {
                Received::Nothing => break,
                Received::Ended => {
                    self.lose(index);
                    break;
                }
                Received::Bytes(count, maybe_more) => {
                    let goes_on = self.read_answer(index, &buffer[..count]);
                    if !goes_on || !maybe_more {
                        break;
                    }
                }
            }
        }
        self.buffer = buffer;
    }

    /// Gives the script what came in; whether the answer is still incomplete.
    fn read_answer(&mut self, index: usize, bytes: &[u8]) -> bool {
        let connection = &mut self.connections[index];
        if connection.state != State::InFlight {
            // Bytes that nobody asked for: whatever they belong to, the connection is no use.
            self.lose(index);
            return false;
        }
        let earlier = !connection.received.is_empty();
        if earlier {
            connection.received.extend_from_slice(bytes);
        }
        let all = if earlier { connection.received.as_slice() } else { bytes };
        let all_bytes = all.len();
        match self.script.answer(index, all) {
            Ok(Answer::Incomplete) => {
                if !earlier {
                    connection.received.extend_from_slice(bytes);
                }
                true
            }
            Ok(Answer::Complete { bytes, expected, keep }) if bytes == all_bytes => {
                self.answered(index, expected, keep);
                false
            }
            Ok(Answer::Complete { .. }) | Err(_) => {
                self.lose(index);
                false
            }
        }
    }

    fn answered(&mut self, index: usize, expected: bool, keep: bool) {
        let now = self.now();
        let connection = &mut self.connections[index];
        let due = connection.due_nanos;
        connection.received.clear();
        connection.state = State::Idle;
        self.counts.in_flight -= 1;
        self.counts.answered += 1;
        self.counts.unexpected += u64::from(!expected);
        let latency = now.saturating_sub(due);
        if expected && due >= self.window.from {
            self.latency.record(latency);
        }
        if expected && self.window.from <= now && now < self.window.until {
            self.counts.measured += 1;
        }
        if self.progress.is_some() {
            self.recent.record(latency);
        }
        if !keep {
            // Opened again with the next request, and not before: whoever was told to come again
            // later does not come now.
            self.connections[index].end();
        }
        self.proceed(index, now);
    }

    fn lose(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        connection.end();
        let state = std::mem::replace(&mut connection.state, State::Idle);
        match state {
            State::InFlight => {
                self.counts.in_flight -= 1;
                self.counts.lost += 1;
                self.script.lost(index);
            }
            State::Idle => self.idle.retain(|&idle| idle != index),
            State::Waiting | State::Down => self.timers.retain(|Reverse((_, at))| *at != index),
            State::Finished => {
                self.connections[index].state = State::Finished;
                return;
            }
        }
        if self.plan.reconnect {
            self.connections[index].state = State::Down;
            self.timers.push(Reverse((self.now() + RECONNECT_NANOS, index)));
        } else {
            self.finish(index);
        }
    }

    /// Tries to open a connection again; when it fails, later once more.
    fn reopen(&mut self, index: usize, now: u64) -> bool {
        let opened = self.open_again(index);
        if opened.is_err() {
            self.connections[index].end();
            self.connections[index].state = State::Down;
            self.timers.push(Reverse((now + RECONNECT_NANOS, index)));
        }
        opened.is_ok()
    }

    fn open_again(&mut self, index: usize) -> Result<(), CrowdError> {
        let stream = self.connect(index)?;
        self.connections[index].replace(stream);
        self.watch(index)
    }

    fn connect(&mut self, index: usize) -> Result<mio::net::TcpStream, CrowdError> {
        let address = self.address.get();
        let failed = |cause| CrowdError::Connect { address, cause };
        let mut stream = TcpStream::connect_timeout(&address, CONNECT_MAX).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        self.script.connected(index, &mut stream).map_err(failed)?;
        stream.set_nonblocking(true).map_err(failed)?;
        Ok(mio::net::TcpStream::from_std(stream))
    }

    fn watch(&mut self, index: usize) -> Result<(), CrowdError> {
        let watched = self.connections[index].watch(self.poll.registry(), Token(index));
        watched.map_err(|cause| CrowdError::System { what: "watching a connection", cause })
    }

    fn finish(&mut self, index: usize) {
        assert_ne!(self.connections[index].state, State::Finished);
        self.connections[index].state = State::Finished;
        self.counts.finished += 1;
    }

    fn publish(&mut self, now: u64) {
        let Some(progress) = self.progress else { return };
        let (counts, published) = (&self.counts, &mut self.published);
        progress.add_counts(
            counts.sent - published.sent,
            counts.answered - published.answered,
            counts.lost - published.lost,
        );
        (published.sent, published.answered, published.lost) =
            (counts.sent, counts.answered, counts.lost);
        if published.latency_nanos <= now {
            published.latency_nanos = now + PROGRESS_NANOS;
            progress.absorb(&mut self.recent);
        }
    }
}

/// Processor time of the calling thread, in nanoseconds.
fn thread_cpu_nanos() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
