//! Whom the server runs as: PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use crate::ClusterError;

pub(crate) enum Account {
    /// Whoever runs the test.
    Own,
    Other {
        uid: u32,
        gid: u32,
    },
}

impl Account {
    /// Of two users that usually exist, when this process is root: it is when its new folder belongs to root.
    pub(crate) fn for_server(folder: &Path) -> Result<Self, ClusterError> {
        let owner = fs::metadata(folder)
            .map_err(|error| ClusterError(format!("{}: {error}", folder.display())))?
            .uid();
        if owner != 0 {
            return Ok(Self::Own);
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"].into_iter().find_map(|name| find(&users, name)).ok_or_else(|| {
            let message = "PostgreSQL does not run as root, and /etc/passwd has neither postgres nor nobody: run the test as \
                           another user";
            ClusterError(message.to_owned())
        })
    }

    pub(crate) fn own(&self, folder: &Path) -> Result<(), ClusterError> {
        match *self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => std::os::unix::fs::chown(folder, Some(uid), Some(gid))
                .map_err(|error| ClusterError(format!("{} cannot be given away: {error}", folder.display()))),
        }
    }

    pub(crate) fn run_as(&self, command: &mut Command) {
        if let Self::Other { uid, gid } = *self {
            command.uid(uid).gid(gid);
        }
    }
}

/// A line is `name:password:uid:gid:…`.
fn find(users: &str, name: &str) -> Option<Account> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(Account::Other { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}
