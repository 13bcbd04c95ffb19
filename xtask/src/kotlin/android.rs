//! The Android part of the Kotlin package, as far as it can be checked without Android's SDK.

use std::process::Command;

use anyhow::Result;

use crate::process::{self, Tally};

/// Compiles it against Android's own classes, runs its tests in a plain JVM, shrinks a program with R8 and runs that.
pub(crate) fn tests() -> Result<Tally> {
    let mut script = Command::new("bash");
    script.current_dir(process::workspace_root()).arg("kotlin/android/scripts/check.sh");
    script.env("CARGO_TARGET_DIR", process::target_folder());
    process::run_counting(&mut script, closing_line)
}

/// `Tests run: 23, Failures: 0, Errors: 0, Skipped: 0`, as Surefire closes a run; the lines of single classes say how long they took.
fn closing_line(line: &str) -> Option<Tally> {
    let (_, counts) = line.split_once("Tests run: ")?;
    if counts.contains("Time elapsed") {
        return None;
    }
    let mut numbers = counts.split(", ").map(|part| part.rsplit(' ').next()?.trim().parse::<u64>().ok());
    let run = numbers.next()??;
    let failed = numbers.next()?? + numbers.next()??;
    let skipped = numbers.next()??;
    Some(Tally { passed: run.saturating_sub(failed + skipped), failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_surefires_closing_line_is_counted() {
        let closing = "[ERROR] Tests run: 23, Failures: 3, Errors: 1, Skipped: 2";
        assert_eq!(closing_line(closing), Some(Tally { passed: 17, failed: 4 }));
        assert_eq!(
            closing_line(
                "[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1 s -- in a.Test"
            ),
            None
        );
        assert_eq!(closing_line("[INFO] Building"), None);
    }
}
