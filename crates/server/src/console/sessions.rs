//! Sessions: who is logged in, until when, and what their forms were answered.
//!
//! Owns: the table of sessions, in memory: a restart logs everybody out. Never: keeps a session's
//! secret, only its SHA-256; reads a clock: time is an argument.
//! Invariants: a session ends when its person asks for nothing for half an hour, 12 hours after
//! its beginning, when its account changes, or when somebody ends it; whatever streams to it ends
//! with it; the same form is answered once.

use super::accounts::{Account, AccountRole};
use super::answers::{Answer, Answers, OtherForm, Told};
use super::fields::FormDigest;
use crate::language::Language;
use crate::secret;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use types::{Millis, limits};

/// SHA-256 of a session's secret: the secret itself is in one browser alone.
pub(super) type SessionKey = [u8; 32];

/// All sessions of the node.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<SessionKey, Session>>);

struct Session {
    person: Arc<Person>,
    began: Instant,
    /// When its person last asked for something.
    seen: Instant,
    language: Option<Language>,
    answers: Answers,
    /// Dropped with the session, which tells its streams.
    alive: watch::Sender<()>,
    /// One for each stream that its account may have.
    streams: Arc<Semaphore>,
}

/// Who a session is of, as the account was when it began.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) role: AccountRole,
    pub(super) outlets: Vec<String>,
    created: Millis,
    /// The number of the account's sessions.
    number: u64,
    /// What every form of the session repeats, so that it is known to be one of ours.
    pub(super) form_token: String,
}

/// A session as a request finds it.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) key: SessionKey,
    pub(super) person: Arc<Person>,
    pub(super) language: Option<Language>,
}

/// What a stream needs of its session.
pub(super) struct Life {
    /// Ends with an error when the session does.
    pub(super) alive: watch::Receiver<()>,
    /// One for each stream that its account may have.
    pub(super) streams: Arc<Semaphore>,
}

/// What a page is to say of the end of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// It is far.
    Nothing,
    /// It is near, unless its person asks for something.
    Idle,
    /// It is near, whatever anybody asks for.
    Shift,
}

impl Person {
    fn new(account: &Account) -> Result<Self, getrandom::Error> {
        Ok(Self {
            name: account.name.clone(),
            role: account.role,
            outlets: account.outlets.clone(),
            created: account.created,
            number: account.sessions,
            form_token: secret::random()?,
        })
    }

    /// Whether the account is still what it was when a session began, and its sessions go on.
    pub(super) fn is_of(&self, account: &Account) -> bool {
        let Account { name, role, outlets, created, disabled, sessions, .. } = account;
        let is_same = (&self.name, self.created) == (name, *created);
        let may_as_much = (self.role, &self.outlets) == (*role, outlets);
        is_same && may_as_much && !disabled && self.number == *sessions
    }
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
        let (secret, person) = (secret::random()?, Person::new(account)?);
        let mut all = self.lock();
        all.retain(|_, session| session.holds(now));
        let own = |session: &Session| session.person.name == account.name;
        let streams = all.values().find(|one| own(one)).map_or_else(
            || Arc::new(Semaphore::new(limits::ACCOUNT_STREAMS_MAX)),
            |other| Arc::clone(&other.streams),
        );
        let session = Session {
            person: Arc::new(person),
            began: now,
            seen: now,
            language,
            answers: Answers::default(),
            alive: watch::channel(()).0,
            streams,
        };
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
        Some(Visit { key, person: Arc::clone(&session.person), language: session.language })
    }

    /// The session of a secret, of which its person asked for nothing just now: what a page asks
    /// for by itself does not keep it awake.
    pub(super) fn look(&self, secret: &str, now: Instant) -> Option<(Visit, Life)> {
        let key = key(secret);
        let all = self.lock();
        let session = all.get(&key).filter(|session| session.holds(now))?;
        let person = Arc::clone(&session.person);
        let visit = Visit { key, person, language: session.language };
        let streams = Arc::clone(&session.streams);
        Some((visit, Life { alive: session.alive.subscribe(), streams }))
    }

    /// What is to be said of a session's end; nothing when it is over.
    pub(super) fn notice(&self, key: &SessionKey, now: Instant) -> Notice {
        let all = self.lock();
        let told = Duration::from_millis(limits::SESSION_END_TOLD_MILLIS);
        match all.get(key).filter(|session| session.holds(now)) {
            Some(session) if session.shift_ends() <= now + told => Notice::Shift,
            Some(session) if session.ends() <= now + told => Notice::Idle,
            _ => Notice::Nothing,
        }
    }

    /// Whether there is such a session.
    pub(super) fn has(&self, key: &SessionKey) -> bool {
        self.lock().contains_key(key)
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

    /// Ends the session of a secret, if it has one.
    pub(super) fn leave(&self, secret: &str) {
        self.end(&key(secret));
    }

    /// Ends all sessions of an account.
    pub(super) fn end_all(&self, name: &str) {
        self.lock().retain(|_, session| session.person.name != name);
    }

    /// How many sessions an account has.
    pub(super) fn count(&self, name: &str, now: Instant) -> usize {
        let all = self.lock();
        all.values().filter(|one| one.person.name == name && one.holds(now)).count()
    }

    /// Ends what is over: by time, and by what the accounts say.
    pub(super) fn sweep(&self, now: Instant, still_counts: impl Fn(&Person) -> bool) {
        self.lock().retain(|_, session| session.holds(now) && still_counts(&session.person));
    }

    /// The answer to a form of this session that came before, or a place for the answer to come;
    /// nothing when the session is over.
    pub(super) fn answer(
        &self,
        key: &SessionKey,
        request: &str,
        form: FormDigest,
    ) -> Option<Result<Told, OtherForm>> {
        Some(self.lock().get_mut(key)?.answers.of(request, form))
    }

    /// The answer that a form of this session was given.
    pub(super) fn given(&self, key: &SessionKey, request: &str) -> Option<Answer> {
        self.lock().get(key)?.answers.given(request)
    }

    /// Whether a form of this session came and has no answer yet.
    pub(super) fn is_waited_for(&self, key: &SessionKey, request: &str) -> bool {
        self.lock().get(key).is_some_and(|session| session.answers.is_waited_for(request))
    }

    /// Whether a request came in this session, and with this form.
    pub(super) fn came_with(
        &self,
        key: &SessionKey,
        request: &str,
        form: FormDigest,
    ) -> Option<bool> {
        self.lock().get(key)?.answers.is_of(request, form)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionKey, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn ends(&self) -> Instant {
        let idle = self.seen + Duration::from_millis(limits::SESSION_IDLE_MILLIS_MAX);
        idle.min(self.shift_ends())
    }

    fn shift_ends(&self) -> Instant {
        self.began + Duration::from_millis(limits::SESSION_MILLIS_MAX)
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
        assert_eq!((visit.person.name.as_str(), visit.person.number), ("ann", 3));
        assert_eq!(sessions.notice(&visit.key, late), Notice::Nothing);
        let later = late + 29 * MINUTE;
        assert!(sessions.look(&secret, later).is_some());
        assert_eq!(sessions.notice(&visit.key, later), Notice::Idle);
        assert!(sessions.visit(&secret, late + 30 * MINUTE).is_none(), "a look keeps none awake");
    }

    #[test]
    fn a_session_ends_after_its_shift_however_busy() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let secret = sessions.begin(&account("ann"), None, start).unwrap();
        let mut now = start;
        while now < start + 12 * 60 * MINUTE {
            let visit = sessions.visit(&secret, now).unwrap();
            assert_eq!(sessions.notice(&visit.key, now), Notice::Nothing);
            let late = start + (12 * 60 - 4) * MINUTE;
            if now + 20 * MINUTE > late {
                assert_eq!(sessions.notice(&visit.key, late), Notice::Shift);
            }
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
        sessions.end(&visit.key);
        assert!(life.alive.has_changed().is_ok(), "another one ended");
        sessions.end_all("ann");
        assert!(life.alive.has_changed().is_err());
        assert!(sessions.visit(&two, now).is_none() && sessions.visit(&bob, now).is_some());
        sessions.sweep(now, |person| person.is_of(&account("bob")));
        assert_eq!(sessions.count("bob", now), 1);
        sessions.sweep(now, |person| person.is_of(&account("ann")));
        assert_eq!(sessions.count("bob", now), 0);
        let carl = sessions.begin(&account("carl"), None, now).unwrap();
        sessions.leave(&carl);
        assert_eq!(sessions.count("carl", now), 0);
    }

    #[test]
    fn a_session_is_of_the_account_it_began_with() {
        let ann = account("ann");
        let person = Person::new(&ann).unwrap();
        assert!(person.is_of(&ann));
        let changes: [fn(&mut Account); 5] = [
            |account| account.disabled = true,
            |account| account.sessions += 1,
            |account| account.role = AccountRole::Auditor,
            |account| account.outlets.push("1001".to_owned()),
            // Taken out of the file, and made again.
            |account| account.created = Millis(2),
        ];
        for change in changes {
            let mut changed = ann.clone();
            change(&mut changed);
            assert!(!person.is_of(&changed), "{changed:?}");
        }
    }

    #[test]
    fn the_sessions_of_an_account_share_its_streams() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let [one, two, bob] = ["ann", "ann", "bob"].map(|name| {
            let secret = sessions.begin(&account(name), None, now).unwrap();
            sessions.look(&secret, now).unwrap().1
        });
        let all = u32::try_from(limits::ACCOUNT_STREAMS_MAX).unwrap();
        let _taken = one.streams.try_acquire_many(all).unwrap();
        assert!(two.streams.try_acquire().is_err() && bob.streams.try_acquire().is_ok());
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
