//! `cargo xtask test`: every test in every language that is built, then the conformance vectors through each of them.

use std::process::ExitCode;

use anyhow::Result;

use crate::process::{self, Tally};
use crate::{conformance, postgres, python};

/// The tests of one language. A language adds its line here.
struct Step {
    name: &'static str,
    run: fn() -> Result<Tally>,
}

const STEPS: &[Step] = &[Step { name: "Rust", run: rust }, Step { name: "Python", run: python::tests }];

pub(crate) fn run() -> Result<ExitCode> {
    let tally = tally()?;
    println!("{tally}");
    Ok(if tally.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs everything and adds up, without the closing line.
pub(crate) fn tally() -> Result<Tally> {
    let mut sum = Tally::default();
    let mut lines = Vec::new();
    for step in STEPS {
        println!("== {}: tests", step.name);
        let tally = (step.run)()?;
        lines.push(format!("{} tests: {tally}", step.name));
        sum += tally;
    }
    for language in conformance::BUILT {
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
    let mut command = process::cargo(&["test", "--workspace", "--no-fail-fast"]);
    process::run_counting(&mut command, process::libtest_counts)
}
