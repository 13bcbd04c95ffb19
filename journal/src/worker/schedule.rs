//! The worker's own thread: claims, hands out, wakes, paces, renews, and knows when it is over.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use taxrefund_core::{Client, Event, NextStep, Outcome, Reason};

use super::crew::{Crew, Done, Job, Panicked, Report};
use super::pace::Pace;
use super::{Until, Worker, WorkerEvent, WorkerSummary};
use crate::error::{JournalError, StoreFault};
use crate::journal::now_ms;
use crate::run::{Exchange, HeldSince, Run, Turn, lease_of};
use crate::store::{Claimed, Heartbeat, Lease};

/// A sign of life, and a look at the pace: this often while an account is paced.
const PACED_HEARTBEAT: Duration = Duration::from_millis(250);
const HEARTBEAT: Duration = Duration::from_secs(1);
/// A worker that gave no sign for so long no longer shares the pace.
const ALIVE_MS: i64 = 5_000;
/// Under a pace no more is claimed than can be sent in this time.
const AHEAD_MS: i64 = 5_000;
/// A stop is heard within this time.
const PATROL: Duration = Duration::from_millis(200);
const LEAST_PAUSE: Duration = Duration::from_millis(1);
const CLOCK_JUMP_MS: i64 = 60_000;

struct Account<'a> {
    id: i64,
    client: &'a Client,
    pace: Pace,
    ready: VecDeque<(Run, Event)>,
    /// No claim before this moment: the last one brought nothing.
    look_again: Instant,
    found_nothing: bool,
    refused_in_a_row: u32,
    halted: bool,
}

pub(super) struct Schedule<'a> {
    worker: &'a Worker,
    accounts: Vec<Account<'a>>,
    /// By the moment at which they go on; the number keeps equal moments apart.
    waiting: BTreeMap<(Instant, u64), (usize, Run)>,
    numbers: u64,
    /// Handed to the crew.
    in_hand: usize,
    summary: WorkerSummary,
    began: Instant,
    next_heartbeat: Instant,
    /// The store's clock minus this machine's.
    store_ahead_ms: i64,
    /// This machine's clock minus the monotonic one.
    wall_at_began_ms: i64,
    failed: Option<JournalError>,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(worker: &'a Worker) -> Result<Self, JournalError> {
        let began = Instant::now();
        let accounts = worker
            .clients
            .iter()
            .map(|client| {
                Ok(Account {
                    id: worker.journal.account(client.profile())?,
                    client,
                    pace: Pace::new(),
                    ready: VecDeque::new(),
                    look_again: began,
                    found_nothing: false,
                    refused_in_a_row: 0,
                    halted: false,
                })
            })
            .collect::<Result<_, JournalError>>()?;
        Ok(Self {
            worker,
            accounts,
            waiting: BTreeMap::new(),
            numbers: 0,
            in_hand: 0,
            summary: WorkerSummary::default(),
            began,
            next_heartbeat: began,
            store_ahead_ms: 0,
            wall_at_began_ms: now_ms(),
            failed: None,
        })
    }

    pub(super) fn run(mut self) -> Result<WorkerSummary, JournalError> {
        let (reports, reported) = channel();
        let crew = Crew::default();
        let exchanges = self.worker.options.exchanges.max(1);
        thread::scope(|scope| {
            for _ in 0..exchanges {
                let (crew, reports) = (&crew, reports.clone());
                scope.spawn(move || crew.work(&reports));
            }
            drop(reports);
            if let Err(error) = self.work(&crew, &reported) {
                self.failed.get_or_insert(error);
            }
            self.wind_up(&crew, &reported);
        });
        self.summary.took_ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        match self.failed {
            Some(error) => Err(error),
            None => Ok(self.summary),
        }
    }

    fn work(&mut self, crew: &Crew, reported: &Receiver<Report>) -> Result<(), JournalError> {
        loop {
            if self.worker.stop.is_cancelled() {
                self.summary.stopped = true;
                return Ok(());
            }
            self.heartbeat()?;
            self.wake();
            self.claim()?;
            let next_hand_out = self.hand_out(crew);
            if self.is_over()? {
                return Ok(());
            }
            let until = self.next_moment(next_hand_out);
            match reported.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(done) => {
                    self.take_in(done)?;
                    while let Ok(done) = reported.try_recv() {
                        self.take_in(done)?;
                    }
                    if self.held() == 0 {
                        self.look_once_more();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Finishes what is under way, and gives everything else back.
    fn wind_up(&mut self, crew: &Crew, reported: &Receiver<Report>) {
        crew.dismiss();
        while self.in_hand > 0 {
            let Ok(done) = reported.recv() else { break };
            if let Err(error) = self.take_in(done) {
                self.failed.get_or_insert(error);
            }
        }
        let now = Instant::now();
        let ready =
            self.accounts.iter_mut().flat_map(|account| account.ready.drain(..)).map(|(run, _)| (now, run));
        let waiting =
            std::mem::take(&mut self.waiting).into_iter().map(|((until, _), (_, run))| (until, run));
        for (until, run) in ready.chain(waiting).collect::<Vec<_>>() {
            // Should that fail, the lease ends by itself.
            if let Err(error) = run.release(until.saturating_duration_since(now)) {
                self.failed.get_or_insert(error);
            }
        }
    }

    fn heartbeat(&mut self) -> Result<(), JournalError> {
        let now = Instant::now();
        if now < self.next_heartbeat {
            return Ok(());
        }
        let accounts: Vec<i64> = self.accounts.iter().map(|account| account.id).collect();
        let beat = Heartbeat {
            owner: self.worker.journal.owner(),
            program: env!("CARGO_PKG_VERSION"),
            accounts: &accounts,
            alive_ms: ALIVE_MS,
        };
        let (traffic, store_now_ms) = {
            let mut store = self.worker.journal.store();
            (store.heartbeat(&beat)?, store.now_ms()?)
        };
        self.store_ahead_ms = store_now_ms - now_ms();
        let mut paced = false;
        for told in traffic {
            paced |= told.pace.is_some();
            if let Some(account) = self.accounts.iter_mut().find(|account| account.id == told.account) {
                account.pace.learn(told.pace, told.workers, store_now_ms);
            }
        }
        self.next_heartbeat = now + if paced { PACED_HEARTBEAT } else { HEARTBEAT };
        self.watch_the_clock();
        self.renew()
    }

    fn watch_the_clock(&mut self) {
        let elapsed_ms = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let by_ms = now_ms() - self.wall_at_began_ms - elapsed_ms;
        if by_ms.abs() > CLOCK_JUMP_MS {
            self.wall_at_began_ms += by_ms;
            self.tell(&WorkerEvent::ClockJumped { by_ms });
        }
    }

    /// Lengthens the leases of what waits here, account by account: each has a lease of its own length. Those in hand see to
    /// themselves.
    fn renew(&mut self) -> Result<(), JournalError> {
        for index in 0..self.accounts.len() {
            let lease = lease_of(&self.worker.journal, self.accounts[index].client);
            let ready = self.accounts[index].ready.iter_mut().map(|(run, _)| run);
            let waiting =
                self.waiting.values_mut().filter(|(account, _)| *account == index).map(|(_, run)| run);
            let mut wanting: Vec<&mut Run> = ready.chain(waiting).filter(|run| run.wants_renewal()).collect();
            if wanting.is_empty() {
                continue;
            }
            let held: Vec<_> = wanting.iter().map(|run| run.held()).collect();
            let since = HeldSince::now();
            let still_held: HashSet<i64> =
                self.worker.journal.store().renew(&held, &lease)?.into_iter().collect();
            for run in wanting.iter_mut().filter(|run| still_held.contains(&run.held().0)) {
                run.renewed(since);
            }
            let lost: HashSet<i64> =
                held.iter().map(|(entry, _)| *entry).filter(|entry| !still_held.contains(entry)).collect();
            self.drop_lost(&lost);
        }
        Ok(())
    }

    fn drop_lost(&mut self, lost: &HashSet<i64>) {
        let mut keys = Vec::new();
        let mut keep = |run: &Run| {
            let is_lost = lost.contains(&run.held().0);
            keys.extend(is_lost.then(|| run.key().to_owned()));
            !is_lost
        };
        for account in &mut self.accounts {
            account.ready.retain(|(run, _)| keep(run));
        }
        self.waiting.retain(|_, (_, run)| keep(run));
        for key in keys {
            self.summary.taken_over += 1;
            self.tell(&WorkerEvent::TakenOver { key: &key });
        }
    }

    fn wake(&mut self) {
        let now = Instant::now();
        while let Some(first) = self.waiting.first_entry() {
            if first.key().0 > now {
                break;
            }
            let (account, run) = first.remove();
            self.accounts[account].ready.push_back((run, Event::Woke));
        }
        for account in self.accounts.iter_mut().filter(|account| account.halted) {
            // It would only learn again that the configuration is wrong.
            for (run, _) in std::mem::take(&mut account.ready) {
                if let Err(error) = run.release(Duration::ZERO) {
                    self.failed.get_or_insert(error);
                }
            }
        }
    }

    fn claim(&mut self) -> Result<(), JournalError> {
        let mut room = self.worker.options.held.max(1).saturating_sub(self.held());
        for index in 0..self.accounts.len() {
            let wanted = self.wanted(index).min(room);
            if wanted > 0 {
                room = room.saturating_sub(self.claim_for(index, wanted)?);
            }
        }
        Ok(())
    }

    /// How many refunds of an account are wanted now: what its pace takes soon, and not much more than is exchanged at once.
    fn wanted(&self, index: usize) -> usize {
        let account = &self.accounts[index];
        let low = self.worker.options.exchanges.max(1);
        if account.halted || account.ready.len() >= low || Instant::now() < account.look_again {
            return 0;
        }
        let paced = account.pace.within(AHEAD_MS, self.store_ahead_ms + now_ms());
        paced.min(2 * low).saturating_sub(account.ready.len())
    }

    /// Leases up to so many refunds of an account; how many it were.
    fn claim_for(&mut self, index: usize, wanted: usize) -> Result<usize, JournalError> {
        let now = Instant::now();
        let account = &mut self.accounts[index];
        let lease = lease_of(&self.worker.journal, account.client);
        let since = HeldSince::now();
        let limit = u32::try_from(wanted).unwrap_or(u32::MAX);
        let claimed = self.worker.journal.store().claim(account.id, &lease, limit)?;
        // This worker's own lease had ended: what it still holds of that entry is over, and it is held once.
        let again: HashSet<i64> = claimed.iter().map(|claimed| claimed.entry).collect();
        account.ready.retain(|(run, _)| !again.contains(&run.held().0));
        self.waiting.retain(|_, (_, run)| !again.contains(&run.held().0));
        account.found_nothing = claimed.is_empty();
        if claimed.len() < wanted {
            account.look_again = now + self.worker.options.look_every;
        }
        let count = claimed.len();
        let skipped = self.start(index, claimed, &lease, since)?;
        if count > 0 {
            let account = self.accounts[index].client.profile().account();
            self.tell(&WorkerEvent::Claimed { account, count });
        }
        for (key, problem) in skipped {
            self.summary.skipped += 1;
            self.tell(&WorkerEvent::Skipped { key: &key, problem: &problem });
        }
        Ok(count)
    }

    /// Makes what was claimed ready; those that this program cannot use, and why.
    fn start(
        &mut self,
        index: usize,
        claimed: Vec<Claimed>,
        lease: &Lease,
        since: HeldSince,
    ) -> Result<Vec<(String, String)>, JournalError> {
        let account = &mut self.accounts[index];
        let mut skipped = Vec::new();
        let mut left = claimed.into_iter();
        while let Some(claimed) = left.next() {
            let key = claimed.key.clone();
            match Run::start(&self.worker.journal, account.client, claimed, lease.clone(), since) {
                Ok(run) => account.ready.push_back((run, Event::Start)),
                Err(JournalError::Store(error)) if error.fault != StoreFault::Sealing => {
                    for Claimed { entry, epoch, begun, .. } in left {
                        self.worker.journal.store().release(entry, epoch, 0, begun)?;
                    }
                    return Err(error.into());
                }
                Err(error) => skipped.push((key, error.to_string())),
            }
        }
        Ok(skipped)
    }

    /// Hands ready refunds to the crew, account by account in turn; says when the pace allows the next one.
    fn hand_out(&mut self, crew: &Crew) -> Option<Instant> {
        let most = self.worker.options.exchanges.max(1);
        let mut next: Option<Instant> = None;
        let mut open: Vec<usize> = (0..self.accounts.len()).collect();
        while self.in_hand < most && !open.is_empty() {
            open.retain(|&index| {
                let account = &mut self.accounts[index];
                if self.in_hand >= most || account.halted || account.ready.is_empty() {
                    return false;
                }
                if let Err(wait_ms) = account.pace.take(self.store_ahead_ms + now_ms()) {
                    let at = Instant::now() + Duration::from_millis(wait_ms.max(1));
                    next = Some(next.map_or(at, |known| known.min(at)));
                    return false;
                }
                let Some((run, event)) = account.ready.pop_front() else { return false };
                crew.hand_over(Job { account: index, run, event });
                self.in_hand += 1;
                true
            });
        }
        next
    }

    /// While the last refunds took their time, others may have come, or have become due.
    fn look_once_more(&mut self) {
        let now = Instant::now();
        for account in &mut self.accounts {
            (account.found_nothing, account.look_again) = (false, now);
        }
    }

    fn is_over(&mut self) -> Result<bool, JournalError> {
        let busy = self.accounts.iter().any(|account| !account.halted && !account.found_nothing);
        if self.held() > 0 || busy {
            return Ok(false);
        }
        match self.worker.options.until {
            Until::Stopped => Ok(false),
            Until::NothingDue => Ok(true),
            Until::NothingOpen => {
                let of_use = self.accounts.iter().filter(|account| !account.halted);
                let accounts: Vec<i64> = of_use.map(|account| account.id).collect();
                Ok(self.worker.journal.store().next_due_ms(&accounts)?.is_none())
            }
        }
    }

    fn next_moment(&self, next_hand_out: Option<Instant>) -> Instant {
        let now = Instant::now();
        let has_room = self.held() < self.worker.options.held;
        let low = self.worker.options.exchanges.max(1);
        let wants = |account: &&Account<'_>| has_room && !account.halted && account.ready.len() < low;
        let looks =
            self.accounts.iter().filter(wants).map(|account| account.look_again.max(now + LEAST_PAUSE));
        let wakes = self.waiting.keys().next().map(|(until, _)| *until);
        looks.chain(wakes).chain(next_hand_out).fold(self.next_heartbeat.min(now + PATROL), Instant::min)
    }

    fn held(&self) -> usize {
        self.in_hand
            + self.waiting.len()
            + self.accounts.iter().map(|account| account.ready.len()).sum::<usize>()
    }

    fn take_in(&mut self, done: Report) -> Result<(), JournalError> {
        self.in_hand -= 1;
        let Done { account, run, exchanges, turn } = match done {
            Ok(done) => done,
            Err(Panicked { key }) => {
                // Its lease runs out, and whoever takes it over asks what became of it.
                self.summary.skipped += 1;
                let problem = "the transport or the signer panicked while it was under way";
                self.tell(&WorkerEvent::Skipped { key: &key, problem });
                return Ok(());
            }
        };
        for exchange in &exchanges {
            self.heard(account, &run, exchange)?;
        }
        match turn? {
            Turn::Wait(wait) => {
                self.numbers += 1;
                self.waiting.insert((Instant::now() + wait, self.numbers), (account, run));
            }
            Turn::TakenOver => {
                self.summary.taken_over += 1;
                self.tell(&WorkerEvent::TakenOver { key: run.key() });
            }
            Turn::Ended(outcome) => self.ended(account, &run, &outcome),
        }
        Ok(())
    }

    fn heard(&mut self, account: usize, run: &Run, exchange: &Exchange) -> Result<(), JournalError> {
        self.summary.sends += 1;
        self.tell(&WorkerEvent::Exchanged {
            operation: run.operation(),
            key: run.key(),
            interface: &exchange.interface,
            took_ms: exchange.took_ms,
            reason: exchange.reason.as_ref(),
        });
        if !exchange.throttled {
            return Ok(());
        }
        self.summary.throttled += 1;
        let (now_ms, ahead_ms) = (now_ms() + self.store_ahead_ms, self.store_ahead_ms);
        let Account { id, pace, client, .. } = &mut self.accounts[account];
        let Some(cut) = pace.throttled(exchange.sent_at_ms + ahead_ms, now_ms) else { return Ok(()) };
        let (id, name) = (*id, client.profile().account());
        if self.worker.journal.store().set_pace(id, &cut)? {
            self.tell(&WorkerEvent::SlowedDown { account: name, milli_per_s: cut.limit_milli_per_s });
        }
        // Cut or not: somebody has cut it, and the others should be heard of soon.
        self.next_heartbeat = self.next_heartbeat.min(Instant::now() + PACED_HEARTBEAT);
        Ok(())
    }

    fn ended(&mut self, account: usize, run: &Run, outcome: &Outcome) {
        let state = run.state_after(outcome);
        *self.summary.ended.of(state) += 1;
        self.tell(&WorkerEvent::Ended {
            operation: run.operation(),
            key: run.key(),
            state,
            reason: outcome.reason(),
            next_step: outcome.next_step(),
            summary: &self.summary,
        });
        let refused = outcome.next_step() == NextStep::FixConfiguration;
        let of = &mut self.accounts[account];
        of.refused_in_a_row = if refused { of.refused_in_a_row + 1 } else { 0 };
        if refused && of.refused_in_a_row == self.worker.options.halt_after {
            self.halt(account, outcome.reason());
        }
    }

    /// What it still holds is given back unsent when it wakes.
    fn halt(&mut self, account: usize, reason: Option<&Reason>) {
        self.accounts[account].halted = true;
        let name = self.accounts[account].client.profile().account();
        self.summary.halted.push(name.to_owned());
        self.tell(&WorkerEvent::Halted { account: name, reason });
    }

    fn tell(&self, event: &WorkerEvent<'_>) {
        if let Some(observer) = &self.worker.observer {
            observer.event(event);
        }
    }
}
