//! The flow cases: a scripted provider, virtual time.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use taxrefund_core::alipay::Platform;
use taxrefund_core::{
    Event, Fault, Flow, HttpRequest, HttpResponse, MerchantKey, Now, Outcome, Policy, PrivateKey, Profile,
    PublicKey, Step, alipay, alipay_plus, antom, operations,
};

use crate::{Answer, bytes, headers, text};

pub(crate) fn flow(case: &Value) -> Answer {
    let profile = profile(&case["profile"])?;
    let operation = text(case, "operation")?;
    let entry = operations::find(operation).ok_or_else(|| format!("unknown operation {operation}"))?;
    let prepared = entry.prepare(&profile, &case["request"].to_string())?;
    let business = prepared.clone();
    let policy = Policy {
        attempts: u32::try_from(case["attempts"].as_u64().unwrap_or(5))?,
        // Scripts are about decisions: no deadline cuts them short.
        deadline_ms: 24 * 60 * 60 * 1000,
        ..Policy::default()
    };
    let mut flow = Flow::new(profile, prepared, policy, case["seed"].as_u64().unwrap_or_default())?;

    let mut answers = case["answers"].as_array().ok_or("answers is no list")?.iter();
    let mut clock = Clock::default();
    let (mut sent, mut waits, mut waited) = (Vec::new(), Vec::new(), Duration::ZERO);
    let mut event = Event::Start;
    let (outcome, exhausted) = loop {
        event = match flow.advance(event, clock.now())? {
            Step::Sign(_) => return Err("asked for a signature though it has the key".into()),
            Step::Wait(wait) => {
                clock.pass(wait);
                waited += wait;
                Event::Woke
            }
            Step::Send(request) => {
                if !sent.is_empty() {
                    waits.push(waited.as_secs_f64());
                }
                waited = Duration::ZERO;
                let content = business.business(request.interface).as_bytes();
                if !carries(&request, content) {
                    return Err(
                        format!("{}: the frozen content is not what is sent", request.interface).into()
                    );
                }
                sent.push(json!({
                    "interface": request.interface,
                    "business_sha256": hex::encode(Sha256::digest(content)),
                }));
                match answers.next() {
                    Some(answer) => received(answer)?,
                    None => break (None, true),
                }
            }
            Step::Done(outcome) => break (Some(outcome), false),
        };
    };
    let outcome = outcome.as_deref();
    Ok(json!({
        "sent": sent,
        "waits_s": waits,
        "outcome": outcome.map(Outcome::as_str),
        "next_step": outcome.map(|outcome| outcome.next_step().as_str()),
        "code": outcome.and_then(Outcome::reason).map(|reason| reason.code.as_str()),
        "reference": outcome.and_then(Outcome::reference),
        "exhausted_answers": exhausted,
    }))
}

#[derive(Default)]
struct Clock(Duration);

impl Clock {
    fn pass(&mut self, time: Duration) {
        self.0 += time;
    }

    fn now(&self) -> Now {
        let passed = u64::try_from(self.0.as_millis()).unwrap_or_default();
        Now { monotonic: self.0, epoch_ms: 1_795_395_723_123 + passed }
    }
}

fn received(answer: &Value) -> Result<Event, Box<dyn std::error::Error>> {
    if let Some(fault) = answer["fault"].as_str() {
        return Ok(Event::Faulted(match fault {
            "timeout" => Fault::Timeout,
            "reset" => Fault::Reset,
            "refused" => Fault::Refused,
            other => return Err(format!("unknown fault {other}").into()),
        }));
    }
    let status = u16::try_from(answer["status"].as_u64().ok_or("an answer has no status")?)?;
    Ok(Event::Answered(HttpResponse { status, headers: headers(answer), body: bytes(answer, "body_hex")? }))
}

/// Whether a request carries exactly this content: as its body, or within a form.
fn carries(request: &HttpRequest, content: &[u8]) -> bool {
    if request.body == content {
        return true;
    }
    let Ok(parameters) = alipay::parse_form(&request.body, alipay::Charset::Utf8) else { return false };
    if let [(name, value)] = parameters.as_slice()
        && name == "biz_content"
    {
        return value.as_bytes() == content;
    }
    let members: Value = serde_json::from_slice(content).unwrap_or_default();
    members.as_object().is_some_and(|members| {
        members.len() == parameters.len()
            && parameters.iter().all(|(name, value)| members[name].as_str() == Some(value))
    })
}

fn profile(given: &Value) -> Result<Profile, Box<dyn std::error::Error>> {
    let own = MerchantKey::Private(PrivateKey::load(text(given, "private_key")?.as_bytes())?);
    let platform = PublicKey::load(text(given, "public_key")?.as_bytes())?;
    let protocol = text(given, "protocol")?;
    if protocol.starts_with("alipay") && given["client_id"].is_null() {
        let config = alipay::Config::new(text(given, "app_id")?, own, Platform::PublicKey(platform));
        return Ok(alipay::profile(config)?);
    }
    let client_id = text(given, "client_id")?;
    Ok(match protocol {
        "antom" => antom::profile(antom::Config::new(client_id, own, platform, antom::ASIA))?,
        _ => {
            let config = alipay_plus::Config::new(client_id, own, platform, alipay_plus::ELSEWHERE);
            alipay_plus::profile(config)?
        }
    })
}
