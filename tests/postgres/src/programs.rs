//! Where the server's programs are. Distributions keep them off the PATH, one folder per version.

use std::path::{Path, PathBuf};

use crate::ClusterError;

/// The folder with `initdb` and `postgres`.
pub(crate) fn find() -> Result<PathBuf, ClusterError> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&on_path)
        .chain(newest("/usr/lib/postgresql", ""))
        .chain(newest("/opt/homebrew/opt", "postgresql@"))
        .chain(newest("/usr/local/opt", "postgresql@"))
        .chain(newest("/usr", "pgsql-"))
        .chain(["/opt/homebrew/bin", "/usr/local/bin", "/usr/local/pgsql/bin"].map(PathBuf::from))
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .ok_or_else(|| {
            let message = "the programs of the PostgreSQL server (initdb, postgres) were not found: install PostgreSQL 14 or \
                           newer (apt-get install postgresql)";
            ClusterError(message.to_owned())
        })
}

/// The `bin` folders of `FOLDER/PREFIX<version>`, the newest version first.
fn newest(folder: &str, prefix: &str) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(Path::new(folder)).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort_unstable();
    versions.into_iter().rev().map(|(_, bin)| bin)
}
