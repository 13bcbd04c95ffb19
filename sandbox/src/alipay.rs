//! The open gateway's four interfaces (gateway sheet, 4).

use serde_json::{Value, json};

use crate::clock;
use crate::codes::{gateway_decision, gateway_failure, gateway_refusal};
use crate::crypto::{draw, sha256_hex};
use crate::faults::FaultRule;
use crate::fields::{Checked, Fault, Fields, is_currency, is_digits, is_number, is_region, is_text, up_to};
use crate::gateway::Params;
use crate::interface::Interface;
use crate::ledger::{Acceptance, NotifyPlan, Order, State};
use crate::scenario::Scenario;
use crate::world::{Accepted, Call, Carried, Desk, World};

pub(crate) fn carry_out(
    world: &World,
    interface: Interface,
    app_id: &str,
    asked: Vec<FaultRule>,
    params: &Params,
) -> Carried {
    let business = params.text("biz_content").and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let business = business.unwrap_or(Value::Null);
    let key_name = match interface {
        Interface::UserInfo => "identify_account_no",
        _ => "out_order_no",
    };
    let key = if interface == Interface::Token {
        params.text("code").or_else(|| params.text("refresh_token"))
    } else {
        business.get(key_name).and_then(Value::as_str).map(str::to_owned)
    };
    let key = key.unwrap_or_default();
    let call = Call {
        interface,
        account: app_id,
        magic: &key,
        key: key.clone(),
        asked,
        business: params.bytes("biz_content"),
    };
    world.exchange(call, |desk| {
        let answer = match interface {
            Interface::Token => token(desk, params),
            _ if params.bytes("biz_content").is_empty() => Err(Fault::Missing("biz_content".to_owned())),
            _ if !business.is_object() => {
                return gateway_refusal("40002", "isv.illegal-json", "biz_content is not a JSON object");
            }
            Interface::Pay => pay(desk, &business, params.text("notify_url")),
            Interface::Query => query(desk, &business),
            _ => user_info(desk, &business),
        };
        answer.unwrap_or_else(|fault| match fault {
            Fault::Missing(name) => gateway_refusal("40001", "isv.missing-parameter", &name),
            Fault::Invalid(name) => gateway_refusal("40002", "isv.invalid-parameter", &name),
        })
    })
}

fn pay(desk: &mut Desk<'_>, business: &Value, notify_url: Option<String>) -> Checked<Value> {
    let order = Fields::of("", business)?;
    order.text("out_order_no", is_order_number)?;
    check_payee(&order)?;
    order.text("biz_mode", |v| v == "FOREX_TAX_REFUND")?;
    order.text("tax_refund_scene_type", |v| v == "03")?;
    let currency = order.text("tax_refund_currency", is_currency)?;
    let amount = order.text("tax_refund_amount", is_price)?;
    if order.value("user_received_amount").is_some() {
        return Err(order.invalid("user_received_amount"));
    }
    for name in ["user_received_currency", "sales_currency"] {
        order.optional(name, is_currency)?;
    }
    order.optional("sales_amount", is_price)?;
    order.optional("country_code", is_region)?;
    for name in ["doc_expire_date", "tax_refund_print_date", "confirm_date", "sales_date"] {
        order.optional(name, clock::is_wall_clock)?;
    }
    for name in ["departure_point", "nationality", "passport_no", "passport_name", "company_name"] {
        order.optional(name, is_text)?;
    }
    let form = order.optional("doc_id", is_order_number)?;
    if let Some(days) = order.value("available_day") {
        let days = days.as_u64().or_else(|| days.as_str()?.parse().ok());
        if !days.is_some_and(|d| (15..=30).contains(&d)) {
            return Err(order.invalid("available_day"));
        }
    }
    let tax_no = desk.reference("2088000001");
    let success = json!({"code": "10000", "msg": "Success", "tax_no": tax_no});
    let acceptance = Acceptance {
        form: form.map(str::to_owned),
        currency: currency.to_owned(),
        amount: amount.to_owned(),
        content: sha256_hex(business.to_string().as_bytes()),
        reference: tax_no,
        facts: json!({
            "identify_account_no": business["identify_account_no"],
            "identify_account_type": business["identify_account_type"],
        })
        .to_string(),
        state: desk.fate(),
        notify: notify_url.map(|url| NotifyPlan { url, scenarios: desk.plan.notices.clone() }),
    };
    if !desk.plan.reaches_the_platform() {
        desk.hold_back(acceptance);
        return Ok(success);
    }
    let decision = desk.plan.decision.clone();
    if let Some(rule) = &decision
        && !rule.scenario.carries_out()
    {
        return Ok(gateway_decision(rule));
    }
    let order = match desk.accept(acceptance) {
        Accepted::Order(order) => order,
        Accepted::OtherContent => {
            return Ok(gateway_refusal(
                "40004",
                "ILLEGAL_ARGUMENT",
                "out_order_no was used with other parameters",
            ));
        }
    };
    Ok(match (decision, &order.state) {
        (Some(rule), _) if rule.scenario == Scenario::SuccessWithoutNumber => {
            json!({"code": "10000", "msg": "Success"})
        }
        (Some(rule), _) => gateway_decision(&rule),
        (None, State::Failed(why)) => gateway_failure(*why),
        (None, State::InProcess { .. }) => gateway_refusal("20000", "aop.ACQ.SYSTEM_ERROR", "处理中"),
        (None, State::Unresolved { .. }) => gateway_refusal("40004", "SYSTEM_ERROR", "系统繁忙"),
        (None, _) => success,
    })
}

fn check_payee(order: &Fields<'_>) -> Checked<()> {
    let kind = order.text("identify_account_type", |v| matches!(v, "barcode" | "uid"))?;
    if kind == "barcode" {
        order.text("identify_account_no", is_wallet_code)?;
        return Ok(());
    }
    order.text("identify_account_no", |v| v.len() == 16 && v.starts_with("2088") && is_digits(v))?;
    let extend = order.text("extend_param", is_text)?;
    let extend: Value = serde_json::from_str(extend).map_err(|_| order.invalid("extend_param"))?;
    Fields::of("extend_param", &extend)?.text("barcodeNo", is_wallet_code)?;
    Ok(())
}

fn query(desk: &mut Desk<'_>, business: &Value) -> Checked<Value> {
    Fields::of("", business)?.text("out_order_no", is_order_number)?;
    if !desk.plan.reaches_the_platform() {
        return Ok(json!({"code": "10000", "msg": "Success", "out_order_no": desk.id.key, "status": "S",
            "tax_no": desk.reference("2088000001"), "success_time": clock::wall_clock()}));
    }
    let decision = desk.plan.decision.clone();
    if let Some(rule) = decision.as_ref().filter(|r| r.scenario != Scenario::UnknownStatus) {
        return Ok(gateway_decision(rule));
    }
    Ok(match desk.inquire() {
        None => gateway_refusal("40004", "ILLEGAL_ARGUMENT", "out_order_no is not known"),
        Some((order, _)) if decision.is_some() => with_status(&desk.id.key, &order, "Z"),
        Some((order, open)) => match order.state {
            State::Unresolved { .. } => gateway_refusal("40004", "TAX_REFUND_RESULT_UNKNOWN", "退税结果未知"),
            _ if open => with_status(&desk.id.key, &order, "I"),
            State::Failed(_) => with_status(&desk.id.key, &order, "F"),
            _ => with_status(&desk.id.key, &order, "S"),
        },
    })
}

fn with_status(key: &str, order: &Order, status: &str) -> Value {
    let accepted = order.accepted.as_ref();
    let mut answer = order.facts();
    answer["code"] = json!("10000");
    answer["msg"] = json!("Success");
    answer["out_order_no"] = json!(key);
    answer["status"] = json!(status);
    answer["tax_no"] = json!(accepted.map(|a| a.reference.as_str()));
    if status == "S" {
        answer["success_time"] = json!(order.settled_at);
    }
    answer
}

fn user_info(desk: &mut Desk<'_>, business: &Value) -> Checked<Value> {
    let account = Fields::of("", business)?;
    let kind = account
        .text("identify_account_type", |v| matches!(v, "barcode" | "Barcode" | "logonId" | "LogonId"))?;
    let no = account.text("identify_account_no", up_to::<100>)?;
    if kind.eq_ignore_ascii_case("barcode") && !is_wallet_code(no) {
        return Ok(gateway_refusal("40004", "ILLEGAL_IDENTIFY_ACCOUNT_NO", "账号无效"));
    }
    let user_id = format!("2088{:012}", draw(desk.books.seed, &["user", no]) % 1_000_000_000_000);
    let mut answer = json!({"code": "10000", "msg": "Success", "eligible": true, "logon_id": "zha***@alitest.com",
        "user_id": user_id, "user_name": "张三"});
    let refused = match &desk.plan.decision {
        None => return Ok(answer),
        Some(rule) => match rule.scenario {
            Scenario::Uncertified => "REAL_NAME_UNCERTIFIED",
            Scenario::IllegalUser => "ILLEGAL_USER",
            Scenario::FrozenAccount => "USER_ACCOUNT_FREEZED",
            _ => return Ok(gateway_decision(rule)),
        },
    };
    answer["eligible"] = json!(false);
    answer["eligible_msg"] = json!(refused);
    Ok(answer)
}

/// Top-level parameters; a success has no `code` (gateway sheet, 3.3 and 4.4).
fn token(desk: &mut Desk<'_>, params: &Params) -> Checked<Value> {
    let grant = match params.text("grant_type").as_deref() {
        Some("authorization_code") => params.text("code").ok_or(Fault::Missing("code".to_owned()))?,
        Some("refresh_token") => {
            params.text("refresh_token").ok_or(Fault::Missing("refresh_token".to_owned()))?
        }
        Some(_) => return Err(Fault::Invalid("grant_type".to_owned())),
        None => return Err(Fault::Missing("grant_type".to_owned())),
    };
    match &desk.plan.decision {
        Some(rule) if rule.scenario == Scenario::BadAccount => {
            return Ok(gateway_refusal("40002", "isv.code-invalid", "授权码code无效"));
        }
        Some(rule) => return Ok(gateway_decision(rule)),
        None => {}
    }
    let seed = desk.books.seed;
    Ok(json!({
        "access_token": format!("composeB{:032x}", u128::from(draw(seed, &["access", &grant]))),
        "expires_in": "3600",
        "re_expires_in": "7200",
        "refresh_token": format!("composeB{:032x}", u128::from(draw(seed, &["refresh", &grant]))),
        "user_id": format!("2088{:012}", draw(seed, &["user", &grant]) % 1_000_000_000_000),
    }))
}

/// 3 to 64 letters and digits.
fn is_order_number(text: &str) -> bool {
    (3..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// 16 to 32 digits: the sheet's statements differ, so the widest is taken.
fn is_wallet_code(text: &str) -> bool {
    (16..=32).contains(&text.len()) && is_digits(text)
}

/// A positive whole number of the smallest unit, at most 11 digits.
fn is_price(text: &str) -> bool {
    text.len() <= 11 && text != "0" && is_number(text)
}
