//! `cargo xtask ci`: everything a change must pass, in the order in which it is cheapest to fail.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::process::{self, Tally};
use crate::{chaos, codegen, demo, kotlin, node, python, swift, test};

/// The version that is installed where the machine has none.
const CARGO_DENY: &str = "0.20.2";

const STEPS: &[(&str, Step)] = &[
    ("fmt", fmt),
    ("clippy", clippy),
    ("doc", doc),
    ("codegen --check", codegen_check),
    ("deny", deny),
    ("pure-rust", pure_rust),
    ("Python's types and style", python_checks),
    ("Node's types and style", node_checks),
    ("Swift's style and documentation", swift_checks),
    ("Kotlin's versions", kotlin_checks),
    ("test", run_tests),
    ("demo", run_demo),
    ("chaos on SQLite", chaos_on_sqlite),
    ("chaos on PostgreSQL", chaos_on_postgres),
];

/// A step gives the tests' counts where it ran tests.
type Step = fn() -> Result<Option<Tally>>;

pub(crate) fn run() -> Result<ExitCode> {
    let mut tests = None;
    let mut code = ExitCode::SUCCESS;
    for (name, step) in STEPS {
        println!("==> {name}");
        let start = Instant::now();
        let outcome = step();
        let duration_s = start.elapsed().as_secs_f64();
        match outcome {
            Ok(tally) => {
                tests = tests.or(tally);
                if tally.is_none_or(Tally::is_success) {
                    println!("==> {name}: ok in {duration_s:.1} s");
                    continue;
                }
                println!("==> {name}: FAILED after {duration_s:.1} s; to reproduce: cargo xtask test");
            }
            Err(error) => {
                println!(
                    "==> {name}: FAILED after {duration_s:.1} s: {error:#}; to reproduce, run that command"
                );
            }
        }
        code = ExitCode::FAILURE;
        break;
    }
    if let Some(tally) = tests {
        println!("{tally}");
    }
    Ok(code)
}

fn fmt() -> Result<Option<Tally>> {
    plain(&mut process::cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<Option<Tally>> {
    plain(&mut process::cargo(&[
        "clippy",
        "--workspace",
        "--exclude",
        "taxrefund-uniffi-bindgen",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))
}

fn doc() -> Result<Option<Tally>> {
    let mut command =
        process::cargo(&["doc", "--workspace", "--exclude", "taxrefund-uniffi-bindgen", "--no-deps"]);
    plain(command.env("RUSTDOCFLAGS", "-Dwarnings"))
}

/// Without a C compiler: the core alone, held to the same keys and signatures.
fn pure_rust() -> Result<Option<Tally>> {
    let features = ["--no-default-features", "--features", "pure-rust"];
    let tests = ["--test", "keys", "--test", "signing"];
    plain(process::cargo(&["test", "--quiet", "-p", "taxrefund-core"]).args(features).args(tests))
}

fn python_checks() -> Result<Option<Tally>> {
    python::checks().map(|()| None)
}

fn node_checks() -> Result<Option<Tally>> {
    node::checks().map(|()| None)
}

fn swift_checks() -> Result<Option<Tally>> {
    swift::checks().map(|()| None)
}

fn kotlin_checks() -> Result<Option<Tally>> {
    kotlin::checks().map(|()| None)
}

fn codegen_check() -> Result<Option<Tally>> {
    codegen::check().map(|()| None)
}

fn deny() -> Result<Option<Tally>> {
    let mut command = process::cargo(&["deny", "check", "bans", "licenses", "sources"]);
    match cargo_deny_folder()? {
        None => plain(&mut command),
        Some(folder) => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(folder.clone()).chain(std::env::split_paths(&path));
            command.env("PATH", std::env::join_paths(folders)?);
            plain(&mut command).with_context(|| format!("with {} on the search path", folder.display()))
        }
    }
}

fn run_tests() -> Result<Option<Tally>> {
    test::tally().map(Some)
}

fn run_demo() -> Result<Option<Tally>> {
    plain(&mut demo::command()?)
}

fn chaos_on_sqlite() -> Result<Option<Tally>> {
    plain(chaos::command().args(["--store", "sqlite"]))
}

fn chaos_on_postgres() -> Result<Option<Tally>> {
    plain(chaos::command().args(["--store", "postgres"]))
}

fn plain(command: &mut Command) -> Result<Option<Tally>> {
    process::run(command).map(|()| None)
}

/// Where `cargo deny` is, if it is not on the search path. Installs it on first use.
fn cargo_deny_folder() -> Result<Option<PathBuf>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let executable = format!("cargo-deny{}", std::env::consts::EXE_SUFFIX);
    if std::env::split_paths(&path).any(|folder| folder.join(&executable).is_file()) {
        return Ok(None);
    }
    let tools = process::tools_folder()?.join(format!("cargo-deny-{CARGO_DENY}"));
    let bin = tools.join("bin");
    if !bin.join(&executable).is_file() {
        println!("cargo-deny is not installed: building {CARGO_DENY} once, into {}", tools.display());
        // Unoptimised: it runs for seconds, and would take minutes to build.
        let mut install =
            process::cargo(&["install", "cargo-deny", "--debug", "--locked", "--version", CARGO_DENY]);
        process::run(install.arg("--root").arg(&tools))?;
    }
    Ok(Some(bin))
}
