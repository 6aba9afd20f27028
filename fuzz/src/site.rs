//! A whole server in this process, on a disk in memory: public and operator listeners.
//!
//! Invariants: it begins the same each time, and is replaced before what it took in grows large.

use crate::exchange::{Answer, Line};
use crate::records::{START, definition, operator};
use identity::{Keyring, Scope};
use journal::JournalId;
use node::{Clock, Node, State};
use serde_json::{Value, json};
use server::operator::Operator;
use server::operator::tokens::{NewToken, Role, TokenStore};
use server::{Handler, Listener, ServerConfig, Shared};
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Runtime;
use types::{Definition, Millis, Outcome};

/// An entry that is there from the start.
const FIRST: &str = r#"{"identity":{"id_number":"440199199001010033","phone":"13800138003"},
    "choices":[{"outlet":"o1","item":"n95","slot":"am"}],"units":1}"#;
/// Requests after which a site is replaced.
const REQUESTS_MAX: u32 = 4_000;
const SEGMENT_BYTES: u64 = 1 << 20;

/// A server and the way to ask it.
pub(crate) struct Site {
    node: Node,
    public: Line,
    operator: Line,
    token: String,
    /// Of an entry that was made at the start.
    receipt: String,
    requests: u32,
    runtime: Option<Runtime>,
    /// Holds keys and tokens; gone with the site.
    _folder: tempfile::TempDir,
}

/// The server of this process, ready.
pub(crate) struct Use(MutexGuard<'static, Option<Site>>);

/// A clock that stands still: answers do not depend on when they were asked for.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Millis {
        Millis(START + 1)
    }

    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

impl Use {
    pub(crate) fn begin() -> Self {
        static SITE: Mutex<Option<Site>> = Mutex::new(None);
        // A finding leaves it as it was; the next use begins a new one.
        let mut site = SITE.lock().unwrap_or_else(|poisoned| {
            let mut site = PoisonError::into_inner(poisoned);
            *site = None;
            SITE.clear_poison();
            site
        });
        if site.as_ref().is_none_or(|site| REQUESTS_MAX < site.requests) {
            *site = None;
            *site = Some(Site::start());
        }
        Self(site)
    }

    fn site(&mut self) -> &mut Site {
        self.0.as_mut().expect("it was begun")
    }

    /// A header with the token that operators have, for front ends.
    pub(crate) fn authorization(&mut self) -> String {
        format!("authorization: Bearer {}\r\n", self.site().token)
    }

    /// The receipt of an entry that was there from the start.
    pub(crate) fn receipt(&mut self) -> String {
        self.site().receipt.clone()
    }

    /// Asks the public listener.
    pub(crate) fn public(&mut self, head: &str, body: &[u8]) -> Answer {
        let site = self.site();
        site.requests += 1;
        let answer = site.public.ask(head, body);
        site.holds(&answer);
        answer
    }

    /// Asks the operator listener, with a token.
    pub(crate) fn operator(&mut self, path: &str, body: &[u8]) -> Answer {
        let site = self.site();
        site.requests += 1;
        let head = format!(
            "POST {path} HTTP/1.1\r\ncontent-type: application/json\r\n\
             idempotency-key: k{:x}\r\nauthorization: Bearer {}\r\n",
            Sha256::digest(body)[0],
            site.token
        );
        let answer = site.operator.ask(&head, body);
        site.holds(&answer);
        answer
    }
}

impl Site {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("the system gives a thread");
        let folder = tempfile::tempdir().expect("a folder for keys");
        let keyring = Keyring::open_or_create(folder.path(), None).expect("keys can be made");
        let keyring = Arc::new(keyring);
        let tokens = Arc::new(TokenStore::new(folder.path()));
        let new = NewToken {
            name: "duty officer".into(),
            role: Role::Operator,
            outlets: Vec::new(),
            expires: None,
        };
        let token = tokens.create(new, Still.now()).expect("a token can be made");
        let guard = runtime.enter();
        let node = begin_node();
        let mut config = ServerConfig::new(([127, 0, 0, 1], 0).into());
        config.connection.idle_time = Duration::from_secs(3_600);
        let body_time = config.connection.body_time;
        let shared =
            Shared::new(node.clone(), keyring.clone(), tokens.clone(), body_time, folder.path());
        let public = listen(&runtime, &config, server::public_app(shared, &config));
        let of = Operator::new(node.clone(), keyring.clone(), tokens, folder.path());
        let router = server::operator::router(Arc::new(of.expect("a working folder")));
        let operator = listen(&runtime, &config, server::router_app(router, &config));
        drop(guard);
        let mut site = Self {
            node,
            public,
            operator,
            token,
            receipt: String::new(),
            requests: 0,
            runtime: Some(runtime),
            _folder: folder,
        };
        site.load("masks", &keyring);
        site.load("spare", &keyring);
        let head = "POST /v1/campaigns/masks/entries HTTP/1.1\r\n\
            content-type: application/json\r\nidempotency-key: first\r\n";
        let booked = site.public.ask(head, FIRST.as_bytes());
        let booked: Value = serde_json::from_slice(&booked.body).expect("the API speaks JSON");
        site.receipt = booked["receipt"].as_str().expect("it was booked").to_owned();
        site
    }

    fn load(&self, code: &str, keyring: &Keyring) {
        let mut definition = definition(code, "at-once");
        for stock in definition["stock"].as_array_mut().expect("a list") {
            stock["units"] = json!(100_000);
        }
        let record = operator(&json!({ "do": "load", "definition": definition }));
        let definition: Definition = serde_json::from_value(definition).expect("a definition");
        keyring.ensure_campaign(code, &Scope::of(&definition)).expect("keys can be made");
        let runtime = self.runtime.as_ref().expect("it runs");
        let pending = self.node.submit_one(record).expect("the node takes it");
        let outcome = runtime.block_on(pending).expect("the node answers");
        assert!(matches!(outcome, Outcome::Loaded { .. }), "{outcome:?}");
    }

    /// What holds of every answer: it is no fault of the server's, and its node goes on.
    fn holds(&self, answer: &Answer) {
        let text = String::from_utf8_lossy(&answer.body);
        assert!(answer.status < 500, "{}: {text}", answer.status);
        let state = self.node.status().state;
        assert!(state == State::Ready, "{state:?} after {text}");
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.node.drain();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn begin_node() -> Node {
    let config =
        node::Config { segment_bytes: SEGMENT_BYTES, ..node::Config::new(JournalId([7; 16])) };
    let disk = Arc::new(simdisk::SimDisk::default());
    let opened = node::open(disk, config, Arc::new(Still)).expect("an empty disk becomes a node");
    let (node, replies, _thread) = opened.start(|_| ()).expect("it starts").into_parts();
    tokio::spawn(replies.run());
    while node.status().state == State::Replaying {
        std::thread::yield_now();
    }
    node
}

fn listen<H: Handler>(runtime: &Runtime, config: &ServerConfig, handler: Arc<H>) -> Line {
    let listener = Listener::bind(config).expect("loopback has a free port");
    let address = listener.address();
    runtime.spawn(listener.serve(handler, std::future::pending()));
    Line::new(address)
}
