//! Clients in other languages, each in a process of its own that makes refunds when it is asked to.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::exchange::{APP_ID, CLIENT_ID, Exchange, Pay, RefundPayment};
use crate::figures::{Figure, Target, rounded};
use crate::keys::Keys;
use crate::measure::quantile;

const ROUNDS: usize = 40;
const STARTS: usize = 21;

/// A line of JSON goes in, a line of JSON comes out.
pub(crate) struct Program {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    name: String,
}

impl Program {
    /// Starts it, and gives it what it works with.
    pub(crate) fn start(command: &mut Command, setup: &Value) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { bail!("no pipes to {name}") };
        let mut program = Self { child, input, output: BufReader::new(output), name };
        let _: Value = program.ask(setup)?;
        Ok(program)
    }

    pub(crate) fn ask<T: DeserializeOwned>(&mut self, question: &impl Serialize) -> Result<T> {
        writeln!(self.input, "{}", serde_json::to_string(question)?)?;
        self.input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line)
            .with_context(|| format!("{} said {line:?}; what it printed above says why", self.name))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It is asked nothing any more; it holds nothing that it would have to put away.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keys, requests, and where the gateway is.
pub(crate) fn setup(keys: &Keys, host: &str) -> Value {
    let refund = RefundPayment::request();
    json!({
        "host": host,
        "merchant_private_key": keys.texts.app_private_key_pkcs8_pem,
        "merchant_public_key": keys.texts.app_public_key_pem,
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

fn without_empty(request: &impl Serialize) -> Value {
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

/// The median of the rounds' ratios, the two sides taking turns.
pub(crate) fn ratio(
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

/// A program that imports the package beyond one that imports nothing, in wall-clock time.
pub(crate) fn import_ms(
    name: &'static str,
    meaning: &'static str,
    command: &mut dyn FnMut(&str) -> Command,
    (empty, importing): (&str, &str),
) -> Result<Figure> {
    let mut timed = |code: &str| -> Result<f64> {
        let began = Instant::now();
        let status = command(code).status()?;
        ensure!(status.success(), "`{code}` ended with {status}");
        Ok(began.elapsed().as_secs_f64() * 1e3)
    };
    // What was never read from the disk before is slow once.
    timed(importing)?;
    let mut beyond = Vec::new();
    for _ in 0..STARTS {
        let (empty, importing) = (timed(empty)?, timed(importing)?);
        beyond.push(importing - empty);
    }
    let figure = plain(name, quantile(&mut beyond, 0.5), Target::AtMost(50.0), meaning);
    Ok(Figure { quartiles: (quantile(&mut beyond, 0.25), quantile(&mut beyond, 0.75)), ..figure })
}

/// A figure that is no ratio.
pub(crate) fn plain(name: &'static str, value: f64, target: Target, meaning: &'static str) -> Figure {
    Figure {
        name,
        value: rounded(value),
        quartiles: (value, value),
        once: Duration::ZERO,
        target: Some(target),
        meaning,
    }
}
