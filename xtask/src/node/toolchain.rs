//! Node, npm, and the tools that the package is built and checked with.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::folder;
use crate::process;

/// The oldest Node that the package supports.
const OLDEST: u32 = 20;

/// Makes sure of Node, npm and the development tools in `node/node_modules`.
pub(super) fn ready() -> Result<()> {
    let version = said(node().arg("--version"))
        .context("Node 20 or newer is needed for the Node package: please install it")?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major.is_none_or(|major: u32| major < OLDEST) {
        bail!("Node {OLDEST} or newer is needed for the Node package, and here is {version}");
    }
    said(npm().arg("--version")).context("npm is needed for the Node package: please install it")?;
    install(&folder())
}

/// Installs what a folder's lock file names, unless just that is there.
pub(super) fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
    let stamp = folder.join("node_modules").join(".installed-from");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    println!("installing what {} names", lock.display());
    let mut install = npm();
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    process::run_quietly(&mut install)?;
    Ok(fs::write(stamp, wanted)?)
}

pub(super) fn node() -> Command {
    plain(Command::new("node"))
}

pub(super) fn npm() -> Command {
    plain(Command::new(script("npm")))
}

/// A development tool, run in the package's folder.
pub(super) fn tool(name: &str) -> Command {
    let mut command = plain(Command::new(folder().join("node_modules/.bin").join(script(name))));
    command.current_dir(folder());
    command
}

/// A program of `node/scripts`.
pub(super) fn own_script(name: &str) -> Command {
    let mut command = node();
    command.arg(format!("scripts/{name}.mjs")).current_dir(folder());
    command
}

/// Without colours, as some of the output is read, and without what the caller's shell may ask of Node.
fn plain(mut command: Command) -> Command {
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR").env_remove("NODE_OPTIONS");
    command
}

fn script(name: &str) -> String {
    if cfg!(windows) { format!("{name}.cmd") } else { name.to_owned() }
}

fn said(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        bail!("`{}` ended with {}", process::shown(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
