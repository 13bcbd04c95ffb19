//! Accounts at the simulator, and journals in folders that go away.

#![allow(dead_code, reason = "each test program uses a part")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use taxrefund_core::alipay::Platform;
use taxrefund_core::operations::{Entry, find};
use taxrefund_core::{
    CallOptions, Client, Environment, HttpTransport, MerchantKey, Policy, Prepared, PrivateKey, PublicKey,
    Transport, TransportConfig, alipay, alipay_plus, antom,
};
use taxrefund_journal::{Journal, Options};
use taxrefund_sandbox::{FaultMix, Sandbox, SandboxBuilder};

/// A folder of its own, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("taxrefund-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn journal(&self) -> Journal {
        self.journal_with(Options::default())
    }

    pub(crate) fn journal_with(&self, options: Options) -> Journal {
        Journal::open(&self.file("refunds.db"), options).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn sandbox(faults: &str) -> Sandbox {
    builder(faults).start().unwrap()
}

pub(crate) fn builder(faults: &str) -> SandboxBuilder {
    Sandbox::builder().seed(1).faults(FaultMix::parse(faults).unwrap())
}

pub(crate) fn http() -> Arc<dyn Transport> {
    Arc::new(HttpTransport::new(TransportConfig { no_proxy: true, ..TransportConfig::default() }).unwrap())
}

/// No waits at all: what would take minutes takes none.
pub(crate) fn options() -> CallOptions {
    let policy =
        Policy { attempts: 3, attempt_timeout_ms: 1_000, sandbox_wait_permille: 0, ..Policy::default() };
    CallOptions { policy, seed: Some(7), ..CallOptions::default() }
}

pub(crate) fn gateway(sandbox: &Sandbox, transport: Arc<dyn Transport>) -> Client {
    let given = &sandbox.credentials().alipay;
    let own = MerchantKey::Private(PrivateKey::load(given.partner_private_key_pem.as_bytes()).unwrap());
    let platform = Platform::PublicKey(PublicKey::load(given.platform_public_key_pem.as_bytes()).unwrap());
    let config = alipay::Config {
        environment: Environment::Sandbox,
        endpoint: Some(given.gateway_url.clone()),
        ..alipay::Config::new(&given.app_id, own, platform)
    };
    Client::new(alipay::profile(config).unwrap(), transport).unwrap().with(options())
}

pub(crate) fn antom(sandbox: &Sandbox, transport: Arc<dyn Transport>) -> Client {
    let given = &sandbox.credentials().antom;
    let own = MerchantKey::Private(PrivateKey::load(given.partner_private_key_pem.as_bytes()).unwrap());
    let platform = PublicKey::load(given.platform_public_key_pem.as_bytes()).unwrap();
    let config = antom::Config::new(&given.client_id, own, platform, &given.base_url);
    Client::new(antom::profile(config).unwrap(), transport).unwrap().with(options())
}

pub(crate) fn alipay_plus(sandbox: &Sandbox, transport: Arc<dyn Transport>) -> Client {
    let given = &sandbox.credentials().alipay_plus;
    let own = MerchantKey::Private(PrivateKey::load(given.partner_private_key_pem.as_bytes()).unwrap());
    let platform = PublicKey::load(given.platform_public_key_pem.as_bytes()).unwrap();
    let config = alipay_plus::Config::new(&given.client_id, own, platform, &given.base_url);
    Client::new(alipay_plus::profile(config).unwrap(), transport).unwrap().with(options())
}

pub(crate) fn pay_operation() -> &'static Entry {
    find("alipay.pay_tax_refund").unwrap()
}

pub(crate) const PAY_HEADER: &str =
    "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,tax_refund_amount,doc_id\n";

pub(crate) fn pay_line(order: &str, amount: &str, form: &str) -> String {
    format!("{order},barcode,281234567890123456,SGD,{amount},{form}\n")
}

/// A refund by the gateway; an empty form is none.
pub(crate) fn pay(client: &Client, order: &str, amount: &str, form: &str) -> Prepared {
    let mut request = serde_json::json!({
        "out_order_no": order,
        "identify_account_type": "barcode",
        "identify_account_no": "281234567890123456",
        "tax_refund_currency": "SGD",
        "tax_refund_amount": amount,
    });
    if !form.is_empty() {
        request["doc_id"] = form.into();
    }
    pay_operation().prepare(client.profile(), &request.to_string()).unwrap()
}
