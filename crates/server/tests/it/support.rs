//! A whole server over a real node on a temporary folder, and a small HTTP client.

use identity::{Keyring, Scope, resident_id_check_character};
use journal::{Disk, JournalId, OsDisk};
use node::{Node, NodeError, State, SystemClock};
use server::operator::tokens::{NewToken, Role, TokenStore};
use server::{Listener, ServerConfig, Shared};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use types::definition::{
    Allocate, Definition, FieldKind, Fulfil, IdentityField, Item, LocalText, Outlet, Pacing,
    Publish, Register, Slot, Stock, Texts, Window,
};
use types::{
    Action, Calendar, CampaignNo, ItemNo, Millis, OperatorCommand, Outcome, OutletNo, SlotNo,
};

/// A server that runs.
pub(crate) struct Site {
    pub(crate) address: std::net::SocketAddr,
    pub(crate) node: Node,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) keyring: Arc<Keyring>,
    stop: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<()>,
    thread: JoinHandle<Result<(), NodeError>>,
}

pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Millis(u64::try_from(since.as_millis()).unwrap())
}

pub(crate) fn config() -> ServerConfig {
    ServerConfig::new("127.0.0.1:0".parse().unwrap())
}

impl Site {
    /// A server with these campaigns.
    pub(crate) async fn start(definitions: Vec<Definition>) -> Self {
        Self::start_with(definitions, &config()).await
    }

    pub(crate) async fn start_with(definitions: Vec<Definition>, config: &ServerConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let site = Self::start_in(folder, config).await;
        for definition in definitions {
            site.load(definition).await;
        }
        site
    }

    pub(crate) async fn load(&self, definition: Definition) {
        self.keyring.ensure_campaign(&definition.code, &Scope::of(&definition)).unwrap();
        let loaded = self.operate(Action::Load { definition: Box::new(definition) }).await;
        assert!(matches!(loaded, Outcome::Loaded { .. }), "{loaded:?}");
    }

    /// Waits until the journal is replayed.
    pub(crate) async fn ready(&self) {
        while self.node.status().state == State::Replaying {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn start_in(folder: tempfile::TempDir, config: &ServerConfig) -> Self {
        let disk = Arc::new(OsDisk::open(folder.path()).unwrap());
        let site = Self::start_on(folder, (disk, 1 << 20), config, || ()).await;
        site.ready().await;
        site
    }

    /// A server on this disk of the folder, with segments of so many bytes, which may not be ready
    /// yet; `opened` is called between the opening of the journal and its replay.
    pub(crate) async fn start_on(
        folder: tempfile::TempDir,
        (disk, segment_bytes): (Arc<dyn Disk>, u64),
        config: &ServerConfig,
        opened: impl FnOnce(),
    ) -> Self {
        let keyring = Arc::new(Keyring::open_or_create(folder.path(), None).unwrap());
        let (node, thread) = start_node(disk, segment_bytes, opened);
        let tokens = Arc::new(TokenStore::new(folder.path()));
        let body_time = config.connection.body_time;
        let state = Shared::new(node.clone(), keyring.clone(), tokens, body_time, folder.path());
        let listener = Listener::bind(config).unwrap();
        let address = listener.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let app = server::public_app(state, config);
        let served = tokio::spawn(listener.serve(app, async move {
            let _ = stopped.await;
        }));
        Self { address, node, folder, keyring, stop, served, thread }
    }

    pub(crate) async fn operate(&self, action: Action) -> Outcome {
        let mut record = Vec::new();
        let actor = "duty officer".to_owned();
        let command = OperatorCommand { actor, from: None, reason: "a test".into(), action };
        command.encode(&mut record).unwrap();
        self.node.submit_one(record).unwrap().await.unwrap()
    }

    /// A token's secret.
    pub(crate) fn token(&self, role: Role) -> String {
        let new =
            NewToken { name: format!("test {role}"), role, outlets: Vec::new(), expires: None };
        TokenStore::new(self.folder.path()).create(new, now()).unwrap()
    }

    /// Stops listener and node, and gives the folder back.
    pub(crate) async fn stop(self) -> tempfile::TempDir {
        let _ = self.stop.send(());
        self.served.await.unwrap();
        self.node.drain();
        tokio::task::spawn_blocking(|| node::Running::join(self.thread)).await.unwrap().unwrap();
        self.folder
    }

    pub(crate) async fn send(&self, request: &Ask<'_>) -> Answer {
        exchange(self.address, &request.bytes()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(&Ask { method: "GET", path, ..Ask::default() }).await
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: &str) -> Answer {
        self.send(&Ask { path, key: Some(key), body, ..Ask::default() }).await
    }

    pub(crate) async fn enter(&self, person: u32, key: &str, outlet: &str) -> Answer {
        self.post("/v1/campaigns/masks/entries", key, &entry(person, outlet)).await
    }
}

fn start_node(
    disk: Arc<dyn Disk>,
    segment_bytes: u64,
    opened: impl FnOnce(),
) -> (Node, JoinHandle<Result<(), NodeError>>) {
    static JOURNALS: AtomicU32 = AtomicU32::new(1);
    let mut id = [0; 16];
    id[..4].copy_from_slice(&JOURNALS.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    let config = node::Config { segment_bytes, ..node::Config::new(JournalId(id)) };
    let open = node::open(disk, config, Arc::new(SystemClock)).unwrap();
    opened();
    let (node, replies, thread) = open.start(|_| ()).unwrap().into_parts();
    tokio::spawn(replies.run());
    (node, thread)
}

/// A request to be written.
pub(crate) struct Ask<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) kind: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) headers: &'a str,
    pub(crate) body: &'a str,
}

impl Default for Ask<'_> {
    fn default() -> Self {
        let kind = Some("application/json");
        Self { method: "POST", path: "/", kind, key: None, headers: "", body: "" }
    }
}

impl Ask<'_> {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nhost: x\r\n", self.method, self.path);
        head += &format!("connection: close\r\ncontent-length: {}\r\n", self.body.len());
        if let Some(kind) = self.kind {
            head += &format!("content-type: {kind}\r\n");
        }
        if let Some(key) = self.key {
            head += &format!("idempotency-key: {key}\r\n");
        }
        format!("{head}{}\r\n{}", self.headers, self.body).into_bytes()
    }
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// What a page shows: neither its head nor the texts it brings for its scripts.
    pub(crate) fn shown(&self) -> &str {
        let (_, main) = self.text().split_once("<main").expect("a page");
        main.split_once("</main>").expect("a whole page").0
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// The problem's code.
    pub(crate) fn code(&self) -> String {
        let json = self.json();
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(json["status"], self.status, "the document repeats the status");
        json["code"].as_str().expect("problems have a code").to_owned()
    }
}

/// Sends bytes and reads until the server closes.
pub(crate) async fn exchange(address: std::net::SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has refused already may close before all is sent.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await;
    read.expect("an answer in time")
        .or_else(|error| if bytes.is_empty() { Err(error) } else { Ok(0) })
        .expect("an answer");
    parse(&bytes)
}

pub(crate) fn parse(bytes: &[u8]) -> Answer {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let values = all.entry(name.to_lowercase()).or_default();
        let comma = if values.is_empty() { "" } else { ", " };
        values.push_str(&format!("{comma}{value}"));
    }
    let headers = all;
    let mut body = bytes[end + 4..].to_vec();
    if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        body = unchunk(&body);
    }
    Answer { status, headers, body }
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").expect("a chunk's size");
        let size = std::str::from_utf8(&rest[..end]).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
    }
}

/// A made-up person's identity.
pub(crate) fn identity(person: u32) -> serde_json::Value {
    let digits = format!("44019919900101{:03}", person % 1_000);
    let check = resident_id_check_character(digits.as_bytes().try_into().unwrap());
    serde_json::json!({
        "name": "张伟",
        "id_number": format!("{digits}{}", char::from(check)),
        "phone": format!("138{person:08}"),
    })
}

pub(crate) fn entry(person: u32, outlet: &str) -> String {
    let choice = serde_json::json!({"outlet": outlet, "item": "n95", "slot": "am"});
    serde_json::json!({"identity": identity(person), "choices": [choice], "units": 1}).to_string()
}

fn text(chinese: &str, english: &str) -> LocalText {
    let texts = [("zh-CN", chinese), ("en", english)];
    texts.map(|(tag, text)| (tag.to_owned(), text.to_owned())).into()
}

/// A campaign that is open for an hour: two outlets, one item, two slots; 2 units each.
pub(crate) fn masks(publish: Publish) -> Definition {
    let hour = 3_600_000;
    let start = Millis(now().0 - hour);
    Definition {
        code: "masks".into(),
        series: None,
        calendar: Calendar::fixed("Asia/Shanghai", 8 * 3_600),
        languages: vec!["zh-CN".into(), "en".into()],
        texts: Texts {
            title: text("潮门市口罩预约", "Tidegate City masks"),
            summary: text(
                "每人可预约 1 份口罩，凭取货码到所选网点领取。",
                "One pack of masks for everybody, collected with a code at the outlet you choose.",
            ),
            pickup: text(
                "请携带本人身份证原件，在所选时段到网点出示取货码。\n过时未领，份数不再保留。",
                "Bring your identity card and show the code at the outlet in your slot.\n\
                 What is not collected in time is not kept.",
            ),
            notice: text("请勿重复登记。", "Please do not enter twice."),
        },
        items: vec![Item {
            code: "n95".into(),
            name: text("N95 口罩", "N95 masks"),
            reserved: None,
        }],
        outlets: ["o1", "o2"].map(outlet).into(),
        slots: vec![
            slot("am", "上午", "Morning", start.plus(24 * hour)),
            slot("pm", "下午", "Afternoon", start.plus(28 * hour)),
        ],
        stock: [(0, 0), (0, 1), (1, 0), (1, 1)]
            .map(|(outlet, slot)| Stock {
                outlet: OutletNo(outlet),
                item: ItemNo(0),
                slot: SlotNo(slot),
                units: 2,
            })
            .into(),
        register: Register {
            windows: vec![Window { from: start, until: start.plus(2 * hour) }],
            fields: vec![
                field("name", FieldKind::Text { pattern: None }, "姓名", "Name", false),
                field("id_number", FieldKind::ResidentId, "身份证号码", "Identity number", true),
                field("phone", FieldKind::Phone { region: "CN".into() }, "手机号", "Phone", true),
            ],
            cap: None,
            units_min: 1,
            units_max: 2,
            choices_max: 2,
            reenter_after_cancel: true,
            allow_list: false,
            registered_in: None,
        },
        allocate: Allocate::FirstCome,
        publish,
        fulfil: Fulfil::Pickup { whole_day: true },
        pacing: Pacing {
            release_percent: 100,
            retry_seconds: 5,
            poll_seconds: 5,
            jitter_seconds: 2,
            admit_per_second: None,
        },
    }
}

fn outlet(code: &str) -> Outlet {
    Outlet {
        code: code.into(),
        name: text(&format!("东堤药房 {code}"), &format!("East Dyke Pharmacy {code}")),
        district: text("东堤区", "East Dyke"),
        address: text("潮声路 18 号", "18 Tide Road"),
        position: None,
    }
}

fn slot(code: &str, chinese: &str, english: &str, from: Millis) -> Slot {
    let until = from.plus(3 * 3_600_000);
    Slot { code: code.into(), name: text(chinese, english), from, until }
}

fn field(code: &str, kind: FieldKind, chinese: &str, english: &str, unique: bool) -> IdentityField {
    IdentityField { code: code.into(), kind, label: text(chinese, english), unique }
}

pub(crate) const CAMPAIGN: CampaignNo = CampaignNo(0);
