//! The rows of the Node package, which `cargo xtask bench` builds and installs beforehand.
//!
//! Node makes its refunds in a process of its own (`tests/bench/node/refunds.mjs`), in turns with this one.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::exchange::{Pay, loopback};
use crate::figures::{Figure, Target};
use crate::foreign::{Program, import_ms, plain, ratio, setup};
use crate::gateway::Gateway;
use crate::keys::Keys;
use crate::measure::{cpu_time, quantile};

/// A project in which the package is installed, as its users have it, with `refunds.mjs`.
const INSTALLED: &str = "TAXREFUND_BENCH_NODE";
/// The bytes of its two tarballs.
const PACKED_BYTES: &str = "TAXREFUND_BENCH_NODE_BYTES";
/// A project with the provider's own SDK and `refunds.mjs`; it may be missing.
const OFFICIAL: &str = "TAXREFUND_BENCH_OFFICIAL_NODE";

/// Refunds of one turn.
const TURN: u32 = 200;
/// Refunds under way at the same time, in comparisons.
const BESIDE: u32 = 100;
/// Refunds of ours and of the provider's own SDK in one turn.
const BESIDE_TURNS: (u32, u32) = (600, 200);
/// Refunds in flight at the same time.
const TOGETHER: u32 = 1_000;
/// What the gateway takes over an answer in the long run, so that exchanges wait for it side by side.
const PAUSE: Duration = Duration::from_millis(40);
/// What a client exchanges at the same time when nothing else is said.
const BOUND: f64 = 64.0;
/// Refunds before anything is measured.
const WARM_UP: u32 = 3_000;
/// Refunds of the run whose memory and descriptors are watched.
pub(crate) const REFUNDS: u32 = 100_000;

pub(crate) fn measure_all(keys: &Keys, refunds: u32) -> Result<Vec<Figure>> {
    let (Ok(project), Ok(bytes)) = (env::var(INSTALLED), env::var(PACKED_BYTES)) else {
        println!(
            "the rows of Node are left out: {INSTALLED} or {PACKED_BYTES} is not set; `cargo xtask bench` sets them"
        );
        return Ok(Vec::new());
    };
    let gateway = Gateway::start()?;
    let start = |kind| Node::start(&project, kind, keys, gateway.host());
    let mut figures = refund_cpu(&mut start("ours")?, keys, gateway.host())?;
    match env::var(OFFICIAL) {
        Err(_) => println!("the official SDK is not installed, so node_vs_official is left out"),
        Ok(official) => {
            let mut official = Node::start(&official, "official", keys, gateway.host())?;
            figures.push(beside(&mut start("ours")?, &mut official)?);
        }
    }
    let slow = Gateway::thinking(PAUSE)?;
    figures.extend(many(&mut Node::start(&project, "ours", keys, slow.host())?, refunds)?);
    let mut command = |code: &str| {
        let mut command = Command::new("node");
        command.args(["--input-type=module", "--eval", code]).current_dir(&project);
        command
    };
    figures.push(import_ms(
        "node_import_ms",
        "ms to import taxrefund, beyond a program that imports nothing",
        &mut command,
        ("", "import \"taxrefund\""),
    )?);
    figures.push(plain(
        "node_package_mb",
        bytes.parse::<f64>().with_context(|| bytes.clone())? / 1e6,
        Target::AtMost(6.0),
        "MB, the two tarballs: the package, and the native module of one platform",
    ));
    Ok(figures)
}

/// Against the Rust client over connections to the same gateway: as a server has it, and one refund after the other.
fn refund_cpu(node: &mut Node, keys: &Keys, host: &str) -> Result<Vec<Figure>> {
    let mut rust = loopback::<Pay>(keys, host)?;
    let mut rust_cost = || -> Result<f64> {
        let before = cpu_time();
        (0..TURN).try_for_each(|_| rust())?;
        Ok((cpu_time() - before).as_secs_f64() / f64::from(TURN))
    };
    warm(node)?;
    let mut beside_rust = |name, target, meaning, together| {
        let mut node_cost = || Ok(node.work(TURN, together)?.cpu_s / f64::from(TURN));
        ratio(name, target, meaning, &mut node_cost, &mut rust_cost)
    };
    Ok(vec![
        beside_rust(
            "node_refund_cpu",
            Some(Target::AtMost(2.0)),
            "alipay.payTaxRefund by the Node client over loopback HTTP, 100 under way / by the Rust client: CPU of the process",
            BESIDE,
        )?,
        beside_rust("node one by one", None, "the same, one refund after the other", 1)?,
    ])
}

/// Refunds/s, with the same number of them under way.
fn beside(ours: &mut Node, official: &mut Node) -> Result<Figure> {
    warm(ours)?;
    warm(official)?;
    let rate = |node: &mut Node, times| Ok(f64::from(times) / node.work(times, BESIDE)?.clock_s);
    let figure = ratio(
        "node_vs_official",
        Some(Target::AtLeast(4.0)),
        "alipay.payTaxRefund/s / that of alipay-sdk, 100 under way in each",
        &mut || rate(ours, BESIDE_TURNS.0),
        &mut || rate(official, BESIDE_TURNS.1),
    )?;
    // What is shown is one refund's time, not how many a second takes.
    Ok(Figure { once: Duration::from_secs_f64(1.0 / figure.once.as_secs_f64()), ..figure })
}

/// A long run with a thousand always in flight: the event loop's delay, sockets, memory, descriptors.
fn many(node: &mut Node, refunds: u32) -> Result<Vec<Figure>> {
    const PARTS: u32 = 20;
    let times = refunds / PARTS;
    ensure!(times >= TOGETHER, "at least {} refunds are needed", TOGETHER * PARTS);
    let (mut delays, mut cpu, mut memory, mut sockets, mut others) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..PARTS {
        let (took, most_sockets) = node.watched(times)?;
        delays.push(took.delay_p99_ms);
        cpu.push(took.cpu_s / f64::from(times));
        memory.push(took.rss_mb);
        sockets.extend(most_sockets);
        others.extend(descriptors(node.0.id()).map(|(sockets, all)| (all - sockets) as f64));
    }
    let once = Duration::from_secs_f64(quantile(&mut cpu, 0.5));
    let (first, last) = (mean(&memory[4..8]), mean(&memory[16..]));
    println!(
        "{refunds} refunds, {TOGETHER} in flight: {first:.0} MB after the first fifth, {last:.0} MB at the end, {} descriptors beside sockets before, {} after",
        others.first().copied().unwrap_or(f64::NAN),
        others.last().copied().unwrap_or(f64::NAN)
    );
    let mut rows = vec![plain(
        "node_loop_delay_ms",
        quantile(&mut delays, 0.5),
        Target::AtMost(20.0),
        "ms, p99 of the event loop's delay with 1,000 refunds in flight",
    )];
    rows.push(plain(
        "node_rss_growth",
        last / first,
        Target::AtMost(1.1),
        "memory at the end of the run / after its first part, 1,000 refunds in flight",
    ));
    // Only where the system shows them.
    if let (Some(before), Some(after)) = (others.first(), others.last()) {
        rows.push(plain(
            "node_sockets",
            quantile(&mut sockets, 1.0),
            Target::AtMost(BOUND),
            "connections at most, with 1,000 refunds in flight of which 64 may exchange",
        ));
        rows.push(plain(
            "node_descriptors_growth",
            after - before,
            Target::AtMost(0.0),
            "more descriptors than at the beginning, sockets aside",
        ));
    }
    Ok(rows.into_iter().map(|row| Figure { once, ..row }).collect())
}

/// As a server is after its first seconds: code compiled, connections made.
fn warm(node: &mut Node) -> Result<()> {
    node.work(WARM_UP, BESIDE).map(|_| ())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A Node process that makes refunds when it is asked to.
struct Node(Program);

#[derive(Serialize)]
struct Wanted {
    times: u32,
    together: u32,
    watched: bool,
}

#[derive(Deserialize)]
struct Took {
    cpu_s: f64,
    clock_s: f64,
}

/// What is said of refunds that were watched.
#[derive(Deserialize)]
struct Watched {
    cpu_s: f64,
    delay_p99_ms: f64,
    rss_mb: f64,
}

impl Node {
    fn start(project: &str, kind: &str, keys: &Keys, host: &str) -> Result<Self> {
        let mut command = Command::new("node");
        command.arg("--expose-gc").arg(Path::new(project).join("refunds.mjs")).arg(kind);
        Ok(Self(Program::start(&mut command, &setup(keys, host))?))
    }

    fn work(&mut self, times: u32, together: u32) -> Result<Took> {
        self.0.ask(&Wanted { times, together, watched: false })
    }

    /// So many refunds, a thousand under way, and the most sockets that were seen meanwhile.
    fn watched(&mut self, times: u32) -> Result<(Watched, Option<f64>)> {
        let is_over = AtomicBool::new(false);
        let id = self.0.id();
        thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let mut most = None;
                while !is_over.load(Ordering::Relaxed) {
                    most = most.max(descriptors(id).map(|(sockets, _)| sockets));
                    thread::sleep(Duration::from_millis(20));
                }
                most
            });
            let took = self.0.ask(&Wanted { times, together: TOGETHER, watched: true });
            is_over.store(true, Ordering::Relaxed);
            let most = watch.join().unwrap_or_default();
            Ok((took?, most.map(|most| most as f64)))
        })
    }
}

/// A process's sockets, and all its descriptors.
fn descriptors(process: u32) -> Option<(usize, usize)> {
    let open: Vec<_> = fs::read_dir(format!("/proc/{process}/fd")).ok()?.flatten().collect();
    let is_socket = |target: &Path| target.to_string_lossy().starts_with("socket:");
    let sockets =
        open.iter().filter(|entry| fs::read_link(entry.path()).is_ok_and(|target| is_socket(&target)));
    Some((sockets.count(), open.len()))
}
