//! Running child processes, and counting what their tests say.

use std::ffi::OsStr;
use std::fmt;
use std::io::{BufRead, BufReader};
use std::iter::Sum;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// How many tests or cases passed and failed; displayed as the closing line of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// Reads one line of a test program's output: the counts it states, if it states any.
pub(crate) type Counter = fn(&str) -> Option<Tally>;

/// A cargo command, run in the workspace's root.
pub(crate) fn cargo<S: AsRef<OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace_root()).args(args);
    command
}

/// As cargo says at run time; the folder known at build time is that of another checkout where both share a target folder.
pub(crate) fn workspace_root() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let xtask = PathBuf::from(xtask);
    xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
}

/// Where cargo puts what it builds.
pub(crate) fn target_folder() -> PathBuf {
    let root = workspace_root();
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target))
}

/// Runs a tool whose output matters only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        print!("{}", String::from_utf8_lossy(&output.stdout));
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        bail!("`{}` ended with {}", shown(command), output.status);
    }
    Ok(())
}

/// Runs to the end with the output passed through; an exit status other than 0 is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// As [`run`], adding up the counts in the output while it passes through. A command that fails without naming a
/// failed test (it did not compile, it crashed) counts as one failure.
pub(crate) fn run_counting(command: &mut Command, counter: Counter) -> Result<Tally> {
    let line_of_command = shown(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{line_of_command}`"))?;
    let mut tally = Tally::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.context("cannot read the output of a test program")?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            tally += counter(&line).unwrap_or_default();
        }
    }
    let status = child.wait()?;
    if !status.success() && tally.failed == 0 {
        eprintln!("`{line_of_command}` ended with {status}");
        tally.failed = 1;
    }
    Ok(tally)
}

/// `test result: ok. 3 passed; 1 failed; ...`, as the harness of `cargo test` closes each test program.
pub(crate) fn libtest_counts(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut parts = counts.split(';');
    let passed = parts.next()?.trim().strip_suffix(" passed")?.parse().ok()?;
    let failed = parts.next()?.trim().strip_suffix(" failed")?.parse().ok()?;
    Some(Tally { passed, failed })
}

/// The command as one would type it in the workspace's root.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_else(|| command.get_program());
    let mut text = String::new();
    for (name, value) in command.get_envs() {
        // PATH is only widened to find a tool of ours; it says nothing to the reader.
        if let Some(value) = value.filter(|_| name != "PATH") {
            text += &format!("{}={} ", name.to_string_lossy(), value.to_string_lossy());
        }
    }
    text += &program.to_string_lossy();
    for arg in command.get_args() {
        text += " ";
        text += &arg.to_string_lossy();
    }
    text
}

impl Tally {
    pub(crate) fn is_success(self) -> bool {
        self.failed == 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Sum for Tally {
    fn sum<I: Iterator<Item = Self>>(tallies: I) -> Self {
        let mut sum = Self::default();
        tallies.for_each(|tally| sum += tally);
        sum
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Where tools are kept that the repository needs and the machine lacks: outside the tree, shared by all checkouts.
pub(crate) fn tools_folder() -> Result<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()).map(PathBuf::from);
    let Some(cache) = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache"))) else {
        bail!("neither XDG_CACHE_HOME nor a home folder is set");
    };
    Ok(cache.join("taxrefund").join("tools"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_closing_line_of_cargo_test_is_counted() {
        let ok =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        let bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(libtest_counts(ok), Some(Tally { passed: 12, failed: 0 }));
        assert_eq!(libtest_counts(bad), Some(Tally { passed: 3, failed: 2 }));
        assert_eq!(libtest_counts("running 3 tests"), None);
        assert_eq!(libtest_counts("test result_is_kept ... ok"), None);
    }

    #[test]
    fn a_command_that_fails_without_a_count_is_one_failure() {
        let mut command = cargo(&["no-such-subcommand"]);
        let tally = run_counting(command.stderr(Stdio::null()), libtest_counts).unwrap();
        assert_eq!(tally, Tally { passed: 0, failed: 1 });
    }

    #[test]
    fn the_closing_line_holds_nothing_else() {
        assert_eq!(Tally { passed: 3, failed: 1 }.to_string(), "3 passed, 1 failed");
    }
}
