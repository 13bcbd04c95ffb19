//! A PostgreSQL server of its own for tests: on loopback, in a temporary folder, gone with the process that started it.
//!
//! ```no_run
//! let cluster = taxrefund_test_postgres::Cluster::start()?;
//! let url = cluster.create_database("refunds")?;
//! println!("psql {url}");
//! # Ok::<(), taxrefund_test_postgres::ClusterError>(())
//! ```
//!
//! It needs the server's programs (`initdb`, `postgres`), version 14 or newer. Where the test runs as root, which PostgreSQL
//! refuses to, they run as the user `postgres` or `nobody`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg(unix)]

mod account;
mod programs;

use std::fmt;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

use account::Account;

/// Ends the server when its standard input closes, which it does when whoever holds the other end is killed. The folder of a
/// server that failed stays, for whoever wants to know why. It ends at once (QUIT): nobody needs what it would still write.
const WATCHDOG: &str = r#"
folder=$1
shift
exec 3<&0
"$@" 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -QUIT "$server"; } 2>/dev/null &
wait "$server" && rm -rf "$folder"
"#;

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server. Dropping it stops the server and removes its folder.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    watchdog: Child,
}

/// Why there is no server.
#[derive(Debug)]
pub struct ClusterError(String);

impl Cluster {
    /// Starts a server that keeps what it commits, as a real one does.
    ///
    /// # Errors
    /// The server's programs are missing, or do not start; the message says what to do.
    pub fn start() -> Result<Self, ClusterError> {
        Self::start_with(&[])
    }

    /// The same without waiting for the disk: for tests that only ask what is answered, and are many.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_without_fsync() -> Result<Self, ClusterError> {
        Self::start_with(&["fsync=off", "full_page_writes=off"])
    }

    /// The server's own settings in addition, as `name=value`.
    ///
    /// # Errors
    /// As [`Cluster::start`].
    pub fn start_with(settings: &[&str]) -> Result<Self, ClusterError> {
        let programs = programs::find()?;
        let folder = new_folder()?;
        let account = Account::for_server(&folder)?;
        account.own(&folder)?;
        initialize(&programs, &account, &folder).inspect_err(|_| remove(&folder))?;
        let cluster = launch(&programs, &account, folder, settings)?;
        cluster.wait_until_ready()
    }

    /// The URL of the database that every server has.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Makes an empty database, and gives its URL.
    ///
    /// # Errors
    /// The server's answer, for instance that it exists.
    pub fn create_database(&self, name: &str) -> Result<String, ClusterError> {
        let failed = |error: postgres::Error| {
            let why = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
            ClusterError(format!("the database {name} could not be created: {why}"))
        };
        let mut client = Client::connect(&self.url(), NoTls).map_err(failed)?;
        let quoted = name.replace('"', "\"\"");
        client.batch_execute(&format!("CREATE DATABASE \"{quoted}\"")).map_err(failed)?;
        Ok(self.url_of(name))
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn wait_until_ready(mut self) -> Result<Self, ClusterError> {
        let began = Instant::now();
        // The server writes there how far it is; asking it would only fill its log with refusals.
        let state = self.folder.join("data").join("postmaster.pid");
        while !fs::read_to_string(&state)
            .is_ok_and(|lines| lines.lines().nth(7).is_some_and(|line| line.trim() == "ready"))
        {
            let ended = self.watchdog.try_wait().is_ok_and(|status| status.is_some());
            if ended || began.elapsed() > START_TIMEOUT {
                let log = fs::read_to_string(log_file(&self.folder)).unwrap_or_default();
                return Err(ClusterError(format!("PostgreSQL did not start. It says:\n{log}")));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(self)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // Nothing is left to be done about an error here, and the folder is a temporary one.
        let _ = self.watchdog.wait();
        remove(&self.folder);
    }
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ClusterError {}

fn new_folder() -> Result<PathBuf, ClusterError> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("taxrefund-postgres-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder)
        .map_err(|error| ClusterError(format!("{} cannot be created: {error}", folder.display())))?;
    Ok(folder)
}

fn remove(folder: &Path) {
    // The watchdog has removed it already, as a rule.
    let _ = fs::remove_dir_all(folder);
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

fn initialize(programs: &Path, account: &Account, folder: &Path) -> Result<(), ClusterError> {
    let mut initdb = Command::new(programs.join("initdb"));
    initdb
        .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
        .arg("--pgdata")
        .arg(folder.join("data"))
        .current_dir(folder)
        .stdin(Stdio::null());
    account.run_as(&mut initdb);
    let output =
        initdb.output().map_err(|error| ClusterError(format!("initdb could not be run: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(ClusterError(format!("initdb made no cluster in {}. It says:\n{said}", folder.display())))
}

fn launch(
    programs: &Path,
    account: &Account,
    folder: PathBuf,
    settings: &[&str],
) -> Result<Cluster, ClusterError> {
    let failed = |error: std::io::Error| ClusterError(format!("PostgreSQL could not be run: {error}"));
    let port = free_port().map_err(failed)?;
    let log = File::create(log_file(&folder)).map_err(failed)?;
    let mut watchdog = Command::new("sh");
    watchdog
        .args(["-c", WATCHDOG, "sh"])
        .arg(&folder)
        .arg(programs.join("postgres"))
        .arg("-D")
        .arg(folder.join("data"));
    let own = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={}", folder.display()),
        "shared_buffers=16MB".to_owned(),
        "max_wal_size=128MB".to_owned(),
        "logging_collector=off".to_owned(),
    ];
    for setting in own.iter().map(String::as_str).chain(settings.iter().copied()) {
        watchdog.args(["-c", setting]);
    }
    watchdog.current_dir(&folder).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
    account.run_as(&mut watchdog);
    let watchdog = watchdog.spawn().map_err(failed)?;
    Ok(Cluster { folder, port, watchdog })
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_answers_and_leaves_nothing_behind() {
        let cluster = Cluster::start_without_fsync().unwrap();
        let url = cluster.create_database("a \"quoted\" name").unwrap();
        assert!(
            cluster.create_database("a \"quoted\" name").unwrap_err().to_string().contains("already exists")
        );
        assert!(url.contains(&cluster.port().to_string()));
        let folder = cluster.folder.clone();
        let asked: i32 =
            Client::connect(&cluster.url(), NoTls).unwrap().query_one("SELECT 1", &[]).unwrap().get(0);
        assert_eq!(asked, 1);
        drop(cluster);
        assert!(!folder.exists());
    }

    #[test]
    fn a_server_that_does_not_start_says_why() {
        let error = Cluster::start_with(&["no_such_setting=1"]).unwrap_err().to_string();
        assert!(error.contains("no_such_setting"), "{error}");
    }

    #[test]
    fn a_server_ends_with_the_process_that_started_it() {
        let mut cluster = Cluster::start_without_fsync().unwrap();
        // What the system does with a process that is killed: its end of the pipe closes.
        drop(cluster.watchdog.stdin.take());
        let began = Instant::now();
        while cluster.folder.exists() && began.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!cluster.folder.exists());
    }
}
