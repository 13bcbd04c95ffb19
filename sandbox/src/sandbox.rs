//! A running sandbox, from the outside.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::config::{SandboxBuilder, Settings};
use crate::credentials::Credentials;
use crate::crypto::KeyError;
use crate::faults::{FaultError, FaultMix, FaultRule};
use crate::ledger::Ledger;
use crate::notify::NotificationEntry;
use crate::payments::Payment;
use crate::server;
use crate::world::{RequestEntry, World};

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The address is not on this machine's loopback interface.
    #[error("the sandbox listens on loopback addresses only, not on {0}")]
    NotLoopback(std::net::SocketAddr),
    /// The address cannot be listened on, or no thread could be started.
    #[error("the sandbox could not start: {0}")]
    Io(#[from] io::Error),
    /// A partner's public key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A simulator that runs in a thread of its own until it is stopped or dropped.
pub struct Sandbox {
    base_url: String,
    world: Arc<World>,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Settings with their defaults: seed 1, a free port, no faults, the built-in TEST keys.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    pub(crate) fn start(settings: Settings) -> Result<Self, SandboxError> {
        if !settings.listen.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(settings.listen));
        }
        let listener = TcpListener::bind(settings.listen)?;
        listener.set_nonblocking(true)?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let run_for = settings.run_for;
        let world = Arc::new(World::new(settings, &base_url)?);
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let served = world.clone();
        let thread = std::thread::Builder::new().name("taxrefund-sandbox".to_owned()).spawn(move || {
            runtime.block_on(async move {
                if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                    tokio::spawn(server::serve(served, listener));
                    match run_for {
                        Some(limit) => drop(tokio::time::timeout(limit, stopped).await),
                        None => drop(stopped.await),
                    }
                }
            });
            // Not waiting for connections that dawdle on purpose.
            runtime.shutdown_timeout(Duration::ZERO);
        })?;
        Ok(Self { base_url, world, runtime: handle, stop: Some(stop), thread: Some(thread) })
    }

    /// Scheme, host and port: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Identities and TEST keys to call it with.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.world.credentials
    }

    /// Who was paid how often. A request that was still on its way arrives before the ledger is read.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        let (ledger, jobs) = self.world.ledger();
        for job in jobs {
            self.runtime.spawn(job.run(self.world.clone()));
        }
        ledger
    }

    /// The newest authenticated requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestEntry> {
        self.world.requests()
    }

    /// Every notification sent so far.
    #[must_use]
    pub fn notifications(&self) -> Vec<NotificationEntry> {
        self.world.books().notifications.clone()
    }

    /// Rules for one key from now on, before the mix and after magic values. The key is the order number, request id,
    /// form number (or `number/STATUS`) or account; `none` takes the rules away.
    ///
    /// # Errors
    /// Rules that cannot be read.
    pub fn provoke(&self, key: &str, rules: &str) -> Result<(), FaultError> {
        self.world.provoke(key, FaultRule::list(rules)?);
        Ok(())
    }

    /// Registers a payment, so that the refund rules about it hold.
    pub fn add_payment(&self, payment: Payment) {
        self.world.books().payments.insert(payment.payment_id.clone(), payment);
    }

    /// Forgets all orders, logs, rules of keys and payments; the seed and the mix stay.
    pub fn reset(&self) {
        self.world.reset(None, None);
    }

    /// The same with another seed and mix.
    pub fn reset_to(&self, seed: u64, faults: FaultMix) {
        self.world.reset(Some(seed), Some(faults));
    }

    /// Whether it still serves: false once its time is up.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    /// Ends it and waits until its port is free.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.end();
    }
}
