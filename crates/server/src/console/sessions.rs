//! Sessions: who is logged in, until when, and what their forms were answered.
//!
//! Owns: the table of sessions, in memory: a restart logs everybody out. Never: keeps a session's
//! secret, only its SHA-256; reads a clock: time is an argument.
//! Invariants: a session ends when its person asks for nothing for half an hour, 12 hours after
//! its beginning, when its account changes, or when somebody ends it; whatever streams to it ends
//! with it; the same form is answered once.

use super::accounts::{Account, AccountRole};
use super::answers::{Answer, Answers, Told};
use crate::language::Language;
use crate::secret;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use types::limits;

/// SHA-256 of a session's secret: the secret itself is in one browser alone.
pub(super) type SessionKey = [u8; 32];

/// All sessions of the node.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<SessionKey, Session>>);

struct Session {
    person: Arc<Person>,
    /// The number of its account's sessions when it began.
    number: u64,
    began: Instant,
    /// When its person last asked for something.
    seen: Instant,
    language: Option<Language>,
    answers: Answers,
    /// Dropped with the session, which tells its streams.
    alive: watch::Sender<()>,
    /// One for each stream it may have.
    streams: Arc<Semaphore>,
}

/// Who a session is of.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) role: AccountRole,
    pub(super) outlets: Vec<String>,
    /// What every form of the session repeats, so that it is known to be one of ours.
    pub(super) form_token: String,
}

/// A session as a request finds it.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) key: SessionKey,
    pub(super) person: Arc<Person>,
    pub(super) number: u64,
    pub(super) language: Option<Language>,
}

/// What a stream needs of its session.
pub(super) struct Life {
    /// Ends with an error when the session does.
    pub(super) alive: watch::Receiver<()>,
    /// One for each stream there may be.
    pub(super) streams: Arc<Semaphore>,
}

impl Sessions {
    /// Begins a session, and gives its secret. The account's session that was quiet longest ends
    /// when there are too many.
    pub(super) fn begin(
        &self,
        account: &Account,
        language: Option<Language>,
        now: Instant,
    ) -> Result<String, getrandom::Error> {
        let (secret, form_token) = (secret::random()?, secret::random()?);
        let person = Person {
            name: account.name.clone(),
            role: account.role,
            outlets: account.outlets.clone(),
            form_token,
        };
        let session = Session {
            person: Arc::new(person),
            number: account.sessions,
            began: now,
            seen: now,
            language,
            answers: Answers::default(),
            alive: watch::channel(()).0,
            streams: Arc::new(Semaphore::new(limits::SESSION_STREAMS_MAX)),
        };
        let mut all = self.lock();
        all.retain(|_, session| session.holds(now));
        let own = |session: &Session| session.person.name == account.name;
        if limits::ACCOUNT_SESSIONS_MAX <= all.values().filter(|one| own(one)).count() {
            remove_quietest(&mut all, own);
        }
        if limits::SESSIONS_MAX <= all.len() {
            remove_quietest(&mut all, |_| true);
        }
        all.insert(key(&secret), session);
        Ok(secret)
    }

    /// The session of a secret, which has just been asked for something.
    pub(super) fn visit(&self, secret: &str, now: Instant) -> Option<Visit> {
        let key = key(secret);
        let mut all = self.lock();
        let session = all.get_mut(&key).filter(|session| session.holds(now))?;
        session.seen = now;
        let (person, number) = (Arc::clone(&session.person), session.number);
        Some(Visit { key, person, number, language: session.language })
    }

    /// The session of a secret, of which its person asked for nothing just now: what a page asks
    /// for by itself does not keep it awake.
    pub(super) fn look(&self, secret: &str, now: Instant) -> Option<(Visit, Life)> {
        let key = key(secret);
        let all = self.lock();
        let session = all.get(&key).filter(|session| session.holds(now))?;
        let (person, number) = (Arc::clone(&session.person), session.number);
        let visit = Visit { key, person, number, language: session.language };
        let streams = Arc::clone(&session.streams);
        Some((visit, Life { alive: session.alive.subscribe(), streams }))
    }

    /// How long a session lasts without another request; nothing when it is over.
    pub(super) fn left(&self, key: &SessionKey, now: Instant) -> Option<Duration> {
        let all = self.lock();
        let session = all.get(key).filter(|session| session.holds(now))?;
        Some(session.ends().saturating_duration_since(now))
    }

    /// Remembers the language of a session.
    pub(super) fn speak(&self, key: &SessionKey, language: Language) {
        if let Some(session) = self.lock().get_mut(key) {
            session.language = Some(language);
        }
    }

    /// Ends one session.
    pub(super) fn end(&self, key: &SessionKey) {
        self.lock().remove(key);
    }

    /// Ends all sessions of an account but one of its own.
    pub(super) fn end_all_but(&self, name: &str, kept: &SessionKey) {
        self.lock().retain(|key, session| session.person.name != name || key == kept);
    }

    /// Lets a session go on although its account's number has changed, by its own doing.
    pub(super) fn renew(&self, key: &SessionKey, number: u64) {
        if let Some(session) = self.lock().get_mut(key) {
            session.number = number;
        }
    }

    /// How many sessions an account has.
    pub(super) fn count(&self, name: &str, now: Instant) -> usize {
        let all = self.lock();
        all.values().filter(|one| one.person.name == name && one.holds(now)).count()
    }

    /// Ends what is over: by time, and by what the accounts say.
    pub(super) fn sweep(&self, now: Instant, still_counts: impl Fn(&str, u64) -> bool) {
        self.lock().retain(|_, session| {
            session.holds(now) && still_counts(&session.person.name, session.number)
        });
    }

    /// The answer to a form of this session that came before, or a place for the answer to come.
    pub(super) fn answer(&self, key: &SessionKey, request: &str) -> Option<Told> {
        Some(self.lock().get_mut(key)?.answers.of(request))
    }

    /// The answer that a form of this session was given.
    pub(super) fn given(&self, key: &SessionKey, request: &str) -> Option<Answer> {
        self.lock().get(key)?.answers.given(request)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionKey, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn ends(&self) -> Instant {
        let idle = self.seen + Duration::from_millis(limits::SESSION_IDLE_MILLIS_MAX);
        idle.min(self.began + Duration::from_millis(limits::SESSION_MILLIS_MAX))
    }

    fn holds(&self, now: Instant) -> bool {
        now < self.ends()
    }
}

fn key(secret: &str) -> SessionKey {
    Sha256::digest(secret.as_bytes()).into()
}

fn remove_quietest(all: &mut HashMap<SessionKey, Session>, of: impl Fn(&Session) -> bool) {
    let candidates = all.iter().filter(|(_, session)| of(session));
    let quietest = candidates.min_by_key(|(_, session)| session.seen).map(|(key, _)| *key);
    if let Some(key) = quietest {
        all.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MINUTE: Duration = Duration::from_secs(60);

    fn account(name: &str) -> Account {
        let json = json!({ "name": name, "role": "owner", "created": 1, "password_set": 1,
            "disabled": false, "sessions": 3, "password": "x" });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_session_ends_half_an_hour_after_its_persons_last_request() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let secret = sessions.begin(&account("ann"), None, start).unwrap();
        assert_eq!(secret.len(), 52, "256 bits");
        assert!(sessions.visit("another", start).is_none());
        let late = start + 29 * MINUTE;
        let visit = sessions.visit(&secret, late).unwrap();
        assert_eq!((visit.person.name.as_str(), visit.number), ("ann", 3));
        assert_eq!(sessions.left(&visit.key, late), Some(30 * MINUTE));
        let later = late + 29 * MINUTE;
        assert!(sessions.look(&secret, later).is_some());
        assert!(sessions.visit(&secret, late + 30 * MINUTE).is_none(), "a look keeps none awake");
    }

    #[test]
    fn a_session_ends_after_its_shift_however_busy() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let secret = sessions.begin(&account("ann"), None, start).unwrap();
        let mut now = start;
        while now < start + 12 * 60 * MINUTE {
            assert!(sessions.visit(&secret, now).is_some());
            now += 20 * MINUTE;
        }
        assert!(sessions.visit(&secret, now).is_none());
        assert_eq!(sessions.count("ann", now), 0);
    }

    #[test]
    fn what_ends_a_session_ends_its_streams() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let [one, two, bob] =
            ["ann", "ann", "bob"].map(|name| sessions.begin(&account(name), None, now).unwrap());
        let visit = sessions.visit(&one, now).unwrap();
        let (_, life) = sessions.look(&two, now).unwrap();
        assert!(life.alive.has_changed().is_ok());
        sessions.end_all_but("ann", &visit.key);
        assert!(life.alive.has_changed().is_err());
        assert!(sessions.visit(&two, now).is_none() && sessions.visit(&bob, now).is_some());
        sessions.sweep(now, |name, number| name == "bob" && number == 3);
        assert!(sessions.visit(&one, now).is_none() && sessions.visit(&bob, now).is_some());
        let visit = sessions.visit(&bob, now).unwrap();
        sessions.renew(&visit.key, 4);
        sessions.sweep(now, |_, number| number == 4);
        assert_eq!(sessions.count("bob", now), 1);
        sessions.end(&visit.key);
        assert_eq!(sessions.count("bob", now), 0);
    }

    #[test]
    fn one_account_has_a_few_sessions_and_the_quietest_leaves() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let first = sessions.begin(&account("ann"), None, start).unwrap();
        let second = sessions.begin(&account("ann"), None, start + MINUTE).unwrap();
        assert!(sessions.visit(&first, start + 2 * MINUTE).is_some());
        for _ in 2..=limits::ACCOUNT_SESSIONS_MAX {
            sessions.begin(&account("ann"), None, start + 2 * MINUTE).unwrap();
        }
        let now = start + 3 * MINUTE;
        assert_eq!(sessions.count("ann", now), limits::ACCOUNT_SESSIONS_MAX);
        assert!(sessions.visit(&second, now).is_none() && sessions.visit(&first, now).is_some());
    }
}
