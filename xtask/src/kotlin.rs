//! The Kotlin package: its toolchain, its build, its tests, and the programs that are run with it.

mod project;
mod surefire;
mod toolchain;

use std::fs;
use std::process::Command;

use anyhow::{Result, bail};

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

/// The versions that must be the same: of the package, in its source and its project file, and of the native library.
pub(crate) fn checks() -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let package = process::workspace_root().join("kotlin");
    for (file, said) in [
        ("pom.xml", format!("<version>{version}</version>")),
        ("src/main/kotlin/taxrefund/Version.kt", format!("VERSION: String = \"{version}\"")),
    ] {
        if !fs::read_to_string(package.join(file))?.contains(&said) {
            bail!("kotlin/{file} is not of version {version}");
        }
    }
    Ok(())
}

/// The program that prepares requests for the benchmark, with the library as it goes into apps.
pub(crate) fn bench_program() -> Result<Command> {
    Project::built(Profile::Phone)?.java("taxrefund.bench.PrepareCostKt")
}

/// Kills a counter so many times at any moment; every refund must have been paid once.
pub(crate) fn kills(kills: u32) -> Result<Tally> {
    let kills = format!("-Dtaxrefund.kills={kills}");
    Project::ready(Profile::Dev)?.tested(&["-Dtest=KillTest", &kills])
}
