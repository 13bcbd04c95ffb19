//! What the behaviour tests share: accounts made of the vectors' test keys, a provider that signs with the platform's
//! test key, and virtual time.

#![allow(dead_code, reason = "every test file uses its own part of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

pub(crate) mod bad_fields;
pub(crate) mod listener;
pub(crate) mod model;
mod requests;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use taxrefund_core::alipay::{self, Platform, SignType};
use taxrefund_core::alipay_plus;
use taxrefund_core::antom::{self, SignatureHeader};
use taxrefund_core::signing::{Algorithm, Signer, SoftwareSigner};
use taxrefund_core::{
    Event, Flow, FlowState, HttpRequest, HttpResponse, MerchantKey, Now, Outcome, Policy, Prepared,
    PrivateKey, Profile, Protocol, PublicKey, Step,
};

pub(crate) const APP_ID: &str = "2014072300007148";
pub(crate) const CLIENT_ID: &str = "5YTESTTRSP000000001";
/// 2026-11-23T01:02:03.123Z, which is 09:02:03 in UTC+8.
pub(crate) const EPOCH_MS: u64 = 1_795_395_723_123;
pub(crate) const RESPONSE_TIME: &str = "2026-11-23T01:02:04Z";

pub(crate) use requests::*;

/// Who may hold a key in these tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Holder {
    Merchant,
    Platform,
    Stranger,
}

static KEYS: LazyLock<HashMap<Holder, PrivateKey>> = LazyLock::new(|| {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/alipay-plus.json")).unwrap();
    let key = |name: &str| {
        let pem = vectors["keys"][name]["private_pkcs8_pem"].as_str().unwrap();
        PrivateKey::load(pem.as_bytes()).unwrap()
    };
    HashMap::from([
        (Holder::Merchant, key("partner")),
        (Holder::Platform, key("platform")),
        (Holder::Stranger, key("stranger")),
    ])
});

pub(crate) fn private_key(holder: Holder) -> PrivateKey {
    KEYS[&holder].clone()
}

pub(crate) fn public_key(holder: Holder) -> PublicKey {
    KEYS[&holder].public_key().clone()
}

/// A signature. Equal messages are signed once: signing is most of the time that these tests take.
pub(crate) fn sign(holder: Holder, message: &[u8]) -> Vec<u8> {
    type Signatures = HashMap<(Holder, Vec<u8>), Vec<u8>>;
    static MADE: LazyLock<Mutex<Signatures>> = LazyLock::new(Mutex::default);
    let asked = (holder, message.to_vec());
    if let Some(known) = MADE.lock().unwrap().get(&asked) {
        return known.clone();
    }
    let signature = SoftwareSigner::new(private_key(holder), Algorithm::RsaSha256).sign(message).unwrap();
    MADE.lock().unwrap().insert(asked, signature.clone());
    signature
}

pub(crate) fn inline() -> MerchantKey {
    MerchantKey::Private(private_key(Holder::Merchant))
}

pub(crate) fn external() -> MerchantKey {
    MerchantKey::External(public_key(Holder::Merchant))
}

pub(crate) fn gateway_config(key: MerchantKey) -> alipay::Config {
    alipay::Config::new(APP_ID, key, Platform::PublicKey(public_key(Holder::Platform)))
}

pub(crate) fn gateway() -> Profile {
    static PROFILE: LazyLock<Profile> = LazyLock::new(|| alipay::profile(gateway_config(inline())).unwrap());
    PROFILE.clone()
}

pub(crate) fn gateway_gbk() -> Profile {
    let config = alipay::Config { charset: alipay::Charset::Gbk, ..gateway_config(inline()) };
    alipay::profile(config).unwrap()
}

pub(crate) fn antom_config(key: MerchantKey) -> antom::Config {
    antom::Config::new(CLIENT_ID, key, public_key(Holder::Platform), antom::ASIA)
}

pub(crate) fn antom() -> Profile {
    static PROFILE: LazyLock<Profile> = LazyLock::new(|| antom::profile(antom_config(inline())).unwrap());
    PROFILE.clone()
}

pub(crate) fn alipay_plus() -> Profile {
    static PROFILE: LazyLock<Profile> =
        LazyLock::new(|| alipay_plus::profile(antom_config(inline())).unwrap());
    PROFILE.clone()
}

pub(crate) fn prepared_pay() -> Prepared {
    Prepared::new::<alipay::PayTaxRefund>(&gateway(), &pay_request()).unwrap()
}

pub(crate) fn prepared_refund() -> Prepared {
    Prepared::new::<antom::Refund>(&antom(), &refund_request()).unwrap()
}

pub(crate) fn prepared_credit() -> Prepared {
    Prepared::new::<alipay_plus::CreateOriginalCredit>(&alipay_plus(), &credit_request()).unwrap()
}

pub(crate) fn flow(profile: Profile, prepared: Prepared) -> Flow {
    Flow::new(profile, prepared, Policy::default(), 7).unwrap()
}

pub(crate) fn pay_flow() -> Flow {
    flow(gateway(), prepared_pay())
}

pub(crate) fn refund_flow() -> Flow {
    flow(antom(), prepared_refund())
}

/// The gateway's parameters of a request, from the query string and the body.
pub(crate) fn parameters(request: &HttpRequest) -> HashMap<String, String> {
    let query = request.url.split_once('?').map_or("", |(_, query)| query);
    [query.as_bytes(), request.body.as_slice()]
        .into_iter()
        .flat_map(|form| alipay::parse_form(form, alipay::Charset::Utf8).unwrap())
        .collect()
}

pub(crate) fn method(request: &HttpRequest) -> String {
    parameters(request)["method"].clone()
}

/// The path of a header-signed request.
pub(crate) fn path(request: &HttpRequest) -> &str {
    let after_host = request.url.find("//").map_or(0, |at| at + 2);
    request.url[after_host..].find('/').map_or("/", |at| &request.url[after_host + at..])
}

/// A gateway answer's body: `content` under `root`, signed by `holder`.
pub(crate) fn gateway_body(root: &str, content: &str, holder: Holder) -> String {
    let sign = STANDARD.encode(sign(holder, content.as_bytes()));
    format!("{{\"{root}\":{content},\"sign\":\"{sign}\"}}")
}

pub(crate) fn root(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}

pub(crate) fn page(status: u16, body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse { status, headers: Vec::new(), body: body.into() }
}

/// A header-signed answer; the signature covers `path`.
pub(crate) fn header_answer(path: &str, content: &str, holder: Holder) -> HttpResponse {
    let message = antom::string_to_sign("POST", path, CLIENT_ID, RESPONSE_TIME, content.as_bytes());
    HttpResponse {
        status: 200,
        headers: vec![
            ("client-id".to_owned(), CLIENT_ID.to_owned()),
            ("response-time".to_owned(), RESPONSE_TIME.to_owned()),
            ("signature".to_owned(), SignatureHeader::write(&sign(holder, &message), 1)),
        ],
        body: content.as_bytes().to_vec(),
    }
}

/// An answer to a request, signed by `holder` as the request's protocol does.
pub(crate) fn answer_by(holder: Holder, request: &HttpRequest, content: &Value) -> HttpResponse {
    let content = content.to_string();
    if request.url.contains("?app_id=") {
        page(200, gateway_body(&root(&method(request)), &content, holder))
    } else {
        header_answer(path(request), &content, holder)
    }
}

/// The platform's own answer.
pub(crate) fn answer(request: &HttpRequest, content: &Value) -> Event {
    Event::Answered(answer_by(Holder::Platform, request, content))
}

pub(crate) fn result(status: &str, code: &str) -> Value {
    json!({ "result": { "resultStatus": status, "resultCode": code, "resultMessage": "message" } })
}

pub(crate) fn gateway_failure(code: &str, sub_code: &str) -> Value {
    json!({ "code": code, "msg": "failed", "sub_code": sub_code, "sub_msg": "in words" })
}

/// Virtual time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock(pub(crate) Duration);

impl Clock {
    pub(crate) fn pass(&mut self, time: Duration) {
        self.0 += time;
    }

    pub(crate) fn now(&self) -> Now {
        let passed = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        Now { monotonic: self.0, epoch_ms: EPOCH_MS.saturating_add(passed) }
    }
}

/// What a flow did, to its end.
pub(crate) struct Run {
    pub(crate) outcome: Outcome,
    pub(crate) sent: Vec<HttpRequest>,
    pub(crate) waits: Vec<Duration>,
}

impl Run {
    pub(crate) fn interfaces(&self) -> Vec<&'static str> {
        self.sent.iter().map(|request| request.interface).collect()
    }
}

/// Drives a flow in virtual time; `provider` answers each request.
pub(crate) fn run(mut flow: Flow, mut provider: impl FnMut(&HttpRequest) -> Event) -> Run {
    let (mut sent, mut waits, mut clock) = (Vec::new(), Vec::new(), Clock::default());
    let mut event = Event::Start;
    loop {
        event = match flow.advance(event, clock.now()).unwrap() {
            Step::Sign(message) => Event::Signed(sign(Holder::Merchant, &message)),
            Step::Send(request) => {
                let event = provider(&request);
                sent.push(request);
                clock.pass(Duration::from_millis(40));
                event
            }
            Step::Wait(wait) => {
                waits.push(wait);
                clock.pass(wait);
                Event::Woke
            }
            Step::Done(outcome) => return Run { outcome: *outcome, sent, waits },
        };
    }
}

/// Drives a flow against the given answers, one per request; the last one goes on for ever.
pub(crate) fn script(flow: Flow, answers: &[Reaction]) -> Run {
    let mut at = 0;
    run(flow, |request| {
        let reaction = &answers[at.min(answers.len() - 1)];
        at += 1;
        reaction(request)
    })
}

/// What a scripted provider does with a request.
pub(crate) type Reaction = Box<dyn Fn(&HttpRequest) -> Event>;

/// The platform's signed answer with this content.
pub(crate) fn says(content: Value) -> Reaction {
    Box::new(move |request| answer(request, &content))
}

/// An answer with these bytes, whatever was asked.
pub(crate) fn raw(response: HttpResponse) -> Reaction {
    Box::new(move |_| Event::Answered(response.clone()))
}

/// No answer.
pub(crate) fn fault(fault: taxrefund_core::Fault) -> Reaction {
    Box::new(move |_| Event::Faulted(fault.clone()))
}

pub(crate) fn legacy_sign_type() -> SignType {
    SignType::LegacyRsa
}

/// A signer that makes equal signatures once.
pub(crate) struct CachingSigner(PublicKey);

impl CachingSigner {
    pub(crate) fn merchant() -> MerchantKey {
        MerchantKey::Signer(Arc::new(Self(public_key(Holder::Merchant))))
    }
}

impl Signer for CachingSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, taxrefund_core::signing::SignerError> {
        Ok(sign(Holder::Merchant, message))
    }

    fn public_key(&self) -> &PublicKey {
        &self.0
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::RsaSha256
    }
}

pub(crate) fn step(flow: &mut Flow, event: Event, clock: &Clock) -> Step {
    flow.advance(event, clock.now()).unwrap()
}

pub(crate) fn sent(step: Step) -> HttpRequest {
    match step {
        Step::Send(request) => request,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn done(step: Step) -> Outcome {
    match step {
        Step::Done(outcome) => *outcome,
        other => panic!("{other:?}"),
    }
}

/// Through JSON, as a store keeps it.
pub(crate) fn stored(state: &FlowState) -> FlowState {
    serde_json::from_str(&serde_json::to_string(state).unwrap()).unwrap()
}

pub(crate) fn resumed(profile: Profile, state: FlowState) -> Flow {
    Flow::resume(profile, state, Policy::default(), 9).unwrap()
}

pub(crate) fn profile(protocol: Protocol) -> Profile {
    match protocol {
        Protocol::Alipay => gateway(),
        Protocol::AlipayPlus => alipay_plus(),
        Protocol::Antom => antom(),
    }
}

/// An answer without any signature.
pub(crate) fn unsigned(request: &HttpRequest, content: &Value) -> HttpResponse {
    if request.url.contains("?app_id=") {
        page(200, json!({ root(&method(request)): content }).to_string())
    } else {
        page(200, content.to_string())
    }
}
