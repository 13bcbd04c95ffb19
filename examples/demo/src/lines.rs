//! The files, read and checked before anything is sent.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use anyhow::Result;
use taxrefund_core::batch::{Line, read_csv};
use taxrefund_core::validation::Violation;

use crate::accounts::Account;

/// One file's lines.
pub(crate) struct Batch {
    pub(crate) account: Account,
    pub(crate) lines: Vec<Line>,
}

pub(crate) fn read(account: Account, path: &Path) -> Result<Batch> {
    let mut keys = HashSet::new();
    let lines = read_csv(account.operation, account.client.profile(), File::open(path)?)?
        .map(|line| match line.request {
            Ok(prepared) if !keys.insert(prepared.key().to_owned()) => {
                Line { number: line.number, request: Err(vec![reused(prepared.key())]) }
            }
            _ => line,
        })
        .collect();
    Ok(Batch { account, lines })
}

fn reused(key: &str) -> Violation {
    Violation {
        path: "key".to_owned(),
        rule: "key_reused",
        message: "was used on an earlier line".to_owned(),
        given: format!("{key:?}"),
    }
}
