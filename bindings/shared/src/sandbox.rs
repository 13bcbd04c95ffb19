//! The simulator, started from JSON settings.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde::Deserialize;
use taxrefund_sandbox::{FaultMix, Payment, Sandbox};

use crate::{Problem, settings};

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    port: u16,
    seed: u64,
    faults: String,
    delay_ms: u64,
    drip_ms: u64,
    allow_rsa_sha1: bool,
    run_for_s: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            seed: 1,
            faults: "none".to_owned(),
            delay_ms: 10_000,
            drip_ms: 1_000,
            allow_rsa_sha1: false,
            run_for_s: None,
        }
    }
}

/// Starts a simulator: `{"port", "seed", "faults", "delay_ms", "drip_ms", "allow_rsa_sha1", "run_for_s"}`, all optional.
///
/// # Errors
/// Settings that cannot be read, a port that is taken.
pub fn start(text: &str) -> Result<Sandbox, Problem> {
    let given: Settings = settings("sandbox", text)?;
    let mut builder = Sandbox::builder()
        .listen(SocketAddr::from((Ipv4Addr::LOCALHOST, given.port)))
        .seed(given.seed)
        .faults(FaultMix::parse(&given.faults)?)
        .long_delay(Duration::from_millis(given.delay_ms))
        .drip_interval(Duration::from_millis(given.drip_ms))
        .allow_rsa_sha1(given.allow_rsa_sha1);
    if let Some(seconds) = given.run_for_s {
        builder = builder.run_for(Duration::from_secs(seconds));
    }
    Ok(builder.start()?)
}

/// Registers a payment, so that Antom's refund rules about it hold.
///
/// # Errors
/// A payment that cannot be read.
pub fn add_payment(sandbox: &Sandbox, text: &str) -> Result<(), Problem> {
    sandbox.add_payment(settings::<Payment>("payment", text)?);
    Ok(())
}

/// Identities and TEST keys, as JSON.
#[must_use]
pub fn credentials(sandbox: &Sandbox) -> String {
    crate::json(sandbox.credentials())
}

/// Who was paid how often, as JSON.
#[must_use]
pub fn ledger(sandbox: &Sandbox) -> String {
    crate::json(&sandbox.ledger())
}

/// The newest authenticated requests, as JSON.
#[must_use]
pub fn requests(sandbox: &Sandbox) -> String {
    crate::json(&sandbox.requests())
}

/// Every notification sent so far, as JSON.
#[must_use]
pub fn notifications(sandbox: &Sandbox) -> String {
    crate::json(&sandbox.notifications())
}
