//! What the result codes of Alipay+ mean and what to do about them; `formStatus:<value>` for the states of a form, and
//! `resultStatus:<value>` for codes that are not listed.
//!
//! Codes and states as in Alipay+ sheet a.2, a.4 and (g).

use super::{Protocol, Text};

/// Sorted by code (byte order), each code once: [`binary_search_by_key`](slice::binary_search_by_key) applies.
#[rustfmt::skip]
pub(crate) static TEXTS: &[Text] = &[
    text("ACCESS_DENIED", "Alipay+ refuses this partner access to the interface.",
        "Write to connect_support@service.alipay.com with the request time and client id. Do not send the request again before they answer.",
        "Alipay+ 拒绝本合作方访问该接口。",
        "将请求时间和客户端编号发至 connect_support@service.alipay.com，答复之前不要再发。"),
    text("INVALID_CLIENT", "Alipay+ does not know the client id, or it is not active.",
        "Compare the client id with the Developer Center and check test against production, then write to connect_support@service.alipay.com.",
        "Alipay+ 不认识该客户端编号，或其未启用。",
        "与开发者中心核对客户端编号，并确认测试或生产环境，再联系 connect_support@service.alipay.com。"),
    text("INVALID_SIGNATURE", "Alipay+ could not verify our signature.",
        "Check the key pair, the key version, the path and that the body is sent exactly as signed. Then send the same request again under the same key.",
        "Alipay+ 对我方签名验签未通过。",
        "检查密钥对、密钥版本、路径，以及报文体是否与签名时完全一致，然后以同一幂等键重发同一请求。"),
    text("KEY_NOT_FOUND", "Alipay+ holds no public key for this client id and key version.",
        "Check that the public key was uploaded for this environment and that the key version fits, then write to connect_support@service.alipay.com.",
        "Alipay+ 没有与该客户端编号和密钥版本对应的公钥。",
        "确认公钥已上传到当前环境且密钥版本一致，再联系 connect_support@service.alipay.com。"),
    text("MEDIA_TYPE_NOT_ACCEPTABLE", "Alipay+ does not accept the content type of the request.",
        "Send application/json; charset=UTF-8 and check what a proxy does to the headers.",
        "Alipay+ 不接受请求的内容类型。",
        "发送 application/json; charset=UTF-8，并检查代理是否改动了请求头。"),
    text("METHOD_NOT_SUPPORTED", "The request did not arrive as a POST.",
        "Use POST and check for redirects or proxies that change it.",
        "请求到达时不是 POST 方法。",
        "使用 POST，并检查是否有重定向或代理改动了方法。"),
    text("NO_INTERFACE_DEF", "No interface exists under this address.",
        "Check host, path and version of the configured address.",
        "该地址下没有此接口。",
        "检查所配置地址的主机、路径和版本。"),
    text("ORDER_NOT_EXIST", "Alipay+ knows no credit under this id.",
        "If the create request was never answered, send the same one once more with the same request id and go on inquiring. Do not use a new id.",
        "Alipay+ 查不到该编号下的入账交易。",
        "若创建请求从未得到应答，用同一请求编号再发一次并继续查询。不要换新编号。"),
    text("ORIGINAL_CREDIT_IN_PROCESS", "Alipay+ accepted the credit to the wallet and is still working on it.",
        "Inquire for up to one minute, then confirm. Do not send it under a new request id and do not call it failed.",
        "Alipay+ 已受理入账，仍在处理中。",
        "在一分钟内持续查询，之后发起确认。不要换新的请求编号，也不要视为失败。"),
    text("PARAM_ILLEGAL", "A header or a field of the request is missing or not allowed.",
        "When the request is confirmed as failed, correct what the message names and send it as a new one.",
        "请求头或某个字段缺失或不合法。",
        "确认请求失败后，按消息提示改正，再作为新请求发送。"),
    text("PROCESS_FAIL", "Alipay+ refused the request for a business reason.",
        "Do not send it again. Write to connect_support@service.alipay.com with the form number and time.",
        "Alipay+ 因业务原因拒绝该请求。",
        "不要重发。将退税单号和时间发至 connect_support@service.alipay.com。"),
    text("REPEAT_REQ_INCONSISTENT", "A request with the same key but other values was received before.",
        "Look up what was first sent under this key and how it ended. Repeat only with identical values; only what really is another request gets a new key.",
        "此前已收到同一幂等键、内容不同的请求。",
        "先查明该键下首次发送的内容和结果。重发必须内容相同；确属另一笔请求时才用新键。"),
    text("REQUEST_TRAFFIC_EXCEED_LIMIT", "Too many requests in a short time. The result of this one is not known.",
        "Slow down all calls of this account and let the same request be repeated unchanged.",
        "短时间内请求过多，本次结果未知。",
        "降低该账户的全部调用频率，并原样重发同一请求。"),
    text("SUCCESS", "Alipay+ carried out the request: a form report is recorded, a credit is paid. On an inquiry only the separate credit result counts.",
        "Record the result. Nothing else is needed.",
        "Alipay+ 已执行请求：退税单状态已登记，或入账已完成。若为查询，以单独的入账结果为准。",
        "记录结果即可。"),
    text("UNKNOWN_EXCEPTION", "Something failed inside Alipay+. Whether the request was carried out is not known.",
        "Let the same request be repeated unchanged several times; if it stays so, write to connect_support@service.alipay.com.",
        "Alipay+ 内部出错，请求是否已执行未知。",
        "原样重发数次；若仍如此，联系 connect_support@service.alipay.com。"),
    text("USER_NOT_EXIST", "Alipay+ knows no user with this id.",
        "Tell the traveller that this account cannot be found. When the request is confirmed as failed, ask for the right code or offer another way of refund.",
        "Alipay+ 查不到该用户编号。",
        "告知旅客查无此账户。确认请求失败后，请其出示正确的付款码或改用其他退税方式。"),
    text("formStatus:EXPIRED", "The form was not used within its six months.",
        "Report it only after the expiry date. Pay nothing on this form; the traveller has to ask the tax refund company.",
        "退税单超过六个月有效期，未使用。",
        "到期之后才上报。不要再据此单付款，旅客可咨询退税公司。"),
    text("formStatus:FAILED", "The refund for this form failed.",
        "Report it only after a confirmed failure. A later refund for this form needs its own request.",
        "该退税单的退税失败。",
        "确认失败后才上报。若之后再次退税，须另发请求。"),
    text("formStatus:INIT", "The form was printed; customs has not seen it yet.",
        "Report it when the form is issued, then ask the traveller to show it at customs.",
        "退税单已开具，尚未经海关查验。",
        "开单时上报，并提醒旅客到海关办理查验。"),
    text("formStatus:RECEIVED", "The tax refund company has received the form.",
        "Check the form and the customs approval, then go on to the refund.",
        "退税公司已收到退税单。",
        "核对退税单和海关核准，然后办理退税。"),
    text("formStatus:REFUNDED", "The refund was paid through Alipay+.",
        "Report it only after a verified success. Pay nothing more on this form.",
        "退税已通过 Alipay+ 支付。",
        "验证成功后才上报。该单不得再付款。"),
    text("formStatus:REFUNDED_NON_ALIPAYPLUS", "The refund was paid in another way, such as cash or card.",
        "Report it, and pay nothing on this form through Alipay+.",
        "退税已通过其他方式支付，如现金或银行卡。",
        "如实上报，该单不得再通过 Alipay+ 付款。"),
    text("formStatus:REJECTED_BY_CUSTOMS", "Customs did not approve the export.",
        "Pay nothing. Send the traveller back to customs for the reason.",
        "海关未予核准。",
        "不要付款，请旅客向海关了解原因。"),
    text("formStatus:STAMPED", "Customs has approved the form, by stamp or electronically.",
        "Report it, then the refund can be paid.",
        "海关已核准退税单（盖章或电子核准）。",
        "上报后即可办理退税。"),
    text("formStatus:VOIDED", "The form was cancelled by its issuer.",
        "Pay nothing on this form. If it was replaced, use the new form's number.",
        "退税单已被开单方作废。",
        "不要据此单付款。如已换开，使用新的退税单号。"),
    text("resultStatus:F", "Alipay+ refused the request. The result code and message say why.",
        "Read the code. If this table does not list it, write to connect_support@service.alipay.com.",
        "Alipay+ 拒绝该请求，原因见结果码和消息。",
        "查看结果码；若本表未列出，联系 connect_support@service.alipay.com。"),
    text("resultStatus:S", "Alipay+ carried out the request.",
        "Record the result. After an inquiry read the separate credit result.",
        "Alipay+ 已执行请求。",
        "记录结果。若为查询，另看入账结果。"),
    text("resultStatus:U", "Alipay+ cannot say whether the request was carried out.",
        "Let the same request be repeated unchanged; if it stays so, write to connect_support@service.alipay.com. Do not treat it as failed.",
        "Alipay+ 无法确定请求是否已执行。",
        "原样重发同一请求；若仍如此，联系 connect_support@service.alipay.com。不要视为失败。"),
];

const fn text(
    code: &'static str,
    meaning_en: &'static str,
    action_en: &'static str,
    meaning_zh: &'static str,
    action_zh: &'static str,
) -> Text {
    Text { protocol: Protocol::AlipayPlus, code, meaning_en, action_en, meaning_zh, action_zh }
}

#[cfg(test)]
mod tests {
    use super::TEXTS;

    #[test]
    fn texts_are_sorted_unique_and_written_in_both_languages() {
        let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        assert!(TEXTS.is_sorted_by(|a, b| a.code < b.code), "sorted by code, each once");
        for entry in TEXTS {
            assert!(!entry.code.trim().is_empty());
            for english in [entry.meaning_en, entry.action_en] {
                assert!(!english.trim().is_empty() && !english.chars().any(is_chinese), "{}", entry.code);
            }
            for chinese in [entry.meaning_zh, entry.action_zh] {
                assert!(chinese.chars().any(is_chinese), "{}", entry.code);
            }
        }
    }
}
