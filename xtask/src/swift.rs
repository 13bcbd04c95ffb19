//! The Swift package: its toolchain, its tests, its shim, its figure.

mod package;
mod toolchain;

use std::process::Command;

use anyhow::Result;

use crate::process::{self, Tally};
use crate::uniffi::Profile;
use package::Package;

const PACKAGE: &str = "swift";
const SHIM: &str = "tests/conformance/swift/shim";
const BENCH: &str = "tests/bench/swift/prepare-cost";

/// The package's tests, its examples and the programs of its README among them, against the simulator as a program.
pub(crate) fn tests() -> Result<Tally> {
    process::run(&mut process::cargo(&["build", "--quiet", "-p", "taxrefund-sandbox"]))?;
    let package = Package::of(PACKAGE, Profile::Dev)?;
    process::run(&mut package.swift(&["build", "--build-tests"]))?;
    let mut tests = package.swift(&["test", "--skip-build", "--disable-xctest"]);
    tests.env("TAXREFUND_SANDBOX", process::target_folder().join("debug").join("taxrefund-sandbox"));
    tests.env("TAXREFUND_COUNTER", package.program("debug", "counter"));
    process::run_counting(&mut tests, test_counts)
}

/// The conformance shim, ready to be started.
pub(crate) fn shim() -> Result<Command> {
    let package = Package::of(SHIM, Profile::Dev)?;
    process::run_quietly(&mut package.swift(&["build"]))?;
    let mut shim = package.run(&package.program("debug", "shim"));
    shim.env("TAXREFUND_REPOSITORY", process::workspace_root());
    Ok(shim)
}

/// Whether everything is formatted, compiles without a warning, and its documentation builds.
pub(crate) fn checks() -> Result<()> {
    let package = Package::of(PACKAGE, Profile::Dev)?;
    let mut lint = package.tool("swift");
    lint.args(["format", "lint", "--strict", "--recursive", "--configuration", "swift/.swift-format"]);
    lint.args([
        "swift/Package.swift",
        "swift/Sources/TaxRefund",
        "swift/Examples",
        "swift/Tests",
        SHIM,
        BENCH,
    ]);
    process::run(&mut lint)?;
    process::run(&mut package.swift(&["build", "--build-tests", "-Xswiftc", "-warnings-as-errors"]))?;
    package.documentation()
}

/// The program that prepares requests for the benchmark, over the library as it goes into apps.
pub(crate) fn bench_program() -> Result<Command> {
    let package = Package::of(BENCH, Profile::Phone)?;
    // It reaches below the public face, where preparing and sending are two things.
    process::run_quietly(&mut package.swift(&["build", "-c", "release", "-Xswiftc", "-enable-testing"]))?;
    Ok(package.run(&package.program("release", "prepare-cost")))
}

/// `✔ Test name() passed after 0.1 seconds.`, `✘ Test "name" failed after 0.1 seconds with 1 issue.`: Swift Testing closes each test
/// so. The line of the whole run tells only how many there were, not how many of them failed.
fn test_counts(line: &str) -> Option<Tally> {
    let (_, test) = line.split_once(" Test ")?;
    if test.starts_with("run ") {
        return None;
    }
    if test.contains(" passed after ") && line.starts_with('✔') {
        return Some(Tally { passed: 1, failed: 0 });
    }
    (test.contains(" failed after ") && line.starts_with('✘')).then_some(Tally { passed: 0, failed: 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_is_counted_once_and_the_line_of_the_whole_run_is_not() {
        let lines = [
            "◇ Test money_is_exact() started.",
            "✔ Test money_is_exact() passed after 0.002 seconds.",
            "✘ Test a_refund() recorded an issue at A.swift:15:9: Expectation failed: a == 1",
            "✘ Test a_refund() failed after 0.185 seconds with 1 issue.",
            "✔ Test \"a name\" passed after 0.1 seconds.",
            "✘ Suite Outcomes failed after 0.186 seconds with 1 issue.",
            "✔ Suite Money passed after 0.1 seconds.",
            "✘ Test run with 3 tests failed after 0.186 seconds with 1 issue.",
            "✔ Test run with 3 tests passed after 0.186 seconds.",
            "➜ Test on_a_phone() skipped.",
        ];
        let sum: Tally = lines.into_iter().filter_map(test_counts).sum();
        assert_eq!(sum, Tally { passed: 2, failed: 1 });
    }
}
