//! The rows of the Python package, which `cargo xtask bench` builds and installs beforehand.
//!
//! Python makes its refunds in a process of its own ([`Python`], `tests/bench/python/refunds.py`), in turns with this one.

use std::env;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::exchange::{Pay, loopback};
use crate::figures::{Figure, Target};
use crate::foreign::{Program, import_ms, plain, ratio, setup};
use crate::gateway::Gateway;
use crate::keys::Keys;
use crate::measure::cpu_time;

/// The interpreter in whose environment the package's wheel is installed, as its users have it.
const INSTALLED: &str = "TAXREFUND_BENCH_PYTHON";
/// The wheel.
const WHEEL: &str = "TAXREFUND_BENCH_WHEEL";
/// The interpreter in whose environment the providers' own SDKs are; they may be missing.
const OFFICIAL: &str = "TAXREFUND_BENCH_OFFICIAL_PYTHON";

/// Refunds of ours in one turn.
const TURN: u32 = 20;
/// Refunds in flight at the same time in the asyncio row.
const TOGETHER: u32 = 1_000;

pub(crate) fn measure_all(keys: &Keys) -> Result<Vec<Figure>> {
    let (Ok(python), Ok(wheel)) = (env::var(INSTALLED), env::var(WHEEL)) else {
        println!(
            "the rows of Python are left out: {INSTALLED} or {WHEEL} is not set; `cargo xtask bench` sets them"
        );
        return Ok(Vec::new());
    };
    let gateway = Gateway::start()?;
    let start = |kind| Python::start(&python, kind, keys, gateway.host());
    let mut figures = vec![refund_cpu(&mut start("ours")?, keys, gateway.host())?];
    figures.push(together(&mut start("ours-asyncio")?, &mut start("ours")?)?);
    match env::var(OFFICIAL) {
        Err(_) => println!("the official SDKs are not installed, so python_vs_official is left out"),
        Ok(official) => {
            let start_official = |kind| Python::start(&official, kind, keys, gateway.host());
            figures.push(beside(
                "python_vs_official",
                Some(Target::AtLeast(20.0)),
                "alipay.pay_tax_refund/s / that of alipay-sdk-python, whose keys are parsed for each signature",
                &mut start("ours")?,
                &mut start_official("official-alipay")?,
            )?);
            figures.push(beside(
                "python antom vs official",
                None,
                "antom.refund/s / that of global-open-sdk-python, without its TLS handshake for each refund",
                &mut start("ours-antom")?,
                &mut start_official("official-antom")?,
            )?);
        }
    }
    let mut timed = |code: &str| {
        let mut command = Command::new(&python);
        command.args(["-I", "-c", code]);
        command
    };
    figures.push(import_ms(
        "python_import_ms",
        "ms to import taxrefund, beyond an interpreter that imports nothing",
        &mut timed,
        ("pass", "import taxrefund"),
    )?);
    let megabytes = std::fs::metadata(&wheel).with_context(|| wheel.clone())?.len() as f64 / 1e6;
    figures.push(plain(
        "python_wheel_mb",
        megabytes,
        Target::AtMost(6.0),
        "MB, the wheel with the native module",
    ));
    Ok(figures)
}

/// Against the Rust client over the same connection to the same gateway.
fn refund_cpu(python: &mut Python, keys: &Keys, host: &str) -> Result<Figure> {
    let mut rust = loopback::<Pay>(keys, host)?;
    let mut rust_cost = || -> Result<f64> {
        let before = cpu_time();
        (0..TURN).try_for_each(|_| rust())?;
        Ok((cpu_time() - before).as_secs_f64() / f64::from(TURN))
    };
    let mut python_cost = || Ok(python.work(TURN)?.cpu_s / f64::from(TURN));
    ratio(
        "python_refund_cpu",
        Some(Target::AtMost(1.5)),
        "alipay.pay_tax_refund by the Python client over loopback HTTP / by the Rust client: CPU of the process",
        &mut python_cost,
        &mut rust_cost,
    )
}

/// A thousand on one event loop, beside one after the other.
fn together(asyncio: &mut Python, blocking: &mut Python) -> Result<Figure> {
    let mut together_cost = || Ok(asyncio.work(TOGETHER)?.cpu_s / f64::from(TOGETHER));
    let mut blocking_cost = || Ok(blocking.work(TURN * 10)?.cpu_s / f64::from(TURN * 10));
    ratio(
        "python asyncio",
        None,
        "the same, 1,000 at a time on one event loop / one after the other: CPU of the process",
        &mut together_cost,
        &mut blocking_cost,
    )
}

fn beside(
    name: &'static str,
    target: Option<Target>,
    meaning: &'static str,
    ours: &mut Python,
    official: &mut Python,
) -> Result<Figure> {
    let mut ours_rate = || Ok(f64::from(TURN) / ours.work(TURN)?.clock_s);
    let mut official_rate = || Ok(2.0 / official.work(2)?.clock_s);
    let figure = ratio(name, target, meaning, &mut ours_rate, &mut official_rate)?;
    // What is shown is one refund's time, not how many a second takes.
    Ok(Figure { once: Duration::from_secs_f64(1.0 / figure.once.as_secs_f64()), ..figure })
}

/// A Python process that makes refunds when it is asked to.
struct Python(Program);

#[derive(Deserialize)]
struct Took {
    cpu_s: f64,
    clock_s: f64,
}

impl Python {
    fn start(interpreter: &str, kind: &str, keys: &Keys, host: &str) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join("refunds.py");
        let mut command = Command::new(interpreter);
        command.arg("-I").arg(script).arg(kind);
        Ok(Self(Program::start(&mut command, &setup(keys, host))?))
    }

    fn work(&mut self, times: u32) -> Result<Took> {
        self.0.ask(&times)
    }
}
