//! Notifications as the platforms send them, signed by the simulator's TEST keys and verified by the profile.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use taxrefund_core::antom::{SignatureHeader, string_to_sign};
use taxrefund_core::signing::{Algorithm, Signer, SoftwareSigner};
use taxrefund_core::{Client, Notification, PrivateKey};
use taxrefund_journal::{Journal, JournalError, Merged};

const PATH: &str = "/notify/refunds";
const NOW_MS: u64 = 1_795_000_000_000;

/// A verified notification, with the bytes it came in.
pub(crate) struct Message {
    pub(crate) notification: Notification,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Message {
    pub(crate) fn tell(&self, journal: &Journal, client: &Client) -> Result<Merged, JournalError> {
        journal.notify(client.profile(), &self.notification, &self.headers, &self.body)
    }
}

fn sign(private_pem: &str, message: &[u8]) -> Vec<u8> {
    let key = PrivateKey::load(private_pem.as_bytes()).unwrap();
    SoftwareSigner::new(key, Algorithm::RsaSha256).sign(message).unwrap()
}

/// What the gateway sends about a refund: `S` or `F`.
pub(crate) fn gateway_message(client: &Client, key: &str, status: &str, id: &str) -> Message {
    const PEM: &str = include_str!("../../../sandbox/keys/alipay_platform_private.pem");
    let members = [
        ("app_id", client.profile().account()),
        ("notify_id", id),
        ("notify_type", "tax_refund_status_sync"),
        ("out_order_no", key),
        ("status", status),
        ("tax_no", "2088TOLD"),
    ];
    let text = members.map(|(name, value)| format!("{name}={value}")).join("&");
    let signature = STANDARD.encode(sign(PEM, text.as_bytes()));
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let body = format!("{text}&sign_type=RSA2&sign={signature}").into_bytes();
    let notification = client.profile().notification(PATH, &[], &body, NOW_MS).unwrap();
    Message { notification, headers: Vec::new(), body }
}

/// What Antom sends about a refund of USD 1.00.
pub(crate) fn antom_message(client: &Client, key: &str, refund_status: &str) -> Message {
    antom_message_with(client, key, refund_status, &json!({}))
}

/// The same with other members.
pub(crate) fn antom_message_with(client: &Client, key: &str, status: &str, members: &Value) -> Message {
    const PEM: &str = include_str!("../../../sandbox/keys/antom_platform_private.pem");
    let code = if status == "FAIL" { "PROCESS_FAIL" } else { "SUCCESS" };
    let letter = if status == "FAIL" { "F" } else { "S" };
    let mut message = json!({
        "notifyType": "REFUND_RESULT",
        "result": { "resultStatus": letter, "resultCode": code, "resultMessage": "told" },
        "refundStatus": status,
        "refundRequestId": key,
        "refundId": "RF-TOLD",
        "refundAmount": { "currency": "USD", "value": "100" },
    });
    for (name, value) in members.as_object().unwrap() {
        message[name] = value.clone();
    }
    let body = message.to_string().into_bytes();
    let (account, time) = (client.profile().account(), "2026-11-23T01:02:03Z");
    let signature = sign(PEM, &string_to_sign("POST", PATH, account, time, &body));
    let headers = vec![
        ("client-id".to_owned(), account.to_owned()),
        ("request-time".to_owned(), time.to_owned()),
        ("signature".to_owned(), SignatureHeader::write(&signature, 1)),
    ];
    let notification = client.profile().notification(PATH, &headers, &body, NOW_MS).unwrap();
    Message { notification, headers, body }
}
