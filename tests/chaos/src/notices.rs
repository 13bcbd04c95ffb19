//! Where the simulator's notifications arrive: verified, put into the journal, and only then acknowledged.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use taxrefund_core::Profile;
use taxrefund_core::notification::Reply;
use taxrefund_journal::{Journal, Merged};

use crate::accounts::Account;
use crate::batch::File;

/// What came of the notifications so far.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) settled: AtomicU64,
    pub(crate) known: AtomicU64,
    /// Not believed: not signed by the provider.
    pub(crate) refused: AtomicU64,
    /// About no refund of the journal, against its state, or not recorded.
    pub(crate) wrong: Mutex<Vec<String>>,
}

/// A listener on this machine, on threads of its own until it is stopped.
pub(crate) struct Notices {
    listener: TcpListener,
    over: Arc<AtomicBool>,
    pub(crate) counts: Arc<Counts>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct Desk {
    journal: Journal,
    profiles: Arc<Vec<(File, Profile)>>,
    counts: Arc<Counts>,
}

impl Notices {
    pub(crate) fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        Ok(Self { listener, over: Arc::default(), counts: Arc::default(), thread: None })
    }

    pub(crate) fn url(&self) -> io::Result<String> {
        Ok(format!("http://{}", self.listener.local_addr()?))
    }

    /// From now on notifications are taken; earlier ones wait in the system's queue.
    pub(crate) fn start(&mut self, journal: &Journal, accounts: &[Account]) -> io::Result<()> {
        let profiles =
            accounts.iter().map(|account| (account.file, account.client.profile().clone())).collect();
        let desk =
            Desk { journal: journal.clone(), profiles: Arc::new(profiles), counts: self.counts.clone() };
        let (listener, over) = (self.listener.try_clone()?, self.over.clone());
        self.thread = Some(std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let desk = desk.clone();
                // A sender that does not listen for its reply sends again.
                std::thread::spawn(move || drop(desk.serve(&stream)));
            }
        }));
        Ok(())
    }

    pub(crate) fn stop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let (Some(thread), Ok(address)) = (self.thread.take(), self.listener.local_addr()) {
            // The connection wakes the thread.
            if TcpStream::connect(address).is_ok() {
                let _ = thread.join();
            }
        }
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.stop();
    }
}

const LONGEST_BODY: usize = 64 * 1024;

impl Desk {
    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers = Vec::new();
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0).min(LONGEST_BODY);
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let reply = self.take(&path, &headers, &body);
        let Reply { status, headers, body } =
            reply.unwrap_or(Reply { status: 500, headers: Vec::new(), body: String::new() });
        let mut answer =
            format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
        for (name, value) in headers {
            answer.push_str(&format!("{name}: {value}\r\n"));
        }
        write!(&mut &*stream, "{answer}\r\n{body}")
    }

    /// The reply; `None` when nothing could be recorded, so that the provider tries again.
    fn take(&self, path: &str, headers: &[(String, String)], body: &[u8]) -> Option<Reply> {
        let (_, profile) = self.profiles.iter().find(|(file, _)| file.notify_path() == path)?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let notification = match profile.notification(path, headers, body, now_ms) {
            Ok(notification) => notification,
            Err(refused) => {
                self.counts.refused.fetch_add(1, Ordering::Relaxed);
                return Some(refused.reply);
            }
        };
        let key = notification.key.clone().unwrap_or_default();
        let wrong = match self.journal.notify(profile, &notification, headers, body) {
            Ok(Merged::Settled(_)) => {
                self.counts.settled.fetch_add(1, Ordering::Relaxed);
                None
            }
            Ok(Merged::Unchanged(_) | Merged::Again) => {
                self.counts.known.fetch_add(1, Ordering::Relaxed);
                None
            }
            Ok(Merged::Conflict(entry)) => {
                Some(format!("a notification contradicts {key}, which is {}", entry.state))
            }
            Ok(Merged::Stranger) => Some(format!("a notification is about {key}, which the journal has not")),
            Err(error) => {
                self.complain(format!("a notification about {key} could not be recorded: {error}"));
                return None;
            }
        };
        wrong.into_iter().for_each(|wrong| self.complain(wrong));
        Some(notification.reply)
    }

    fn complain(&self, wrong: String) {
        self.counts.wrong.lock().unwrap_or_else(PoisonError::into_inner).push(wrong);
    }
}
