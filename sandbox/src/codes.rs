//! What a scenario is called on the wire: the gateway's code and sub_code, or the header protocols' status and code.

use serde_json::{Value, json};

use crate::faults::FaultRule;
use crate::interface::Protocol;
use crate::scenario::Scenario;

/// A refusal of the open gateway.
pub(crate) fn gateway_refusal(code: &str, sub_code: &str, sub_msg: &str) -> Value {
    let msg = match code {
        "20000" => "Service Currently Unavailable",
        "20001" => "Insufficient Token Permissions",
        "40001" => "Missing Required Arguments",
        "40002" => "Invalid Arguments",
        "40003" => "Insufficient Conditions",
        "40004" => "Business Failed",
        "40005" => "Call Limited",
        "40006" => "Insufficient Permissions",
        _ => "Undocumented",
    };
    json!({"code": code, "msg": msg, "sub_code": sub_code, "sub_msg": sub_msg})
}

/// The gateway's answer to a decision of the fault plan.
pub(crate) fn gateway_decision(rule: &FaultRule) -> Value {
    let (code, sub_code, sub_msg) = match rule.scenario {
        Scenario::Throttled => ("40005", "isv.app-call-limited", "调用频次超限"),
        Scenario::ServiceUnavailable => ("20000", "isp.unknow-error", "服务暂不可用"),
        Scenario::ServiceUnavailablePaid => ("20000", "aop.ACQ.SYSTEM_ERROR", "系统异常"),
        Scenario::TokenInvalid => ("20001", "aop.invalid-auth-token", "无效的访问令牌"),
        Scenario::NoPermission => ("40006", "isv.insufficient-isv-permissions", "权限不足"),
        Scenario::MissingArgument => ("40001", "isv.missing-parameter", "缺少参数"),
        Scenario::InvalidArgument => ("40002", "isv.invalid-parameter", "参数无效"),
        Scenario::InsufficientConditions => ("40003", "isv.invalid-auth-relations", "条件不足"),
        Scenario::BusinessFailed => ("40004", "X", "业务处理失败"),
        Scenario::UnknownCode => ("49999", "NEVER_SEEN_BEFORE", "?"),
        Scenario::InvalidSignatureCode => ("40002", "isv.invalid-signature", "验签出错"),
        Scenario::BadAccount => ("40004", "ILLEGAL_IDENTIFY_ACCOUNT_NO", "账号无效"),
        Scenario::UnknownStatus => ("10003", "", ""),
        Scenario::Code => {
            let argument = rule.argument.as_deref().unwrap_or_default();
            let (code, sub_code) = argument.split_once('.').unwrap_or((argument, ""));
            return gateway_refusal(code, sub_code, "asked for by a rule");
        }
        _ => ("40004", "SYSTEM_ERROR", "系统繁忙"),
    };
    gateway_refusal(code, sub_code, sub_msg)
}

/// The `result` object of the header protocols.
pub(crate) fn result(status: &str, code: &str, message: &str) -> Value {
    json!({"resultStatus": status, "resultCode": code, "resultMessage": message})
}

/// A header protocol's answer to a decision, or to a recorded failure.
pub(crate) fn header_decision(protocol: Protocol, rule: &FaultRule) -> Value {
    if rule.scenario == Scenario::Code {
        let argument = rule.argument.as_deref().unwrap_or_default();
        let (status, code) = argument.split_once('.').unwrap_or(("F", argument));
        return result(status, code, "asked for by a rule");
    }
    failure_result(protocol, rule.scenario)
}

/// The `result` object for a scenario.
pub(crate) fn failure_result(protocol: Protocol, scenario: Scenario) -> Value {
    let (status, code) = match scenario {
        Scenario::Throttled => ("U", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
        Scenario::ServiceUnavailable
        | Scenario::ServiceUnavailablePaid
        | Scenario::SystemError
        | Scenario::BusinessFailedPaid => ("U", "UNKNOWN_EXCEPTION"),
        Scenario::TokenInvalid => ("F", "INVALID_ACCESS_TOKEN"),
        Scenario::NoPermission => ("F", "ACCESS_DENIED"),
        Scenario::MissingArgument | Scenario::InvalidArgument => ("F", "PARAM_ILLEGAL"),
        Scenario::InsufficientConditions => ("F", "INVALID_CONTRACT"),
        Scenario::UnknownCode => ("F", "NEVER_SEEN_BEFORE"),
        Scenario::UnknownStatus => ("Z", "SUCCESS"),
        Scenario::InvalidSignatureCode => ("F", "INVALID_SIGNATURE"),
        Scenario::BadAccount | Scenario::UserNotExist => ("F", "USER_NOT_EXIST"),
        Scenario::CurrencyNotSupport => ("F", "CURRENCY_NOT_SUPPORT"),
        Scenario::AmountExceed => ("F", "REFUND_AMOUNT_EXCEED"),
        Scenario::OrderStatusInvalid => ("F", "ORDER_STATUS_INVALID"),
        Scenario::WindowExceed => ("F", "REFUND_WINDOW_EXCEED"),
        Scenario::OrderNotExist => ("F", "ORDER_NOT_EXIST"),
        Scenario::PartialNotSupported => ("F", "PARTIAL_REFUND_NOT_SUPPORTED"),
        Scenario::MultipleNotSupported => ("F", "MULTIPLE_REFUNDS_NOT_SUPPORTED"),
        Scenario::BalanceNotEnough => ("F", "MERCHANT_BALANCE_NOT_ENOUGH"),
        Scenario::RiskReject => ("F", "RISK_REJECT"),
        Scenario::InProcess if protocol == Protocol::Antom => ("U", "REFUND_IN_PROCESS"),
        Scenario::InProcess => ("U", "ORIGINAL_CREDIT_IN_PROCESS"),
        _ => ("F", "PROCESS_FAIL"),
    };
    result(status, code, code)
}

/// The gateway's sub_code for a recorded failure.
pub(crate) fn gateway_failure(scenario: Scenario) -> Value {
    match scenario {
        Scenario::UserNotExist => gateway_refusal("40004", "ILLEGAL_USER", "用户状态异常"),
        Scenario::Failed | Scenario::InProcessFailed => {
            gateway_refusal("40004", "TAX_REFUND_FAILED", "退税失败")
        }
        other => {
            let name = failure_result(Protocol::Antom, other);
            gateway_refusal("40004", name["resultCode"].as_str().unwrap_or_default(), "退税失败")
        }
    }
}
