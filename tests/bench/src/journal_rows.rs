//! The rows of the journal and its worker.

use std::process::{Command, Stdio};

use anyhow::{Result, ensure};
use taxrefund_test_postgres::Cluster;

use crate::batch::Filled;
use crate::drain::{Drained, Simulator};
use crate::figures::{Figure, Target, rounded};

/// Refunds in one measured drain, and drains.
const REFUNDS: u64 = 6_000;
const DRAINS: usize = 5;
/// Refunds drained from a journal of each size.
const SAMPLE: u64 = 10_000;
const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

pub(crate) fn measure_all() -> Result<Vec<Figure>> {
    let mut figures = vec![rate()?];
    figures.extend(sizes()?);
    figures.extend(postgres()?);
    Ok(figures)
}

fn rate() -> Result<Figure> {
    let simulator = Simulator::start()?;
    let drains = (0..DRAINS).map(|_| simulator.drain(REFUNDS)).collect::<Result<Vec<_>>>()?;
    let ratios = drains.iter().map(|drained| drained.per_s() / drained.floor_per_s);
    let (low, middle, high) = middle_of(ratios);
    Ok(Figure {
        name: "durable_batch_rate",
        value: rounded(middle),
        quartiles: (low, high),
        once: std::time::Duration::from_secs_f64(middle_of(drains.iter().map(Drained::cpu_each_s)).1),
        target: Some(Target::AtLeast(0.5)),
        meaning: "refunds/s of the worker on SQLite, each synced, one core / (signature + verification)/s of that core",
    })
}

fn sizes() -> Result<Vec<Figure>> {
    let mut filled = SIZES.map(|entries| (entries, None::<Filled>));
    let mut small = Vec::new();
    for (entries, measured) in &mut filled {
        let one = fill(*entries)?;
        println!(
            "{entries:>9} entries: {:.0} MB, {:.0} us CPU to import one, {:.0} us to pay one, first claim after {:.0} ms",
            one.rss_mb, one.import_cpu_us, one.refund_cpu_us, one.first_claim_ms
        );
        if *entries == SIZES[0] {
            small.push(one.refund_cpu_us);
            small.push(fill(*entries)?.refund_cpu_us);
            small.push(fill(*entries)?.refund_cpu_us);
        }
        *measured = Some(one);
    }
    let [_, (_, Some(middle)), (_, Some(large))] = filled else { return Ok(Vec::new()) };
    let (low, of_small, high) = middle_of(small.into_iter());
    let row = |name, value: f64, quartiles, once_us: f64, target, meaning| Figure {
        name,
        value: rounded(value),
        quartiles,
        once: std::time::Duration::from_secs_f64(once_us / 1e6),
        target,
        meaning,
    };
    let growth = large.refund_cpu_us / of_small;
    let spread = (large.refund_cpu_us / high, large.refund_cpu_us / low);
    let (rss, claim) = (large.rss_mb, middle.first_claim_ms / 1e3);
    Ok(vec![
        row(
            "batch_rss_mb",
            rss,
            (rss, rss),
            large.import_cpu_us,
            Some(Target::AtMost(100.0)),
            "MB of memory at most, importing 1,000,000 refunds and paying 10,000 of them (CPU: to import one)",
        ),
        row(
            "batch_cost_growth",
            growth,
            spread,
            large.refund_cpu_us,
            Some(Target::AtMost(1.3)),
            "CPU of one refund with 1,000,000 open entries / with 10,000, no network",
        ),
        row(
            "journal_first_claim_s",
            claim,
            (claim, claim),
            0.0,
            Some(Target::AtMost(1.0)),
            "seconds to open a journal with 100,000 open entries and take the first",
        ),
    ])
}

fn fill(entries: u64) -> Result<Filled> {
    let output = Command::new(std::env::current_exe()?)
        .args(["fill", &entries.to_string(), &SAMPLE.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "filling a journal ended with {}", output.status);
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Several worker processes on one database; everything shares the machine's cores.
fn postgres() -> Result<Vec<Figure>> {
    let cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(error) => {
            println!("the PostgreSQL rows are left out: {error}");
            return Ok(Vec::new());
        }
    };
    let simulator = Simulator::start()?;
    let mut one = None;
    let mut figures = Vec::new();
    for (workers, name) in [(1, "postgres 1 worker"), (2, "postgres 2 workers"), (4, "postgres 4 workers")] {
        let url = cluster.create_database(&format!("bench{workers}"))?;
        let drained = simulator.drain_together(REFUNDS, workers, &url)?;
        let first = *one.get_or_insert(drained.per_s());
        if workers == 1 {
            let trips = drained.round_trips as f64 / drained.refunds as f64;
            figures.push(Figure {
                name: "postgres_round_trips",
                value: rounded(trips),
                quartiles: (trips, trips),
                once: std::time::Duration::from_secs_f64(drained.cpu_each_s()),
                target: Some(Target::AtMost(3.0)),
                meaning: "round trips to PostgreSQL per attempt, one worker with 32 exchanges",
            });
        }
        let ratio = drained.per_s() / first;
        println!(
            "PostgreSQL, {workers} worker processes: {:.0} refunds/s, {ratio:.2} of one worker's",
            drained.per_s()
        );
        figures.push(Figure {
            name,
            value: rounded(ratio),
            quartiles: (ratio, ratio),
            once: std::time::Duration::from_secs_f64(drained.cpu_each_s()),
            target: None,
            meaning: "refunds/s of so many worker processes / of one; they share this machine with database and simulator",
        });
    }
    Ok(figures)
}

/// Lower quarter, middle, upper quarter.
fn middle_of(values: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at =
        |share: usize| values.get((values.len().saturating_sub(1)) * share / 4).copied().unwrap_or(f64::NAN);
    (at(1), at(2), at(3))
}
