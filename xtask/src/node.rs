//! The Node package: its toolchain, its two tarballs, its tests, its checks.

mod addon;
mod manifests;
mod package;
mod project;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{self, Tally};
use addon::Profile;
use package::Package;
pub(crate) use project::Project;

/// The suite, the examples and the consumers, all against the installed tarballs.
pub(crate) fn tests() -> Result<Tally> {
    toolchain::ready()?;
    let package = Package::build(Profile::Dev)?;
    let project = Project::with("test", &package)?;
    project.link_development_packages()?;
    process::run(&mut toolchain::own_script("compile-tests"))?;
    project.take_in(&folder().join("build"), &["test", "examples"])?;
    let mut sum = process::run_counting(&mut project.test_run()?, test_counts)?;
    for example in project.examples()? {
        sum += counted(&mut project.node(&[&example]));
    }
    for kind in ["esm", "cjs"] {
        sum += consumer(kind, &package)?;
    }
    Ok(sum)
}

/// Types and style of everything, and whether the tarballs are what package managers and compilers expect.
pub(crate) fn checks() -> Result<()> {
    manifests::check()?;
    toolchain::ready()?;
    let package = Package::build(Profile::Dev)?;
    for (tool, args) in [
        ("tsc", &["-p", "tsconfig.test.json", "--noEmit"][..]),
        ("eslint", &["--max-warnings", "0", "."]),
        (
            "prettier",
            &["--check", "--config", ".prettierrc", ".", "../tests/conformance/node", "../tests/bench/node"],
        ),
    ] {
        process::run(toolchain::tool(tool).args(args))?;
    }
    for tarball in [&package.main, &package.platform] {
        process::run(toolchain::tool("publint").arg("--strict").arg(tarball))?;
    }
    process::run(toolchain::tool("attw").arg(&package.main).args(["--no-color", "--no-emoji"]))
}

/// A project in which the package is installed, as its users have it.
pub(crate) fn installed() -> Result<Project> {
    toolchain::ready()?;
    Project::with("plain", &Package::build(Profile::Dev)?)
}

/// The same with the package as it is published, and the bytes of its two tarballs.
pub(crate) fn released() -> Result<(Project, u64)> {
    toolchain::ready()?;
    let package = Package::build(Profile::Release)?;
    let bytes = fs::metadata(&package.main)?.len() + fs::metadata(&package.platform)?.len();
    Ok((Project::with("released", &package)?, bytes))
}

/// The two tarballs as they are published.
pub(crate) fn tarballs() -> Result<[PathBuf; 2]> {
    toolchain::ready()?;
    let package = Package::build(Profile::Release)?;
    Ok([package.main, package.platform])
}

/// A project with the provider's own SDK, which the benchmark measures beside the package.
pub(crate) fn official_sdk() -> Result<Project> {
    Project::from_lock("official", &process::workspace_root().join("tests/bench/node"))
}

/// A tiny program of a user's, under one of the two kinds of module: it compiles against the package's types, and runs.
fn consumer(kind: &str, package: &Package) -> Result<Tally> {
    println!("== a consumer: {kind}");
    let project = Project::with(&format!("consumer-{kind}"), package)?;
    project.link_types()?;
    project.take_over(&folder().join("consumers").join(kind))?;
    let compiled = process::run(toolchain::tool("tsc").arg("-p").arg(project.place()));
    Ok(match compiled {
        Ok(()) => counted(&mut project.node(&["."])),
        Err(error) => failure(&error),
    })
}

/// A program that ends well is one test passed.
fn counted(command: &mut Command) -> Tally {
    println!("== {}", process::shown(command));
    match process::run(command) {
        Ok(()) => Tally { passed: 1, failed: 0 },
        Err(error) => failure(&error),
    }
}

fn failure(error: &anyhow::Error) -> Tally {
    println!("FAIL {error:#}");
    Tally { passed: 0, failed: 1 }
}

fn folder() -> PathBuf {
    process::workspace_root().join("node")
}

/// Where tarballs and projects are kept: below cargo's own target folder.
fn workshop() -> PathBuf {
    process::target_folder().join("node")
}

/// Every file of the folder and the folders in it, in order, but what is installed there.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                if entry.file_name() != "node_modules" {
                    folders.push(entry.path());
                }
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// `ℹ pass 12`, `ℹ fail 1`, `ℹ cancelled 0`: how Node's own reporter closes a run. A test that was cut off has failed.
fn test_counts(line: &str) -> Option<Tally> {
    let (what, number) = line.strip_prefix("ℹ ")?.split_once(' ')?;
    let number = number.trim().parse().ok()?;
    match what {
        "pass" => Some(Tally { passed: number, failed: 0 }),
        "fail" | "cancelled" => Some(Tally { passed: 0, failed: number }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_nodes_runner_are_counted() {
        let closing = ["ℹ tests 14", "ℹ suites 0", "ℹ pass 12", "ℹ fail 1", "ℹ cancelled 1", "ℹ todo 0"];
        let sum: Tally = closing.into_iter().filter_map(test_counts).sum();
        assert_eq!((sum.passed, sum.failed), (12, 2));
        assert!(test_counts("✔ a pass 12 of the mountains").is_none());
        assert!(test_counts("ℹ pass by").is_none());
    }
}
