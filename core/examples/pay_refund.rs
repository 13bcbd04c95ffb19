//! Pays one refund to the traveller whose wallet code was scanned, through Alipay's test gateway.
//!
//! `cargo run -p taxrefund-core --example pay_refund`, in a folder with `merchant_private_key.pem` and
//! `alipay_public_key.pem`.

use taxrefund_core::alipay::{Client, Config, PayTaxRefundRequest, Platform};
use taxrefund_core::{Environment, MerchantKey, Outcome, PrivateKey, PublicKey};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let own = PrivateKey::load(&std::fs::read("merchant_private_key.pem")?)?;
    let alipay = PublicKey::load(&std::fs::read("alipay_public_key.pem")?)?;
    let mut config = Config::new("2014072300007148", MerchantKey::Private(own), Platform::PublicKey(alipay));
    config.environment = Environment::Sandbox;
    let refund = PayTaxRefundRequest {
        out_order_no: "0005520171122115751".into(), // yours, one per refund, never used again
        identify_account_type: "barcode".into(),
        identify_account_no: "281234567890123456".into(), // the traveller's code, scanned a moment ago
        tax_refund_currency: "SGD".into(),
        tax_refund_amount: "10000".into(), // in the smallest unit: SGD 100.00
        ..PayTaxRefundRequest::default()
    };
    match Client::new(config)?.pay_tax_refund(&refund)? {
        Outcome::Succeeded(paid) => println!("paid: {}", paid.reference.unwrap_or_default()),
        Outcome::Failed(failed) => println!("not paid: {}; next: {:?}", failed.reason, failed.next_step),
        // Keep `open.resume`: the same refund goes on from there. Never send it under a new number.
        Outcome::Unknown(open) => println!("not known: {}; next: {:?}", open.reason, open.next_step),
    }
    Ok(())
}
