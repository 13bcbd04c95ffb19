//! The journal's file, and what is wrong with it in words.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::{StoreError, StoreFault};
use crate::store::Result;

/// The file's length; an error for a file that is no SQLite database.
pub(super) fn length_of_database(path: &Path) -> Result<u64> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(fail(StoreFault::Other, path, &format!("cannot be opened: {error}"))),
    };
    let mut start = Vec::new();
    file.by_ref()
        .take(MAGIC.len() as u64)
        .read_to_end(&mut start)
        .map_err(|error| fail(StoreFault::Other, path, &format!("cannot be read: {error}")))?;
    if !start.is_empty() && start != MAGIC {
        return Err(fail(
            StoreFault::Foreign,
            path,
            "is not a journal, nor any SQLite database; nothing was changed",
        ));
    }
    Ok(start.len() as u64)
}

/// The requests in it are personal: nobody else on the machine may read a new file.
pub(super) fn restrict(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(fail(StoreFault::ReadOnly, path, &format!("cannot be created: {error}")))
        }
        Err(error) => Err(fail(StoreFault::Other, path, &format!("cannot be created: {error}"))),
    }
}

pub(super) fn fail(fault: StoreFault, path: &Path, message: &str) -> StoreError {
    StoreError::new(fault, format!("{} {message}", path.display()))
}

pub(super) fn store_error(path: &Path, error: &rusqlite::Error) -> StoreError {
    let code = error.sqlite_error_code();
    let (fault, message) = match code {
        Some(ErrorCode::DatabaseCorrupt) => (
            StoreFault::Corrupt,
            "is damaged; nothing was sent. Keep the file, restore a copy, then compare both",
        ),
        Some(ErrorCode::NotADatabase) => (StoreFault::Foreign, "is not a journal, nor any SQLite database"),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            (StoreFault::ReadOnly, "cannot be written: look at the permissions of the file and its folder")
        }
        Some(ErrorCode::DiskFull) => (StoreFault::Full, "cannot grow: the disk is full"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => (
            StoreFault::Locked,
            "is held by another process that does not let go (is one stopped, or in a debugger?)",
        ),
        _ => (StoreFault::Other, "cannot be used"),
    };
    fail(fault, path, &format!("{message} ({error})"))
}
