//! The Python package: its interpreters, its wheel, its tests, its checks.

mod environment;
mod interpreter;
mod wheel;

use std::path::PathBuf;

use anyhow::Result;

use crate::process::{self, Tally};
pub(crate) use environment::Environment;
use interpreter::Interpreter;
use wheel::Profile;

/// What the package is tested with, beside itself.
const FOR_TESTS: &[&str] = &["python/requirements-test.txt"];
const FOR_CHECKS: &[&str] = &["python/requirements-test.txt", "python/requirements-lint.txt"];

/// The suite under every interpreter of the machine, against the installed wheel.
pub(crate) fn tests() -> Result<Tally> {
    let wheel = wheel::build(Profile::Dev)?;
    let mut sum = Tally::default();
    for interpreter in interpreter::found()? {
        println!("== Python {}: tests", interpreter.version);
        let environment = Environment::with(&interpreter, "test", FOR_TESTS)?;
        environment.install(&wheel)?;
        let mut pytest = environment.python(&["-m", "pytest", "-q"]);
        // Their own caches would be shared between the interpreters, and left in the tree.
        pytest.env("TAXREFUND_TEST_EXTRAS", "1").env("PYTHONDONTWRITEBYTECODE", "1").current_dir(folder());
        sum += process::run_counting(&mut pytest, pytest_counts)?;
    }
    Ok(sum)
}

/// Types and style: of the package, its tests and its examples, and of the native module's stub.
pub(crate) fn checks() -> Result<()> {
    let wheel = wheel::build(Profile::Dev)?;
    let environment = Environment::with(&Interpreter::default_one()?, "checks", FOR_CHECKS)?;
    environment.install(&wheel)?;
    let interpreter = environment.program("python");
    let commands: [&[&str]; 5] = [
        &["-m", "ruff", "check", "."],
        &["-m", "ruff", "format", "--check", "."],
        &["-m", "mypy"],
        &["-m", "mypy.stubtest", "taxrefund._native", "--concise"],
        &["-m", "pyright", "--pythonpath", &interpreter.to_string_lossy()],
    ];
    for command in commands {
        process::run(environment.python(command).current_dir(folder()))?;
    }
    Ok(())
}

/// An environment in which the package is installed, as its users have it.
pub(crate) fn installed() -> Result<Environment> {
    let environment = Environment::with(&Interpreter::default_one()?, "plain", &[])?;
    environment.install(&wheel::build(Profile::Dev)?)?;
    Ok(environment)
}

/// The wheel as it is published.
pub(crate) fn wheel() -> Result<PathBuf> {
    wheel::build(Profile::Release)
}

/// The same with the package as it is published, and that wheel.
pub(crate) fn released() -> Result<(Environment, PathBuf)> {
    let environment = Environment::with(&Interpreter::default_one()?, "released", &[])?;
    let wheel = wheel::build(Profile::Release)?;
    environment.install(&wheel)?;
    Ok((environment, wheel))
}

/// The providers' own SDKs, which the benchmark measures beside the package.
pub(crate) fn official_sdks() -> Result<Environment> {
    let requirements = "tests/bench/python/requirements-official.txt";
    Environment::with(&Interpreter::default_one()?, "official", &[requirements])
}

fn folder() -> PathBuf {
    process::workspace_root().join("python")
}

/// Where environments and wheels are kept: below cargo's own target folder.
fn workshop() -> PathBuf {
    process::target_folder().join("python")
}

/// `3 failed, 12 passed, 1 skipped in 0.12s`, as pytest closes its run; errors in a test's set-up are failures.
fn pytest_counts(line: &str) -> Option<Tally> {
    let line = line.trim_matches(|c: char| c == '=' || c.is_whitespace());
    let (counts, _) = line.rsplit_once(" in ")?;
    let mut tally = Tally::default();
    let mut known = false;
    for part in counts.split(", ") {
        let (number, what) = part.split_once(' ')?;
        let number: u64 = number.parse().ok()?;
        match what {
            "passed" => tally.passed += number,
            "failed" | "error" | "errors" => tally.failed += number,
            "skipped" | "deselected" | "warning" | "warnings" | "xfailed" | "rerun" => {}
            _ => return None,
        }
        known = true;
    }
    known.then_some(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_of_pytest_is_counted() {
        let counts = |line| pytest_counts(line).map(|tally| (tally.passed, tally.failed));
        assert_eq!(counts("12 passed in 0.12s"), Some((12, 0)));
        assert_eq!(
            counts("==== 1 failed, 3 passed, 2 skipped, 1 error in 65.12s (0:01:05) ===="),
            Some((3, 2))
        );
        assert_eq!(counts("no tests ran in 0.01s"), None);
        assert_eq!(counts("4 apples in 1 box"), None);
    }
}
