//! What a sandbox is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::faults::FaultMix;
use crate::{Sandbox, SandboxError};

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) listen: SocketAddr,
    pub(crate) faults: FaultMix,
    pub(crate) partner_public_keys: PartnerPublicKeys,
    pub(crate) accounts: Accounts,
    pub(crate) notifications: NotificationSettings,
    pub(crate) long_delay: Duration,
    pub(crate) drip_interval: Duration,
    pub(crate) run_for: Option<Duration>,
    pub(crate) log_limit: usize,
    pub(crate) allow_rsa_sha1: bool,
}

/// The caller's public keys (SPKI PEM) where the built-in TEST keys are not used.
#[derive(Debug, Clone, Default)]
pub struct PartnerPublicKeys {
    /// For the open gateway.
    pub alipay: Option<String>,
    /// For Alipay+.
    pub alipay_plus: Option<String>,
    /// For Antom.
    pub antom: Option<String>,
}

/// The caller's identities where the built-in ones are not used.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// The open gateway's app in public key mode.
    pub app_id: Option<String>,
    /// Alipay+'s client id.
    pub alipay_plus_client_id: Option<String>,
    /// Antom's client id; the prefix `SANDBOX_` decides about the path.
    pub antom_client_id: Option<String>,
}

/// When notifications go out.
#[derive(Debug, Clone)]
pub struct NotificationSettings {
    /// From the final result to the first sending.
    pub delay: Duration,
    /// The same under `notification-late`.
    pub late_delay: Duration,
    /// Waits before each redelivery of a notification that was not acknowledged.
    pub redelivery: Vec<Duration>,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            delay: Duration::from_millis(50),
            late_delay: Duration::from_secs(2),
            redelivery: [100, 300, 1000].map(Duration::from_millis).to_vec(),
        }
    }
}

/// Collects the settings of a [`Sandbox`].
#[derive(Debug, Clone)]
#[must_use]
pub struct SandboxBuilder {
    settings: Settings,
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings {
                seed: 1,
                listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                faults: FaultMix::none(),
                partner_public_keys: PartnerPublicKeys::default(),
                accounts: Accounts::default(),
                notifications: NotificationSettings::default(),
                long_delay: Duration::from_secs(10),
                drip_interval: Duration::from_secs(1),
                run_for: None,
                log_limit: 100_000,
                allow_rsa_sha1: false,
            },
        }
    }

    /// Where all choices and reference numbers come from (default 1).
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The loopback address to listen on (default `127.0.0.1:0`, a free port).
    pub fn listen(mut self, listen: SocketAddr) -> Self {
        self.settings.listen = listen;
        self
    }

    /// The seeded mix (default none).
    pub fn faults(mut self, faults: FaultMix) -> Self {
        self.settings.faults = faults;
        self
    }

    /// Keys of one's own in place of the built-in TEST keys.
    pub fn partner_public_keys(mut self, keys: PartnerPublicKeys) -> Self {
        self.settings.partner_public_keys = keys;
        self
    }

    /// Identities of one's own in place of the built-in ones.
    pub fn accounts(mut self, accounts: Accounts) -> Self {
        self.settings.accounts = accounts;
        self
    }

    /// When notifications go out.
    pub fn notifications(mut self, notifications: NotificationSettings) -> Self {
        self.settings.notifications = notifications;
        self
    }

    /// The wait of the scenario `delay` (default 10 s).
    pub fn long_delay(mut self, delay: Duration) -> Self {
        self.settings.long_delay = delay;
        self
    }

    /// The wait between two bytes of the scenario `drip` (default 1 s).
    pub fn drip_interval(mut self, interval: Duration) -> Self {
        self.settings.drip_interval = interval;
        self
    }

    /// Ends the sandbox by itself after this time (default never).
    pub fn run_for(mut self, limit: Duration) -> Self {
        self.settings.run_for = Some(limit);
        self
    }

    /// How many requests the log keeps, the newest ones (default 100,000; 0 for none). The ledger keeps all.
    pub fn log_limit(mut self, entries: usize) -> Self {
        self.settings.log_limit = entries;
        self
    }

    /// Accepts requests with `sign_type=RSA` (SHA-1) at the open gateway, and signs their answers likewise.
    pub fn allow_rsa_sha1(mut self, allow: bool) -> Self {
        self.settings.allow_rsa_sha1 = allow;
        self
    }

    /// Starts the sandbox in a thread of its own.
    ///
    /// # Errors
    /// The address is not a loopback address or cannot be listened on, or a key cannot be read.
    pub fn start(self) -> Result<Sandbox, SandboxError> {
        Sandbox::start(self.settings)
    }
}
