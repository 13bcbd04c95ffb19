//! Programs that the machine lacks, installed with apt: as root on Debian and its kin. Elsewhere somebody is told to.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// Installs these packages; where that is not possible the error is what is needed and for what.
pub(crate) fn install(packages: &[&str], needed: &str) -> Result<()> {
    if !is_possible() {
        bail!("{needed}: please install it (as root on Debian and its kin this program does)");
    }
    println!("installing {} with apt-get", packages.join(" "));
    process::run_quietly(Command::new("apt-get").arg("update"))?;
    let mut install = Command::new("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    process::run_quietly(install.args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

pub(crate) fn is_possible() -> bool {
    Path::new("/usr/bin/apt-get").is_file() && is_root()
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
