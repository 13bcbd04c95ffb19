//! The rows of the Python package, which `cargo xtask bench` builds and installs beforehand.
//!
//! Python makes its refunds in a process of its own ([`Python`], `tests/bench/python/refunds.py`), in turns with this one.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::exchange::{APP_ID, CLIENT_ID, Exchange, Pay, RefundPayment, loopback};
use crate::figures::{Figure, Target, rounded};
use crate::gateway::Gateway;
use crate::keys::Keys;
use crate::measure::{cpu_time, quantile};

/// The interpreter in whose environment the package's wheel is installed, as its users have it.
const INSTALLED: &str = "TAXREFUND_BENCH_PYTHON";
/// The wheel.
const WHEEL: &str = "TAXREFUND_BENCH_WHEEL";
/// The interpreter in whose environment the providers' own SDKs are; they may be missing.
const OFFICIAL: &str = "TAXREFUND_BENCH_OFFICIAL_PYTHON";

const ROUNDS: usize = 40;
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
    figures.push(import_ms(&python)?);
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

/// The median of the rounds' ratios, the two sides taking turns.
fn ratio(
    name: &'static str,
    target: Option<Target>,
    meaning: &'static str,
    work: &mut dyn FnMut() -> Result<f64>,
    floor: &mut dyn FnMut() -> Result<f64>,
) -> Result<Figure> {
    let (mut ratios, mut costs) = (Vec::new(), Vec::new());
    // Warm: connections made, modules imported.
    work()?;
    floor()?;
    let until = Instant::now() + Duration::from_secs(20);
    while ratios.len() < ROUNDS && Instant::now() < until {
        let (work, floor) = if ratios.len() % 2 == 0 {
            let work = work()?;
            (work, floor()?)
        } else {
            let floor = floor()?;
            (work()?, floor)
        };
        ratios.push(work / floor);
        costs.push(work);
    }
    Ok(Figure {
        name,
        value: rounded(quantile(&mut ratios, 0.5)),
        quartiles: (quantile(&mut ratios, 0.25), quantile(&mut ratios, 0.75)),
        once: Duration::from_secs_f64(quantile(&mut costs, 0.5)),
        target,
        meaning,
    })
}

/// `import taxrefund` beyond an interpreter that imports nothing, in wall-clock time.
fn import_ms(python: &str) -> Result<Figure> {
    let timed = |code: &str| -> Result<f64> {
        let began = Instant::now();
        let status = Command::new(python).args(["-I", "-c", code]).status()?;
        if !status.success() {
            bail!("`{code}` ended with {status}");
        }
        Ok(began.elapsed().as_secs_f64() * 1e3)
    };
    // What was never read from the disk before is slow once.
    timed("import taxrefund")?;
    let mut beyond = Vec::new();
    for _ in 0..21 {
        let (empty, importing) = (timed("pass")?, timed("import taxrefund")?);
        beyond.push(importing - empty);
    }
    let figure = plain(
        "python_import_ms",
        quantile(&mut beyond, 0.5),
        Target::AtMost(50.0),
        "ms to import taxrefund, beyond an interpreter that imports nothing",
    );
    Ok(Figure { quartiles: (quantile(&mut beyond, 0.25), quantile(&mut beyond, 0.75)), ..figure })
}

fn plain(name: &'static str, value: f64, target: Target, meaning: &'static str) -> Figure {
    Figure {
        name,
        value: rounded(value),
        quartiles: (value, value),
        once: Duration::ZERO,
        target: Some(target),
        meaning,
    }
}

/// A Python process that makes refunds when it is asked to.
struct Python {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Took {
    cpu_s: f64,
    clock_s: f64,
}

impl Python {
    fn start(interpreter: &str, kind: &str, keys: &Keys, host: &str) -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join("refunds.py");
        let mut command = Command::new(interpreter);
        command.arg("-I").arg(script).arg(kind).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {interpreter}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { bail!("no pipes to {interpreter}") };
        let mut python = Self { child, input, output: BufReader::new(output) };
        let _: Value = python.ask(&setup(keys, host))?;
        Ok(python)
    }

    fn work(&mut self, times: u32) -> Result<Took> {
        self.ask(&times)
    }

    fn ask<T: serde::de::DeserializeOwned>(&mut self, question: &impl serde::Serialize) -> Result<T> {
        writeln!(self.input, "{}", serde_json::to_string(question)?)?;
        self.input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line)
            .with_context(|| format!("Python said {line:?}; what it printed above says why"))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It is asked nothing any more; it holds nothing that it would have to put away.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn setup(keys: &Keys, host: &str) -> Value {
    let refund = RefundPayment::request();
    json!({
        "host": host,
        "merchant_private_key": keys.texts.app_private_key_pkcs8_pem,
        "platform_public_key": keys.texts.gateway_public_key_pem,
        "merchant_pkcs1_base64": base64_of(&keys.texts.app_private_key_pkcs1_pem),
        "merchant_pkcs8_base64": base64_of(&keys.texts.app_private_key_pkcs8_pem),
        "platform_base64": base64_of(&keys.texts.gateway_public_key_pem),
        "alipay": { "app_id": APP_ID, "request": without_empty(&Pay::request()) },
        "antom": {
            "client_id": CLIENT_ID,
            "refund_request_id": refund.refund_request_id,
            "payment_id": refund.payment_id,
            "amount": refund.refund_amount,
        },
    })
}

fn without_empty(request: &impl serde::Serialize) -> Value {
    let mut value = serde_json::to_value(request).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    value
}

/// A PEM text's content, as the SDKs want it.
fn base64_of(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}
