//! The Kotlin package: its toolchain, its build, its tests, and the programs that are run with it.

mod project;
mod shrinking;
mod surefire;
mod toolchain;

use std::process::Command;

use anyhow::Result;

use crate::process::{self, Tally};
use crate::uniffi::Profile;
use project::Project;

/// Builds the package with the native library, and runs its tests: some kills of a counter among them.
pub(crate) fn tests() -> Result<Tally> {
    Project::ready(Profile::Dev)?.tested(&[])
}

/// The conformance shim, ready to be started.
pub(crate) fn shim() -> Result<Command> {
    let project = Project::built(Profile::Dev)?;
    let mut command = project.java("taxrefund.conformance.ShimKt")?;
    command.env("TAXREFUND_REPOSITORY", process::workspace_root());
    Ok(command)
}

/// What is cheap to check and no test: that the shrunken package still works, and that the script for phones makes what the
/// Android project expects.
pub(crate) fn checks() -> Result<()> {
    shrinking::tried(&Project::built(Profile::Dev)?)?;
    let script =
        process::workspace_root().join("kotlin").join("android").join("scripts").join("check-jni-libs.sh");
    process::run_quietly(Command::new("sh").arg(script))
}

/// The program that prepares requests for the benchmark, over the library as it goes into apps.
pub(crate) fn bench_program() -> Result<Command> {
    Project::built(Profile::Phone)?.java("taxrefund.bench.PrepareCostKt")
}

/// Kills a counter so many times at any moment; every refund must have been paid once.
pub(crate) fn kills(kills: u32) -> Result<Tally> {
    let kills = format!("-Dtaxrefund.kills={kills}");
    Project::ready(Profile::Dev)?.tested(&["-Dtest=KillTest", &kills])
}
