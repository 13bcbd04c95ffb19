//! Receives a notification of Alipay's gateway: raw bytes in, the exact reply out.
//!
//! `cargo run -p taxrefund-core --example notification -- APP_ID < body`, with the public keys in
//! `merchant_public_key.pem` and `alipay_public_key.pem`.

use std::error::Error;
use std::io::Read as _;
use std::time::{SystemTime, UNIX_EPOCH};

use taxrefund_core::alipay::{self, Config, Platform};
use taxrefund_core::notification::{Known, Merge, Reply};
use taxrefund_core::{MerchantKey, Notification, Profile, PublicKey};

fn main() -> Result<(), Box<dyn Error>> {
    let app_id =
        std::env::args().nth(1).ok_or("give APP_ID, and the notification's body on standard input")?;
    let own = PublicKey::load(&std::fs::read("merchant_public_key.pem")?)?;
    let alipay = PublicKey::load(&std::fs::read("alipay_public_key.pem")?)?;
    let profile =
        alipay::profile(Config::new(app_id, MerchantKey::External(own), Platform::PublicKey(alipay)))?;

    let mut body = Vec::new();
    std::io::stdin().read_to_end(&mut body)?;
    let reply = receive(&profile, "/notifications/alipay", &[], &body)?;
    println!("answer with status {} and the body {}", reply.status, reply.body);
    Ok(())
}

/// What a web server's handler does with the bytes it received: never with a form that a framework parsed and rebuilt.
fn receive(
    profile: &Profile,
    path_and_query: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Reply, Box<dyn Error>> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let now_ms = u64::try_from(now.as_millis())?;
    let notification = match profile.notification(path_and_query, headers, body, now_ms) {
        Ok(notification) => notification,
        Err(refused) => {
            eprintln!("{refused}");
            return Ok(refused.reply);
        }
    };
    match notification.merge(known(&notification)) {
        Merge::Settles(settlement) => println!("{:?} is settled: {settlement:?}", notification.key),
        Merge::Unchanged => println!("{:?}: nothing new", notification.key),
        Merge::Conflict => eprintln!("{:?}: contradicts what is final; tell a person", notification.key),
    }
    // Only now, when the message is safely recorded, is it acknowledged.
    Ok(notification.reply)
}

/// What one's own records say of the refund; here nothing is recorded, so it is open.
fn known(_notification: &Notification) -> Known {
    Known::Open
}
