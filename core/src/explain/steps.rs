//! What the next step of an outcome asks of each person: the clerk at the counter, the engineer, the traveller.
//!
//! A traveller is never told that a refund was paid, or not paid, where the step may belong to an unknown result.

/// The words for one next step.
pub(crate) struct StepText {
    /// The step's stable name, for instance `resume_later`.
    pub(crate) step: &'static str,
    /// What the person at the counter does.
    pub(crate) clerk_en: &'static str,
    pub(crate) clerk_zh: &'static str,
    /// What the engineer or operator does.
    pub(crate) engineer_en: &'static str,
    pub(crate) engineer_zh: &'static str,
    /// What to say to the traveller.
    pub(crate) traveller_en: &'static str,
    pub(crate) traveller_zh: &'static str,
}

/// Sorted by step (byte order), each step once.
#[rustfmt::skip]
pub(crate) static STEP_TEXTS: &[StepText] = &[
    StepText {
        step: "await_notification",
        clerk_en: "Leave this refund alone: the result will arrive by itself. Note the order number and do not enter the refund again.",
        clerk_zh: "无需操作，结果会自动送达。记下订单号，不要重新录入。",
        engineer_en: "Check that the notification address is reachable and that the journal still holds the refund; inquire again on the journal's schedule.",
        engineer_zh: "确认通知地址可访问、台账中仍有该笔退税，并按台账的时间表继续查询。",
        traveller_en: "Your refund is being processed, and the result is not known yet. You need not wait here; please keep your receipt.",
        traveller_zh: "您的退税正在处理，结果尚未确定。您不必在此等候，请保留好凭证。",
    },
    StepText {
        step: "contact_support",
        clerk_en: "Keep the order number and hand the case to your supervisor. Do not enter this refund again until support has answered.",
        clerk_zh: "保留订单号，将此事交给主管。支持部门答复之前不要重新录入该退税。",
        engineer_en: "Send support the order number, the platform's code, the times of the attempts and the trace id: Alipay technical support, connect_support@service.alipay.com for Alipay+, or Antom support. Send nothing new for this refund before they answer.",
        engineer_zh: "将订单号、平台错误码、各次尝试时间和跟踪号提供给支付宝技术支持、Alipay+（connect_support@service.alipay.com）或 Antom 支持。答复之前不要为该退税发送新的请求。",
        traveller_en: "We have to check your refund with the payment provider. Please leave a way to reach you and keep your receipt.",
        traveller_zh: "我们需要与支付机构核实您的退税。请留下联系方式，并保留好凭证。",
    },
    StepText {
        step: "fix_configuration",
        clerk_en: "Stop refunds at this desk and call the person in charge of the system. Do not enter this refund again.",
        clerk_zh: "本柜台暂停退税，通知系统负责人。不要重新录入该退税。",
        engineer_en: "Correct what the code names: keys, permissions, address or clock. Then query or resume the open refund with its own key before sending anything new.",
        engineer_zh: "按错误码修正密钥、权限、地址或时钟。然后以原幂等键查询或恢复未决的退税，再处理其他请求。",
        traveller_en: "Our system needs attention before we can go on with your refund. Your claim is recorded; please give us a moment or leave a way to reach you.",
        traveller_zh: "我们的系统需要处理后才能继续办理。您的申请已记录，请稍候或留下联系方式。",
    },
    StepText {
        step: "none",
        clerk_en: "Nothing more to do. File the reference with the form.",
        clerk_zh: "无需再做任何操作，将参考号与退税单一并存档。",
        engineer_en: "Nothing to do: the result is verified and final.",
        engineer_zh: "无需操作：结果已验证，且为最终结果。",
        traveller_en: "This step is complete, and nothing more is needed from you. Please keep your receipt.",
        traveller_zh: "此步骤已完成，您无需再做什么，请保留好凭证。",
    },
    StepText {
        step: "refresh_code",
        clerk_en: "Ask the traveller to refresh the payment code, scan it again, and start a new request.",
        clerk_zh: "请旅客刷新付款码，重新扫码后发起新的请求。",
        engineer_en: "Nothing was credited by this request. Read the code shortly before sending it, and check that the scanner passes all digits.",
        engineer_zh: "本次请求未入账。扫码后尽快发送，并确认扫码设备传出全部数字。",
        traveller_en: "Your code could not be used. Please refresh it in your app and show it to me again.",
        traveller_zh: "您的付款码无法使用，请在应用中刷新后再出示一次。",
    },
    StepText {
        step: "renew_authorization",
        clerk_en: "Call the person in charge: the permission of this app has to be renewed. Do not enter the refund again meanwhile.",
        clerk_zh: "通知负责人更新应用授权。其间不要重新录入该退税。",
        engineer_en: "Renew the user's or the merchant's token and put it in place. Then query or resume the open refund with its own key.",
        engineer_zh: "更新用户或商户的令牌并部署。然后以原幂等键查询或恢复未决的退税。",
        traveller_en: "We need a renewed permission to go on with your refund. Please wait a moment.",
        traveller_zh: "继续办理退税需要更新授权，请稍候。",
    },
    StepText {
        step: "resume_later",
        clerk_en: "The result is not known yet. Keep the order number, do not enter the refund again, and look at it later.",
        clerk_zh: "结果尚未确定。保留订单号，不要重新录入，稍后再查看。",
        engineer_en: "Resume the flow from the journal with the same key; it begins with a query. Never send this refund under a new key.",
        engineer_zh: "从台账以同一幂等键恢复流程，首先查询。切勿以新键发送该退税。",
        traveller_en: "We do not know yet whether your refund has been paid. We keep checking; please keep your receipt.",
        traveller_zh: "目前还不能确定退税是否已付，我们会继续查询，请保留好凭证。",
    },
    StepText {
        step: "start_new",
        clerk_en: "This request failed and moved no money. Correct what the reason names and start a new one; it gets a new number.",
        clerk_zh: "本次请求失败，款项未动。按原因改正后重新发起，系统会使用新的编号。",
        engineer_en: "The failure is verified. Build a new request with a new idempotency key once the named field is right; the old key stays closed.",
        engineer_zh: "失败已验证。改正所指字段后，以新的幂等键构造新请求，旧键不再使用。",
        traveller_en: "This attempt did not go through, and nothing was paid. We will correct it and try once more.",
        traveller_zh: "这次没有成功，款项未付。我们改正后再办理一次。",
    },
    StepText {
        step: "tell_traveller",
        clerk_en: "Tell the traveller that it cannot be done this way, and offer another account or another way of refund.",
        clerk_zh: "告知旅客无法以此方式办理，请其更换账户或改用其他退税方式。",
        engineer_en: "The refusal is verified and final for this request; a repeat brings the same answer. Route the case to another way of refund.",
        engineer_zh: "拒绝已验证，对本请求为最终结果，重发也一样。转为其他退税方式处理。",
        traveller_en: "We cannot make your refund in this way. Nothing was paid by this attempt; let us look for another way.",
        traveller_zh: "无法以这种方式为您退税，本次未付款。我们来看看其他方式。",
    },
];
