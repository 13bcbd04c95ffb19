//! `docs/generated/codes.md`: what every code means and what to do, for the people who must act.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};

use super::core_data::{Code, CoreData, Step};
use super::{cell, code};

/// The parts of the list, in its order; `None` are the library's own words for faults.
const PARTS: &[(Option<&str>, &str, &str)] = &[
    (Some("alipay"), "Alipay open gateway", "Gateway codes, sub codes, and states as `status:…`."),
    (Some("alipay_plus"), "Alipay+", "Result codes, and states as `formStatus:…` and `resultStatus:…`."),
    (Some("antom"), "Antom", "Result codes, and states as `refundStatus:…` and `resultStatus:…`."),
    (
        None,
        "No verified answer",
        "The library's own words for what went wrong; for money all of them mean *not known*.",
    ),
];

pub(super) fn text(data: &CoreData) -> Result<String> {
    let mut text = INTRODUCTION.to_owned();
    text += "\n## Next steps\n\n| step | for | English | 中文 |\n|---|---|---|---|\n";
    ensure!(data.english.steps.len() == data.chinese.steps.len(), "the languages have different next steps");
    for (english, chinese) in data.english.steps.iter().zip(&data.chinese.steps) {
        text += &step_rows(english, chinese)?;
    }
    for (protocol, title, about) in PARTS {
        write!(text, "\n## {title}\n\n{about}\n\n| code | English | 中文 |\n|---|---|---|\n")?;
        for english in data.english.codes.iter().filter(|known| known.protocol.as_deref() == *protocol) {
            text += &code_row(english, &data.chinese.codes)?;
        }
    }
    let all_are_in_a_part = data
        .english
        .codes
        .iter()
        .all(|known| PARTS.iter().any(|(protocol, ..)| known.protocol.as_deref() == *protocol));
    ensure!(all_are_in_a_part, "a code belongs to a protocol that this list has no part for");
    text += ERRORS;
    for error in &data.error_codes {
        writeln!(text, "| {} | {} |", code(&error.code), cell(&error.meaning))?;
    }
    Ok(text)
}

const INTRODUCTION: &str = "# Codes

What the reason of an outcome means, what to do about it, and what the people around a refund do at each next step. In
Rust: `taxrefund_core::explain`. A code alone decides nothing: whether a refund succeeded, failed or is unknown says the
outcome, by the [decision tables](decision-tables.md).
";

const ERRORS: &str = "
## Error codes

What a call returns when it gave no outcome; nothing was sent by that call. In Rust: `taxrefund_core::codes`.

| code | what it says |
|---|---|
";

fn step_rows(english: &Step, chinese: &Step) -> Result<String> {
    ensure!(english.step == chinese.step, "the languages list the next steps in different orders");
    let mut rows = String::new();
    for (whom, english_words, chinese_words) in [
        ("clerk", &english.clerk, &chinese.clerk),
        ("engineer", &english.engineer, &chinese.engineer),
        ("traveller", &english.traveller, &chinese.traveller),
    ] {
        let step = code(&english.step);
        writeln!(rows, "| {step} | {whom} | {} | {} |", cell(english_words), cell(chinese_words))?;
    }
    Ok(rows)
}

fn code_row(english: &Code, chinese: &[Code]) -> Result<String> {
    let chinese = chinese
        .iter()
        .find(|known| known.protocol == english.protocol && known.code == english.code)
        .with_context(|| format!("{} has no Chinese text", english.code))?;
    let words = |text: &Code| format!("{}<br>→ {}", cell(&text.meaning), cell(&text.action));
    Ok(format!("| {} | {} | {} |\n", code(&english.code), words(english), words(chinese)))
}
