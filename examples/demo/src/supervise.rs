//! Starts the paying process, kills it once in the middle, and starts it again.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use taxrefund_sandbox::{Credentials, Sandbox};

use crate::Settings;

/// A folder for the journal and the keys; removed at the end.
pub(crate) struct Workplace {
    folder: PathBuf,
    kept_journal: Option<PathBuf>,
}

impl Workplace {
    pub(crate) fn new(kept_journal: Option<PathBuf>, credentials: &Credentials) -> Result<Self> {
        if let Some(file) = kept_journal.as_ref().filter(|file| file.exists()) {
            bail!("{} exists: the demonstration wants a journal of its own", file.display());
        }
        let folder = std::env::temp_dir().join(format!("taxrefund-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let place = Self { folder, kept_journal };
        std::fs::write(place.credentials(), serde_json::to_vec(credentials)?)?;
        Ok(place)
    }

    pub(crate) fn journal(&self) -> String {
        let own = || self.folder.join("refunds.db");
        self.kept_journal.clone().unwrap_or_else(own).to_string_lossy().into_owned()
    }

    fn credentials(&self) -> PathBuf {
        self.folder.join("credentials.json")
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // It is in the system's own temporary folder; nothing is lost if it stays.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn pay(settings: &Settings, place: &Workplace, sandbox: &Sandbox) -> Result<()> {
    println!("A process imports the files and pays:");
    let mut payer = start(settings, place)?;
    if !settings.no_kill {
        // 188 refunds take some 300 requests.
        const MIDDLE: usize = 110;
        while sandbox.requests().len() < MIDDLE && payer.try_wait()?.is_none() {
            thread::sleep(Duration::from_millis(2));
        }
        payer.kill()?;
        payer.wait()?;
        println!("  killed with SIGKILL when the simulator had seen {} requests.", sandbox.requests().len());
        println!("It is started again:");
        payer = start(settings, place)?;
    }
    let status = payer.wait()?;
    ensure!(status.success(), "the paying process ended with {status}");
    Ok(())
}

fn start(settings: &Settings, place: &Workplace) -> Result<Child> {
    let argument = |name: &str, value: &Path| [name.into(), value.as_os_str().to_owned()];
    Command::new(std::env::current_exe()?)
        .arg("pay")
        .args(argument("--journal", Path::new(&place.journal())))
        .args(argument("--credentials", &place.credentials()))
        .args(argument("--refunds", &settings.refunds))
        .args(["--seed", &settings.seed.to_string(), "--exchanges", &settings.exchanges.to_string()])
        .spawn()
        .context("cannot start the paying process")
}
