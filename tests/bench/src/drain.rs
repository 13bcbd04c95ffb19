//! The rate of the batch worker: SQLite with every commit synced, over loopback HTTP, the simulator on the other core.

use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::thread::{CpuSet, sched_setaffinity};
use serde::{Deserialize, Serialize};
use taxrefund_core::alipay::Platform;
use taxrefund_core::{
    CallOptions, Client, Environment, HttpTransport, MerchantKey, Policy, PrivateKey, PublicKey,
    TransportConfig, alipay,
};
use taxrefund_journal::worker::WorkerOptions;
use taxrefund_journal::{ImportOptions, Journal, Options, Worker};
use taxrefund_sandbox::Sandbox;

use crate::batch::{Folder, Requests, pay_operation};
use crate::floor::Floor;
use crate::keys::Keys;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many refunds
    lines: u64,
    /// A journal's place; a new SQLite file by default
    #[arg(long)]
    journal: Option<String>,
    /// Drain only: another process has imported
    #[arg(long)]
    no_import: bool,
    /// Exchanges at the same time
    #[arg(long, default_value_t = 32)]
    exchanges: usize,
    /// Run on any core
    #[arg(long)]
    any_core: bool,
    /// Say `ready` and wait for a line on standard input before draining
    #[arg(long)]
    on_signal: bool,
    /// The simulator's credentials, as JSON
    #[arg(long)]
    credentials: PathBuf,
}

/// What one drain measured.
#[derive(Serialize, Deserialize)]
pub(crate) struct Drained {
    pub(crate) refunds: u64,
    pub(crate) wall_s: f64,
    pub(crate) cpu_s: f64,
    pub(crate) round_trips: u64,
    /// Signatures with verifications per second, of bare aws-lc on the same core.
    pub(crate) floor_per_s: f64,
}

impl Drained {
    pub(crate) fn per_s(&self) -> f64 {
        self.refunds as f64 / self.wall_s
    }

    pub(crate) fn cpu_each_s(&self) -> f64 {
        self.cpu_s / self.refunds as f64
    }
}

/// The child's side of the simulator.
pub(crate) fn sandbox() -> Result<()> {
    pin(1)?;
    let sandbox = Sandbox::builder().run_for(Duration::from_secs(900)).start()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(&sandbox.credentials().alipay)?)?;
    out.flush()?;
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    sandbox.stop();
    Ok(())
}

/// The child's side of the worker.
pub(crate) fn child(args: &Args, keys: &Keys) -> Result<()> {
    if !args.any_core {
        pin(0)?;
    }
    let folder = Folder::new()?;
    let place = args.journal.clone().unwrap_or_else(|| folder.file("refunds.db"));
    let journal = Journal::open(&place, Options::default())?;
    let client = client(&std::fs::read_to_string(&args.credentials)?)?;
    let import = ImportOptions::csv("bench");
    if !args.no_import {
        journal.import(pay_operation()?, client.profile(), &import, Requests::new(args.lines))?;
    }
    if args.on_signal {
        println!("ready");
        std::io::stdin().read_line(&mut String::new())?;
    }
    let before = floor_per_s(keys)?;
    let asked = journal.round_trips();
    let (began, cpu) = (Instant::now(), crate::measure::cpu_time());
    let worker = Worker::new(&journal, vec![client])?;
    let summary =
        worker.options(WorkerOptions { exchanges: args.exchanges, ..WorkerOptions::default() }).run()?;
    let (wall, cpu) = (began.elapsed(), crate::measure::cpu_time() - cpu);
    ensure!(summary.ended.succeeded == summary.ended.all(), "{summary}");
    let drained = Drained {
        refunds: summary.ended.succeeded,
        wall_s: wall.as_secs_f64(),
        cpu_s: cpu.as_secs_f64(),
        round_trips: journal.round_trips() - asked,
        floor_per_s: f64::midpoint(before, floor_per_s(keys)?),
    };
    println!("{}", serde_json::to_string(&drained)?);
    Ok(())
}

/// A second of bare signatures and verifications, by the wall clock as the drain is: what takes the core away from one takes
/// it from the other.
fn floor_per_s(keys: &Keys) -> Result<f64> {
    let mut floor = Floor::new(keys)?;
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < Duration::from_secs(1) {
        floor.sign_and_verify()?;
        count += 1;
    }
    Ok(f64::from(count) / began.elapsed().as_secs_f64())
}

fn client(credentials: &str) -> Result<Client> {
    let given: taxrefund_sandbox::AlipayCredentials = serde_json::from_str(credentials)?;
    let own = MerchantKey::Private(PrivateKey::load(given.partner_private_key_pem.as_bytes())?);
    let platform = Platform::PublicKey(PublicKey::load(given.platform_public_key_pem.as_bytes())?);
    let config = alipay::Config {
        environment: Environment::Sandbox,
        endpoint: Some(given.gateway_url),
        ..alipay::Config::new(&given.app_id, own, platform)
    };
    let transport = HttpTransport::new(TransportConfig { no_proxy: true, ..TransportConfig::default() })?;
    let options = CallOptions {
        policy: Policy { sandbox_wait_permille: 10, ..Policy::default() },
        ..CallOptions::default()
    };
    Ok(Client::new(alipay::profile(config)?, Arc::new(transport))?.with(options))
}

/// Keeps the whole process, threads to come included, on one core; where that cannot be done it runs anywhere.
fn pin(core: usize) -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    sched_setaffinity(None, &cores).context("cannot be kept on one core")
}

/// The simulator in a process of its own; ends when this is dropped.
pub(crate) struct Simulator {
    child: Child,
    folder: Folder,
}

impl Simulator {
    pub(crate) fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("sandbox")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the simulator")?;
        let mut credentials = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut credentials)?;
        }
        let folder = Folder::new()?;
        std::fs::write(folder.file("credentials.json"), credentials)?;
        Ok(Self { child, folder })
    }

    /// One worker on a SQLite file of its own.
    pub(crate) fn drain(&self, lines: u64) -> Result<Drained> {
        let output = self.worker(lines)?.stderr(Stdio::inherit()).output()?;
        ensure!(output.status.success(), "the drain ended with {}", output.status);
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Several workers on one journal, which the first of them fills; they begin together.
    pub(crate) fn drain_together(&self, lines: u64, workers: u64, journal: &str) -> Result<Drained> {
        let mut children = Vec::new();
        for number in 0..workers {
            let mut command = self.worker(lines)?;
            command.args(["--journal", journal, "--any-core", "--on-signal"]);
            if number > 0 {
                command.arg("--no-import");
            }
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let output = child.stdout.take().context("the worker has no output")?;
            children.push((child, BufReader::new(output)));
        }
        let mut line = String::new();
        for (_, output) in &mut children {
            output.read_line(&mut line)?;
        }
        for (child, _) in &mut children {
            child.stdin.take().context("the worker has no input")?.write_all(b"begin\n")?;
        }
        let mut all = Drained { refunds: 0, wall_s: 0.0, cpu_s: 0.0, round_trips: 0, floor_per_s: 0.0 };
        for (mut child, mut output) in children {
            line.clear();
            output.read_line(&mut line)?;
            let status = child.wait()?;
            ensure!(status.success(), "a drain ended with {status}");
            let one: Drained = serde_json::from_str(&line)?;
            all.refunds += one.refunds;
            all.wall_s = all.wall_s.max(one.wall_s);
            all.cpu_s += one.cpu_s;
            all.round_trips += one.round_trips;
        }
        ensure!(all.refunds == lines, "{} of {lines} refunds were paid", all.refunds);
        Ok(all)
    }

    fn worker(&self, lines: u64) -> Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("drain").arg(lines.to_string());
        command.arg("--credentials").arg(self.folder.file("credentials.json"));
        Ok(command)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It ends with its standard input; there is nothing to be done if it does not.
        let _ = self.child.wait();
    }
}
