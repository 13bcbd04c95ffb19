//! The simulator's own pages, `/sandbox/...`: unsigned, for tests and people.

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::delivery::{Incoming, Reply};
use crate::faults::{FaultMix, FaultRule};
use crate::payments::Payment;
use crate::world::World;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    seed: Option<u64>,
    faults: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provoke {
    key: String,
    faults: String,
}

pub(crate) fn handle(world: &World, request: &Incoming, page: &str) -> Reply {
    let answer = match (&request.method, page) {
        (&Method::GET, "ledger") => {
            let (ledger, jobs) = world.ledger();
            let mut reply = Reply::json(&json!(ledger));
            reply.jobs = jobs;
            return reply;
        }
        (&Method::GET, "requests") => Ok(json!(world.requests())),
        (&Method::GET, "notifications") => Ok(json!(world.books().notifications)),
        (&Method::GET, "credentials") => Ok(json!(world.credentials)),
        (&Method::POST, "reset") => reset(world, &request.body),
        (&Method::POST, "provoke") => provoke(world, &request.body),
        (&Method::POST, "payments") => pay_in(world, &request.body),
        _ => return Reply::new(StatusCode::NOT_FOUND, "text/plain", "no such page of the sandbox\n"),
    };
    match answer {
        Ok(value) => Reply::json(&value),
        Err(reason) => Reply::new(StatusCode::BAD_REQUEST, "text/plain", reason),
    }
}

fn reset(world: &World, body: &[u8]) -> Result<Value, String> {
    let wanted: Reset = if body.trim_ascii().is_empty() {
        Reset::default()
    } else {
        serde_json::from_slice(body).map_err(|e| e.to_string())?
    };
    let mix = wanted.faults.as_deref().map(FaultMix::parse).transpose().map_err(|e| e.to_string())?;
    world.reset(wanted.seed, mix);
    Ok(json!({"reset": true}))
}

fn provoke(world: &World, body: &[u8]) -> Result<Value, String> {
    let wanted: Provoke = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let rules = FaultRule::list(&wanted.faults).map_err(|e| e.to_string())?;
    world.provoke(&wanted.key, rules);
    Ok(json!({"provoked": wanted.key}))
}

fn pay_in(world: &World, body: &[u8]) -> Result<Value, String> {
    let payment: Payment = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let id = payment.payment_id.clone();
    world.books().payments.insert(id.clone(), payment);
    Ok(json!({ "payment": id }))
}
