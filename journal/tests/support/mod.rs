//! Accounts at the simulator, and journals in folders that go away.

#![allow(dead_code, unused_imports, reason = "each test program uses a part")]

mod lines;
mod messages;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

pub(crate) use lines::*;
pub(crate) use messages::*;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use taxrefund_core::alipay::Platform;
use taxrefund_core::operations::{Entry, find};
use taxrefund_core::{
    CallOptions, Client, Environment, HttpTransport, MerchantKey, Policy, Prepared, PrivateKey, PublicKey,
    Transport, TransportConfig, alipay, alipay_plus, antom,
};
use taxrefund_journal::worker::{Until, WorkerOptions, WorkerSummary};
use taxrefund_journal::{Entry as Recorded, Journal, Options, Worker};
use taxrefund_sandbox::{FaultMix, Sandbox, SandboxBuilder};

/// A folder of its own, removed with its last clone.
#[derive(Clone)]
pub(crate) struct Folder(Arc<Held>);

struct Held(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("taxrefund-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(Arc::new(Held(path)))
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.0.join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn journal(&self) -> Journal {
        self.journal_with(Options::default())
    }

    pub(crate) fn journal_with(&self, options: Options) -> Journal {
        Journal::open(&self.file(DATABASE), options).unwrap()
    }

    /// The journal's file, past the journal.
    pub(crate) fn sql(&self) -> Connection {
        Connection::open(self.file(DATABASE)).unwrap()
    }

    /// Runs statements on the journal's file, past the journal.
    pub(crate) fn tamper(&self, statements: &str) {
        self.sql().execute_batch(statements).unwrap();
    }

    /// One cell of the journal's file.
    pub(crate) fn cell(&self, query: &str) -> Cell {
        self.sql().query_row(query, [], |row| row.get(0)).unwrap()
    }

    pub(crate) fn number(&self, query: &str) -> i64 {
        match self.cell(query) {
            Cell::Integer(number) => number,
            other => panic!("{query}: {other:?}"),
        }
    }

    /// As if hours had passed: whatever is leased or waits is due.
    pub(crate) fn let_time_pass(&self) {
        self.tamper("UPDATE entry SET due_ms = 1 WHERE due_ms IS NOT NULL");
    }

    /// Every byte of every file in the folder.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(&self.0.0).unwrap();
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
    }
}

/// The journal's file in its folder.
pub(crate) const DATABASE: &str = "refunds.db";

/// Whether these bytes hold that text.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Open refunds are taken up again at once, this many times.
pub(crate) fn again_at_once(times: usize) -> Options {
    let mut options = Options::default();
    options.run.take_up_again_after = vec![Duration::ZERO; times];
    options
}

/// A worker that never idles for long.
pub(crate) fn eager(until: Until) -> WorkerOptions {
    let look_every = Duration::from_millis(5);
    WorkerOptions { exchanges: 4, until, look_every, ..WorkerOptions::default() }
}

/// Lets a worker do whatever is due.
pub(crate) fn work(journal: &Journal, client: &Client) -> WorkerSummary {
    let worker = Worker::new(journal, vec![client.clone()]).unwrap();
    worker.options(eager(Until::NothingDue)).run().unwrap()
}

pub(crate) fn entry(journal: &Journal, client: &Client, key: &str) -> Recorded {
    journal.find(client.profile(), key).unwrap().unwrap()
}

/// How often money moved for a key.
pub(crate) fn paid(sandbox: &Sandbox, key: &str) -> u32 {
    sandbox.ledger().entry(key).map_or(0, |entry| entry.paid_times)
}

/// The interfaces that were called for a key, oldest first.
pub(crate) fn called(sandbox: &Sandbox, key: &str) -> Vec<String> {
    let requests = sandbox.requests().into_iter().filter(|request| request.key == key);
    requests.map(|request| request.interface).collect()
}

impl Drop for Held {
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
    gateway_as(sandbox, transport, |_| {})
}

/// An account at the gateway that is set up in its own way.
pub(crate) fn gateway_as(
    sandbox: &Sandbox,
    transport: Arc<dyn Transport>,
    set_up: impl FnOnce(&mut alipay::Config),
) -> Client {
    let given = &sandbox.credentials().alipay;
    let own = MerchantKey::Private(PrivateKey::load(given.partner_private_key_pem.as_bytes()).unwrap());
    let platform = Platform::PublicKey(PublicKey::load(given.platform_public_key_pem.as_bytes()).unwrap());
    let mut config = alipay::Config {
        environment: Environment::Sandbox,
        endpoint: Some(given.gateway_url.clone()),
        ..alipay::Config::new(&given.app_id, own, platform)
    };
    set_up(&mut config);
    Client::new(alipay::profile(config).unwrap(), transport).unwrap().with(options())
}

/// The gateway's account, as long as it sends nothing: to read notifications with.
pub(crate) fn gateway_at(url: &str) -> Client {
    const OWN: &str = include_str!("../../../sandbox/keys/alipay_partner_private.pem");
    const PLATFORM: &str = include_str!("../../../sandbox/keys/alipay_platform_public.pem");
    let own = MerchantKey::Private(PrivateKey::load(OWN.as_bytes()).unwrap());
    let platform = Platform::PublicKey(PublicKey::load(PLATFORM.as_bytes()).unwrap());
    let config = alipay::Config {
        environment: Environment::Sandbox,
        endpoint: Some(url.split('?').next().unwrap().to_owned()),
        ..alipay::Config::new("9021000100000001", own, platform)
    };
    Client::new(alipay::profile(config).unwrap(), dead_line()).unwrap()
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

/// From now on no attempt can be written: the database refuses it at once.
pub(crate) const REFUSE_ATTEMPTS: &str =
    "CREATE TRIGGER refuse_attempts BEFORE INSERT ON record WHEN NEW.kind IN ('attempt', 'ended', 'late')
     BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END";

/// A credit by Alipay+ over SGD 100.00.
pub(crate) fn credit_request(key: &str, form: &str) -> serde_json::Value {
    serde_json::json!({
        "originalCreditRequestId": key,
        "payerAmount": { "currency": "SGD", "value": "10000" },
        "payee": { "userId": "210220900000021958205" },
        "scenarioType": "TAX_REFUND",
        "subScenarioType": "PORT_INSTANT_TAX_REFUND",
        "payer": [{ "referenceMerchantId": "2188245U41144145" }],
        "taxRefundFormNumber": form,
        "departureRegion": "SG",
        "departurePort": "SIN",
        "totalSalesAmount": { "currency": "SGD", "value": "200000" },
    })
}

/// A refund of any operation, from its JSON.
pub(crate) fn prepare(client: &Client, operation: &str, request: &serde_json::Value) -> Prepared {
    find(operation).unwrap().prepare(client.profile(), &request.to_string()).unwrap()
}

/// A refund by Antom, USD 1.00.
pub(crate) fn antom_refund(client: &Client, key: &str, payment: &str) -> Prepared {
    let request = serde_json::json!({
        "refundRequestId": key,
        "paymentId": payment,
        "refundAmount": { "currency": "USD", "value": "100" },
    });
    prepare(client, "antom.refund", &request)
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
