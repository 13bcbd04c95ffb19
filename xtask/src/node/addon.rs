//! The native module, as cargo builds it.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::process;

/// How the native module is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// For tests: shares what `cargo test` has compiled.
    Dev,
    /// As it is published.
    Release,
}

/// Builds it; says where the library is.
pub(super) fn build(profile: Profile) -> Result<PathBuf> {
    let (profile, folder) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Release => ("published", "published"),
    };
    process::run(&mut process::cargo(&["build", "--quiet", "-p", "taxrefund-node", "--profile", profile]))?;
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    Ok(process::target_folder().join(folder).join(format!("{prefix}taxrefund_node{suffix}")))
}

/// This machine as the platform packages name it.
pub(super) fn triple() -> Result<&'static str> {
    Ok(match (std::env::consts::OS, std::env::consts::ARCH, cfg!(target_env = "musl")) {
        ("linux", "x86_64", false) => "linux-x64-gnu",
        ("linux", "x86_64", true) => "linux-x64-musl",
        ("linux", "aarch64", false) => "linux-arm64-gnu",
        ("linux", "aarch64", true) => "linux-arm64-musl",
        ("macos", "x86_64", _) => "darwin-x64",
        ("macos", "aarch64", _) => "darwin-arm64",
        ("windows", "x86_64", _) => "win32-x64-msvc",
        (os, arch, _) => bail!("there is no package of the native module for {os} on {arch}"),
    })
}
