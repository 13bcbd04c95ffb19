//! One refund and a file of them through the journal: recorded before anything is sent, paid once however often asked for.

use std::sync::Arc;

use taxrefund_core::alipay::{Config, PayTaxRefundRequest, Platform};
use taxrefund_core::{Client, Prepared, alipay};
use taxrefund_core::{Environment, HttpTransport, MerchantKey, PrivateKey, PublicKey};
use taxrefund_journal::{ImportOptions, Journal, Options, Submission, Worker};

fn pay(client: &Client, request: &PayTaxRefundRequest) -> Result<(), Box<dyn std::error::Error>> {
    let journal = Journal::open("refunds.db", Options::default())?; // or postgres://user@host/database
    let prepared = Prepared::new::<alipay::PayTaxRefund>(client.profile(), request)?;
    let outcome = journal.run(client, &Submission::new(prepared))?;
    println!("{}", outcome.as_str());

    // A file of them: recorded line by line, drained by any number of workers, told line by line.
    let operation = taxrefund_core::operations::find("alipay.pay_tax_refund").ok_or("no such operation")?;
    let batch = ImportOptions::csv("2026-11-23");
    let file = || std::fs::File::open("refunds.csv");
    println!("{:?}", journal.import(operation, client.profile(), &batch, file()?)?);
    println!("{}", Worker::new(&journal, vec![client.clone()])?.run()?);
    let results = std::fs::File::create("results.csv")?;
    println!("{:?}", journal.write_results(operation, client.profile(), &batch, file()?, results)?);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let own = PrivateKey::load(&std::fs::read("merchant_private_key.pem")?)?;
    let alipay = PublicKey::load(&std::fs::read("alipay_public_key.pem")?)?;
    let mut config = Config::new("2014072300007148", MerchantKey::Private(own), Platform::PublicKey(alipay));
    config.environment = Environment::Sandbox;
    let client = Client::new(alipay::profile(config)?, Arc::new(HttpTransport::default()))?;
    let request = PayTaxRefundRequest {
        out_order_no: "0005520171122115751".into(),
        identify_account_type: "barcode".into(),
        identify_account_no: "281234567890123456".into(),
        tax_refund_currency: "SGD".into(),
        tax_refund_amount: "10000".into(),
        doc_id: Some("DOC20171122115751".into()), // the form: it is paid once, whatever the order number
        ..PayTaxRefundRequest::default()
    };
    pay(&client, &request)
}
