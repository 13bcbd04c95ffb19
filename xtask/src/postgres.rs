//! PostgreSQL's server programs, which the tests of the journal start for themselves.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::apt;

/// Where packages put the programs besides the search path; one folder for each version.
const PLACES: [&str; 3] = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];

/// Sees to it that they are there: as root on Debian and its kin they are installed, elsewhere somebody is told to.
pub(crate) fn ensure() -> Result<()> {
    if is_installed() {
        return Ok(());
    }
    let needed = "PostgreSQL 14 or newer is needed for the tests of the journal (initdb, postgres)";
    apt::install(&["postgresql"], needed)?;
    if is_installed() { Ok(()) } else { bail!("PostgreSQL is installed, but its initdb is not found") }
}

fn is_installed() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let packaged = PLACES.iter().filter_map(|place| std::fs::read_dir(place).ok()).flatten().flatten();
    let folders: Vec<PathBuf> = packaged.map(|version| version.path().join("bin")).collect();
    std::env::split_paths(&path).chain(folders).any(|folder| folder.join("initdb").is_file())
}
