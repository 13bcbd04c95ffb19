//! Signed notifications, sent to loopback addresses only, checked and redelivered.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{HeaderMap, Request, Uri};
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::alipay_plus;
use crate::clock;
use crate::codes::result;
use crate::config::Settings;
use crate::header_signed::{party, reply_is_signed, signature_header, text_to_sign};
use crate::interface::Protocol;
use crate::ledger::{Order, OrderId, State};
use crate::scenario::Scenario;
use crate::world::World;

/// One notification and how it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct NotificationEntry {
    /// `alipay`, `alipay_plus` or `antom`.
    pub protocol: String,
    /// The idempotency key it is about.
    pub key: String,
    /// Where it was sent.
    pub url: String,
    /// `genuine`, `forged` or `contradicting`.
    pub kind: String,
    /// How often it was sent.
    pub attempts: u32,
    /// Whether the last reply was the acknowledgement the protocol asks for.
    pub acknowledged: bool,
}

/// What is to be sent about one order.
#[derive(Debug, Clone)]
pub(crate) struct NoticeJob {
    id: OrderId,
    url: Uri,
    pub(crate) before_answer: bool,
    steps: Vec<(Duration, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Genuine,
    Forged,
    Contradicting,
}

/// How long one sending may take, the reply included (Alipay+ sheet, d.8).
const SENDING_LIMIT: Duration = Duration::from_secs(5);

impl NoticeJob {
    pub(crate) fn of(settings: &Settings, id: &OrderId, url: &str, scenarios: &[Scenario]) -> Option<Self> {
        let asked = |scenario| scenarios.contains(&scenario);
        let url: Uri = url.parse().ok()?;
        if asked(Scenario::NotificationNone) || !is_loopback(&url) {
            return None;
        }
        let before_answer = asked(Scenario::NotificationFirst);
        let wait = if before_answer {
            Duration::ZERO
        } else if asked(Scenario::NotificationLate) {
            settings.notifications.late_delay
        } else {
            settings.notifications.delay
        };
        let genuine = if asked(Scenario::NotificationRepeated) { 3 } else { 1 };
        let mut kinds = vec![Kind::Genuine; genuine];
        if asked(Scenario::NotificationForged) {
            kinds.insert(0, Kind::Forged);
        }
        if asked(Scenario::NotificationContradicts) {
            kinds.push(Kind::Contradicting);
        }
        let waits = std::iter::once(wait).chain(std::iter::repeat(Duration::ZERO));
        Some(Self { id: id.clone(), url, before_answer, steps: waits.zip(kinds).collect() })
    }

    /// Sends everything, one after the other.
    pub(crate) async fn run(self, world: Arc<World>) {
        for (wait, kind) in &self.steps {
            if !wait.is_zero() {
                tokio::time::sleep(*wait).await;
            }
            self.deliver(&world, *kind).await;
        }
    }

    async fn deliver(&self, world: &World, kind: Kind) {
        let Some(order) = settled(world, &self.id) else { return };
        let at = {
            let mut books = world.books();
            books.notifications.push(NotificationEntry {
                protocol: self.id.protocol.name().to_owned(),
                key: self.id.key.clone(),
                url: self.url.to_string(),
                kind: match kind {
                    Kind::Genuine => "genuine",
                    Kind::Forged => "forged",
                    Kind::Contradicting => "contradicting",
                }
                .to_owned(),
                attempts: 0,
                acknowledged: false,
            });
            books.notifications.len() - 1
        };
        let retries =
            if kind == Kind::Genuine { world.settings.notifications.redelivery.as_slice() } else { &[] };
        for wait in std::iter::once(None).chain(retries.iter().map(Some)) {
            if let Some(wait) = wait {
                tokio::time::sleep(*wait).await;
            }
            let Some(message) = Message::about(world, &self.id, &order, kind, &self.url) else { return };
            let reply = tokio::time::timeout(SENDING_LIMIT, send(&self.url, message)).await;
            let acknowledged =
                reply.ok().flatten().is_some_and(|(headers, body)| self.accepts(world, &headers, &body));
            if let Some(entry) = world.books().notifications.get_mut(at) {
                entry.attempts += 1;
                entry.acknowledged = acknowledged;
            }
            if acknowledged {
                return;
            }
        }
    }

    /// The gateway wants the seven letters; Alipay+ a signed S, Antom an S.
    fn accepts(&self, world: &World, headers: &HeaderMap, body: &[u8]) -> bool {
        if self.id.protocol == Protocol::Alipay {
            return body.trim_ascii() == b"success";
        }
        let status = serde_json::from_slice::<Value>(body).ok();
        let taken = status.is_some_and(|v| v.pointer("/result/resultStatus") == Some(&json!("S")));
        let (keys, _) = party(world, self.id.protocol);
        taken
            && (self.id.protocol == Protocol::Antom
                || reply_is_signed(&keys.partner, target(&self.url), &self.id.account, headers, body))
    }
}

/// The order in its final state; a notification ends an order in process.
fn settled(world: &World, id: &OrderId) -> Option<Order> {
    let mut books = world.books();
    let order = books.order_mut(id)?;
    order.settle();
    matches!(order.state, State::Succeeded | State::Failed(_)).then(|| order.clone())
}

struct Message {
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Message {
    fn about(world: &World, id: &OrderId, order: &Order, kind: Kind, url: &Uri) -> Option<Self> {
        let paid = (order.state == State::Succeeded) == (kind == Kind::Genuine);
        let accepted = order.accepted.as_ref()?;
        if id.protocol == Protocol::Alipay {
            return Self::of_gateway(world, id, &accepted.reference, paid, kind);
        }
        let outcome =
            if paid { result("S", "SUCCESS", "Success") } else { result("F", "PROCESS_FAIL", "failed") };
        let mut object = order.facts();
        if id.protocol == Protocol::Antom {
            object["notifyType"] = json!("REFUND_RESULT");
            object["result"] = outcome;
            object["refundStatus"] = json!(if paid { "SUCCESS" } else { "FAIL" });
            object.as_object_mut()?.remove("paymentId");
        } else {
            object["originalCreditResult"] =
                if kind == Kind::Genuine { alipay_plus::outcome(order, false) } else { outcome };
        }
        let body = object.to_string();
        let (keys, _) = party(world, id.protocol);
        let key = if kind == Kind::Forged { &keys.stranger } else { &keys.platform };
        let time = clock::iso_seconds();
        let text = text_to_sign("POST", target(url), &id.account, &time, body.as_bytes());
        let headers = vec![
            ("content-type", "application/json; charset=UTF-8".to_owned()),
            ("client-id", id.account.clone()),
            ("request-time", time),
            ("signature", signature_header(key, &text, false)?),
        ];
        Some(Self { headers, body })
    }

    /// Rule V1: everything but `sign` and `sign_type` is signed (gateway sheet, 3.5). The member names are the
    /// simulator's own choice: the product's notification is not documented.
    fn of_gateway(world: &World, id: &OrderId, tax_no: &str, paid: bool, kind: Kind) -> Option<Self> {
        let notify_id = crate::crypto::sha256_hex(format!("{}/{kind:?}", id.key).as_bytes());
        let now = clock::wall_clock();
        let members = [
            ("app_id", id.account.as_str()),
            ("charset", "utf-8"),
            ("notify_id", notify_id.get(..34)?),
            ("notify_time", &now),
            ("notify_type", "tax_refund_status_sync"),
            ("out_order_no", &id.key),
            ("status", if paid { "S" } else { "F" }),
            ("tax_no", tax_no),
            ("version", "1.0"),
        ];
        let text: Vec<String> = members.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let key = if kind == Kind::Forged { &world.alipay.stranger } else { &world.alipay.platform };
        let sign = key.sign(text.join("&").as_bytes())?;
        let mut body = String::new();
        for (name, value) in members.iter().copied().chain([("sign_type", "RSA2"), ("sign", &sign)]) {
            let gap = if body.is_empty() { "" } else { "&" };
            body.push_str(&format!("{gap}{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        }
        let form = "application/x-www-form-urlencoded;charset=utf-8".to_owned();
        Some(Self { headers: vec![("content-type", form)], body })
    }
}

/// One POST. Nothing is returned unless the status is 200.
async fn send(url: &Uri, message: Message) -> Option<(HeaderMap, Bytes)> {
    let port = url.port_u16().unwrap_or(80);
    let stream = match host(url) {
        "localhost" => TcpStream::connect(("127.0.0.1", port)).await.ok()?,
        address => TcpStream::connect((address.parse::<IpAddr>().ok()?, port)).await.ok()?,
    };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    let mut request = Request::post(target(url)).header("host", url.authority()?.as_str());
    for (name, value) in message.headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(Bytes::from(message.body))).ok()?;
    let response = sender.send_request(request).await.ok()?;
    if response.status() != hyper::StatusCode::OK {
        return None;
    }
    let (head, body) = response.into_parts();
    let body = Limited::new(body, 64 * 1024).collect().await.ok()?.to_bytes();
    Some((head.headers, body))
}

fn target(url: &Uri) -> &str {
    url.path_and_query().map_or("/", |target| target.as_str())
}

fn host(url: &Uri) -> &str {
    url.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

fn is_loopback(url: &Uri) -> bool {
    url.scheme_str() == Some("http")
        && (host(url) == "localhost"
            || host(url).parse::<IpAddr>().is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_notified() {
        for url in ["http://127.0.0.1:1/x", "http://localhost/x?a=b", "http://[::1]:80/"] {
            assert!(is_loopback(&url.parse().unwrap()), "{url}");
        }
        for url in [
            "http://10.0.0.1/x",
            "http://example.com/",
            "https://127.0.0.1/",
            "/x",
            "http://127.0.0.1.nip.io/",
        ] {
            assert!(!is_loopback(&url.parse().unwrap()), "{url}");
        }
    }
}
