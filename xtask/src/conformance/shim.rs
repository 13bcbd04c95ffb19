//! The program that stands between the runner and one language's package.
//!
//! It reads one JSON object per line on its standard input and answers each with one JSON object on one line, in order;
//! when its input ends, so does it. The field `op` says what is asked:
//!
//! | `op` | fields | answer |
//! |---|---|---|
//! | `sign_form` | `params` (in the vector's order), `charset`, `sign_type`, `private_key` | `to_sign_hex`, `signature` |
//! | `verify_form_answer` | `method`, `body_hex`, `charset`, `sign_type`, `public_key`, `certificates` (`{"alipay_cert_pem"}` or null) | `verdict`, `reason`, `root`, `signed_hex` |
//! | `verify_form_notification` | `body`, `sign_type`, `public_key` | `verdict`, `rule` (`v1`, `v2`), `to_verify_hex`, `reply` |
//! | `sign_header` | `method`, `path`, `client_id`, `time`, `body_hex`, `key_version` (text), `private_key` | `to_sign_hex`, `signature`, `encoded`, `header` |
//! | `verify_header_answer` | `method`, `path`, `client_id` (the caller's own), `headers`, `status`, `body_hex`, `public_key` | `verdict` |
//! | `verify_header_notification` | the same, `path` with its query | `verdict` |
//! | `certificate_serials` | `app_cert`, `alipay_cert`, `root_bundle` | `app`, `alipay`, `root` |
//! | `flow` | see [`super::flows`] | |
//!
//! Keys and certificates are PEM, signatures standard base64, `verdict` is `verified`, `refused` or `unsigned`. What the
//! shim itself cannot do it answers with `{"error": "text"}`.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::{kotlin, node, process, python, swift};

/// A language whose shim exists, and how it is built and started.
pub(crate) struct Language {
    pub(crate) name: &'static str,
    command: fn() -> Result<Command>,
}

pub(crate) const BUILT: &[Language] = &[
    Language { name: "rust", command: rust },
    Language { name: "python", command: python },
    Language { name: "node", command: node },
    Language { name: "swift", command: swift::shim },
    Language { name: "kotlin", command: kotlin::shim },
];

fn rust() -> Result<Command> {
    process::run(&mut process::cargo(&["build", "--quiet", "-p", "taxrefund-conformance"]))?;
    Ok(process::cargo(&["run", "--quiet", "-p", "taxrefund-conformance"]))
}

fn python() -> Result<Command> {
    let mut command = python::installed()?.python(&[]);
    command.arg(process::workspace_root().join("tests").join("conformance").join("python").join("shim.py"));
    Ok(command)
}

fn node() -> Result<Command> {
    let project = node::installed()?;
    let shim = project.take(&process::workspace_root().join("tests/conformance/node/shim.mjs"))?;
    Ok(project.node(&[&shim]))
}

/// How long one answer may take: far above any, so that a shim that hangs is found and not waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whatever answers questions, which are lines of JSON: exactly one answer for each, in order.
pub(crate) trait Shim {
    fn ask(&mut self, questions: &[String]) -> Vec<Value>;
}

impl Language {
    pub(crate) fn start(&self) -> Result<Program> {
        Program::start(&mut (self.command)()?)
    }
}

/// A shim in a process of its own. It is asked once.
pub(crate) struct Program {
    child: Child,
    pipes: Option<(ChildStdin, ChildStdout)>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{}`", process::shown(command)))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        Ok(Self { child, pipes })
    }
}

impl Shim for Program {
    fn ask(&mut self, questions: &[String]) -> Vec<Value> {
        let Some((mut input, output)) = self.pipes.take() else {
            return vec![unanswered("the shim was already asked"); questions.len()];
        };
        let lines = questions.to_vec();
        // Both pipes are finite: whoever writes everything before reading would wait for a shim that waits for us.
        let writer = thread::spawn(move || {
            // A shim that ends early closes its end; what is missing shows in its answers.
            let _ = lines.iter().try_for_each(|line| writeln!(input, "{line}"));
        });
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            let _ = lines.map(|line| sender.send(line)).take_while(Result::is_ok).count();
        });

        let mut answers: Vec<Value> = Vec::with_capacity(questions.len());
        let mut ending = None;
        while answers.len() < questions.len() {
            answers.push(match receiver.recv_timeout(PATIENCE) {
                Ok(line) => serde_json::from_str(&line).unwrap_or_else(|error| {
                    unanswered(&format!("the shim's line is not JSON ({error}): {line}"))
                }),
                Err(why) => {
                    ending = Some(why);
                    break;
                }
            });
        }
        if ending == Some(RecvTimeoutError::Timeout) {
            // It may have ended by itself in this moment; either way it is gone.
            let _ = self.child.kill();
        }
        let status = self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        let _ = writer.join();
        let why = match ending {
            Some(RecvTimeoutError::Timeout) => format!("no answer within {} s", PATIENCE.as_secs()),
            _ => format!("the shim ended early ({status})"),
        };
        answers.resize(questions.len(), unanswered(&why));
        answers
    }
}

fn unanswered(why: &str) -> Value {
    json!({ "error": why })
}
