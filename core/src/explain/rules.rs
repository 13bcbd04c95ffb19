//! The sentences about requests in Chinese: what is wrong with a field, what was given, what the field is called.
//!
//! A check writes its sentence once, in English; the same sentence with gaps for its figures stands here beside the
//! Chinese one. So checks stay short, and a stored or transmitted violation can be shown in either language. A sentence
//! without its own Chinese one falls back to what its rule means.

use std::borrow::Cow;

use super::{Language, explain_error};

/// A check's sentence in a language; `rule` is the violation's or warning's rule, or the code of an error about money or
/// time.
#[must_use]
pub fn message_in<'a>(rule: &str, message: &'a str, language: Language) -> Cow<'a, str> {
    if language == Language::English {
        return message.into();
    }
    let translated = SENTENCES.iter().find_map(|(english, chinese)| {
        let gaps = gaps(english, message)?;
        Some(filled(chinese, &gaps))
    });
    translated.map_or_else(|| general(rule), Cow::Owned)
}

/// What was given, in a language: the words of a [`Violation`](crate::validation::Violation)'s `given` are ours where
/// the value itself is not shown.
#[must_use]
pub fn given_in(given: &str, language: Language) -> Cow<'_, str> {
    if language == Language::English {
        return given.into();
    }
    let masked = GIVEN.iter().find_map(|(english, chinese)| Some(filled(chinese, &gaps(english, given)?)));
    masked.map_or_else(|| word(given), Cow::Owned)
}

/// What a field is called in a language; `None` for one without a name of its own. `path` is a violation's, in wire names
/// or in the spelling of a language package.
#[must_use]
pub fn field_in(path: &str, language: Language) -> Option<&'static str> {
    if language == Language::English {
        return None;
    }
    let last = path.rsplit('.').find(|part| part.parse::<usize>().is_err())?;
    let name: String = last.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect();
    FIELDS.iter().find(|(known, _)| *known == name).map(|(_, chinese)| *chinese)
}

fn general(rule: &str) -> Cow<'static, str> {
    let known =
        RULES.iter().find(|(known, _)| *known == rule || rule.starts_with(known) && known.ends_with('_'));
    match (known, explain_error(rule, Language::Chinese)) {
        (Some((_, chinese)), _) => (*chinese).into(),
        (None, Some(explanation)) => explanation.meaning.into(),
        (None, None) => format!("不符合要求（{rule}）").into(),
    }
}

/// What stands in a sentence's gaps; `None` where it is another sentence.
fn gaps<'a>(sentence: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut pieces = sentence.split("{}");
    let mut rest = text.strip_prefix(pieces.next()?)?;
    let mut pieces = pieces.peekable();
    let mut found = Vec::new();
    while let Some(piece) = pieces.next() {
        let end = if pieces.peek().is_none() {
            rest.ends_with(piece).then(|| rest.len() - piece.len())?
        } else {
            rest.find(piece)?
        };
        let (gap, after) = rest.split_at_checked(end)?;
        found.push(gap);
        rest = after.get(piece.len()..)?;
    }
    rest.is_empty().then_some(found)
}

/// A sentence with its gaps filled: `{1}` is the first one.
fn filled(sentence: &str, gaps: &[&str]) -> String {
    let mut pieces = sentence.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let gap = piece.split_once('}').and_then(|(number, rest)| {
            let gap = gaps.get(number.parse::<usize>().ok()?.checked_sub(1)?)?;
            Some((word(gap), rest))
        });
        match gap {
            Some((gap, rest)) => {
                text.push_str(&gap);
                text.push_str(rest);
            }
            None => {
                text.push('{');
                text.push_str(piece);
            }
        }
    }
    text
}

fn word(word: &str) -> Cow<'_, str> {
    let known = WORDS.iter().find(|(english, _)| *english == word);
    match known {
        Some((_, chinese)) => (*chinese).into(),
        None if word.starts_with("struct ") => "对象".into(),
        None => word.into(),
    }
}

/// The first one that fits counts: the more special before the more general.
const SENTENCES: &[(&str, &str)] = &[
    ("is required and must not be empty", "必填，不能为空"),
    ("is the field that names the form, and must not be empty", "是退税单号所在的字段，不能为空"),
    ("must be left out rather than sent empty", "不填时请省略，不能留空"),
    ("goes with the other one of the pair", "须与配对的另一项同时填写"),
    (
        "with identify_account_type uid it must carry {\"barcodeNo\":\"…\"}, the scanned code",
        "账号类型为 uid 时，必须带上扫描的付款码，即 {\"barcodeNo\":\"…\"}",
    ),
    ("is required with grant_type {}", "grant_type 为 {1} 时必填"),
    ("does not go with grant_type {}", "grant_type 为 {1} 时不能填写"),
    ("refundId or refundRequestId is required", "refundId 与 refundRequestId 至少填一项"),
    (
        "originalCreditRequestId or originalCreditId is required",
        "originalCreditRequestId 与 originalCreditId 至少填一项",
    ),
    ("may have at most {} characters, has {}", "最多{1}个字符，现有{2}个"),
    ("must have {} to {} characters, has {}", "应为{1}至{2}个字符，现有{3}个"),
    ("must have {} characters, has {}", "应为{1}个字符，现有{2}个"),
    ("is longer than {} bytes", "超过{1}字节"),
    ("may hold only ASCII letters and digits; wrong: character {}", "只能含英文字母和数字，第{1}个字符不对"),
    ("may hold only ASCII letters and digits; wrong: {} at {}", "只能含英文字母和数字，第{2}个字符 {1} 不对"),
    (
        "may hold only ASCII letters, digits, '-' and '_'; wrong: character {}",
        "只能含英文字母、数字、“-”和“_”，第{1}个字符不对",
    ),
    (
        "may hold only ASCII letters, digits, '-' and '_'; wrong: {} at {}",
        "只能含英文字母、数字、“-”和“_”，第{2}个字符 {1} 不对",
    ),
    ("may hold only the digits 0-9; wrong: character {}", "只能含数字0至9，第{1}个字符不对"),
    ("may hold only the digits 0-9; wrong: {} at {}", "只能含数字0至9，第{2}个字符 {1} 不对"),
    ("must not hold control characters; wrong: character {}", "不能含控制字符，第{1}个字符不对"),
    ("must not hold control characters; wrong: {} at {}", "不能含控制字符，第{2}个字符 {1} 不对"),
    ("must be in Latin letters, as printed in the passport", "须为拉丁字母，与护照上印的一致"),
    ("must be one of: {}", "只能是以下之一：{1}"),
    (
        "must be an ISO 3166-1 alpha-2 country code in capitals, such as SG",
        "须为大写的两位国家或地区代码（ISO 3166-1），如 SG",
    ),
    ("must be an absolute http(s) URL without spaces", "须为完整的 http(s) 网址，不含空格"),
    ("must be an IP address", "须为 IP 地址"),
    ("must be a JSON object as text", "须为 JSON 对象文本"),
    ("must have 1 to 20 items", "须有1至20项"),
    ("must name at least one merchant", "至少填写一个商户"),
    ("must be 15 to 30 days", "须为15至30天"),
    ("is not UTF-8", "不是 UTF-8 编码"),
    (
        "holds a character that the account's charset (GBK) cannot carry",
        "含有账户字符集（GBK）无法表示的字符",
    ),
    ("has {} cells, the header has {}", "有{1}个单元格，表头有{2}个"),
    (
        "does not fit the other columns: list items must be numbered from 0 without gaps",
        "与其他列不一致：列表各项须从0开始连续编号",
    ),
    ("has an opening quote that is never closed", "引号没有闭合"),
    ("the file cannot be read further: {}", "文件无法继续读取：{1}"),
    ("is not a field here; expected one of {}", "没有这个字段，可用的字段有：{1}"),
    ("is not a field here; expected {} or {}", "没有这个字段，可用的字段有：{1}、{2}"),
    ("is not a field here; expected {}", "没有这个字段，可用的字段有：{1}"),
    ("is not a field here; {}", "没有这个字段"),
    ("is a {}, must be {}", "类型不对：现为{1}，应为{2}"),
    (
        "currency {} is not three letters; write the ISO 4217 code, such as \"SGD\"",
        "币种 {1} 不是三个字母，请填 ISO 4217 代码，如 \"SGD\"",
    ),
    (
        "currency {} is in lower case; ISO 4217 codes are sent in upper case: write {}",
        "币种 {1} 是小写，ISO 4217 代码须大写：请填 {2}",
    ),
    (
        "currency {} is not an ISO 4217 code; write {} if that is what is meant",
        "币种 {1} 不是 ISO 4217 代码，如果是指该币种请填 {2}",
    ),
    (
        "currency {} is withdrawn from ISO 4217; convert the amount to {}",
        "币种 {1} 已停用，请将金额换算为 {2}",
    ),
    (
        "currency {} has no minor unit and cannot be paid in; write a national currency",
        "币种 {1} 没有最小货币单位，不能用于付款，请填某国货币",
    ),
    (
        "currency {} is not an active ISO 4217 code; check its spelling",
        "币种 {1} 不是有效的 ISO 4217 代码，请核对拼写",
    ),
    (
        "the amount is empty; write digits, or leave the whole field out where it is optional",
        "金额为空，请填数字；非必填时可整项省略",
    ),
    (
        "amount {} has a sign; amounts are never negative: write the digits alone",
        "金额 {1} 带正负号，请只填数字",
    ),
    (
        "amount {} has an exponent; write all digits out, and keep amounts out of floating point",
        "金额 {1} 用了科学计数法，请写出全部数字",
    ),
    ("amount {} has a space in it; write the digits alone", "金额 {1} 中有空格，请只填数字"),
    (
        "amount {} has a comma or grouping mark; write digits, and a point only for decimals",
        "金额 {1} 中有逗号或分隔符，请只填数字，小数点只用于小数",
    ),
    ("amount {} has digits that are not ASCII; write 0 to 9", "金额 {1} 中有非半角数字，请用0至9"),
    (
        "amount {} is not a plain number; write digits, with at most one point among them",
        "金额 {1} 不是普通数字，请只填数字，最多一个小数点",
    ),
    (
        "amount {} has a point; count the smallest unit: SGD 100.00 is \"10000\", JPY 100 is \"100\"",
        "金额 {1} 中有小数点，请按最小货币单位填写：SGD 100.00 填 \"10000\"，JPY 100 填 \"100\"",
    ),
    (
        "amount {} has {} decimals, {} has {}; nothing is rounded here: round by your own rule, and keep amounts out \
         of floating point",
        "金额 {1} 有{2}位小数，{3} 只有{4}位；本程序不做舍入，请先按贵司规定舍入",
    ),
    ("amount {} has leading zeros; write it without them", "金额 {1} 前面有多余的0，请去掉"),
    (
        "an amount of {} digits is too large to hold; check the column and the unit",
        "金额有{1}位，过大，请核对所在的列和单位",
    ),
    (
        "the amount has {} digits, the field holds {}; check the column and the unit",
        "金额有{1}位，最多{2}位，请核对所在的列和单位",
    ),
    (
        "the amount is zero; this field takes amounts above zero: leave such a refund out",
        "金额为0，此处金额须大于0，请不要提交该笔退税",
    ),
    (
        "amount {} in {} is not a multiple of {} smallest units (rule of {}); round by your own rule first",
        "{2} 金额 {1} 不是{3}个最小货币单位的整数倍（{4} 的规定），请先按贵司规定舍入",
    ),
    (
        "time {} is not in the form \"yyyy-MM-dd HH:mm:ss\"; write the UTC+8 wall clock without \"T\", offset or fraction",
        "时间 {1} 格式不对，应为 \"yyyy-MM-dd HH:mm:ss\"（北京时间），不含“T”、时区和小数秒",
    ),
    (
        "time {} is not in the form \"2019-11-27T12:01:01+08:00\"; write date, \"T\", time with seconds, and an offset",
        "时间 {1} 格式不对，应如 \"2019-11-27T12:01:01+08:00\"：日期、“T”、到秒的时间和时区",
    ),
    (
        "time {} has no offset, so it is another instant in every country; add the one of the place it was recorded in, \
         such as \"+08:00\", or \"Z\" for UTC",
        "时间 {1} 没有时区，请加上记录地的时区，如 \"+08:00\"，UTC 则为 \"Z\"",
    ),
    (
        "time {} does not exist in the calendar; check day, month and time of day (24:00 and second 60 are not taken)",
        "时间 {1} 不存在，请核对年月日和时分秒（不接受24:00和第60秒）",
    ),
    (
        "the time is outside the years 1 to 9999; check the unit, which is milliseconds for epoch times",
        "时间超出公元1年至9999年，请核对单位（时间戳以毫秒计）",
    ),
    ("print date + 6 months would be {}", "按开单日期加6个月应为 {1}"),
    (
        "payment codes usually start with 25 to 30: is this the wallet's code?",
        "付款码通常以25至30开头，请确认扫的是支付宝付款码",
    ),
    (
        "this may be the number of a Chinese identity card: scan the wallet's code",
        "这可能是身份证号码，请扫描支付宝付款码",
    ),
    ("one page allows 64 characters, the specification 2048", "一处文档规定最多64个字符，接口规范为2048个"),
    ("must be {}", "类型不对：应为{1}"),
];

/// What a rule says, where its sentence is not known; a name that ends in `_` stands for all that begin so.
const RULES: &[(&str, &str)] = &[
    ("alphabet", "含有不允许的字符"),
    ("amount_", "金额格式不对"),
    ("barcode_shape", "付款码形状不常见，请确认扫的是支付宝付款码"),
    ("cells", "单元格数与表头不符"),
    ("charset", "字符编码不对"),
    ("column", "与其他列不一致"),
    ("currency", "币种代码不对"),
    ("currency_", "币种代码不对"),
    ("date_time", "时间格式不对"),
    ("empty", "不能留空"),
    ("form_expiry", "与开单日期加6个月不一致"),
    ("identity_number_shape", "可能是身份证号码，请扫描支付宝付款码"),
    ("ip", "IP 地址不对"),
    ("items", "项数不对"),
    ("json", "JSON 文本不对"),
    ("length", "长度不对"),
    ("quote", "引号不对"),
    ("range", "超出允许的范围"),
    ("read", "无法继续读取"),
    ("region", "国家或地区代码不对"),
    ("required", "必填"),
    ("time_", "时间格式不对"),
    ("type", "类型不对"),
    ("unknown_field", "字段名不对"),
    ("unwanted", "不能填写"),
    ("url", "网址不对"),
    ("value", "取值不对"),
];

/// The ways in which something given is described rather than shown.
const GIVEN: &[(&str, &str)] = &[
    ("«{} characters»", "«{1}个字符»"),
    ("(a text of {} characters)", "（{1}个字符的文本）"),
    ("{}… ({} characters)\"", "{1}…（共{2}个字符）\""),
];

const WORDS: &[(&str, &str)] = &[
    ("«bytes»", "«字节»"),
    ("«not shown»", "«不显示»"),
    ("a boolean", "布尔值"),
    ("a map", "对象"),
    ("a sequence", "列表"),
    ("a string", "文本"),
    ("an empty list", "空列表"),
    ("any valid JSON value", "任意 JSON 值"),
    ("boolean", "布尔值"),
    ("floating point", "小数"),
    ("integer", "整数"),
    ("map", "对象"),
    ("neither", "均未填"),
    ("no barcodeNo", "没有 barcodeNo"),
    ("nothing", "未填"),
    ("null", "空值"),
    ("sequence", "列表"),
    ("something", "已填"),
    ("string", "文本"),
    ("the account", "账户"),
    ("the column's name", "列名"),
    ("the line", "该行"),
    ("u32", "整数"),
];

/// What fields are called at a counter, by their names without `_` and in lower case.
const FIELDS: &[(&str, &str)] = &[
    ("actualrefundamount", "实际退款金额"),
    ("availableday", "有效天数"),
    ("barcodeno", "付款码"),
    ("companyname", "退税公司名称"),
    ("confirmdate", "海关确认时间"),
    ("countrycode", "退税国家或地区"),
    ("currency", "币种"),
    ("departurepoint", "离境口岸"),
    ("departureport", "离境口岸"),
    ("departureregion", "离境国家或地区"),
    ("docexpiredate", "退税单到期日"),
    ("docid", "退税单号"),
    ("form", "退税单号"),
    ("formexpiredate", "退税单到期日"),
    ("formprintdate", "开单日期"),
    ("formstatus", "退税单状态"),
    ("identifyaccountno", "付款码或账号"),
    ("identifyaccounttype", "账号类型"),
    ("memo", "备注"),
    ("merchantname", "商户名称"),
    ("merchants", "商户"),
    ("nationality", "国籍"),
    ("originalcreditrequestid", "入账请求编号"),
    ("outorderno", "订单号"),
    ("passportname", "护照姓名"),
    ("passportno", "护照号码"),
    ("paymentid", "支付编号"),
    ("refundamount", "退款金额"),
    ("refundid", "退款编号"),
    ("refundreason", "退款原因"),
    ("refundrequestid", "退款请求编号"),
    ("region", "国家或地区"),
    ("salesamount", "购物金额"),
    ("salescurrency", "购物币种"),
    ("salesdate", "购物日期"),
    ("statuschangetime", "状态变更时间"),
    ("taxrefundamount", "退税金额"),
    ("taxrefundcurrency", "退税币种"),
    ("taxrefundformnumber", "退税单号"),
    ("taxrefundprintdate", "开单日期"),
    ("totalsalesamount", "购物总金额"),
    ("userid", "用户编号"),
    ("userreceivedcurrency", "到账币种"),
    ("value", "金额"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_recognized_with_what_stands_in_its_gaps() {
        assert_eq!(
            gaps("has {} cells, the header has {}", "has 3 cells, the header has 5"),
            Some(vec!["3", "5"])
        );
        assert_eq!(gaps("must be {}", "must be"), None);
        assert_eq!(gaps("is not UTF-8", "is not UTF-8"), Some(vec![]));
        assert_eq!(gaps("is not UTF-8", "is not UTF-8, sadly"), None);
        assert_eq!(gaps("{}。{}", "。。"), Some(vec!["", "。"]));
        let range = message_in("length", "must have 3 to 64 characters, has 2", Language::Chinese);
        assert_eq!(range, "应为3至64个字符，现有2个");
    }

    #[test]
    fn a_gap_may_hold_anything_and_stays_what_it_is() {
        let hostile = "must be one of: {2}, {1}, {}";
        assert_eq!(message_in("value", hostile, Language::Chinese), "只能是以下之一：{2}, {1}, {}");
    }

    #[test]
    fn every_chinese_sentence_uses_every_gap_of_its_english_one_or_leaves_out_words_only() {
        for (english, chinese) in SENTENCES {
            let count = english.matches("{}").count();
            for gap in 1..=count {
                let is_filled = chinese.contains(&format!("{{{gap}}}"));
                assert!(is_filled || *english == "is not a field here; {}", "{english}: {gap}");
            }
            assert!(!chinese.contains(&format!("{{{}}}", count + 1)), "{chinese}");
        }
    }

    #[test]
    fn an_unknown_sentence_falls_back_to_its_rule_and_an_unknown_rule_to_a_plain_one() {
        assert_eq!(message_in("length", "is odd", Language::Chinese), "长度不对");
        assert_eq!(message_in("amount_new", "is odd", Language::Chinese), "金额格式不对");
        assert_eq!(message_in("brand_new", "is odd", Language::Chinese), "不符合要求（brand_new）");
        assert_eq!(message_in("length", "is odd", Language::English), "is odd");
    }

    #[test]
    fn a_field_is_called_the_same_in_every_spelling() {
        for path in ["tax_refund_amount", "taxRefundAmount", "x.taxRefundAmount", "taxRefundAmount.0"] {
            assert_eq!(field_in(path, Language::Chinese), Some("退税金额"), "{path}");
        }
        assert_eq!(field_in("", Language::Chinese), None);
        assert_eq!(field_in("tax_refund_amount", Language::English), None);
    }
}
