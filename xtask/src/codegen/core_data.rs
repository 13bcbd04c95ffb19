//! What the documentation is written from: the core's tables and texts, as its conformance shim prints them, and the
//! list of error codes, which is source text.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::models::Schemas;
use crate::process;

/// The core's tables and texts. A variant that the core has and this file does not know fails to parse, on purpose.
#[derive(Deserialize)]
pub(super) struct CoreData {
    pub(super) attempts: Attempts,
    pub(super) operations: Vec<Operation>,
    pub(super) english: Texts,
    pub(super) chinese: Texts,
    #[serde(skip)]
    pub(super) schemas: Schemas,
    #[serde(skip)]
    pub(super) error_codes: Vec<ErrorCode>,
}

#[derive(Deserialize)]
pub(super) struct Attempts {
    pub(super) least: u32,
    pub(super) most: u32,
    pub(super) default: u32,
}

#[derive(Deserialize)]
pub(super) struct Operation {
    pub(super) name: String,
    pub(super) effect: Effect,
    pub(super) draft: bool,
    pub(super) idempotency_key: String,
    pub(super) reference: Option<String>,
    pub(super) echoes: Vec<String>,
    pub(super) phases: Vec<Phase>,
    pub(super) resume_phase: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effect {
    MovesMoney,
    Records,
    Reads,
}

#[derive(Deserialize)]
pub(super) struct Phase {
    pub(super) name: String,
    pub(super) interface: Interface,
    pub(super) limit: Limit,
    pub(super) rules: Vec<Rule>,
    pub(super) exhausted_on_entry: Option<Action>,
}

#[derive(Deserialize)]
pub(super) struct Interface {
    pub(super) wire: String,
    pub(super) executes: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Limit {
    Attempts,
    AttemptsInAll,
    WithinMs(u64),
}

#[derive(Deserialize)]
pub(super) struct Rule {
    pub(super) when: Vec<When>,
    pub(super) then: Action,
    pub(super) because: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    Verified,
    Code(Vec<String>),
    SubCode(Vec<String>),
    Status(String),
    Field(String, String),
    Present(String),
    NoCodeButSuccess,
    Asked(String, String),
    NoResult,
    ConfigurationRefusal,
    NoSendIsOnItsWay,
    NoSendEverAnswered,
    AnEarlierSendIsOpen,
    SuccessWasReported,
    NotYetRepeated,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    Succeed,
    Fail(String),
    Unknown(String),
    Repeat(Window, Box<Action>),
    Go(String, Window),
}

#[derive(Deserialize)]
pub(super) struct Window {
    pub(super) least_ms: u64,
    pub(super) most_ms: u64,
}

#[derive(Deserialize)]
pub(super) struct Texts {
    pub(super) codes: Vec<Code>,
    pub(super) steps: Vec<Step>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Code {
    pub(super) protocol: Option<String>,
    pub(super) code: String,
    pub(super) meaning: String,
    pub(super) action: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) step: String,
    pub(super) clerk: String,
    pub(super) engineer: String,
    pub(super) traveller: String,
}

/// One constant of `core/src/codes.rs`, with what its comment says.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct ErrorCode {
    pub(super) code: String,
    pub(super) meaning: String,
}

impl CoreData {
    /// Builds the core's shim and asks it.
    pub(super) fn ask() -> Result<Self> {
        let mut command = process::cargo(&["run", "--quiet", "-p", "taxrefund-conformance"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{}`", process::shown(&command)))?;
        if let Some(mut input) = child.stdin.take() {
            writeln!(input, "{{\"op\":\"tables\"}}\n{{\"op\":\"schemas\"}}")
                .context("the core's shim took no question")?;
        }
        let output = child.wait_with_output()?;
        if !output.status.success() {
            bail!("`{}` ended with {}", process::shown(&command), output.status);
        }
        let mut answers = output.stdout.split(|byte| *byte == b'\n');
        let mut answer = || answers.next().unwrap_or_default();
        let mut data: Self = serde_json::from_slice(answer()).context("cannot read the core's tables")?;
        data.schemas = serde_json::from_slice(answer()).context("cannot read the core's schemas")?;
        let source = process::workspace_root().join("core").join("src").join("codes.rs");
        data.error_codes = error_codes(&fs::read_to_string(&source)?)
            .with_context(|| format!("cannot read {}", source.display()))?;
        Ok(data)
    }

    /// Our own words for faults; states of the providers' answers, which have a colon, are none.
    pub(super) fn faults(&self) -> Vec<&Code> {
        let is_fault = |code: &&Code| code.protocol.is_none() && !code.code.contains(':');
        self.english.codes.iter().filter(is_fault).collect()
    }
}

/// The constants of a file that holds nothing but documented text constants.
fn error_codes(source: &str) -> Result<Vec<ErrorCode>> {
    let mut codes = Vec::new();
    let mut meaning: Vec<&str> = Vec::new();
    for line in source.lines().filter(|line| !line.is_empty() && !line.starts_with("//!")) {
        if let Some(comment) = line.strip_prefix("/// ") {
            meaning.push(comment);
            continue;
        }
        let Some((_, value)) =
            line.strip_prefix("pub const ").and_then(|constant| constant.split_once(": &str = "))
        else {
            bail!("neither a comment nor a text constant: {line}");
        };
        let code = value.trim_end_matches(';').trim_matches('"').to_owned();
        if meaning.is_empty() {
            bail!("{code} has no comment");
        }
        codes.push(ErrorCode { code, meaning: std::mem::take(&mut meaning).join(" ") });
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_code_is_read_with_its_whole_comment() {
        let source = "//! Codes.\n\n/// One line\n/// and another.\npub const A: &str = \"a_code\";\n";
        let expected = ErrorCode { code: "a_code".to_owned(), meaning: "One line and another.".to_owned() };
        assert_eq!(error_codes(source).unwrap(), [expected]);
    }

    #[test]
    fn an_error_code_without_a_comment_is_refused() {
        assert!(error_codes("pub const A: &str = \"a_code\";\n").is_err());
        assert!(error_codes("/// Text.\nconst fn other() {}\n").is_err());
    }
}
