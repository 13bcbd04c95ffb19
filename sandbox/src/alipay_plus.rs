//! The five Alipay+ interfaces (Alipay+ sheet, a; the original credit ones are published as a draft).

use serde_json::{Value, json};

use crate::clock;
use crate::codes::{failure_result, header_decision, result};
use crate::crypto::{draw, sha256_hex};
use crate::faults::FaultRule;
use crate::fields::{Checked, Fault, Fields, is_digits, is_region, up_to};
use crate::header_signed::illegal;
use crate::interface::{Interface, Protocol};
use crate::ledger::{Acceptance, NotifyPlan, Order, State};
use crate::scenario::Scenario;
use crate::world::{Accepted, Call, Carried, Desk, World};

const STATUSES: &[&str] = &[
    "INIT",
    "STAMPED",
    "REJECTED_BY_CUSTOMS",
    "RECEIVED",
    "VOIDED",
    "FAILED",
    "EXPIRED",
    "REFUNDED",
    "REFUNDED_NON_ALIPAYPLUS",
];

pub(crate) fn carry_out(
    world: &World,
    interface: Interface,
    client_id: &str,
    asked: Vec<FaultRule>,
    business: &Value,
    body: &[u8],
) -> Carried {
    let text = |name: &str| business.get(name).and_then(Value::as_str).unwrap_or_default();
    let (magic, key) = match interface {
        Interface::Sync => {
            let form = text("taxRefundFormNumber");
            (form.to_owned(), format!("{form}/{}", text("formStatus")))
        }
        Interface::Evaluate => {
            let id = business.pointer("/payeeMethod/paymentMethodId").and_then(Value::as_str);
            (id.unwrap_or_default().to_owned(), id.unwrap_or_default().to_owned())
        }
        _ => {
            let given = text("originalCreditRequestId");
            let key = if given.is_empty() {
                world.books().key_of_reference(Protocol::AlipayPlus, text("originalCreditId"))
            } else {
                Some(given.to_owned())
            };
            let key = key.unwrap_or_default();
            (key.clone(), key)
        }
    };
    let call = Call { interface, account: client_id, magic: &magic, key, asked, business: body };
    world.exchange(call, |desk| {
        if let Some(path) = not_a_string(business, "") {
            return illegal(Fault::Invalid(path));
        }
        let answer = match interface {
            Interface::Sync => sync(desk, business, client_id),
            Interface::Evaluate => evaluate(desk, business),
            Interface::Create => create(desk, business),
            Interface::Confirm => confirm(desk, business),
            _ => inquire(desk, business),
        };
        answer.unwrap_or_else(illegal)
    })
}

/// Every scalar is a string, and none is empty (Alipay+ sheet, a.1).
fn not_a_string(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => text.is_empty().then(|| path.to_owned()),
        Value::Bool(_) | Value::Number(_) => Some(path.to_owned()),
        Value::Array(items) => items.iter().find_map(|item| not_a_string(item, path)),
        Value::Object(members) => {
            members.iter().find_map(|(name, item)| not_a_string(item, &format!("{path}/{name}")))
        }
    }
}

fn sync(desk: &mut Desk<'_>, business: &Value, client_id: &str) -> Checked<Value> {
    let form = Fields::of("", business)?;
    let number = form.text("taxRefundFormNumber", up_to::<64>)?;
    form.text("formStatus", |status| STATUSES.contains(&status))?;
    for name in ["statusChangeTime", "formPrintDate", "formExpireDate"] {
        form.optional(name, clock::is_iso)?;
    }
    let (currency, amount) = form.amount("taxRefundAmount", 1)?;
    let merchants = form.required("merchants")?.as_array().filter(|list| !list.is_empty());
    for merchant in merchants.ok_or_else(|| form.invalid("merchants"))? {
        check_merchant("merchants", merchant)?;
    }
    let user = form.text("userId", up_to::<21>)?;
    form.optional("memo", up_to::<64>)?;
    let success = json!({"result": result("S", "SUCCESS", "Success")});
    if !desk.plan.reaches_the_platform() {
        return Ok(success);
    }
    let decision = desk.plan.decision.clone();
    if let Some(rule) = decision.as_ref().filter(|rule| !rule.scenario.carries_out()) {
        return Ok(json!({"result": header_decision(Protocol::AlipayPlus, rule)}));
    }
    let inconsistent =
        json!({"result": result("F", "REPEAT_REQ_INCONSISTENT", "Repeated requests are inconsistent.")});
    let owner = desk.books.form_users.entry((client_id.to_owned(), number.to_owned()));
    if owner.or_insert_with(|| user.to_owned()) != user {
        return Ok(inconsistent);
    }
    let acceptance = Acceptance {
        form: Some(number.to_owned()),
        currency: currency.to_owned(),
        amount: amount.to_owned(),
        content: content_of(&[currency, amount, user, &business["merchants"].to_string()]),
        reference: desk.reference("2188"),
        facts: String::new(),
        state: match desk.fate() {
            failed @ State::Failed(_) => failed,
            _ => State::Recorded,
        },
        notify: None,
    };
    Ok(match (desk.accept(acceptance), decision) {
        (Accepted::OtherContent, _) => inconsistent,
        (_, Some(rule)) if rule.scenario != Scenario::SuccessWithoutNumber => {
            json!({"result": header_decision(Protocol::AlipayPlus, &rule)})
        }
        (Accepted::Order(order), _) => match order.state {
            State::Failed(why) => json!({"result": failure_result(Protocol::AlipayPlus, why)}),
            _ => success,
        },
    })
}

fn evaluate(desk: &mut Desk<'_>, business: &Value) -> Checked<Value> {
    let request = Fields::of("", business)?;
    let (currency, amount) = request.amount("payerAmount", 0)?;
    check_payer(&request)?;
    let method = Fields::of("payeeMethod", request.required("payeeMethod")?)?;
    method.text("paymentMethodType", up_to::<64>)?;
    let id = method.text("paymentMethodId", up_to::<128>)?;
    request.text("evaluationType", |v| matches!(v, "BY_CODE" | "BY_USER_ID"))?;
    check_scenario(&request)?;
    request.text("departureRegion", is_region)?;
    if let Some(rule) = &desk.plan.decision {
        return Ok(json!({"result": header_decision(Protocol::AlipayPlus, rule)}));
    }
    let user = format!("2102209{:014}", draw(desk.books.seed, &["user", id]) % 100_000_000_000_000);
    let mut answer = quoted(currency, amount);
    answer["result"] = result("S", "SUCCESS", "Success");
    answer["payee"] = json!({"userId": user});
    answer["walletBrandName"] = json!("Alipay");
    Ok(answer)
}

fn create(desk: &mut Desk<'_>, business: &Value) -> Checked<Value> {
    let request = Fields::of("", business)?;
    request.text("originalCreditRequestId", up_to::<64>)?;
    let (currency, amount) = request.amount("payerAmount", 1)?;
    check_payer(&request)?;
    let user = Fields::of("payee", request.required("payee")?)?.text("userId", up_to::<21>)?;
    let (scenario, sub_scenario) = check_scenario(&request)?;
    let form = request.text("taxRefundFormNumber", up_to::<64>)?;
    request.text("departureRegion", is_region)?;
    request.text("departurePort", up_to::<64>)?;
    request.amount("totalSalesAmount", 1)?;
    request.optional("memo", up_to::<64>)?;
    let url = request.optional("payerNotificationUrl", up_to::<1024>)?;
    let id = desk.reference("2026");
    let mut facts = quoted(currency, amount);
    facts["scenarioType"] = json!(scenario);
    facts["subScenarioType"] = json!(sub_scenario);
    facts["payerAmount"] = business["payerAmount"].clone();
    facts["payer"] = business["payer"].clone();
    facts["payee"] = json!({"userId": user});
    facts["originalCreditId"] = json!(id);
    facts["originalCreditRequestId"] = json!(desk.id.key);
    facts["originalCreditTime"] = json!(clock::iso_seconds());
    let acceptance = Acceptance {
        form: Some(form.to_owned()),
        currency: currency.to_owned(),
        amount: amount.to_owned(),
        content: content_of(&[currency, amount, scenario, sub_scenario, user]),
        reference: id,
        facts: facts.to_string(),
        state: desk.fate(),
        notify: url.map(|url| NotifyPlan { url: url.to_owned(), scenarios: desk.plan.notices.clone() }),
    };
    if !desk.plan.reaches_the_platform() {
        let answer = created(&facts, &result("S", "SUCCESS", "Success"));
        desk.hold_back(acceptance);
        return Ok(answer);
    }
    let decision = desk.plan.decision.clone();
    if let Some(rule) = decision.as_ref().filter(|rule| !rule.scenario.carries_out()) {
        return Ok(json!({"result": header_decision(Protocol::AlipayPlus, rule)}));
    }
    let Accepted::Order(order) = desk.accept(acceptance) else {
        return Ok(json!({"result":
            result("F", "REPEAT_REQ_INCONSISTENT", "Repeated requests are inconsistent.")}));
    };
    if let Some(rule) = decision {
        return Ok(match rule.scenario {
            Scenario::SuccessWithoutNumber => json!({"result": result("S", "SUCCESS", "Success")}),
            _ => json!({"result": header_decision(Protocol::AlipayPlus, &rule)}),
        });
    }
    let facts = order.facts();
    Ok(match outcome(&order, matches!(order.state, State::InProcess { .. })) {
        success if success["resultStatus"] == "S" => created(&facts, &success),
        other => json!({"result": other, "originalCreditRequestId": desk.id.key}),
    })
}

fn inquire(desk: &mut Desk<'_>, business: &Value) -> Checked<Value> {
    check_ids(desk, business)?;
    let success = result("S", "SUCCESS", "Success");
    if !desk.plan.reaches_the_platform() {
        return Ok(json!({"result": success, "originalCreditResult": success}));
    }
    let decision = desk.plan.decision.clone();
    if let Some(rule) = decision.as_ref().filter(|rule| rule.scenario != Scenario::UnknownStatus) {
        return Ok(json!({"result": header_decision(Protocol::AlipayPlus, rule)}));
    }
    let Some((order, open)) = desk.inquire() else {
        return Ok(json!({"result": result("F", "ORDER_NOT_EXIST", "The original credit is not known.")}));
    };
    let mut answer = order.facts();
    answer["result"] = result("S", "SUCCESS", "Success");
    answer["originalCreditResult"] = match decision {
        Some(rule) => failure_result(Protocol::AlipayPlus, rule.scenario),
        None => outcome(&order, open),
    };
    Ok(answer)
}

fn confirm(desk: &mut Desk<'_>, business: &Value) -> Checked<Value> {
    check_ids(desk, business)?;
    if let Some(rule) = &desk.plan.decision {
        return Ok(json!({"result": header_decision(Protocol::AlipayPlus, rule)}));
    }
    if !desk.plan.reaches_the_platform() {
        return Ok(json!({"result": result("S", "SUCCESS", "Success")}));
    }
    desk.settle();
    let Some((order, open)) = desk.inquire() else {
        return Ok(json!({"result": result("F", "ORDER_NOT_EXIST", "The original credit is not known.")}));
    };
    Ok(json!({"result": outcome(&order, open), "acquirerId": ACQUIRER, "pspId": WALLET}))
}

/// One of the two ids, and if both, of the same original credit (Alipay+ sheet, a.5).
fn check_ids(desk: &Desk<'_>, business: &Value) -> Checked<()> {
    let request = Fields::of("", business)?;
    let own = request.optional("originalCreditRequestId", up_to::<64>)?;
    let given = request.optional("originalCreditId", up_to::<64>)?;
    match (own, given) {
        (None, None) => Err(Fault::Missing("originalCreditRequestId".to_owned())),
        (Some(own), Some(id)) => {
            let known = desk.books.key_of_reference(Protocol::AlipayPlus, id);
            if known.is_none_or(|key| key == own) { Ok(()) } else { Err(request.invalid("originalCreditId")) }
        }
        _ => Ok(()),
    }
}

/// The result of the original credit itself.
pub(crate) fn outcome(order: &Order, open: bool) -> Value {
    match order.state {
        _ if open => failure_result(Protocol::AlipayPlus, Scenario::InProcess),
        State::Failed(why) => failure_result(Protocol::AlipayPlus, why),
        _ => result("S", "SUCCESS", "Success"),
    }
}

const ACQUIRER: &str = "1022088000000000001";
const WALLET: &str = "1022172000000000001";

/// Quote and amount of the wallet: 7.25 CNY for one unit.
fn quoted(currency: &str, amount: &str) -> Value {
    let cny = amount.parse::<u64>().unwrap_or_default().saturating_mul(725) / 100;
    json!({
        "acquirerId": ACQUIRER,
        "pspId": WALLET,
        "payeeAmount": {"currency": "CNY", "value": cny.to_string()},
        "payeeQuote": {"quoteId": "Q0001", "quoteCurrencyPair": format!("{currency}/CNY"), "quotePrice": "7.25"},
    })
}

fn created(facts: &Value, result: &Value) -> Value {
    let mut answer = json!({ "result": result });
    for name in [
        "acquirerId",
        "pspId",
        "originalCreditId",
        "originalCreditRequestId",
        "originalCreditTime",
        "payeeAmount",
        "payeeQuote",
        "payee",
    ] {
        answer[name] = facts[name].clone();
    }
    answer
}

fn check_scenario<'a>(request: &Fields<'a>) -> Checked<(&'a str, &'a str)> {
    let scenario = request.text("scenarioType", |v| v == "TAX_REFUND")?;
    Ok((scenario, request.text("subScenarioType", up_to::<64>)?))
}

/// The documents say an object, the evidence an array: both are taken (Alipay+ sheet, i.1).
fn check_payer(request: &Fields<'_>) -> Checked<()> {
    match request.required("payer")? {
        Value::Array(payers) if !payers.is_empty() => {
            payers.iter().try_for_each(|payer| check_merchant("payer", payer))
        }
        payer => check_merchant("payer", payer),
    }
}

fn check_merchant(path: &'static str, merchant: &Value) -> Checked<()> {
    let merchant = Fields::of(path, merchant)?;
    merchant.text("referenceMerchantId", up_to::<32>)?;
    merchant.optional("merchantName", up_to::<256>)?;
    merchant.optional("merchantMCC", |mcc| mcc.len() == 4 && is_digits(mcc))?;
    if let Some(address) = merchant.value("merchantAddress") {
        Fields::of("merchantAddress", address)?.text("region", is_region)?;
    }
    Ok(())
}

fn content_of(parts: &[&str]) -> String {
    sha256_hex(parts.join("\n").as_bytes())
}
