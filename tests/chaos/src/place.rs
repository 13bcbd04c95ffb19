//! Where a run keeps its files and its journal.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use taxrefund_test_postgres::Cluster;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

/// A folder of its own with the journal; removed when the run was a success.
pub(crate) struct Place {
    folder: PathBuf,
    journal: String,
    /// Ends when this is dropped.
    _cluster: Option<Cluster>,
}

impl Place {
    pub(crate) fn new(store: Store) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("taxrefund-chaos-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let (journal, cluster) = match store {
            Store::Sqlite => (folder.join("refunds.db").display().to_string(), None),
            Store::Postgres => {
                let cluster = Cluster::start()?;
                (cluster.create_database("refunds")?, Some(cluster))
            }
        };
        Ok(Self { folder, journal, _cluster: cluster })
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// As `Journal::open` takes it.
    pub(crate) fn journal(&self) -> &str {
        &self.journal
    }

    pub(crate) fn remove(self) -> Result<()> {
        std::fs::remove_dir_all(&self.folder).with_context(|| self.folder.display().to_string())
    }
}
