//! Runs the command `taxrefund pay`, kills it once in the middle, and runs it again.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use taxrefund_sandbox::{Credentials, Sandbox};

use crate::configuration::configuration;
use crate::{FILES, Settings};

/// A folder for the journal and the configuration; removed at the end.
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
        let configuration = configuration(credentials);
        let mut file = File::create(place.configuration())?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        file.write_all(&serde_json::to_vec_pretty(&configuration)?)?;
        Ok(place)
    }

    pub(crate) fn journal(&self) -> String {
        let own = || self.folder.join("refunds.db");
        self.kept_journal.clone().unwrap_or_else(own).to_string_lossy().into_owned()
    }

    fn configuration(&self) -> PathBuf {
        self.folder.join("taxrefund.json")
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // It is in the system's own temporary folder; nothing is lost if it stays.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn pay(settings: &Settings, place: &Workplace, sandbox: &Sandbox) -> Result<()> {
    let names = FILES.map(|file| format!("{file}.csv")).join(" ");
    println!("$ taxrefund pay {names} --wait");
    let mut payer = start(settings, place)?;
    if !settings.no_kill {
        // 188 refunds take some 300 requests.
        const MIDDLE: usize = 110;
        while sandbox.requests().len() < MIDDLE && payer.try_wait()?.is_none() {
            thread::sleep(Duration::from_millis(2));
        }
        payer.kill()?;
        payer.wait()?;
        println!(
            "\nKilled with SIGKILL when the simulator had seen {} requests.\n",
            sandbox.requests().len()
        );
        println!("$ taxrefund pay {names} --wait");
        payer = start(settings, place)?;
    }
    let status = payer.wait()?;
    ensure!(did_its_work(status), "the command ended with {status}");
    Ok(())
}

/// 2: some refund needs somebody, which the faults see to.
fn did_its_work(status: ExitStatus) -> bool {
    matches!(status.code(), Some(0 | 2))
}

fn start(settings: &Settings, place: &Workplace) -> Result<Child> {
    let program = settings.command.as_os_str();
    let mut command = Command::new(program);
    command.arg("pay").args(FILES.map(|file| settings.refunds.join(format!("{file}.csv"))));
    command.args(["--wait", "--exchanges", &settings.exchanges.to_string()]);
    command.env("TAXREFUND_CONFIG", place.configuration()).env("TAXREFUND_JOURNAL", place.journal());
    let started = command.stdin(Stdio::null()).spawn();
    started.with_context(|| {
        let program = program.to_string_lossy();
        format!("cannot start {program}, the command of the Python package; `cargo xtask demo` builds it")
    })
}
