//! One refund, durably, on the calling thread.

use std::thread;
use std::time::{Duration, Instant};

use taxrefund_core::{CancelToken, Client, Event, Flow, FlowState, Outcome};

use super::{HeldSince, Run, Turn, lease_of};
use crate::chain::Private;
use crate::entry::Entry;
use crate::error::JournalError;
use crate::journal::Journal;
use crate::store::Claimed;
use crate::submit::{Placed, Submission, business};

impl Journal {
    /// Pays a refund, or says how it ended when it was paid before. Blocks until the outcome is on disk.
    ///
    /// The first call records it and sends it. A later call with the same request returns the recorded outcome; when there
    /// is none yet it takes the refund up again, which begins by asking; while another call is at work on it, it waits for
    /// that one.
    ///
    /// It goes out at once, whatever the workers' pace: for a single refund at a counter or a server, not for a batch.
    /// An *unknown* outcome stays in the journal, and a [`Worker`](crate::Worker) takes it up again by itself.
    ///
    /// # Errors
    /// [`JournalError::KeyReused`], [`JournalError::FormTaken`], [`JournalError::Busy`] and everything that is wrong with
    /// the request or the database before anything is sent. A database that fails *after* a send is an error too: the refund
    /// is then open in the journal and will be asked about.
    pub fn run(&self, client: &Client, submission: &Submission) -> Result<Outcome, JournalError> {
        // What cannot be sent is not recorded: the caller would hear an error, and a worker would send it all the same.
        let (profile, policy) = (client.profile().clone(), client.options().policy.clone());
        Flow::new(profile, submission.prepared.clone(), policy, 0)?;
        let lease = lease_of(self, client);
        let since = HeldSince::now();
        match self.insert(client.profile(), submission, Some(lease))? {
            Placed::New(id) => {
                let claimed = self.first_claim(client, submission, id);
                self.drive(client, claimed, since)
            }
            Placed::Known(entry) => self.join(client, *entry),
        }
    }

    /// Takes up the refund with this key, whatever it waits for; one that is final only says how it ended.
    ///
    /// # Errors
    /// [`JournalError::NotFound`], and as [`Journal::run`].
    pub fn resume(&self, client: &Client, key: &str) -> Result<Outcome, JournalError> {
        let unknown = || JournalError::NotFound { key: key.to_owned() };
        let entry = self.find(client.profile(), key)?.ok_or_else(unknown)?;
        self.join(client, entry)
    }

    /// What recording it with a lease amounts to: the same as a claim, without asking the database again.
    fn first_claim(&self, client: &Client, submission: &Submission, entry: i64) -> Claimed {
        let prepared = &submission.prepared;
        Claimed {
            entry,
            operation: prepared.spec().name.to_owned(),
            key: prepared.key().to_owned(),
            fingerprint: self.0.fingerprint(prepared.fingerprint()),
            epoch: 1,
            revision: 0,
            begun: false,
            memory: None,
            resumes: 0,
            request: Private::Clear(business(&FlowState::of(client.profile(), prepared))),
        }
    }

    /// Goes on with a known refund, or waits for whoever does.
    fn join(&self, client: &Client, mut entry: Entry) -> Result<Outcome, JournalError> {
        const SHORTEST: Duration = Duration::from_millis(20);
        const LONGEST: Duration = Duration::from_millis(500);
        let patience = Duration::from_millis(client.options().policy.deadline_ms);
        let began = Instant::now();
        let mut pause = SHORTEST;
        loop {
            if let Some(outcome) = self.outcome(&entry)? {
                return Ok(outcome);
            }
            let since = HeldSince::now();
            let claimed = self.store().claim_one(entry.id, &lease_of(self, client))?;
            if let Some(claimed) = claimed {
                return self.drive(client, claimed, since);
            }
            let cancelled = client.options().cancel.as_ref().is_some_and(CancelToken::is_cancelled);
            if cancelled || began.elapsed() > patience {
                let owner = entry.lease_owner.unwrap_or_default();
                return Err(JournalError::Busy { key: entry.key, owner });
            }
            thread::sleep(pause);
            pause = (pause * 2).min(LONGEST);
            let lost = || JournalError::NotFound { key: entry.key.clone() };
            entry = self.store().by_id(entry.id)?.ok_or_else(lost)?;
        }
    }

    fn drive(&self, client: &Client, claimed: Claimed, since: HeldSince) -> Result<Outcome, JournalError> {
        let (key, id) = (claimed.key.clone(), claimed.entry);
        let mut run = Run::start(self, client, claimed, lease_of(self, client), since)?;
        let mut event = Event::Start;
        loop {
            event = match run.go_on(event, &mut |_| {})? {
                Turn::Ended(outcome) => return Ok(*outcome),
                Turn::Wait(wait) => match &client.options().cancel {
                    Some(cancel) if cancel.wait(wait) => Event::Cancel,
                    Some(_) => Event::Woke,
                    None => {
                        thread::sleep(wait);
                        Event::Woke
                    }
                },
                Turn::TakenOver => {
                    // Settled by a notification, it has an outcome all the same.
                    let entry = self.store().by_id(id)?;
                    let outcome = entry.map(|entry| self.outcome(&entry)).transpose()?.flatten();
                    return outcome.ok_or(JournalError::TakenOver { key });
                }
            };
        }
    }
}
