//! The counter's functions: what was scanned, whose account it is, what to say and do about an outcome or a problem.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use taxrefund_core::alipay::QueryUserInfoResponse;
use taxrefund_core::counter::{self, Advice, Confirmation, Eligibility, ScannedCode};
use taxrefund_core::explain::{
    Explanation, Language, explain, explain_error, field_in, given_in, message_in,
};
use taxrefund_core::json::parse_object;

use crate::data::language_of;
use crate::{Problem, json};

/// What was scanned or typed: `{"identify_account_type": "barcode" | "logonId", "identify_account_no", "masked",
/// "warnings": [{"path", "rule", "message", "chinese"}]}`. Show `masked`; `identify_account_no` goes into the request. A
/// warning's `message` is English, `chinese` is the same in Chinese.
///
/// # Errors
/// A [`Problem`] of the kind `scanned_code` with a code `scan_…`; it holds nothing of the text.
pub fn scanned_code(text: &str) -> Result<String, Problem> {
    let code = ScannedCode::parse(text)?;
    let warnings = code.warnings().iter().map(|warning| {
        json!({
            "path": warning.path,
            "rule": warning.rule,
            "message": warning.message,
            "chinese": message_in(warning.rule, &warning.message, Language::Chinese),
        })
    });
    Ok(json(&json!({
        "identify_account_type": code.account_type(),
        "identify_account_no": code.number(),
        "masked": code.masked(),
        "warnings": warnings.collect::<Vec<_>>(),
    })))
}

/// Whose account it is, from the response of `query_user_info` in wire names: `{"name", "login", "user_id"}`, each `null`
/// where the answer did not say; masked unless `revealed`.
///
/// # Errors
/// A text that is no JSON object.
pub fn confirmation(response: &str, revealed: bool) -> Result<String, Problem> {
    let object = parse_object(response)
        .map_err(|_| Problem::configuration("response", "must be the response's JSON as it came"))?;
    let response: QueryUserInfoResponse = serde_json::from_value(Value::Object(object)).unwrap_or_default();
    let confirmation = Confirmation::of(&response);
    Ok(json(&if revealed { confirmation.revealed() } else { confirmation.masked() }))
}

/// Whether the account can receive refunds, from an outcome of `query_user_info`: `{"verdict": "eligible" |
/// "not_eligible" | "undetermined", "code", "title", "traveller", "clerk"}`.
///
/// # Errors
/// A text that is no outcome, an unknown language.
pub fn eligibility(outcome: &str, language: &str) -> Result<String, Problem> {
    let language = language_of(language)?;
    Ok(json(&Eligibility::of(&counter::Told::read(outcome)?, language)))
}

/// What to say and do about an outcome of any operation: `{"outcome": "succeeded" | "failed" | "unknown", "next_step",
/// "title", "traveller", "clerk", "may_start_new", "may_ask_again"}`.
///
/// # Errors
/// A text that is no outcome, an unknown language.
pub fn advice(outcome: &str, language: &str) -> Result<String, Problem> {
    let language = language_of(language)?;
    Ok(json(&Advice::on(&counter::Told::read(outcome)?, language)))
}

/// A whole problem for people, from its JSON: what it is, where, what was given, what to do.
///
/// What was given is shown as the problem has it: personal data and secrets are masked there.
///
/// # Errors
/// A text that is no problem, an unknown language.
pub fn problem_text(problem: &str, language: &str) -> Result<String, Problem> {
    let language = language_of(language)?;
    let problem: Stated = parse_object(problem)
        .ok()
        .and_then(|object| serde_json::from_value(Value::Object(object)).ok())
        .ok_or_else(|| Problem::configuration("problem", "must be the problem's JSON as it came"))?;
    Ok(problem.worded(language))
}

/// A problem read back.
#[derive(Deserialize)]
struct Stated {
    kind: String,
    code: String,
    message: String,
    #[serde(default)]
    violations: Vec<Violated>,
    #[serde(flatten)]
    details: Map<String, Value>,
}

/// A violation read back.
#[derive(Deserialize)]
struct Violated {
    #[serde(default)]
    path: String,
    rule: String,
    message: String,
    #[serde(default)]
    given: String,
}

impl Stated {
    fn worded(&self, language: Language) -> String {
        let mut lines = vec![self.opening(language)];
        lines.extend(self.violations.iter().map(|violation| violation.line(language)));
        if language == Language::Chinese {
            lines.extend(self.details());
        }
        lines.extend(self.action(language));
        lines.join("\n")
    }

    fn opening(&self, language: Language) -> String {
        let count = self.violations.len();
        match language {
            Language::English if count == 1 => "The request has 1 problem; nothing was sent:".to_owned(),
            Language::English if count > 1 => {
                format!("The request has {count} problems; nothing was sent:")
            }
            Language::English => self.message.clone(),
            Language::Chinese if count > 0 => format!("请求有{count}处问题，未发送任何内容："),
            Language::Chinese if ["money", "date"].contains(&self.kind.as_str()) => {
                format!("{}。", message_in(&self.code, &self.message, language))
            }
            Language::Chinese => self.explanation(language).map_or_else(
                || format!("出现问题（代码：{}）：{}", self.code, self.message),
                |explanation| format!("{}{}", self.digits(), explanation.meaning),
            ),
        }
    }

    /// How many digits were read: a code that was scanned in part is told by it.
    fn digits(&self) -> String {
        let digits = self.details.get("digits").and_then(Value::as_u64);
        digits.map_or_else(String::new, |digits| format!("读到{digits}位数字。"))
    }

    fn details(&self) -> Vec<String> {
        let named = DETAILS.iter().filter_map(|(name, chinese)| {
            let value = match self.details.get(*name)? {
                Value::String(text) => text.clone(),
                Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("、"),
                _ => return None,
            };
            (!value.is_empty()).then(|| format!("{chinese}：{value}"))
        });
        let mut lines: Vec<String> = named.collect();
        // Which file, which figure: only the English sentence has it, for whoever puts it right.
        if TECHNICAL_KINDS.contains(&self.kind.as_str()) {
            lines.push(format!("详情：{}", self.message));
        }
        lines
    }

    fn action(&self, language: Language) -> Option<String> {
        let explanation = self.explanation(language)?;
        // The English sentence of a scanned code says it already.
        let is_said = language == Language::English && self.kind == "scanned_code";
        (!is_said).then(|| explanation.action.to_owned())
    }

    fn explanation(&self, language: Language) -> Option<Explanation> {
        explain_error(&self.code, language).or_else(|| explain(&self.code, language).into_iter().next())
    }
}

impl Violated {
    fn line(&self, language: Language) -> String {
        let message = message_in(&self.rule, &self.message, language);
        let given = given_in(&self.given, language);
        match language {
            Language::English => {
                let path = if self.path.is_empty() { "the whole" } else { &self.path };
                format!("- {path}: {message} (given: {given})")
            }
            Language::Chinese => {
                let path = match field_in(&self.path, language) {
                    Some(name) => format!("{name}（{}）", self.path),
                    None if self.path.is_empty() => "整体".to_owned(),
                    None => self.path.clone(),
                };
                format!("- {path}：{message}（所填：{given}）")
            }
        }
    }
}

/// What is shown beside the words, in this order.
const DETAILS: &[(&str, &str)] = &[
    ("field", "设置项"),
    ("operation", "操作"),
    ("key", "编号"),
    ("form", "退税单号"),
    ("fields", "内容不同的字段"),
    ("state", "当前状态"),
    ("owner", "正在处理的终端"),
];

/// Problems that somebody must put right who knows the system.
const TECHNICAL_KINDS: &[&str] =
    &["configuration", "misuse", "journal", "file", "batch", "settlement", "sandbox"];
