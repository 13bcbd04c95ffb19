//! What every command has in common: which journal, which accounts, which key.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use taxrefund_core::{CallOptions, CancelToken, Policy};
use taxrefund_journal::{Journal, Options, SealingKey};

use crate::accounts::Accounts;

#[derive(clap::Args)]
pub(crate) struct Place {
    /// The journal: a file, or postgres://user@host/database. A URL with a password belongs in the variable
    #[arg(long, global = true, value_name = "PLACE", env = "TAXREFUND_JOURNAL", hide_env_values = true)]
    journal: Option<String>,
    /// Accounts and keys, as JSON (the shape of the simulator's /sandbox/credentials)
    #[arg(long, global = true, value_name = "FILE", env = "TAXREFUND_ACCOUNTS")]
    accounts: Option<PathBuf>,
    /// A file with the sealing key: 64 hexadecimal digits, such as `openssl rand -hex 32` prints
    #[arg(long, global = true, value_name = "FILE", env = "TAXREFUND_SEALING_KEY_FILE")]
    sealing_key_file: Option<PathBuf>,
    /// The name under which refunds are leased; no two running programs may share one
    #[arg(long, global = true, value_name = "NAME")]
    owner: Option<String>,
    /// The earlier program of this --owner is dead for certain: take over its refunds now, not when their leases end
    #[arg(long, global = true, requires = "owner")]
    restarted: bool,
    /// The journal's last writer had a wrong clock, and this machine's is right
    #[arg(long, global = true)]
    accept_clock: bool,
    /// Test gateways only: all waits are this many thousandths of the real ones
    #[arg(long, global = true, value_name = "N", default_value_t = 1000, hide_default_value = true,
          value_parser = clap::value_parser!(u32).range(1..=1000))]
    sandbox_waits: u32,
}

impl Place {
    /// The journal, made where there is none: for whoever records the first refund.
    pub(crate) fn open_or_make(&self) -> Result<Journal> {
        self.journal(false)
    }

    /// The journal, which must exist: a mistyped name shall not make an empty one that has nothing to pay.
    pub(crate) fn open(&self) -> Result<Journal> {
        self.look()?;
        self.journal(false)
    }

    /// The journal, to look at.
    pub(crate) fn look(&self) -> Result<Journal> {
        self.journal(true)
    }

    pub(crate) fn accounts(&self) -> Result<Accounts> {
        let file = self.accounts.as_deref();
        Accounts::read(file.context("which accounts? Give --accounts FILE")?)
    }

    /// Accounts, where they were given.
    pub(crate) fn accounts_if_given(&self) -> Result<Option<Accounts>> {
        self.accounts.as_deref().map(Accounts::read).transpose()
    }

    /// How a client of these accounts calls.
    pub(crate) fn calls(&self, cancel: CancelToken) -> CallOptions {
        let policy = Policy { sandbox_wait_permille: self.sandbox_waits, ..Policy::default() };
        CallOptions { policy, cancel: Some(cancel), ..CallOptions::default() }
    }

    pub(crate) fn sealing_key(&self) -> Option<Result<SealingKey>> {
        self.sealing_key_file.as_ref().map(sealing_key)
    }

    fn journal(&self, read_only: bool) -> Result<Journal> {
        let place = self.journal.as_deref().context("which journal? Give --journal PLACE")?;
        if read_only && !place.contains("://") && !Path::new(place).exists() {
            bail!("there is no journal at {place}; only `office import` makes one");
        }
        let mut options = Options {
            sealing_key: self.sealing_key().transpose()?,
            read_only,
            accept_clock: self.accept_clock,
            owner: self.owner.clone(),
            restarted: self.restarted,
            ..Options::default()
        };
        for after in &mut options.run.take_up_again_after {
            *after = (*after * self.sandbox_waits / 1000).max(Duration::from_millis(1));
        }
        Ok(Journal::open(place, options)?)
    }
}

/// What is wrong with a key is said without the key.
pub(crate) fn sealing_key(file: &PathBuf) -> Result<SealingKey> {
    let named = || format!("the sealing key file {}", file.display());
    let text = std::fs::read_to_string(file).with_context(named)?;
    SealingKey::from_hex(&text).with_context(named)
}
