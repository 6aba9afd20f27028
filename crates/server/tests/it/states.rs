//! A node that is not ready, seen from outside: while it starts, and while its disk is full.

use crate::support::{Answer, Ask, Site, config, entry, exchange, masks};
use journal::{Access, Disk, DiskFile, OsDisk};
use server::operator::tokens::{Role, TokenStore};
use server::operator::{Operator, router};
use server::{Listener, router_app};
use std::io;
use std::sync::{Arc, Condvar, Mutex};
use tokio::sync::oneshot;
use types::definition::Publish;

const PATH: &str = "/v1/campaigns/masks/entries";

/// A real disk that can be full, or keep its readers waiting.
#[derive(Debug)]
struct Troubled {
    disk: OsDisk,
    trouble: Arc<Trouble>,
}

#[derive(Debug, Default)]
struct Trouble {
    now: Mutex<Now>,
    changed: Condvar,
}

/// What is wrong with the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Now {
    #[default]
    Nothing,
    Full,
    Silent,
}

impl Trouble {
    fn set(&self, now: Now) {
        *self.now.lock().unwrap() = now;
        self.changed.notify_all();
    }

    fn is_full(&self) -> bool {
        *self.now.lock().unwrap() == Now::Full
    }

    fn wait_for_silence_to_end(&self) {
        let now = self.now.lock().unwrap();
        drop(self.changed.wait_while(now, |now| *now == Now::Silent).unwrap());
    }
}

#[derive(Debug)]
struct TroubledFile {
    file: Arc<dyn DiskFile>,
    trouble: Arc<Trouble>,
}

impl Troubled {
    fn file(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(TroubledFile { file, trouble: Arc::clone(&self.trouble) })
    }
}

impl Disk for Troubled {
    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.disk.create_folder(path)
    }
    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        if self.trouble.is_full() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(self.file(self.disk.create(path)?))
    }
    fn open(&self, path: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(self.disk.open(path, access)?))
    }
    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.disk.list(folder)
    }
    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.disk.sync_folder(folder)
    }
}

impl DiskFile for TroubledFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.trouble.wait_for_silence_to_end();
        self.file.read_at(buffer, offset)
    }
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.file.write_at(bytes, offset)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
    fn set_length(&self, bytes: u64) -> io::Result<()> {
        self.file.set_length(bytes)
    }
    fn try_lock(&self) -> io::Result<bool> {
        self.file.try_lock()
    }
}

fn troubled(folder: &tempfile::TempDir) -> (Arc<Troubled>, Arc<Trouble>) {
    let trouble = Arc::new(Trouble::default());
    let disk = OsDisk::open(folder.path()).unwrap();
    (Arc::new(Troubled { disk, trouble: Arc::clone(&trouble) }), trouble)
}

fn told(answer: &Answer) -> (u16, String, &str) {
    (answer.status, answer.code(), answer.headers["retry-after"].as_str())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_look_ups_go_on() {
    let definition = {
        let mut definition = masks(Publish::AtOnce);
        definition.stock.iter_mut().for_each(|stock| stock.units = 100_000);
        // There are only a thousand made-up identity numbers.
        definition
            .register
            .fields
            .iter_mut()
            .for_each(|field| field.unique = field.code == "phone");
        definition
    };
    let folder = tempfile::tempdir().unwrap();
    let (disk, trouble) = troubled(&folder);
    let site = Site::start_on(folder, (disk, 16 << 10), &config(), || ()).await;
    site.ready().await;
    site.load(definition).await;
    let first = site.enter(0, "first", "o1").await.json();
    let receipt = format!("/v1/entries/{}", first["receipt"].as_str().unwrap());
    trouble.set(Now::Full);
    let mut last = 0;
    let refused = loop {
        last += 1;
        let answer = site.enter(last, &format!("k{last}"), "o1").await;
        if answer.status != 201 {
            break answer;
        }
        assert!(last < 10_000, "segments of 16 KiB fill up");
    };
    assert_eq!(told(&refused), (503, "journal-full".into(), "10"));
    assert_eq!(site.get(&receipt).await.json()["number"], 1, "look-ups are answered");
    assert_eq!(site.get("/v1/campaigns/masks/status").await.status, 200);
    assert_eq!(site.get("/readyz").await.json()["state"], "full");
    let cancelled = site.send(&Ask { method: "DELETE", path: &receipt, ..Ask::default() }).await;
    assert_eq!(told(&cancelled), (503, "journal-full".into(), "10"));

    trouble.set(Now::Nothing);
    while site.get("/readyz").await.status != 200 {
        tokio::task::yield_now().await;
    }
    let again = site.enter(last, &format!("k{last}"), "o1").await;
    assert_eq!((again.status, &again.json()["number"]), (201, &(last + 1).into()));
    site.stop().await;
}

/// The operator's listener of a site, until the sender is dropped.
fn serve_operator(site: &Site) -> (std::net::SocketAddr, oneshot::Sender<()>) {
    let tokens = Arc::new(TokenStore::new(site.folder.path()));
    let (node, keyring) = (site.node.clone(), Arc::clone(&site.keyring));
    let operator = Operator::new(node, keyring, tokens, site.folder.path()).unwrap();
    let listener = Listener::bind(&config()).unwrap();
    let address = listener.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let app = router_app(router(Arc::new(operator)), &config());
    tokio::spawn(listener.serve(app, async move {
        let _dropped = stopped.await;
    }));
    (address, stop)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_journal_is_replayed_both_listeners_say_starting() {
    let site = Site::start(vec![masks(Publish::AtOnce)]).await;
    let token = site.token(Role::Operator);
    let receipt = site.enter(1, "k", "o1").await.json()["receipt"].as_str().unwrap().to_owned();
    let folder = site.stop().await;
    let (disk, trouble) = troubled(&folder);
    let silence = Arc::clone(&trouble);
    let site =
        Site::start_on(folder, (disk, 1 << 20), &config(), move || silence.set(Now::Silent)).await;
    let (operator, _stop) = serve_operator(&site);
    let ask = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\n\r\n"
        )
    };
    let starting = (503, "starting".to_owned(), "2");
    let receipt = format!("/v1/entries/{receipt}");
    for path in ["/v1/campaigns", "/v1/campaigns/masks", "/c/masks", receipt.as_str()] {
        assert_eq!(told(&site.get(path).await), starting, "{path}");
    }
    let entering = site.post(PATH, "k", &entry(1, "o1")).await;
    assert_eq!(told(&entering), starting);
    for path in ["/v1/operator/campaigns", "/v1/operator/campaigns/masks", "/v1/operator/actions"] {
        let answer = exchange(operator, ask(path).as_bytes()).await;
        assert_eq!(told(&answer), starting, "{path}");
    }
    assert_eq!(site.get("/livez").await.status, 200);
    let ready = site.get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["state"]), (503, &"replaying".into()));
    assert_eq!(exchange(operator, ask("/metrics").as_bytes()).await.status, 200);

    trouble.set(Now::Nothing);
    while site.get("/readyz").await.status != 200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(site.get(&receipt).await.status, 200);
    let campaigns = exchange(operator, ask("/v1/operator/campaigns").as_bytes()).await;
    assert_eq!(campaigns.json()[0]["entries"], 1);
    site.stop().await;
}
