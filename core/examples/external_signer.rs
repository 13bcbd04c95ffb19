//! Drives a refund step by step, with the private key in another program: a KMS, an HSM, a phone's key store.
//!
//! `cargo run -p taxrefund-core --example external_signer -- APP_ID request.json SIGN_COMMAND [ARGUMENTS]`, with the
//! public keys in `merchant_public_key.pem` and `alipay_public_key.pem`. The command reads the bytes to sign and writes
//! the signature, both raw; `openssl dgst -sha256 -sign KEY.pem` is one. The same loop fits any event loop or fake clock.

use std::error::Error;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use taxrefund_core::alipay::{self, Config, PayTaxRefund, Platform};
use taxrefund_core::{
    Environment, Event, Flow, FlowState, HttpTransport, MerchantKey, Now, Outcome, Policy, Prepared,
    PublicKey, Step, Transport as _,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [app_id, request, sign_command @ ..] = arguments.as_slice() else {
        return Err("give APP_ID REQUEST_FILE SIGN_COMMAND [ARGUMENTS]".into());
    };
    let own = PublicKey::load(&std::fs::read("merchant_public_key.pem")?)?;
    let platform = PublicKey::load(&std::fs::read("alipay_public_key.pem")?)?;
    let mut config = Config::new(app_id, MerchantKey::External(own), Platform::PublicKey(platform));
    config.environment = Environment::Sandbox;

    let profile = alipay::profile(config)?;
    let prepared = Prepared::from_json::<PayTaxRefund>(&profile, &std::fs::read_to_string(request)?)?;
    let flow = Flow::new(profile, prepared, Policy::default(), now(Instant::now()).epoch_ms)?;
    match drive(flow, sign_command)? {
        Outcome::Succeeded(paid) => println!("paid: {}", paid.reference.unwrap_or_default()),
        Outcome::Failed(failed) => println!("not paid: {}; next: {:?}", failed.reason, failed.next_step),
        Outcome::Unknown(open) => println!("not known: {}; next: {:?}", open.reason, open.next_step),
    }
    Ok(())
}

fn drive(mut flow: Flow, sign_command: &[String]) -> Result<Outcome, Box<dyn Error>> {
    let transport = HttpTransport::default();
    let began = Instant::now();
    let mut event = Event::Start;
    loop {
        event = match flow.advance(event, now(began))? {
            Step::Sign(bytes) => match sign(sign_command, &bytes) {
                // Checked with the merchant's public key before anything is sent.
                Ok(signature) => Event::Signed(signature),
                Err(_) => Event::SigningFailed("the signing command failed".to_owned()),
            },
            Step::Send(request) => {
                record(&flow.state())?;
                match transport.exchange(request) {
                    Ok(answer) => Event::Answered(answer),
                    Err(fault) => Event::Faulted(fault),
                }
            }
            Step::Wait(wait) => {
                thread::sleep(wait);
                Event::Woke
            }
            Step::Done(outcome) => return Ok(*outcome),
        };
    }
}

/// Where a real program stores the state durably: before every send, so that it can resume whatever happens next.
fn record(state: &FlowState) -> Result<(), Box<dyn Error>> {
    println!("sending for {}; its state has {} bytes", state.key(), serde_json::to_vec(state)?.len());
    Ok(())
}

fn sign(command: &[String], bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let [program, arguments @ ..] = command else { return Err("no signing command".into()) };
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("the signing command has no input")?.write_all(bytes)?;
    let output = child.wait_with_output()?;
    if output.status.success() { Ok(output.stdout) } else { Err("the signing command failed".into()) }
}

fn now(began: Instant) -> Now {
    let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { monotonic: began.elapsed(), epoch_ms: u64::try_from(epoch.as_millis()).unwrap_or(u64::MAX) }
}
