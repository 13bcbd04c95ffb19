//! `cargo xtask conformance`: the shared vectors, through a language's own package.
//!
//! The runner reads the vectors, signs the scripted answers with its own RSA implementation, and compares. A language
//! adds only a shim: a program that reads one question per line and answers one line, both JSON (see [`shim`]).

mod answers;
mod flows;
mod shim;
mod signing;
mod vectors;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::process::{self, Tally};
pub(crate) use shim::BUILT;
use shim::{Language, Program, Shim};
use vectors::Folder;

const LANGUAGES: [&str; 6] = ["rust", "python", "node", "swift", "kotlin", "all"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Whose package answers; `all` means every language that is built
    #[arg(long, default_value = "rust", value_parser = LANGUAGES)]
    lang: String,
    /// The folder of the vectors; every *.json in it must be a vector file [default: tests/vectors]
    #[arg(long, value_name = "DIR")]
    vectors: Option<PathBuf>,
    /// Ask this program instead of building the language's own shim
    #[arg(long, value_name = "PROGRAM", conflicts_with = "lang")]
    shim: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let folder = args.vectors.clone().unwrap_or_else(default_folder);
    let tally = if let Some(program) = &args.shim {
        tally_with(&mut Program::start(&mut std::process::Command::new(program))?, &folder)
    } else {
        let missing: Vec<_> = LANGUAGES
            .into_iter()
            .filter(|&name| args.lang == "all" || args.lang == name)
            .filter(|&name| name != "all" && BUILT.iter().all(|language| language.name != name))
            .collect();
        for name in &missing {
            eprintln!("{name}: not built yet");
        }
        if missing.contains(&args.lang.as_str()) {
            return Ok(ExitCode::from(2));
        }
        let chosen = BUILT.iter().filter(|language| args.lang == "all" || args.lang == language.name);
        chosen.map(|language| tally(language, &folder)).sum()
    };
    println!("{tally}");
    Ok(if tally.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) fn default_folder() -> PathBuf {
    process::workspace_root().join("tests").join("vectors")
}

/// Builds the language's shim and runs the folder through it. A shim that cannot be built is one failure.
pub(crate) fn tally(language: &Language, folder: &Path) -> Tally {
    match language.start() {
        Ok(mut shim) => tally_with(&mut shim, folder),
        Err(error) => {
            println!("FAIL {}: {error:#}", language.name);
            Tally { passed: 0, failed: 1 }
        }
    }
}

fn tally_with(shim: &mut dyn Shim, folder: &Path) -> Tally {
    let report = judge(cases(folder), shim);
    for line in &report.failures {
        println!("FAIL {line}");
    }
    report.tally
}

/// One vector: what the shim is asked for it, and what its answers must be.
struct Case {
    file: String,
    name: String,
    /// A case that is not required is asked and not counted.
    required: bool,
    /// Lines for the shim.
    questions: Vec<String>,
    check: Check,
}

type Check = Box<dyn Fn(&[Value]) -> Vec<Difference>>;

struct Difference {
    what: &'static str,
    expected: String,
    got: String,
}

impl Case {
    fn new(
        file: &str,
        name: &str,
        questions: Vec<String>,
        check: impl Fn(&[Value]) -> Vec<Difference> + 'static,
    ) -> Self {
        Self {
            file: file.to_owned(),
            name: name.to_owned(),
            required: true,
            questions,
            check: Box::new(check),
        }
    }

    /// A vector that cannot be run: a failure, whatever the shim does.
    fn malformed(file: &str, name: &str, why: &str) -> Self {
        let why = why.to_owned();
        Self::new(file, name, Vec::new(), move |_| {
            vec![Difference { what: "vector", expected: "a well-formed vector".to_owned(), got: why.clone() }]
        })
    }
}

impl Difference {
    /// Nothing where both are the same; else the two texts, cut to where they part.
    fn between(what: &'static str, expected: &str, got: &str) -> Option<Self> {
        let (expected, got) = if expected == got { return None } else { excerpts(expected, got) };
        Some(Self { what, expected, got })
    }
}

/// Every case of a folder, and one failing case for each file that is none of ours.
fn cases(path: &Path) -> Vec<Case> {
    match cases_of(path) {
        Ok(cases) => cases,
        Err(error) => vec![Case::malformed(&path.display().to_string(), "-", &format!("{error:#}"))],
    }
}

fn cases_of(path: &Path) -> Result<Vec<Case>> {
    let folder = Folder::read(path)?;
    // Keys of a protocol whose signing file is not in the folder come from the repository's own vectors.
    let default = Folder::read(&default_folder()).unwrap_or_default();
    let mut cases = Vec::new();
    for file in folder.files() {
        let of_file = match &file.content {
            Err(why) => vec![Case::malformed(&file.name, "-", why)],
            Ok(vectors::Content::Gateway(gateway)) => signing::gateway_cases(&file.name, gateway),
            Ok(vectors::Content::Header(header)) => signing::header_cases(&file.name, header),
            Ok(vectors::Content::Flows(flows)) => flows::cases(&file.name, flows, &[&folder, &default]),
        };
        cases.extend(of_file);
    }
    if cases.is_empty() {
        bail!("no vector file in this folder");
    }
    Ok(cases)
}

#[derive(Default)]
struct Report {
    tally: Tally,
    failures: Vec<String>,
}

fn judge(cases: Vec<Case>, shim: &mut dyn Shim) -> Report {
    let questions: Vec<String> = cases.iter().flat_map(|case| case.questions.iter().cloned()).collect();
    let mut answers = shim.ask(&questions).into_iter();
    let mut report = Report::default();
    for case in cases {
        let answers: Vec<Value> = answers.by_ref().take(case.questions.len()).collect();
        let refused = answers.iter().find_map(|answer| answer.get("error"));
        let differences = match refused {
            Some(error) => {
                let got = error.as_str().map_or_else(|| error.to_string(), str::to_owned);
                vec![Difference { what: "shim", expected: "an answer".to_owned(), got }]
            }
            None => (case.check)(&answers),
        };
        if !case.required {
            continue;
        }
        if differences.is_empty() {
            report.tally.passed += 1;
        } else {
            report.tally.failed += 1;
            report.failures.push(line(&case, &differences));
        }
    }
    report
}

fn line(case: &Case, differences: &[Difference]) -> String {
    let differences: Vec<_> = differences
        .iter()
        .map(|difference| {
            let Difference { what, expected, got } = difference;
            format!("{what}: expected {expected}, got {got}").replace(['\n', '\r'], " ")
        })
        .collect();
    format!("{} {}: {}", case.file, case.name, differences.join("; "))
}

/// Short texts whole; of long ones the part from shortly before the first difference on.
fn excerpts(expected: &str, got: &str) -> (String, String) {
    const BEFORE: usize = 20;
    const LENGTH: usize = 100;
    let same = expected.chars().zip(got.chars()).take_while(|(left, right)| left == right).count();
    let cut = |text: &str| {
        let length = text.chars().count();
        if length <= LENGTH {
            return text.to_owned();
        }
        let start = same.saturating_sub(BEFORE);
        let part: String = text.chars().skip(start).take(LENGTH).collect();
        let (left, right) =
            (if start > 0 { "…" } else { "" }, if start + LENGTH < length { "…" } else { "" });
        format!("{left}{part}{right}")
    };
    (cut(expected), cut(got))
}

#[cfg(test)]
mod tests;
