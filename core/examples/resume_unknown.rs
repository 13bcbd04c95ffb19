//! A refund that survives an unknown result, and being killed: what it needs to go on stands in a file.
//!
//! `cargo run -p taxrefund-core --example resume_unknown -- APP_ID request.json state.json`, with the keys in
//! `merchant_private_key.pem` and `alipay_public_key.pem`. Run it again with the same files until the refund is settled.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use taxrefund_core::alipay::{Client, Config, PayTaxRefund, Platform};
use taxrefund_core::{
    Environment, Flow, FlowState, MerchantKey, Outcome, Policy, Prepared, PrivateKey, PublicKey,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [app_id, request, state] = arguments.as_slice() else {
        return Err("give APP_ID REQUEST_FILE STATE_FILE".into());
    };
    let client = client(app_id)?;
    let state = Path::new(state);
    let outcome = if state.exists() {
        // An open refund is taken up again: it begins with a query, and pays again only under the same number.
        let open: FlowState = serde_json::from_slice(&fs::read(state)?)?;
        client.resume(open)?
    } else {
        let prepared = Prepared::from_json::<PayTaxRefund>(client.profile(), &fs::read_to_string(request)?)?;
        // Stored before the first byte is sent: a process that dies from here on leaves an open refund, not a lost one.
        let flow = Flow::new(client.profile().clone(), prepared.clone(), Policy::default(), 0)?;
        store(state, &flow.state())?;
        client.run(prepared)?
    };
    match outcome {
        Outcome::Unknown(open) => {
            store(state, &open.resume)?;
            println!("not known: {}; next: {:?}", open.reason, open.next_step);
        }
        settled => {
            let detail = settled.reason().map(ToString::to_string);
            let detail = detail.or_else(|| settled.reference().map(str::to_owned)).unwrap_or_default();
            println!("{}: {detail}; next: {:?}", settled.as_str(), settled.next_step());
            // Kept under another name: an order number that was used is never used again.
            fs::rename(state, state.with_extension("settled"))?;
        }
    }
    Ok(())
}

fn client(app_id: &str) -> Result<Client, Box<dyn Error>> {
    let own = PrivateKey::load(&fs::read("merchant_private_key.pem")?)?;
    let alipay = PublicKey::load(&fs::read("alipay_public_key.pem")?)?;
    let mut config = Config::new(app_id, MerchantKey::Private(own), Platform::PublicKey(alipay));
    config.environment = Environment::Sandbox;
    Ok(Client::new(config)?)
}

/// Whole or not at all, and on the disk when it returns. The state holds the traveller's data: keep the folder private.
fn store(path: &Path, state: &FlowState) -> Result<(), Box<dyn Error>> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(&serde_json::to_vec(state)?)?;
    file.sync_all()?;
    Ok(fs::rename(new, path)?)
}
