//! The files, read and checked before anything is sent.

use std::fs::File;
use std::path::Path;

use anyhow::Result;
use taxrefund_core::batch::{Line, read_csv};

use crate::accounts::Account;

/// One file's lines.
pub(crate) struct Batch {
    pub(crate) account: Account,
    pub(crate) lines: Vec<Line>,
}

pub(crate) fn read(account: Account, path: &Path) -> Result<Batch> {
    let lines = read_csv(account.operation, account.client.profile(), File::open(path)?)?.collect();
    Ok(Batch { account, lines })
}
