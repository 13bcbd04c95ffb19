//! The Android part of the Kotlin package, as far as it can be checked without Android's SDK.

use std::process::Command;

use anyhow::Result;

use super::{surefire, toolchain};
use crate::process::{self, Tally};

/// Compiles it against Android's own classes, runs its tests in a plain JVM, shrinks a program with R8 and runs that.
pub(crate) fn tests() -> Result<Tally> {
    toolchain::ensure()?;
    let mut script = Command::new("bash");
    script.current_dir(process::workspace_root()).arg("kotlin/android/scripts/check.sh");
    script.env("CARGO_TARGET_DIR", process::target_folder());
    process::run_counting(&mut script, surefire::counts)
}
