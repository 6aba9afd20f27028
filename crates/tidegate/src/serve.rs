//! `tidegate serve`: a node with its listeners, from start to drained end.
//!
//! Owns: the wiring and the order of starting and stopping. Stopping: listeners take no new
//! requests, the node answers what it accepted, then the process ends. A node that fails takes
//! the process with it, with its own exit code.

use crate::config::Config;
use crate::exit::Coded;
use crate::{descriptors, exposed, opening};
use anyhow::{Context as _, Result};
use identity::Keyring;
use node::{Node, NodeError, Running};
use server::console::accounts::AccountStore;
use server::console::{self, Console};
use server::operator::tokens::TokenStore;
use server::operator::{self, Operator};
use server::{Listener, ServerConfig, Shared, TlsFiles};
use std::io::IsTerminal as _;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Run a node.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The data folder: journal, snapshots, keys, tokens; made if it is not there
    #[arg(long, value_name = "FOLDER")]
    data: PathBuf,
    /// The configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the public API and the pages are served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Where the operator API and /metrics are served [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS")]
    operator_listen: Option<SocketAddr>,
}

/// Serve constant answers on the same stack.
#[derive(Debug, clap::Args)]
pub(crate) struct DoNothing {
    /// Where
    #[arg(long, value_name = "ADDRESS")]
    listen: SocketAddr,
}

/// A node that serves.
pub(crate) struct Serving {
    pub(crate) node: Node,
    pub(crate) public: SocketAddr,
    pub(crate) operator: SocketAddr,
    pub(crate) keyring: Arc<Keyring>,
    stop: watch::Sender<bool>,
    listeners: Vec<tokio::task::JoinHandle<()>>,
    ledger: JoinHandle<Result<(), NodeError>>,
    runtime: Runtime,
}

/// Runs a node until it is told to stop.
pub(crate) fn run(args: Args) -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("TIDEGATE_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let mut config = Config::read(args.config.as_deref())?;
    config.listen = args.listen.unwrap_or(config.listen);
    config.operator_listen = args.operator_listen.unwrap_or(config.operator_listen);
    // Heard before anybody can know that we are there: who sees us serve may stop us in order.
    let (serving, signals) = start_with(&args.data, &config, StopSignals::hear)?;
    tracing::info!(public = %serving.public, operator = %serving.operator, "serving");
    serving.runtime.block_on(signals.either());
    tracing::info!("stopping: answering what was accepted");
    serving.stop()?;
    tracing::info!("stopped");
    Ok(())
}

/// Starts a node and its listeners.
pub(crate) fn start(folder: &Path, config: &Config) -> Result<Serving> {
    start_with(folder, config, || Ok(())).map(|(serving, ())| serving)
}

/// Starts a node and its listeners; `before` runs inside the runtime before any of them answers.
fn start_with<T>(
    folder: &Path,
    config: &Config,
    before: impl FnOnce() -> Result<T>,
) -> Result<(Serving, T)> {
    let connections = descriptors::fit(config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("http")
        .build()
        .map_err(no_thread)?;
    let _inside = runtime.enter();
    refuse_one_address_for_both(config)?;
    let public_config = server_config(config.listen, config, connections.public)?;
    let operator_config = server_config(config.operator_listen, config, connections.operators)?;
    // Ports first: a port that is taken is the commonest mistake, and nothing is touched yet.
    let public = bind(&public_config)?;
    let operator = bind(&operator_config)?;
    let site = opening::open(folder, config)?;
    let running = site.opened.start(|ended| {
        if let Err(error) = ended {
            // Requests in flight must not wait for a node that is gone, nor be told "failed"
            // when the truth is "not known": the process ends at once.
            end_process(error);
        }
    })?;
    let (node, replies, ledger) = running.into_parts();
    let tokens = Arc::new(TokenStore::new(folder));
    if let Err(error) = tokens.list() {
        // Nobody but operators needs them, and it can be mended without a restart.
        let code = error.code();
        tracing::warn!(code, %error, "every token is refused until this is mended");
    }
    let keyring = site.keyring;
    if let Err(error) = keyring.draw_key() {
        // Made here, so that no request for a receipt has to write the key ring.
        let code = error.code();
        tracing::warn!(code, %error, "draws have no key to sign with until this is mended");
    }
    let body_time = public_config.connection.body_time;
    let state =
        Shared::new(node.clone(), Arc::clone(&keyring), Arc::clone(&tokens), body_time, folder);
    let desk = Operator::new(node.clone(), Arc::clone(&keyring), tokens, folder)
        .map_err(|error| opening::refused(&folder.join("scratch"), error))?;
    // By now all folders are there.
    exposed::warn_of_folders(folder, config.archive.as_deref());
    config.tls.iter().for_each(exposed::warn_of_tls_key);
    let desk = Arc::new(desk);
    let (stop, _) = watch::channel(false);
    let console = Console::new(Arc::clone(&desk), accounts(folder), stop.subscribe());
    let desk = operator::router(desk).merge(console::router(Arc::clone(&console)));
    let addresses = (public.address(), operator.address());
    let app = server::public_app(state, &public_config);
    let desk = server::router_app(desk, &operator_config);
    let heard = before()?;
    runtime.spawn(replies.run());
    let listeners = vec![
        runtime.spawn(public.serve(app, stopped(stop.subscribe()))),
        runtime.spawn(operator.serve(desk, stopped(stop.subscribe()))),
    ];
    runtime.spawn(console.run());
    runtime.spawn(finish_shreds(node.clone(), Arc::clone(&keyring)));
    let (public, operator) = addresses;
    drop(_inside);
    let serving = Serving { node, public, operator, keyring, stop, listeners, ledger, runtime };
    Ok((serving, heard))
}

impl Serving {
    /// Stops listening, answers what was accepted, ends the node.
    pub(crate) fn stop(self) -> Result<()> {
        // Without listeners nobody is left to be told.
        let _nobody_left = self.stop.send(true);
        for listener in self.listeners {
            self.runtime.block_on(listener).context("a listener ended badly")?;
        }
        self.node.drain();
        Running::join(self.ledger)?;
        Ok(())
    }
}

/// The accounts of the console. Nobody but its users needs them, and they can be mended without a
/// restart.
fn accounts(folder: &Path) -> Arc<AccountStore> {
    let accounts = AccountStore::new(folder);
    if let Err(error) = accounts.list() {
        let code = error.code();
        tracing::warn!(code, %error, "nobody can log in to the console until this is mended");
    }
    Arc::new(accounts)
}

/// Port 0 is any free port, never the same for both.
fn refuse_one_address_for_both(config: &Config) -> Result<()> {
    let (public, operator) = (config.listen, config.operator_listen);
    let (one, other) = (public.ip(), operator.ip());
    let is_one = stands_for(one, other) || stands_for(other, one);
    if public.port() != operator.port() || public.port() == 0 || !is_one {
        return Ok(());
    }
    let what = format!(
        "the public listener ({public}) and the operator listener ({operator}) would have one \
         address, and each needs its own. Give one of them another port, with --listen or \
         --operator-listen, or with `listen` or `operator_listen` in the configuration file. \
         Nothing was changed"
    );
    Err(Coded::error("configuration", &what))
}

/// Whether who listens at an address has the other one, too.
fn stands_for(address: IpAddr, other: IpAddr) -> bool {
    match address {
        IpAddr::V4(all) if all.is_unspecified() => other.is_ipv4(),
        IpAddr::V6(all) if all.is_unspecified() => true,
        one => one == other,
    }
}

fn server_config(
    listen: SocketAddr,
    config: &Config,
    connections_max: usize,
) -> Result<ServerConfig> {
    let mut server = ServerConfig::new(listen);
    server.connection.connections_max = connections_max;
    server.tls = config
        .tls
        .as_ref()
        .map(|tls| TlsFiles { certificate: tls.certificate.clone(), key: tls.key.clone() });
    for proxy in &config.trusted_proxies {
        let network = proxy.parse().map_err(|error| Coded::error("configuration", &error))?;
        server.trusted_proxies.push(network);
    }
    Ok(server)
}

fn bind(config: &ServerConfig) -> Result<Listener> {
    Listener::bind(config).map_err(|error| Coded::error(error.code(), &error))
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    // A dropped sender means stop, too.
    drop(stop.wait_for(|stop| *stop).await);
}

/// Destroys keys that a crash left behind after a campaign was shredded.
async fn finish_shreds(node: Node, keyring: Arc<Keyring>) {
    while node.status().state == node::State::Replaying {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let Ok(look) = node.read(move |ledger| operator::finish_shreds(ledger, &keyring)) else {
        return;
    };
    if let Ok(Err(error)) = look.await {
        tracing::error!(%error, "keys of a shredded campaign could not be destroyed");
    }
}

fn no_thread(error: std::io::Error) -> anyhow::Error {
    Coded::caused("no-thread", "the HTTP threads cannot be started", error).into()
}

fn end_process(error: &NodeError) -> ! {
    let words = Coded::error(error.code(), error);
    tracing::error!(code = error.code(), %error, "the node has failed");
    let _shown = crate::exit::explain(&words);
    std::process::exit(i32::from(crate::exit::number(error.code())));
}

/// The two signals that stop a server in good order.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// From now on they no longer end the process by themselves.
    fn hear() -> Result<Self> {
        let heard = |kind| signal(kind).context("signals cannot be heard");
        let terminate = heard(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: heard(SignalKind::interrupt())? })
    }

    /// Waits for either, or finds that it has come already.
    async fn either(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Serves constant answers until it is told to stop.
pub(crate) fn do_nothing(args: DoNothing) -> Result<()> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(no_thread)?;
    let _inside = runtime.enter();
    let config = ServerConfig::new(args.listen);
    let listener = bind(&config)?;
    let app = server::router_app(server::do_nothing(), &config);
    runtime.block_on(listener.serve(app, StopSignals::hear()?.either()));
    Ok(())
}
