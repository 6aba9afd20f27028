//! What changes by itself on the pages of the console, brought to whoever watches.
//!
//! Owns: the task that looks once a second, the parts it renders, and the streams that forward
//! them. Never: renders for one watcher: a part is rendered once for each language, and a
//! stream only forwards bytes.
//! Invariants: nobody watches, nothing is rendered; no more streams than the limits say; a stream
//! ends with its session, when the node stops, and when its reader leaves.
//! On failure: a second without news; the page says that its numbers stand still when no second
//! brings any.

use super::Console;
use super::guard::Watcher;
use super::page::Shell;
use super::scene::{Scene, Topic};
use super::sessions::{Life, Notice, SessionKey};
use super::view;
use crate::language::Language;
use crate::operator::Operator;
use crate::problem::Problem;
use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use hyper::body::Frame as BodyFrame;
use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};
use types::limits;

/// How many watch, and what it costs; for `/metrics`.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Streams open now.
    pub(crate) streams: AtomicU64,
    /// Times that the parts of a page were rendered for all who watch it.
    pub(crate) renderings: AtomicU64,
}

/// A page's parts in one language, as of one second.
#[derive(Default)]
pub(super) struct Parts(Vec<Arc<Part>>);

/// A part of a page that changes by itself.
pub(super) struct Part {
    /// Its name in the page.
    pub(super) name: &'static str,
    pub(super) html: String,
    /// Grows whenever the part changes.
    version: u64,
    /// As a stream sends it.
    event: Bytes,
}

/// What is watched, and by whom.
pub(super) struct Feeds {
    feeds: Mutex<ByTopic>,
    permits: Arc<Semaphore>,
}

/// A feed for each topic and the place of each language.
type ByTopic = HashMap<(Topic, usize), watch::Sender<Arc<Parts>>>;

impl Default for Feeds {
    fn default() -> Self {
        let permits = Arc::new(Semaphore::new(limits::CONSOLE_STREAMS_MAX));
        Self { feeds: Mutex::default(), permits }
    }
}

impl Parts {
    /// The parts that were rendered now; those that say the same as before stay what they were.
    fn after(before: &Self, version: u64, rendered: Vec<(&'static str, String)>) -> Self {
        let part = |(name, html): (&'static str, String)| {
            let same = before.0.iter().find(|part| part.name == name && part.html == html);
            same.map_or_else(|| Arc::new(Part::new(name, html, version)), Arc::clone)
        };
        Self(rendered.into_iter().map(part).collect())
    }

    /// What changed since a stream sent its last, which it now sends.
    fn since(&self, sent: &mut u64) -> Bytes {
        let news = self.0.iter().filter(|part| *sent < part.version);
        let bytes: Vec<u8> = news.flat_map(|part| part.event.iter().copied()).collect();
        *sent = self.0.iter().map(|part| part.version).max().unwrap_or(0).max(*sent);
        bytes.into()
    }
}

impl Part {
    fn new(name: &'static str, html: String, version: u64) -> Self {
        let mut event = format!("event: {name}\n");
        for line in html.lines() {
            event.push_str("data: ");
            event.push_str(line);
            event.push('\n');
        }
        event.push('\n');
        Self { name, html, version, event: event.into() }
    }
}

impl Feeds {
    fn lock(&self) -> MutexGuard<'_, ByTopic> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subscribe(&self, topic: Topic, language: Language) -> watch::Receiver<Arc<Parts>> {
        let mut feeds = self.lock();
        let feed = feeds.entry((topic, language.index()));
        feed.or_insert_with(|| watch::channel(Arc::default()).0).subscribe()
    }

    /// What somebody watches; what nobody watches any more is forgotten.
    fn wanted(&self) -> HashMap<Topic, Vec<usize>> {
        let mut feeds = self.lock();
        feeds.retain(|_, feed| 0 < feed.receiver_count());
        let mut wanted: HashMap<Topic, Vec<usize>> = HashMap::new();
        for (topic, language) in feeds.keys() {
            wanted.entry(*topic).or_default().push(*language);
        }
        wanted
    }

    fn publish(
        &self,
        topic: Topic,
        language: usize,
        version: u64,
        rendered: Vec<(&'static str, String)>,
    ) {
        if let Some(feed) = self.lock().get(&(topic, language)) {
            let parts = Parts::after(&feed.borrow(), version, rendered);
            feed.send_replace(Arc::new(parts));
        }
    }
}

impl Console {
    /// The parts of a page as they are now, for whoever loads it.
    pub(super) async fn parts(
        &self,
        topic: Topic,
        language: Language,
    ) -> Result<Vec<(&'static str, String)>, Problem> {
        let scene = self.scene(topic).await?;
        Ok(view::render(&scene, &self.machine(), language))
    }

    /// Looks once a second, and brings what there is to see to those who watch; ends when told to.
    pub async fn run(self: Arc<Self>) {
        let mut stop = self.stop.clone();
        let mut ticks = tokio::time::interval(Duration::from_millis(limits::CONSOLE_SAMPLE_MILLIS));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut version = 0;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                // A dropped sender means stop, too.
                _ = stop.wait_for(|stop| *stop) => return,
            }
            version += 1;
            self.sweep();
            self.read_machine();
            for (topic, languages) in self.feeds.wanted() {
                match self.scene(topic).await {
                    Ok(scene) => self.render_for(topic, &scene, &languages, version),
                    Err(problem) => {
                        tracing::debug!(code = problem.code, "the live pages have no news");
                    }
                }
            }
        }
    }

    fn render_for(&self, topic: Topic, scene: &Scene, languages: &[usize], version: u64) {
        let machine = self.machine();
        for language in Language::all().filter(|one| languages.contains(&one.index())) {
            let rendered = view::render(scene, &machine, language);
            self.operator.watched.renderings.fetch_add(1, Relaxed);
            self.feeds.publish(topic, language.index(), version, rendered);
        }
    }

    /// Ends the sessions that are over.
    fn sweep(&self) {
        // What cannot be read now is told to whoever asks for a page.
        let Ok(accounts) = self.accounts.list() else { return };
        let by_name: HashMap<_, _> =
            accounts.iter().map(|account| (account.name.as_str(), account)).collect();
        self.sessions.sweep(Instant::now(), |person| {
            by_name.get(person.name.as_str()).is_some_and(|account| person.is_of(account))
        });
        self.drafts.sweep(|session| self.sessions.has(session));
    }

    /// A stream of what changes on a page, until its session or the node ends.
    pub(super) fn stream(self: &Arc<Self>, topic: Topic, watcher: Watcher) -> Response {
        let Watcher { visit, life, language } = watcher;
        let node = Arc::clone(&self.feeds.permits).try_acquire_owned();
        let session = Arc::clone(&life.streams).try_acquire_owned();
        let (Ok(node), Ok(session)) = (node, session) else {
            let shell = Shell::spoken(language, "/console");
            let many = StatusCode::SERVICE_UNAVAILABLE;
            let mut answer = super::page::refusal(&shell, many, "watchers-full");
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
            return answer;
        };
        let (to, from) = mpsc::channel(1);
        let stream = Stream {
            console: Arc::clone(self),
            session: visit.key,
            life,
            parts: self.feeds.subscribe(topic, language),
            to,
            _seat: Seat::new(&self.operator, [node, session]),
        };
        tokio::spawn(stream.run());
        let mut answer = Response::new(Body::new(Forwarded(from)));
        let kind = HeaderValue::from_static("text/event-stream");
        answer.headers_mut().insert(CONTENT_TYPE, kind);
        // A proxy that gathers an answer before it sends it would never send this one.
        answer.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
        answer
    }
}

/// A stream's place among those there may be.
struct Seat {
    operator: Arc<Operator>,
    _permits: [OwnedSemaphorePermit; 2],
}

impl Seat {
    fn new(operator: &Arc<Operator>, permits: [OwnedSemaphorePermit; 2]) -> Self {
        operator.watched.streams.fetch_add(1, Relaxed);
        Self { operator: Arc::clone(operator), _permits: permits }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.operator.watched.streams.fetch_sub(1, Relaxed);
    }
}

/// One stream, in a task of its own.
struct Stream {
    console: Arc<Console>,
    session: SessionKey,
    life: Life,
    parts: watch::Receiver<Arc<Parts>>,
    to: mpsc::Sender<Bytes>,
    _seat: Seat,
}

/// Tells a page that its session is over: it must not try again.
const OVER: &[u8] = b"event: over\ndata: 1\n\n";

/// Tells a page that its session ends in some minutes, or that it does not, after all.
const fn soon(notice: Notice) -> &'static [u8] {
    match notice {
        Notice::Nothing => b"event: soon\ndata: 0\n\n",
        Notice::Idle => b"event: soon\ndata: 1\n\n",
        Notice::Shift => b"event: soon\ndata: 2\n\n",
    }
}

/// Tells a page that nothing changed and that it is not cut off.
const BEAT: &[u8] = b"event: beat\ndata: 1\n\n";
/// Looks without news after which a page is told so. A page that hears nothing for several times
/// as long takes its line for dead.
const LOOKS_PER_BEAT: u32 = 4;

impl Stream {
    async fn run(mut self) {
        let mut stop = self.console.stop.clone();
        let (mut sent, mut told, mut quiet) = (0, Notice::Nothing, 0);
        loop {
            let mut news = self.parts.borrow_and_update().since(&mut sent);
            let notice = self.console.sessions.notice(&self.session, Instant::now());
            if notice != told {
                told = notice;
                news = [&news[..], soon(notice)].concat().into();
            }
            quiet = if news.is_empty() { quiet + 1 } else { 0 };
            if LOOKS_PER_BEAT <= quiet {
                (news, quiet) = (Bytes::from_static(BEAT), 0);
            }
            if !news.is_empty() && self.to.send(news).await.is_err() {
                return;
            }
            tokio::select! {
                changed = self.parts.changed() => if changed.is_err() { return },
                // The session's end is the end of the sender, which never sends.
                _ = self.life.alive.changed() => {
                    // A reader that takes nothing need not be told.
                    let _left = self.to.try_send(Bytes::from_static(OVER));
                    return;
                }
                _ = stop.wait_for(|stop| *stop) => return,
                () = self.to.closed() => return,
            }
        }
    }
}

/// A stream's body.
struct Forwarded(mpsc::Receiver<Bytes>);

impl HttpBody for Forwarded {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<BodyFrame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|news| news.map(|bytes| Ok(BodyFrame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(before: &Parts, version: u64, texts: [&str; 2]) -> Parts {
        let [one, two] = texts.map(str::to_owned);
        Parts::after(before, version, vec![("one", one), ("two", two)])
    }

    #[test]
    fn a_stream_sends_only_what_it_has_not_sent() {
        let mut sent = 0;
        let first = parts(&Parts::default(), 1, ["a\nb", "x"]);
        let news = "event: one\ndata: a\ndata: b\n\nevent: two\ndata: x\n\n";
        assert_eq!(first.since(&mut sent), news);
        assert_eq!(first.since(&mut sent), "");
        // The stream misses the second: it sends what changed in any of the two.
        let second = parts(&first, 2, ["c", "x"]);
        let third = parts(&second, 3, ["c", "x"]);
        assert_eq!(third.since(&mut sent), "event: one\ndata: c\n\n");
        assert_eq!(parts(&third, 4, ["c", "y"]).since(&mut sent), "event: two\ndata: y\n\n");
    }

    #[test]
    fn what_nobody_watches_is_not_wanted() {
        let feeds = Feeds::default();
        let watching: Vec<_> =
            (0..100).map(|_| feeds.subscribe(Topic::List, Language::default())).collect();
        assert_eq!(feeds.wanted(), HashMap::from([(Topic::List, vec![0])]));
        feeds.publish(Topic::List, 0, 1, vec![("one", "a".to_owned())]);
        assert!(watching.iter().all(|one| one.has_changed().unwrap()));
        drop(watching);
        assert!(feeds.wanted().is_empty() && feeds.lock().is_empty());
    }
}
