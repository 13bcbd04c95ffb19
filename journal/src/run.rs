//! One leased refund, driven: every attempt is on disk before the next one is made, and the outcome before anybody hears it.

mod durable;
mod outcome;
mod writing;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use taxrefund_core::{CancelToken, Client, Event, Flow, Now, Outcome, Reason, Step};

use crate::error::{JournalError, StoreFault};
use crate::journal::Journal;
use crate::store::{Claimed, Lease};

/// How leased refunds are driven.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// How long a refund belongs to whoever took it, if nothing more is heard of them. Default 60 s, and never less than two
    /// exchanges can take.
    pub lease: Duration,
    /// When a refund whose result is not known is taken up again by itself. Default: after 2 min, 10 min, 10 min, 1 h, as
    /// Antom advises. After the last it rests as *unknown*.
    pub take_up_again_after: Vec<Duration>,
}

impl Default for RunOptions {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            lease: Duration::from_secs(60),
            take_up_again_after: vec![minutes(2), minutes(10), minutes(10), minutes(60)],
        }
    }
}

/// For how long an entry that this program cannot use is left alone (10 min).
const PUT_ASIDE_MS: i64 = 10 * 60 * 1000;

/// A leased refund.
pub(crate) struct Run {
    journal: Journal,
    client: Client,
    claimed: Claimed,
    flow: Flow,
    clock: RunClock,
    held_until: HeldUntil,
    lease: Lease,
    /// Attempts of the flow's report that are on disk.
    recorded: usize,
}

/// What a run came to.
pub(crate) enum Turn {
    /// It goes on after this long, with [`Event::Woke`]. It stays leased.
    Wait(Duration),
    /// It is over for now, and on disk.
    Ended(Box<Outcome>),
    /// Somebody else has it; what was heard is kept as evidence and changed nothing.
    TakenOver,
}

/// One exchange, told to whoever paces the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) interface: String,
    pub(crate) sent_at_ms: i64,
    pub(crate) took_ms: u64,
    pub(crate) reason: Option<Reason>,
    /// The provider asked for a lower rate.
    pub(crate) throttled: bool,
}

impl Run {
    /// Takes up a leased entry: from its beginning if nothing of it can have been sent, else by asking what became of it.
    /// `since` is a moment before the lease was asked for.
    pub(crate) fn start(
        journal: &Journal,
        client: &Client,
        claimed: Claimed,
        lease: Lease,
        since: HeldSince,
    ) -> Result<Self, JournalError> {
        match Self::ready(journal, client, &claimed) {
            Ok(flow) => Ok(Self {
                journal: journal.clone(),
                client: client.clone(),
                held_until: since.plus(lease.ms),
                claimed,
                flow,
                clock: RunClock { began: Instant::now() },
                lease,
                recorded: 0,
            }),
            Err(error) => {
                // Nothing was sent, and somebody else may be able to: a newer version, or one that is set up rightly.
                let only_this_handle_cannot =
                    matches!(&error, JournalError::Store(error) if error.fault != StoreFault::Sealing);
                let due_in_ms = if only_this_handle_cannot { 0 } else { PUT_ASIDE_MS };
                journal.store().release(claimed.entry, claimed.epoch, due_in_ms, claimed.begun)?;
                Err(error)
            }
        }
    }

    fn ready(journal: &Journal, client: &Client, claimed: &Claimed) -> Result<Flow, JournalError> {
        let state = journal.state_of(client.profile().account(), claimed)?;
        let (profile, policy) = (client.profile().clone(), client.options().policy.clone());
        let seed = client.options().seed.unwrap_or_else(|| fastrand::u64(..)) ^ claimed.entry.unsigned_abs();
        let flow = if claimed.begun {
            Flow::resume(profile, state, policy, seed)
        } else {
            Flow::begin(profile, state, policy, seed)
        }?;
        Ok(flow)
    }

    pub(crate) fn key(&self) -> &str {
        &self.claimed.key
    }

    pub(crate) fn operation(&self) -> &'static str {
        self.flow.spec().name
    }

    /// Entry and epoch, as [`Store::renew`](crate::store::Store::renew) takes them.
    pub(crate) fn held(&self) -> (i64, i64) {
        (self.claimed.entry, self.claimed.epoch)
    }

    /// The lease was lengthened by somebody who asked for it after `since`.
    pub(crate) fn renewed(&mut self, since: HeldSince) {
        self.held_until = since.plus(self.lease.ms);
    }

    /// Whether the lease still covers a whole exchange.
    fn covers_an_exchange(&self) -> bool {
        self.held_until.is_at_least(exchange_of(&self.client))
    }

    /// Whether more than half of the lease is over.
    pub(crate) fn wants_renewal(&self) -> bool {
        !self.held_until.is_at_least(Duration::from_millis(self.lease.ms.unsigned_abs() / 2))
    }

    /// Goes on until the next wait or the end. Each exchange is told, before it is on disk.
    pub(crate) fn go_on(
        &mut self,
        mut event: Event,
        tell: &mut dyn FnMut(Exchange),
    ) -> Result<Turn, JournalError> {
        loop {
            let (answered, woke) = (matches!(event, Event::Answered(_)), matches!(event, Event::Woke));
            let step = self.flow.advance(event, self.clock.now())?;
            let report = match &step {
                Step::Done(outcome) => outcome.report(),
                _ => self.flow.report(),
            };
            let attempt = report.attempts.get(self.recorded).cloned();
            let evidence = report.evidence.clone().filter(|_| answered);
            if let Some(attempt) = &attempt {
                tell(Exchange {
                    interface: attempt.interface.clone(),
                    sent_at_ms: i64::try_from(attempt.sent_at_ms).unwrap_or(i64::MAX),
                    took_ms: attempt.took_ms,
                    throttled: attempt.reason.as_ref().is_some_and(Reason::asks_to_slow_down),
                    reason: attempt.reason.clone().map(|reason| Reason { message: None, ..reason }),
                });
            }
            let written = match (&attempt, &step) {
                // Before the first send: taking the lease has said so on disk already.
                (None, Step::Send(_) | Step::Sign(_) | Step::Wait(_)) => true,
                _ => self.record(attempt.as_ref(), evidence, &step)?,
            };
            event = match step {
                _ if !written => return Ok(Turn::TakenOver),
                Step::Done(outcome) => return Ok(Turn::Ended(outcome)),
                Step::Wait(wait) => return Ok(Turn::Wait(wait)),
                Step::Send(_) if self.is_cancelled() => Event::Cancel,
                Step::Send(_) if !self.may_send(woke)? => return Ok(Turn::TakenOver),
                Step::Send(request) => match self.client.transport().exchange(request) {
                    Ok(response) => Event::Answered(response),
                    Err(fault) => Event::Faulted(fault),
                },
                // Clients refuse external signers when they are made.
                Step::Sign(_) => Event::SigningFailed("a blocking run has no external signer".to_owned()),
            };
        }
    }

    /// Gives the lease back unfinished; the entry is due after this long.
    pub(crate) fn release(self, due_in: Duration) -> Result<(), JournalError> {
        let due_in_ms = i64::try_from(due_in.as_millis()).unwrap_or(i64::MAX);
        let begun = self.claimed.begun || self.recorded > 0;
        self.journal.store().release(self.claimed.entry, self.claimed.epoch, due_in_ms, begun)?;
        Ok(())
    }

    fn is_cancelled(&self) -> bool {
        self.client.options().cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// Whoever was stopped for long must not send on a lease that is over; and while a refund waited, a notification may
    /// have settled it.
    fn may_send(&mut self, woke: bool) -> Result<bool, JournalError> {
        if !woke && self.covers_an_exchange() {
            return Ok(true);
        }
        let since = HeldSince::now();
        let held = self.journal.store().renew(&[self.held()], &self.lease)?;
        if held.is_empty() {
            return Ok(false);
        }
        self.renewed(since);
        Ok(true)
    }
}

/// The longest that one exchange takes, with what may be lost beside it.
fn exchange_of(client: &Client) -> Duration {
    Duration::from_millis(client.options().policy.attempt_timeout_ms) + Duration::from_secs(2)
}

/// The lease that a client's refunds are taken for.
pub(crate) fn lease_of(journal: &Journal, client: &Client) -> Lease {
    let length = journal.0.run.lease.max(exchange_of(client) * 2);
    Lease { owner: journal.owner().to_owned(), ms: i64::try_from(length.as_millis()).unwrap_or(i64::MAX) }
}

/// A moment before a lease was asked for, by both clocks: one stands still while the machine sleeps, the other may jump.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeldSince {
    monotonic: Instant,
    wall: SystemTime,
}

impl HeldSince {
    pub(crate) fn now() -> Self {
        Self { monotonic: Instant::now(), wall: SystemTime::now() }
    }

    fn plus(self, lease_ms: i64) -> HeldUntil {
        let lease = Duration::from_millis(lease_ms.unsigned_abs());
        HeldUntil { monotonic: self.monotonic + lease, wall: self.wall + lease }
    }
}

#[derive(Debug, Clone, Copy)]
struct HeldUntil {
    monotonic: Instant,
    wall: SystemTime,
}

impl HeldUntil {
    fn is_at_least(&self, left: Duration) -> bool {
        self.monotonic.saturating_duration_since(Instant::now()) >= left
            && self.wall.duration_since(SystemTime::now()).unwrap_or_default() >= left
    }
}

struct RunClock {
    began: Instant,
}

impl RunClock {
    fn now(&self) -> Now {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now {
            monotonic: self.began.elapsed(),
            epoch_ms: u64::try_from(epoch.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
