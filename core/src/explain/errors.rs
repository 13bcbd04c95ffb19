//! What the library's own error codes mean and what to do about them. A call that gives one of them gave no outcome and
//! sent nothing.

/// The words for one error code of [`crate::codes`].
pub(crate) struct ErrorText {
    /// The code, for instance `scan_empty`.
    pub(crate) code: &'static str,
    pub(crate) meaning_en: &'static str,
    pub(crate) action_en: &'static str,
    pub(crate) meaning_zh: &'static str,
    pub(crate) action_zh: &'static str,
}

/// Sorted by code (byte order), each code once. A code that is a fault too has its words there.
#[rustfmt::skip]
pub(crate) static ERROR_TEXTS: &[ErrorText] = &[
    text("outcome_unreadable", "This text is not an outcome as the library gives one.",
        "Hand the outcome over exactly as it came; a changed one is not read.",
        "该文本不是本程序给出的结果。",
        "请原样传入程序给出的结果，不要改动。"),
    text("scan_collection_code", "This is a shop's collection code, for receiving money, and not the traveller's payment code.",
        "Ask the traveller to open \"Pay\" in the Alipay app and scan the bar code shown there.",
        "扫到的是商家收款码，不是旅客的付款码。",
        "请旅客在支付宝中打开“付款码”，扫描付款页面上的条形码。"),
    text("scan_empty", "Nothing was read.",
        "Ask the traveller to turn the screen's brightness up, then scan the payment code again.",
        "没有读到任何内容。",
        "请旅客调亮屏幕后，重新扫描付款码。"),
    text("scan_identity_card", "This is the number of a Chinese identity card, not a payment code.",
        "Ask the traveller to open the payment code in the Alipay app and scan that.",
        "读到的是身份证号码，不是付款码。",
        "请旅客在支付宝中打开付款码，再扫描付款码。"),
    text("scan_letters", "There are letters in what was read; a payment code has digits only.",
        "Check that the wallet's code was scanned and not one on the form, a ticket or a receipt. If it happens with every code, have the scanner's keyboard setting checked.",
        "读到的内容含有字母，付款码只有数字。",
        "请确认扫的是支付宝付款码，而不是退税单、机票或小票上的条码。若每次都这样，请检查扫码枪的键盘设置。"),
    text("scan_login_incomplete", "This e-mail address or phone number is not complete.",
        "Check it letter by letter with the traveller, or scan the payment code instead.",
        "邮箱或手机号不完整。",
        "请与旅客逐字核对，或改为扫描付款码。"),
    text("scan_not_a_payment_code", "This is neither a payment code nor an e-mail address or a phone number.",
        "Ask the traveller to open the payment code in the Alipay app and scan that. If it happens with every code, have the scanner's keyboard setting checked.",
        "读到的内容既不是付款码，也不是邮箱或手机号。",
        "请旅客在支付宝中打开付款码，再扫描付款码。若每次都这样，请检查扫码枪的键盘设置。"),
    text("scan_passport", "This is a passport or the number of a travel document, not a payment code.",
        "Put the document aside, ask the traveller to open the payment code in the Alipay app and scan that.",
        "读到的是护照或旅行证件，不是付款码。",
        "请收好证件，请旅客在支付宝中打开付款码，再扫描付款码。"),
    text("scan_several_codes", "Several codes were read, one after the other.",
        "Clear the field, ask the traveller to refresh the payment code and scan it once.",
        "连续读到了多个条码。",
        "请清空输入框，请旅客刷新付款码后只扫一次。"),
    text("scan_web_address", "This is a web address: a collection code or a link, and not a payment code.",
        "Ask the traveller to open \"Pay\" in the Alipay app, not \"Collect\", and scan the bar code shown there.",
        "读到的是网址（收款码或链接），不是付款码。",
        "请旅客在支付宝中打开“付款码”（不是“收款码”），再扫描页面上的条形码。"),
    text("scan_wrong_length", "A payment code has 16 to 32 digits. With fewer the code was read in part, with more two codes were read one after the other.",
        "Clear the field, ask the traveller to refresh the payment code and scan the whole of it once.",
        "付款码应为16至32位数字。位数不足说明没有扫全，位数过多说明连扫了两个码。",
        "请清空输入框，请旅客刷新付款码后完整地重扫一次。"),
];

const fn text(
    code: &'static str,
    meaning_en: &'static str,
    action_en: &'static str,
    meaning_zh: &'static str,
    action_zh: &'static str,
) -> ErrorText {
    ErrorText { code, meaning_en, action_en, meaning_zh, action_zh }
}
