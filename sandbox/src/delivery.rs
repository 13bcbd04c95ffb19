//! How an answer leaves: the text of the signed object, and what happens to the whole on its way.

use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use hyper::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::config::Settings;
use crate::faults::FaultRule;
use crate::notify::NoticeJob;
use crate::scenario::Scenario;

/// A request, read whole.
pub(crate) struct Incoming {
    pub(crate) method: Method,
    /// Path and query as sent: what header signatures cover.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Incoming {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The rules of the header `sandbox-scenario`; a text that is none is answered with HTTP 400.
    pub(crate) fn asked_faults(&self) -> Result<Vec<FaultRule>, Reply> {
        FaultRule::list(self.header("sandbox-scenario").unwrap_or_default())
            .map_err(|e| Reply::new(StatusCode::BAD_REQUEST, "text/plain", e.to_string()))
    }
}

/// A response and how it is sent.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
    pub(crate) way: Way,
    pub(crate) delay: Duration,
    pub(crate) jobs: Vec<NoticeJob>,
}

/// What the connection does with the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Whole,
    Close,
    Reset,
    Drip(Duration),
    Half,
}

impl Reply {
    pub(crate) fn new(status: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
            way: Way::Whole,
            delay: Duration::ZERO,
            jobs: Vec::new(),
        }
    }

    pub(crate) fn json(value: &Value) -> Self {
        Self::new(StatusCode::OK, "application/json; charset=UTF-8", value.to_string())
    }

    fn on_the_way(mut self, way: Way) -> Self {
        self.way = way;
        self
    }

    /// The answer that needs no genuine one, if the scenario is of that kind.
    pub(crate) fn without_answer(delivery: Option<Scenario>) -> Option<Self> {
        let page = |status: u16, content_type: &str, body: &str| {
            Self::new(
                StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY),
                content_type,
                body.to_owned(),
            )
        };
        let nothing = || page(200, "text/plain", "");
        Some(match delivery? {
            Scenario::LostAnswer | Scenario::LostRequest | Scenario::LateExecution => {
                nothing().on_the_way(Way::Close)
            }
            Scenario::Reset => nothing().on_the_way(Way::Reset),
            Scenario::Http500 => page(500, "text/html", "<html><h1>Internal Server Error</h1></html>"),
            Scenario::Http502 => page(502, "text/html", "<html><h1>502 Bad Gateway</h1></html>"),
            Scenario::Http502Json => {
                page(502, "application/json", r#"{"code":"502","message":"upstream closed the connection"}"#)
            }
            Scenario::Http503 => page(503, "text/html", "<html><h1>Service Unavailable</h1></html>"),
            Scenario::Http503Json => {
                page(503, "application/json", r#"{"code":"503","message":"no healthy upstream"}"#)
            }
            Scenario::HtmlPage => page(
                200,
                "text/html; charset=utf-8",
                "<!DOCTYPE html><html><head><title>Free airport Wi-Fi</title></head><body>Please accept the terms.</body></html>",
            ),
            Scenario::Redirect => {
                let mut reply = page(302, "text/html", "");
                reply.headers.push(("location", "/portal/login".to_owned()));
                reply
            }
            _ => return None,
        })
    }

    /// Sends the genuine answer as the scenario says.
    pub(crate) fn altered(mut self, delivery: Option<Scenario>, settings: &Settings) -> Self {
        match delivery {
            Some(Scenario::Delay) => self.delay = settings.long_delay,
            Some(Scenario::Drip) => self.way = Way::Drip(settings.drip_interval),
            Some(Scenario::HalfAnswer) => self.way = Way::Half,
            Some(Scenario::Http500Json) => self.status = StatusCode::INTERNAL_SERVER_ERROR,
            Some(Scenario::OversizedHeaders) => {
                self.headers.extend((0..32).map(|_| ("x-padding", "p".repeat(8 * 1024))));
            }
            Some(Scenario::Gzip) => {
                self.body = gzipped(&self.body);
                self.headers.push(("content-encoding", "gzip".to_owned()));
            }
            _ => {}
        }
        self
    }
}

/// The JSON text of an answer's object, written the way the scenario says.
pub(crate) fn text_of(object: &Value, delivery: Option<Scenario>) -> String {
    let text = object.to_string();
    match delivery {
        Some(Scenario::EscapedSlashes | Scenario::UnescapedSignature) => {
            with_member(&text, r#""remark":"https://open.example.test/errCheck?traceId=0b""#)
                .replace('/', r"\/")
        }
        Some(Scenario::BraceInString) => {
            with_member(&text, r#""remark":"a closing } and a \"quoted\" { brace \\""#)
        }
        Some(Scenario::Whitespace) => {
            serde_json::to_string_pretty(object).unwrap_or(text).replace('\n', "\r\n")
        }
        Some(Scenario::UnicodeEscapes) => {
            with_member(&text, r#""remark":"\u9000\u7a0e\u6210\u529f \ud83d\ude00""#)
        }
        Some(Scenario::Gbk) => with_member(&text, r#""remark":"退税成功""#),
        Some(Scenario::UnknownMembers) => {
            with_member(&text, r#""brand_new":{"list":[1,2.5,null,true],"text":"x"}"#)
        }
        Some(Scenario::OversizedBody) => {
            with_member(&text, &format!(r#""padding":"{}""#, "p".repeat(2 * 1024 * 1024)))
        }
        Some(Scenario::DeepJson) => {
            with_member(&text, &format!(r#""deep":{}1{}"#, "[".repeat(100), "]".repeat(100)))
        }
        _ => text,
    }
}

/// The same text with one character changed: what a man in the middle makes of it.
pub(crate) fn tampered(text: &str) -> String {
    match text.char_indices().rev().find(|(_, c)| c.is_ascii_digit()) {
        Some((at, digit)) => {
            let other = if digit == '0' { '1' } else { '0' };
            let (before, after) = text.split_at(at);
            format!("{before}{other}{}", after.get(1..).unwrap_or_default())
        }
        None => text.replacen("S", "s", 1),
    }
}

fn with_member(object: &str, member: &str) -> String {
    let rest = object.strip_prefix('{').unwrap_or(object);
    let comma = if rest.starts_with('}') { "" } else { "," };
    format!("{{{member}{comma}{rest}")
}

fn gzipped(body: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing into memory does not fail; an empty body would only make the fault another one.
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.map(Bytes::from).unwrap_or_default()
}
