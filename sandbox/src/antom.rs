//! Antom's refund and inquiryRefund (Antom sheet, c to f).

use serde_json::{Value, json};

use crate::clock;
use crate::codes::{failure_result, header_decision, result};
use crate::crypto::sha256_hex;
use crate::faults::FaultRule;
use crate::fields::{Checked, Fault, Fields, up_to};
use crate::header_signed::illegal;
use crate::interface::{Interface, Protocol};
use crate::ledger::{Acceptance, NotifyPlan, State};
use crate::payments::Payment;
use crate::scenario::Scenario;
use crate::world::{Accepted, Call, Carried, Desk, World};

pub(crate) fn carry_out(
    world: &World,
    interface: Interface,
    client_id: &str,
    asked: Vec<FaultRule>,
    business: &Value,
    body: &[u8],
) -> Carried {
    let text = |name: &str| business.get(name).and_then(Value::as_str).unwrap_or_default();
    // In an inquiry refundId wins when both are given.
    let by_reference = (interface == Interface::InquireRefund)
        .then(|| world.books().key_of_reference(Protocol::Antom, text("refundId")))
        .flatten();
    let key = by_reference.unwrap_or_else(|| text("refundRequestId").to_owned());
    let call = Call { interface, account: client_id, magic: &key, key: key.clone(), asked, business: body };
    world.exchange(call, |desk| {
        let answer = match interface {
            Interface::Refund => refund(desk, business),
            _ => inquire(desk, business),
        };
        answer.unwrap_or_else(illegal)
    })
}

fn refund(desk: &mut Desk<'_>, business: &Value) -> Checked<Value> {
    let request = Fields::of("", business)?;
    request.text("refundRequestId", is_request_id)?;
    let payment_id = request.text("paymentId", up_to::<64>)?;
    let (currency, amount) = request.amount("refundAmount", 1)?;
    request.optional("referenceRefundId", up_to::<64>)?;
    request.optional("refundReason", up_to::<256>)?;
    let url = request.optional("refundNotifyUrl", up_to::<1024>)?;
    request.optional("captureId", up_to::<64>)?;
    let metadata = request.optional("metadata", up_to::<2048>)?;
    let refund_id = desk.reference("2026");
    let mut facts = json!({
        "refundId": refund_id,
        "refundRequestId": desk.id.key,
        "paymentId": payment_id,
        "refundAmount": {"currency": currency, "value": amount},
        "refundTime": clock::iso_seconds(),
    });
    if let Some(metadata) = metadata {
        facts["metadata"] = json!(metadata);
    }
    let mut acceptance = Acceptance {
        form: Some(payment_id.to_owned()),
        currency: currency.to_owned(),
        amount: amount.to_owned(),
        content: sha256_hex(
            format!("{payment_id}\n{currency}\n{amount}\n{}", business["splitDetails"]).as_bytes(),
        ),
        reference: refund_id,
        facts: facts.to_string(),
        state: desk.fate(),
        notify: url.map(|url| NotifyPlan { url: url.to_owned(), scenarios: desk.plan.notices.clone() }),
    };
    if !desk.plan.reaches_the_platform() {
        let answer = refunded(&facts);
        desk.hold_back(acceptance);
        return Ok(answer);
    }
    let decision = desk.plan.decision.clone();
    if let Some(rule) = decision.as_ref().filter(|rule| !rule.scenario.carries_out()) {
        return Ok(json!({"result": header_decision(Protocol::Antom, rule)}));
    }
    let minor: u64 = amount.parse().map_err(|_| request.invalid("refundAmount"))?;
    if acceptance.state == State::Succeeded
        && let Some(rule) = broken_rule(desk, payment_id, currency, minor)
    {
        acceptance.state = State::Failed(rule);
    }
    let first = desk.books.order_mut(desk.id).is_some_and(|order| order.accepted.is_none());
    let Accepted::Order(order) = desk.accept(acceptance) else {
        return Ok(json!({"result":
            result("F", "REPEAT_REQ_INCONSISTENT", "Repeated requests are inconsistent.")}));
    };
    if first && order.paid_times > 0 {
        let payment = desk.books.payments.entry(payment_id.to_owned());
        let payment = payment.or_insert_with(|| Payment::new(payment_id, currency, u64::MAX));
        payment.refunded_minor = payment.refunded_minor.saturating_add(minor);
    }
    let facts = order.facts();
    Ok(match (decision, &order.state) {
        (Some(rule), _) if rule.scenario == Scenario::SuccessWithoutNumber => {
            json!({"result": result("S", "SUCCESS", "Success")})
        }
        (Some(rule), _) => json!({"result": header_decision(Protocol::Antom, &rule)}),
        (None, State::Failed(why)) => json!({"result": failure_result(Protocol::Antom, *why)}),
        (None, State::InProcess { .. }) => {
            json!({"result": failure_result(Protocol::Antom, Scenario::InProcess)})
        }
        (None, _) => refunded(&facts),
    })
}

/// The rule of the payment that a new refund breaks; a repeat is judged by its first time.
fn broken_rule(desk: &mut Desk<'_>, payment_id: &str, currency: &str, minor: u64) -> Option<Scenario> {
    let order = desk.books.order_mut(desk.id)?;
    if order.accepted.is_some() {
        return None;
    }
    desk.books.payments.get(payment_id)?.broken_rule(currency, minor)
}

fn inquire(desk: &mut Desk<'_>, business: &Value) -> Checked<Value> {
    let request = Fields::of("", business)?;
    let by_id = request.optional("refundId", up_to::<64>)?;
    let by_request = request.optional("refundRequestId", up_to::<64>)?;
    if by_id.is_none() && by_request.is_none() {
        return Err(Fault::Missing("refundRequestId".to_owned()));
    }
    let decision = desk.plan.decision.clone();
    if let Some(rule) = decision.as_ref().filter(|rule| rule.scenario != Scenario::UnknownStatus) {
        return Ok(json!({"result": header_decision(Protocol::Antom, rule)}));
    }
    if !desk.plan.reaches_the_platform() {
        let facts = json!({"refundRequestId": desk.id.key, "refundId": desk.reference("2026"), "refundStatus": "SUCCESS"});
        return Ok(refunded(&facts));
    }
    let unknown_id = by_id.is_some() && by_request.is_none() && desk.id.key.is_empty();
    let Some((order, open)) = (if unknown_id { None } else { desk.inquire() }) else {
        return Ok(json!({"result": result("F", "REFUND_NOT_EXIST", "The refund does not exist.")}));
    };
    let mut answer = order.facts();
    answer["result"] = result("S", "SUCCESS", "Success");
    answer["refundStatus"] = json!(match order.state {
        _ if decision.is_some() => "Z",
        _ if open => "PROCESSING",
        State::Failed(_) => "FAIL",
        _ => "SUCCESS",
    });
    if answer["refundStatus"] != "SUCCESS"
        && let Some(members) = answer.as_object_mut()
    {
        members.remove("refundTime");
    }
    Ok(answer)
}

fn refunded(facts: &Value) -> Value {
    let mut answer = facts.clone();
    answer["result"] = result("S", "SUCCESS", "Success");
    answer
}

/// No special characters (Antom sheet, c: the set itself is inferred).
fn is_request_id(text: &str) -> bool {
    up_to::<64>(text) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
