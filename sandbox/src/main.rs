//! The simulator as a program.

#![forbid(unsafe_code)]

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use clap::Parser;
use taxrefund_sandbox::{FaultMix, Sandbox};

/// A stateful simulator of the tax refund gateways. The first line it prints is its URL.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// The loopback address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where all choices come from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// none, demo, a JSON file, or inline like "10=lost-answer;90=none".
    #[arg(long, default_value = "none")]
    faults: String,
    /// The wait of the scenario delay.
    #[arg(long, default_value_t = 10_000)]
    delay_ms: u64,
    /// The wait between two bytes of the scenario drip.
    #[arg(long, default_value_t = 1_000)]
    drip_ms: u64,
    /// Accept requests signed with sign_type=RSA (SHA-1) at the open gateway.
    #[arg(long)]
    allow_rsa_sha1: bool,
    /// End after this many seconds.
    #[arg(long, value_name = "SECONDS")]
    run_for: Option<u64>,
    /// End when standard input ends.
    #[arg(long)]
    exit_with_stdin: bool,
    /// Print the identities and TEST keys as JSON after the URL.
    #[arg(long)]
    print_credentials: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let faults = match options.faults.strip_suffix(".json") {
        Some(_) => FaultMix::parse(&std::fs::read_to_string(&options.faults)?)?,
        None => FaultMix::parse(&options.faults)?,
    };
    // In a demonstration nobody wants to wait for a slow answer.
    let long_delay = if options.faults == "demo" { options.delay_ms.min(400) } else { options.delay_ms };
    let sandbox = Sandbox::builder()
        .listen(options.listen)
        .seed(options.seed)
        .faults(faults)
        .long_delay(Duration::from_millis(long_delay))
        .drip_interval(Duration::from_millis(options.drip_ms))
        .allow_rsa_sha1(options.allow_rsa_sha1)
        .start()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", sandbox.base_url())?;
    if options.print_credentials {
        writeln!(out, "{}", serde_json::to_string_pretty(sandbox.credentials())?)?;
    }
    out.flush()?;
    let (ended, end) = mpsc::channel();
    await_interrupt(ended.clone())?;
    if options.exit_with_stdin {
        await_end_of_input(ended);
    }
    match options.run_for {
        None => drop(end.recv()),
        Some(seconds) => match end.recv_timeout(Duration::from_secs(seconds)) {
            Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        },
    }
    sandbox.stop();
    Ok(())
}

fn await_interrupt(ended: Sender<()>) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            let _ = ended.send(());
        }
    });
    Ok(())
}

fn await_end_of_input(ended: Sender<()>) {
    std::thread::spawn(move || {
        let mut bytes = [0; 256];
        while std::io::stdin().read(&mut bytes).is_ok_and(|read| read > 0) {}
        let _ = ended.send(());
    });
}
