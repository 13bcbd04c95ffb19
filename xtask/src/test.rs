//! `cargo xtask test`: every test in every language that is built, then the conformance vectors through each of them.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::process::{self, Tally};
use crate::{conformance, kotlin, node, postgres, python, swift};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// This language alone: rust, python, node, swift or kotlin
    #[arg(long)]
    lang: Option<String>,
}

/// The tests of one language. A language adds its line here.
struct Step {
    name: &'static str,
    run: fn() -> Result<Tally>,
}

const STEPS: &[Step] = &[
    Step { name: "Rust", run: rust },
    Step { name: "Python", run: python::tests },
    Step { name: "Node", run: node::tests },
    Step { name: "Swift", run: swift::tests },
    Step { name: "Kotlin", run: kotlin::tests },
];

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let tally = tally_of(args.lang.as_deref())?;
    println!("{tally}");
    Ok(if tally.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs everything and adds up, without the closing line.
pub(crate) fn tally() -> Result<Tally> {
    tally_of(None)
}

fn tally_of(wanted: Option<&str>) -> Result<Tally> {
    let is_wanted = |name: &str| wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name));
    if STEPS.iter().all(|step| !is_wanted(step.name)) {
        bail!("no such language is built: {}", wanted.unwrap_or_default());
    }
    let mut sum = Tally::default();
    let mut lines = Vec::new();
    for step in STEPS.iter().filter(|step| is_wanted(step.name)) {
        println!("== {}: tests", step.name);
        let tally = (step.run)()?;
        lines.push(format!("{} tests: {tally}", step.name));
        sum += tally;
    }
    for language in conformance::BUILT.iter().filter(|language| is_wanted(language.name)) {
        println!("== {}: conformance", language.name);
        let tally = conformance::tally(language, &conformance::default_folder());
        lines.push(format!("{} conformance: {tally}", language.name));
        sum += tally;
    }
    println!("== summary");
    lines.iter().for_each(|line| println!("{line}"));
    Ok(sum)
}

fn rust() -> Result<Tally> {
    postgres::ensure()?;
    let mut command =
        process::cargo(&["test", "--workspace", "--exclude", "taxrefund-uniffi-bindgen", "--no-fail-fast"]);
    process::run_counting(&mut command, process::libtest_counts)
}
