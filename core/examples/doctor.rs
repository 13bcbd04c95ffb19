//! Says of a set of keys what each one is and what is wrong with it, before the first refund.
//!
//! `cargo run -p taxrefund-core --example doctor -- merchant_private_key.pem alipay_public_key.pem`

use std::error::Error;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use taxrefund_core::keys::doctor::{DoctorInput, examine};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [own, platform] = arguments.as_slice() else {
        return Err("give the files of the merchant's private key and of the platform's public key".into());
    };
    let read = |file: &String| std::fs::read(file).map_err(|error| format!("{file}: {error}"));
    let (own, platform) = (read(own)?, read(platform)?);
    let now_s = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())?;
    let report = examine(&DoctorInput {
        environment: Some("production"),
        merchant_private_key: Some(&own),
        platform_public_key: Some(&platform),
        ..DoctorInput::at(now_s)
    });
    print!("{report}");
    Ok(if report.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
