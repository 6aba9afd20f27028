//! A node with its operator API, a small campaign, and people who enter.

use crate::support::config;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use identity::{FieldSet, Keyring, Persons, Scope, Sealer, Statement};
use journal::{JournalId, OsDisk};
use node::{Clock, Config, Node, NodeError};
use serde_json::{Value, json};
use server::console::accounts::AccountStore;
use server::console::{self, Console};
use server::operator::tokens::{NewToken, Role, TokenStore};
use server::operator::{Operator, router};
use server::{Listener, Shared, public_app};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};
use tower::ServiceExt as _;
use types::command::EnterParts;
use types::{CampaignNo, Cancel, EntryNo, Millis, Outcome, PoolNo};

/// 2030-02-01 20:30 in Shanghai: inside the window.
pub(crate) const EVENING: Millis = Millis(1_896_179_400_000);
/// 2030-02-02 10:00 in Shanghai: inside the slot.
pub(crate) const MORNING: Millis = Millis(1_896_228_000_000);

const CAMPAIGN: &str = r#"
[campaign]
code = "masks"
zone = "Asia/Shanghai"
languages = ["zh-CN", "en"]

[texts]
title = { zh-CN = "口罩预约", en = "Masks" }
summary = { zh-CN = "每人一份。", en = "One each." }
pickup = { zh-CN = "请带证件。", en = "Bring your ID." }

[[item]]
code = "N95"
name = { zh-CN = "防护口罩", en = "Respirator" }

[[slot]]
code = "am"
name = { zh-CN = "上午", en = "Morning" }
date = 2030-02-02
from = "09:00"
until = "12:00"

[tables]
outlets = "outlets.csv"
stock = "stock.csv"

[register]
windows = [{ from = "2030-02-01 20:00", until = "2030-02-01 22:00" }]
units = { min = 1, max = 5 }

[[register.field]]
code = "name"
kind = "text"
label = { zh-CN = "姓名", en = "Name" }

[[register.field]]
code = "phone"
kind = "phone"
region = "CN"
label = { zh-CN = "手机", en = "Phone" }
unique = true

[publish]
when = "at-once"
"#;

const OUTLETS: &str = "\
code,name,name.en,district,address,latitude,longitude
1001,望潮药房,Wangchao Pharmacy,望潮区,灯塔路1号,21.5,114.25
1002,听澜药房,Tinglan Pharmacy,听澜区,海堤路2号,,
";

const STOCK: &str = "outlet,item,slot,units\n1001,N95,am,40\n1002,N95,am,3\n";

#[derive(Debug)]
struct SetClock {
    now: AtomicU64,
    /// As soon as this file is there, it is that time.
    behind: Mutex<Option<(PathBuf, Millis)>>,
}

impl Clock for SetClock {
    fn now(&self) -> Millis {
        match &*self.behind.lock().unwrap() {
            Some((file, at)) if file.exists() => *at,
            _ => Millis(self.now.load(Relaxed)),
        }
    }

    fn steady(&self) -> Duration {
        node::SystemClock.steady()
    }
}

/// A running node and its operator API.
pub(crate) struct Site {
    pub(crate) folder: TempDir,
    pub(crate) node: Node,
    pub(crate) tokens: Arc<TokenStore>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) router: Router,
    pub(crate) operator: String,
    clock: Arc<SetClock>,
    thread: JoinHandle<Result<(), NodeError>>,
    pub(crate) accounts: Arc<AccountStore>,
    pub(crate) console: Arc<Console>,
    pub(crate) stop: watch::Sender<bool>,
}

/// An answer, read whole.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// What came behind the body.
    pub(crate) trailers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// The answer's JSON, when the status is as it should be.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self.json()
    }

    /// The code of the problem, when the status is as it should be.
    pub(crate) fn code(&self, status: u16) -> String {
        self.expect(status)["code"].as_str().unwrap().to_owned()
    }
}

impl Site {
    /// A node without a campaign.
    pub(crate) async fn empty() -> Self {
        Self::with(|operator| operator).await
    }

    /// A node with the campaign "masks" whose exports hold few bookings at a time.
    pub(crate) async fn holding(export_bookings_max: usize) -> Self {
        let site = Self::with(|operator| operator.holding(export_bookings_max)).await;
        site.load("at-once").await.expect(201);
        site
    }

    async fn with(change: impl FnOnce(Operator) -> Operator) -> Self {
        let mut site = Self::open(tempfile::tempdir().unwrap(), EVENING, change).await;
        site.operator = site.token("duty officer", Role::Operator, &[]);
        site
    }

    /// The node of a folder, which had been stopped, with the operator's token of then.
    pub(crate) async fn reopened(folder: TempDir, at: Millis, operator: String) -> Self {
        Self { operator, ..Self::open(folder, at, |operator| operator).await }
    }

    /// Ends the node in order, and gives its folder back.
    pub(crate) async fn stop(self) -> TempDir {
        self.node.drain();
        tokio::task::spawn_blocking(|| node::Running::join(self.thread)).await.unwrap().unwrap();
        self.folder
    }

    async fn open(folder: TempDir, at: Millis, change: impl FnOnce(Operator) -> Operator) -> Self {
        let (now, behind) = (AtomicU64::new(at.0), Mutex::new(None));
        let clock = Arc::new(SetClock { now, behind });
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let config = Config { segment_bytes: 1 << 20, ..Config::new(JournalId([7; 16])) };
        let disk = Arc::new(OsDisk::open(folder.path()).unwrap());
        let opened = node::open(disk, config, shared).unwrap();
        let (node, replies, thread) = opened.start(|_| ()).unwrap().into_parts();
        tokio::spawn(replies.run());
        while node.status().state == node::State::Replaying {
            tokio::task::yield_now().await;
        }
        let keyring = Arc::new(Keyring::open_or_create(folder.path(), None).unwrap());
        let tokens = Arc::new(TokenStore::new(folder.path()));
        let (of_node, of_keys, of_tokens) = (node.clone(), keyring.clone(), tokens.clone());
        let operator = Operator::new(of_node, of_keys, of_tokens, folder.path()).unwrap();
        let desk = Arc::new(change(operator));
        let accounts = Arc::new(AccountStore::new(folder.path()));
        let (stop, stopped) = watch::channel(false);
        let console = Console::new(Arc::clone(&desk), Arc::clone(&accounts), stopped);
        let router = router(desk).merge(console::router(Arc::clone(&console)));
        let operator = String::new();
        Self {
            folder,
            node,
            tokens,
            keyring,
            router,
            operator,
            clock,
            thread,
            accounts,
            console,
            stop,
        }
    }

    /// A node with the campaign "masks", outcomes at once.
    pub(crate) async fn new() -> Self {
        let site = Self::empty().await;
        site.load("at-once").await.expect(201);
        site
    }

    /// A node with the campaign "masks", outcomes held back.
    pub(crate) async fn held_back() -> Self {
        let site = Self::empty().await;
        site.load("by-hand").await.expect(201);
        site
    }

    pub(crate) fn set_time(&self, at: Millis) {
        self.clock.now.store(at.0, Relaxed);
    }

    /// Lets it be that time as soon as a file is there, in the middle of what makes it.
    pub(crate) fn set_time_behind(&self, file: PathBuf, at: Millis) {
        *self.clock.behind.lock().unwrap() = Some((file, at));
    }

    /// The public listener of the same node, until the sender is dropped.
    pub(crate) fn serve_public(&self) -> (SocketAddr, oneshot::Sender<()>) {
        let (node, keys, tokens) = (self.node.clone(), self.keyring.clone(), self.tokens.clone());
        let state = Shared::new(node, keys, tokens, Duration::from_secs(10), self.folder.path());
        let listener = Listener::bind(&config()).unwrap();
        let address = listener.address();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(listener.serve(public_app(state, &config()), async move {
            let _dropped = stopped.await;
        }));
        (address, stop)
    }

    pub(crate) fn token(&self, name: &str, role: Role, outlets: &[&str]) -> String {
        let outlets = outlets.iter().map(|code| (*code).to_owned()).collect();
        let new = NewToken { name: name.to_owned(), role, outlets, expires: None };
        self.tokens.create(new, self.clock.now()).unwrap()
    }

    pub(crate) fn files(publish: &str) -> Value {
        let toml = CAMPAIGN.replace("at-once", publish);
        json!({ "file": "c.toml", "reason": "planned", "files": [
            { "name": "c.toml", "text": toml },
            { "name": "outlets.csv", "text": OUTLETS },
            { "name": "stock.csv", "base64": base64(STOCK) },
        ]})
    }

    pub(crate) async fn load(&self, publish: &str) -> Answer {
        self.post("/v1/operator/campaigns", &Self::files(publish)).await
    }

    pub(crate) async fn act(&self, body: Value) -> Answer {
        self.post("/v1/operator/campaigns/masks/actions", &body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, Some(&self.operator), None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(&self.operator), Some(body), &[]).await
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let read = body.collect().await.unwrap();
        let trailers = read.trailers().cloned().unwrap_or_default();
        let bytes = read.to_bytes().to_vec();
        Answer { status: head.status, headers: head.headers, trailers, bytes }
    }

    /// Person `number` enters for `units` at an outlet; the request has the same number.
    pub(crate) async fn enter(&self, number: u32, pool: u32, units: u8) -> Outcome {
        let definition = Arc::clone(&self.node.view().by_code("masks").unwrap().definition);
        let keys = self.keyring.campaign_keys("masks", &Scope::of(&definition)).unwrap();
        let persons = Persons::new(&definition, &keys);
        let mut statement = Statement::new();
        let (name, phone) = (format!("张{number}"), phone(number));
        let fields = FieldSet::new(&definition).unwrap();
        let today = definition.calendar.day(EVENING);
        fields.normalise(&[&name, &phone], today, &mut statement).unwrap();
        let mut sealed = Vec::new();
        Sealer::new("masks", &keys).seal(&statement, &mut sealed);
        let choices = [PoolNo(pool)];
        let mut record = Vec::new();
        let parts = EnterParts {
            campaign: CampaignNo(0),
            request: identity::request_id(&format!("person-{number}")).unwrap(),
            digests: persons.digests(&statement, units, &choices),
            units,
            choices: &choices,
            keys: &persons.keys(&statement),
            sealed: &sealed,
        };
        parts.encode(&mut record);
        self.node.submit_one(record).unwrap().await.unwrap()
    }

    pub(crate) async fn cancel(&self, entry: u32) -> Outcome {
        let mut record = Vec::new();
        Cancel { campaign: CampaignNo(0), entry: EntryNo(entry) }.encode(&mut record);
        self.node.submit_one(record).unwrap().await.unwrap()
    }

    /// The pickup code of an entry.
    pub(crate) fn code(&self, entry: u32) -> String {
        let codes = identity::Codes::new(&self.keyring.code_key());
        codes.encode(CampaignNo(0), EntryNo(entry)).to_string()
    }
}

/// A made-up mobile number.
pub(crate) fn phone(number: u32) -> String {
    format!("1380000{number:04}")
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
