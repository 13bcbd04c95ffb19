//! An office of its own: a simulator, a folder, and the program run as a process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use taxrefund_sandbox::{FaultMix, Sandbox};

pub(crate) const OPERATION: &str = "alipay.pay_tax_refund";

pub(crate) struct Office {
    pub(crate) sandbox: Sandbox,
    folder: PathBuf,
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Office {
    pub(crate) fn new(faults: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("taxrefund-office-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let sandbox = Sandbox::builder()
            .seed(3)
            .faults(FaultMix::parse(faults).unwrap())
            .long_delay(Duration::from_millis(500))
            .start()
            .unwrap();
        let office = Self { sandbox, folder };
        let credentials = serde_json::to_string(office.sandbox.credentials()).unwrap();
        office.file("accounts.json", &credentials);
        office
    }

    /// Writes a file, and gives its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The example batch: 90 lines, of which 6 are wrong.
    pub(crate) fn refunds() -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../refunds/alipay.csv");
        path.display().to_string()
    }

    /// A command with the journal and the accounts of this office; `arguments` are split at blanks.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_office"));
        command
            .current_dir(&self.folder)
            .env("TAXREFUND_JOURNAL", "refunds.db")
            .env("TAXREFUND_ACCOUNTS", "accounts.json")
            .env_remove("TAXREFUND_SEALING_KEY_FILE")
            .args(["--sandbox-waits", "2"])
            .args(arguments.split_whitespace());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Said {
        Said::of(&self.command(arguments).output().unwrap())
    }

    pub(crate) fn start(&self, arguments: &str) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub(crate) fn import(&self, more: &str) -> Said {
        self.run(&format!("import {} --operation {OPERATION} {more}", Self::refunds()))
    }

    /// Waits until the simulator has seen so many requests.
    pub(crate) fn await_requests(&self, count: usize) {
        let began = Instant::now();
        while self.sandbox.requests().len() < count {
            assert!(began.elapsed().as_secs() < 60, "nobody pays");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), errors: text(&output.stderr) }
    }

    /// It ended with this code, and said all of this, on either stream.
    #[track_caller]
    pub(crate) fn is(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in parts {
            assert!(self.out.contains(part) || self.errors.contains(part), "{part:?} is not in {self:?}");
        }
        self
    }
}
