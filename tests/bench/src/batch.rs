//! What a large journal costs: memory, CPU per refund, the time until the first refund is taken. No network.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use taxrefund_core::operations::{Entry, find};
use taxrefund_core::{Client, Environment, Fault, HttpRequest, HttpResponse, MerchantKey, Transport, alipay};
use taxrefund_journal::worker::{WorkerEvent, WorkerOptions};
use taxrefund_journal::{ImportOptions, Journal, Options, Worker};

use crate::exchange::{Exchange, Pay};
use crate::keys::Keys;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many open entries
    entries: u64,
    /// How many of them are drained
    drained: u64,
}

/// What a journal of one size costs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Filled {
    pub(crate) entries: u64,
    /// The most memory that the process had, importing included.
    pub(crate) rss_mb: f64,
    pub(crate) import_cpu_us: f64,
    pub(crate) refund_cpu_us: f64,
    /// From opening the file to the first refund taken.
    pub(crate) first_claim_ms: f64,
}

pub(crate) fn pay_operation() -> Result<&'static Entry> {
    find("alipay.pay_tax_refund").context("there is no alipay.pay_tax_refund")
}

/// The platform within the process: the same signed answer at once.
struct Trivial(HttpResponse);

impl Transport for Trivial {
    fn exchange(&self, _: HttpRequest) -> Result<HttpResponse, Fault> {
        Ok(self.0.clone())
    }
}

pub(crate) fn child(args: &Args, keys: &Keys) -> Result<()> {
    let folder = Folder::new()?;
    let place = folder.file("refunds.db");
    let merchant = MerchantKey::Private(keys.merchant.clone());
    let platform = alipay::Platform::PublicKey(keys.platform.clone());
    let config = alipay::Config {
        environment: Environment::Sandbox,
        endpoint: Some("http://127.0.0.1:9/gateway.do".to_owned()),
        ..alipay::Config::new("2014072300007148", merchant, platform)
    };
    let client = Client::new(alipay::profile(config)?, Arc::new(Trivial(Pay::answer(keys)?)))?;

    let journal = Journal::open(&place, Options::default())?;
    let before = crate::measure::cpu_time();
    journal.import(
        pay_operation()?,
        client.profile(),
        &ImportOptions::csv("bench"),
        Requests::new(args.entries),
    )?;
    let import_cpu = crate::measure::cpu_time() - before;
    drop(journal);

    let opened = Instant::now();
    let journal = Journal::open(&place, Options::default())?;
    let worker = Worker::new(&journal, vec![client])?.options(WorkerOptions::default());
    let (stop, drained) = (worker.stop(), args.drained);
    let first_claim = Arc::new(std::sync::OnceLock::new());
    let claimed = first_claim.clone();
    let worker = worker.observer(Arc::new(move |event: &WorkerEvent<'_>| match event {
        WorkerEvent::Claimed { .. } => {
            claimed.get_or_init(|| opened.elapsed());
        }
        WorkerEvent::Ended { summary, .. } if summary.ended.succeeded >= drained => stop.cancel(),
        _ => {}
    }));
    let before = crate::measure::cpu_time();
    let summary = worker.run()?;
    let refund_cpu = crate::measure::cpu_time() - before;
    ensure!(summary.ended.succeeded >= args.drained.min(args.entries), "{summary}");
    let filled = Filled {
        entries: args.entries,
        rss_mb: most_memory_mb()?,
        import_cpu_us: per(import_cpu, args.entries),
        refund_cpu_us: per(refund_cpu, summary.ended.succeeded),
        first_claim_ms: first_claim.get().copied().unwrap_or_default().as_secs_f64() * 1e3,
    };
    println!("{}", serde_json::to_string(&filled)?);
    Ok(())
}

fn per(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count.max(1) as f64
}

/// The high-water mark of the process's memory, as Linux keeps it.
fn most_memory_mb() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("memory is measured on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("there is no VmHWM")?;
    let kb: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kb / 1024.0)
}

/// A file of refunds that is never in memory as a whole.
pub(crate) struct Requests {
    next: u64,
    lines: u64,
    text: Vec<u8>,
    at: usize,
}

const HEADER: &str = "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,tax_refund_amount,\
                      user_received_currency,country_code,departure_point,doc_id,tax_refund_print_date,confirm_date,sales_date,\
                      sales_currency,sales_amount,nationality,passport_no,passport_name,company_name\n";

impl Requests {
    pub(crate) fn new(lines: u64) -> Self {
        Self { next: 0, lines, text: HEADER.as_bytes().to_vec(), at: 0 }
    }
}

impl Read for Requests {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.text.len() {
            if self.next == self.lines {
                return Ok(0);
            }
            // Keys as they come from several counters: not in the order of the index.
            let mixed = self.next.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let next = self.next;
            self.text = format!(
                "TR{mixed:020},barcode,2812345{next:011},SGD,{amount},CNY,SG,Changi Airport Terminal 3,DOC{mixed:020},\
                 2026-10-20 10:05:11,2026-11-23 08:41:30,2026-10-20 10:01:54,SGD,150000,CN,E{passport:08},ZHANG SAN,\
                 Example Tax Refund Pte. Ltd.\n",
                amount = 100 + next % 10_000,
                passport = next % 100_000_000,
            )
            .into_bytes();
            self.at = 0;
            self.next += 1;
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let taken = rest.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        self.at += taken;
        Ok(taken)
    }
}

/// A folder that goes away; beside the workspace's target rather than in memory, since what is synced must meet a disk.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Result<Self> {
        let exe = std::env::current_exe()?;
        let beside = exe.parent().map_or_else(std::env::temp_dir, PathBuf::from);
        let path = beside.join(
            format!("bench-{}-{:?}", std::process::id(), Instant::now()).replace([' ', ':', '{', '}'], ""),
        );
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
