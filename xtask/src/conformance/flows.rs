//! Scripted conversations: the shim drives a whole procedure with virtual time, the runner says what each request is
//! answered with and compares what was sent, how long was waited and what came of it.
//!
//! Question: `op` = `flow`, `operation`, `request` (business content in wire shape), `attempts`, `seed` (of the jitter),
//! `profile` (`protocol`, `app_id` or `client_id`, `private_key`, `public_key`) and `answers`, of which the i-th comes
//! back for the i-th request: `{"status", "headers", "body_hex"}` or `{"fault": "timeout" | "reset" | "refused"}`.
//!
//! Answer: `sent` (`[{"interface", "business_sha256"}]`), `waits_s` (the i-th before request i+2: the first request waits
//! for nothing), `outcome`, `next_step`, `code` and `reference` (text or null), and `exhausted_answers`: whether the
//! procedure wanted to send more requests than there are answers.

use std::collections::BTreeMap;

use rsa::sha2::{Digest, Sha256};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answers::Platform;
use super::vectors::{FlowFile, Folder, name_of};
use super::{Case, Difference};

/// How often each conversation is held, each time with other jitter: a wait that only sometimes leaves its window is
/// found sooner.
const ROUNDS: u32 = 3;

const TOLERANCE_S: f64 = 1e-6;
const DEFAULT_ATTEMPTS: u32 = 5;

const OUTCOMES: [&str; 3] = ["succeeded", "failed", "unknown"];
const NEXT_STEPS: [&str; 9] = [
    "none",
    "start_new",
    "refresh_code",
    "fix_configuration",
    "renew_authorization",
    "tell_traveller",
    "resume_later",
    "await_notification",
    "contact_support",
];

pub(crate) fn cases(file: &str, flows: &FlowFile, folders: &[&Folder]) -> Vec<Case> {
    let platform = match Platform::new(&flows.protocol, folders) {
        Ok(platform) => platform,
        Err(why) => return vec![Case::malformed(file, "-", &why)],
    };
    let built = flows.cases.iter().map(|value| {
        let case = Script::read(value, &platform).and_then(|script| script.case(file, &platform));
        case.unwrap_or_else(|why| Case::malformed(file, &name_of(value), &why))
    });
    built.collect()
}

#[derive(Deserialize)]
struct Script {
    name: String,
    operation: String,
    request: Value,
    policy: Option<Policy>,
    answers: Vec<Value>,
    expect: Expectation,
}

#[derive(Deserialize)]
struct Policy {
    attempts: u32,
}

/// What is not stated is not compared; what is stated must be known here, or it would be passed over in silence.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    sent: Vec<String>,
    waits_s: Vec<[f64; 2]>,
    outcome: String,
    next_step: Option<String>,
    code: Option<String>,
    reference: Option<String>,
}

impl Script {
    fn read(value: &Value, platform: &Platform) -> Result<Self, String> {
        let script: Self = serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
        let Expectation { sent, waits_s, outcome, next_step, .. } = &script.expect;
        if sent.is_empty() || sent.len() != script.answers.len() {
            return Err(format!("{} answers for {} requests", script.answers.len(), sent.len()));
        }
        if waits_s.len() + 1 != sent.len() {
            return Err(format!("{} waits between {} requests", waits_s.len(), sent.len()));
        }
        if let Some([low, high]) = waits_s.iter().find(|[low, high]| low > high) {
            return Err(format!("a wait of at least {low} and at most {high} s"));
        }
        if let Some(unknown) = sent.iter().find(|interface| !platform.knows(interface)) {
            return Err(format!("unknown interface `{unknown}`"));
        }
        if !OUTCOMES.contains(&outcome.as_str()) {
            return Err(format!("unknown outcome `{outcome}`"));
        }
        if let Some(unknown) = next_step.as_deref().filter(|step| !NEXT_STEPS.contains(step)) {
            return Err(format!("unknown next step `{unknown}`"));
        }
        Ok(script)
    }

    fn case(self, file: &str, platform: &Platform) -> Result<Case, String> {
        let pairs = self.expect.sent.iter().zip(&self.answers);
        let answers = pairs.map(|(interface, answer)| platform.answer(interface, answer));
        let answers = answers.collect::<Result<Vec<_>, _>>()?;
        let question = |seed: u32| {
            let question = json!({
                "op": "flow",
                "operation": self.operation,
                "request": self.request,
                "attempts": self.policy.as_ref().map_or(DEFAULT_ATTEMPTS, |policy| policy.attempts),
                "seed": seed,
                "profile": platform.profile,
                "answers": answers,
            });
            question.to_string()
        };
        let questions = (0..ROUNDS).map(|round| question(seed(&self.name, round))).collect();
        let expected = self.expect;
        Ok(Case::new(file, &self.name, questions, move |answers| {
            let wrong = answers.iter().map(|answer| compare(&expected, answer));
            wrong.into_iter().find(|differences| !differences.is_empty()).unwrap_or_default()
        }))
    }
}

/// The same in every run, another for every case. 32 bits: numbers beyond 53 do not survive every language's JSON.
fn seed(name: &str, round: u32) -> u32 {
    let digest = Sha256::new().chain_update(name).chain_update(round.to_le_bytes()).finalize();
    digest.iter().take(4).fold(0, |seed, byte| seed << 8 | u32::from(*byte))
}

fn compare(expected: &Expectation, answer: &Value) -> Vec<Difference> {
    let held: Held = match serde_json::from_value(answer.clone()) {
        Ok(held) => held,
        Err(error) => {
            let (expected, got) = ("an outcome".to_owned(), format!("{answer} ({error})"));
            return vec![Difference { what: "shim", expected, got }];
        }
    };
    let mut differences = Vec::new();
    let sent: Vec<_> = held.sent.iter().map(|request| request.interface.as_str()).collect();
    let more = if held.exhausted_answers { ", and more" } else { "" };
    let sent = format!("{}{more}", sent.join(", "));
    differences.extend(Difference::between("sent", &expected.sent.join(", "), &sent));
    if differences.is_empty() {
        differences.extend(wait_outside(&expected.waits_s, &held.waits_s));
    }
    differences.extend(changed_request(&held.sent));
    let stated = [
        ("outcome", Some(&expected.outcome), &held.outcome),
        ("next step", expected.next_step.as_ref(), &held.next_step),
        ("code", expected.code.as_ref(), &held.code),
        ("reference", expected.reference.as_ref(), &held.reference),
    ];
    for (what, expected, got) in stated {
        let got = got.as_deref().unwrap_or("nothing");
        differences.extend(expected.and_then(|expected| Difference::between(what, expected, got)));
    }
    differences
}

#[derive(Deserialize)]
struct Held {
    sent: Vec<Sent>,
    waits_s: Vec<f64>,
    outcome: Option<String>,
    next_step: Option<String>,
    code: Option<String>,
    reference: Option<String>,
    exhausted_answers: bool,
}

#[derive(Deserialize)]
struct Sent {
    interface: String,
    business_sha256: String,
}

fn wait_outside(bounds_s: &[[f64; 2]], waits_s: &[f64]) -> Option<Difference> {
    if bounds_s.len() != waits_s.len() {
        return Difference::between(
            "waits",
            &format!("{} of them", bounds_s.len()),
            &format!("{} of them", waits_s.len()),
        );
    }
    let inside = |[low, high]: &[f64; 2], wait: &f64| (low - TOLERANCE_S..=high + TOLERANCE_S).contains(wait);
    let mut pairs = bounds_s.iter().zip(waits_s).enumerate();
    let (at, ([low, high], wait)) = pairs.find(|(_, (bounds, wait))| !inside(bounds, wait))?;
    let expected = format!("{low} to {high} s before request {}", at + 2);
    Some(Difference { what: "wait", expected, got: format!("{wait} s") })
}

/// A repeat is the same request: all requests of one interface carry the same business bytes.
fn changed_request(sent: &[Sent]) -> Option<Difference> {
    let mut first = BTreeMap::new();
    sent.iter().find_map(|request| {
        let before = *first.entry(&request.interface).or_insert(&request.business_sha256);
        Difference::between("business bytes of a repeat", before, &request.business_sha256)
    })
}
