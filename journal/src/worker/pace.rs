//! How fast the workers of one account may send, learnt from the provider's "too many requests".
//!
//! A provider does not say how many requests a second it serves an account, and it changes its mind. The only sign is
//! a throttled answer. After one the rate is cut, and the cut is stored as one [`PaceRow`] that all workers of the
//! account read. Between cuts nothing is written: the rate follows from the last cut and the time, in the shape of TCP
//! CUBIC (RFC 9438). It starts a little below what was too much, comes back to it ever more slowly, stays there for a
//! while, and probes beyond it ever faster. A [`Pace`] is one worker's side: it keeps the worker to its share of the
//! rate and turns throttled answers into cuts.
//!
//! Times are milliseconds of a clock that all workers share, such as the database's. Some 50 ms of error between
//! workers do no harm.

/// Right after a cut the rate is this part of the limit.
const CUT_TO: f64 = 0.88;
/// From the cut back to the limit, and then from the limit to twice the limit.
const RECOVERY_S: f64 = 3.0;
const DOUBLING_S: f64 = 3.0;
/// Below this limit both take longer, at most three times as long: every probe costs a throttled answer or two, which
/// would be too large a part of the few answers between two probes.
const UNHURRIED_PER_S: f64 = 30.0;
/// No account is slowed down further.
const FLOOR_PER_S: f64 = 0.5;
/// A cut as old as this limits nothing any more.
const FORGOTTEN_AFTER_MS: i64 = 600_000;
/// A cut as far in the future as this was stamped by a broken clock, and limits nothing either.
const FUTURE_MS: i64 = 10_000;
/// What was sent less than this after a cut may come from a worker that had not learnt of it.
const LEARNT_AFTER_MS: i64 = 300;
/// And it may have met a provider that counts by the second and had nothing left of the current one.
const SETTLED_AFTER_MS: i64 = 500;
/// A throttled answer says that the rate was too high some time ago: burst allowances and counting delay it.
const SEVERE: f64 = 0.5;
const START_SPAN_MS: i64 = 500;
const HINDSIGHT_MS: i64 = 500;
/// A cut that is not in the store by then never got there.
const STORED_AFTER_MS: i64 = 5000;
/// How much credit is saved up beyond one request: as much as timers are late.
const SAVED_MS: f64 = 20.0;

/// The last cut of an account's rate: what the store keeps. An account without a row is not limited.
///
/// The store inserts generation 1, and replaces a row only by the next generation. Any other row has lost a race and is
/// dropped; its worker then [learns](Pace::learn) the winner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaceRow {
    /// What was too much, for all workers of the account together, in thousandths of a request per second.
    pub limit_milli_per_s: i64,
    /// When the rate was cut.
    pub cut_at_ms: i64,
    /// Counts the account's cuts, from 1.
    pub generation: i64,
}

impl PaceRow {
    /// How many requests a second all workers of the account together may send; `None` when there is no limit.
    ///
    /// Never below 0.5, and without limit from ten minutes after the cut.
    #[must_use]
    pub fn rate_per_s(&self, now_ms: i64) -> Option<f64> {
        let age_ms = now_ms.saturating_sub(self.cut_at_ms);
        if !(-FUTURE_MS..FORGOTTEN_AFTER_MS).contains(&age_ms) {
            return None;
        }
        let limit_per_s = self.limit_per_s();
        let slowness = (UNHURRIED_PER_S / limit_per_s).sqrt().clamp(1.0, 3.0);
        let beyond_s = age_ms.max(0) as f64 / 1000.0 / slowness - RECOVERY_S;
        let bend = if beyond_s < 0.0 {
            (1.0 - CUT_TO) * (beyond_s / RECOVERY_S).powi(3)
        } else {
            (beyond_s / DOUBLING_S).powi(3)
        };
        Some((limit_per_s * (1.0 + bend)).max(FLOOR_PER_S))
    }

    fn limit_per_s(&self) -> f64 {
        (self.limit_milli_per_s as f64 / 1000.0).max(FLOOR_PER_S)
    }
}

/// One worker's pace for one account.
#[derive(Debug)]
pub struct Pace {
    row: Option<PaceRow>,
    active_workers: f64,
    /// How many requests may be sent at once.
    credit: f64,
    credited_at_ms: i64,
    sends: Sends,
}

impl Default for Pace {
    fn default() -> Self {
        Self::new()
    }
}

impl Pace {
    /// A worker that is alone and knows of no cut.
    #[must_use]
    pub fn new() -> Self {
        Self {
            row: None,
            active_workers: 1.0,
            credit: 0.0,
            credited_at_ms: i64::MIN,
            sends: Sends([Slot::default(); SLOTS]),
        }
    }

    /// Takes over what the store says: the account's row, and how many workers, with this one, send for the account.
    ///
    /// To be called after every reading of the store, and with the winner's row after a cut of this worker lost the race.
    pub fn learn(&mut self, row: Option<PaceRow>, active_workers: u32, now_ms: i64) {
        self.active_workers = f64::from(active_workers.max(1));
        let known = self.row.map_or(0, |own| own.generation);
        let overdue = self.row.is_some_and(|own| now_ms.saturating_sub(own.cut_at_ms) > STORED_AFTER_MS);
        // An older row was read before this worker's own cut was stored, unless that never happened.
        if row.map_or(0, |row| row.generation) >= known || overdue {
            self.row = row;
        }
    }

    /// Whether one request may be sent now. If so it counts as sent.
    ///
    /// # Errors
    /// The milliseconds to wait before asking again, at least 1. What is learnt meanwhile may shorten them.
    pub fn take(&mut self, now_ms: i64) -> Result<(), u64> {
        if let Some(share_per_s) = self.share_per_s(now_ms) {
            let per_ms = share_per_s / 1000.0;
            let elapsed_ms = now_ms.saturating_sub(self.credited_at_ms).max(0) as f64;
            self.credit = (self.credit + elapsed_ms * per_ms).min(1.0 + SAVED_MS * per_ms);
            self.credited_at_ms = now_ms;
            if self.credit < 1.0 {
                return Err(((1.0 - self.credit) / per_ms).ceil().max(1.0) as u64);
            }
            self.credit -= uneven_one(now_ms, self.credit);
        } else {
            (self.credit, self.credited_at_ms) = (0.0, now_ms);
        }
        self.sends.count(now_ms);
        Ok(())
    }

    /// The provider answered "too many requests" to what was sent at `sent_at_ms`.
    ///
    /// Returns the cut to store, which this worker obeys from now on, or `None` when the request belongs to an episode
    /// that has been cut already.
    #[must_use = "the other workers learn of a cut through the store"]
    pub fn throttled(&mut self, sent_at_ms: i64, now_ms: i64) -> Option<PaceRow> {
        self.sends.count_throttled(sent_at_ms);
        let seen_at_ms = sent_at_ms.max(now_ms.saturating_sub(REMEMBERED_MS));
        let limit_per_s = match (self.row, self.share_per_s(seen_at_ms - HINDSIGHT_MS)) {
            (Some(row), Some(share_per_s)) => {
                let in_second = self.sends.served_part(seen_at_ms - 1000, seen_at_ms);
                let served_part = in_second.max(self.sends.served_part(row.cut_at_ms, seen_at_ms));
                let after_cut_ms = sent_at_ms.saturating_sub(row.cut_at_ms);
                let far_too_fast = in_second < SEVERE;
                if after_cut_ms < LEARNT_AFTER_MS || after_cut_ms < SETTLED_AFTER_MS && !far_too_fast {
                    return None;
                }
                share_per_s * served_part
            }
            _ => {
                let (sent, throttled) = self.sends.between(seen_at_ms - START_SPAN_MS, seen_at_ms);
                (sent - throttled + 1.0).max(0.0) * 1000.0 / START_SPAN_MS as f64
            }
        } * self.active_workers;
        if std::env::var("DBG").is_ok() { println!("{sent_at_ms} {now_ms} {:?} {limit_per_s} {:?}", self.row, self.sends.between(seen_at_ms-500, seen_at_ms)); }
        let cut = PaceRow {
            limit_milli_per_s: (limit_per_s.max(FLOOR_PER_S) * 1000.0).round() as i64,
            cut_at_ms: now_ms,
            generation: self.row.map_or(0, |row| row.generation) + 1,
        };
        self.row = Some(cut);
        self.row
    }

    /// This worker's part of the account's rate; beyond the limit no more than twice what it has just sent, so that the
    /// rate that grew through a pause is not let loose at once.
    fn share_per_s(&self, now_ms: i64) -> Option<f64> {
        let row = self.row?;
        let rate_per_s = row.rate_per_s(now_ms)? / self.active_workers;
        let limit_per_s = row.limit_per_s() / self.active_workers;
        if rate_per_s <= limit_per_s {
            return Some(rate_per_s);
        }
        let (sent, _) = self.sends.between(now_ms - 1000, now_ms);
        Some(rate_per_s.min(limit_per_s.max(2.0 * (sent + 1.0))))
    }
}

/// One request, give or take a tenth: workers that once began together would otherwise send at the same moments for ever.
fn uneven_one(now_ms: i64, credit: f64) -> f64 {
    let mixed = (now_ms as u64 ^ credit.to_bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    0.9 + 0.2 * mixed as f64 / f64::from(u32::MAX)
}

/// A worker sees few answers in a second. It takes as many more for served, so that one throttled answer of two does
/// not halve the rate.
const WEIGHT_OF_HOPE: f64 = 5.0;

/// What a worker sent in the last seconds, in slots of a tenth of a second.
#[derive(Debug)]
struct Sends([Slot; SLOTS]);

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    number: i64,
    sent: u32,
    throttled: u32,
}

const SLOTS: usize = 64;
const SLOT_MS: i64 = 100;
/// How far back a full second can still be looked at.
const REMEMBERED_MS: i64 = 4500;

impl Sends {
    fn count(&mut self, sent_at_ms: i64) {
        let number = sent_at_ms.div_euclid(SLOT_MS);
        let slot = &mut self.0[place(number)];
        if slot.number != number {
            *slot = Slot { number, sent: 0, throttled: 0 };
        }
        slot.sent += 1;
    }

    fn count_throttled(&mut self, sent_at_ms: i64) {
        let number = sent_at_ms.div_euclid(SLOT_MS);
        let slot = &mut self.0[place(number)];
        if slot.number == number {
            slot.throttled += 1;
        }
    }

    fn served_part(&self, after_ms: i64, until_ms: i64) -> f64 {
        let (sent, throttled) = self.between(after_ms, until_ms);
        ((sent - throttled + 1.0).min(sent) + WEIGHT_OF_HOPE) / (sent + WEIGHT_OF_HOPE)
    }

    /// How many were sent in the second before, and how many of these have been throttled so far.
    fn between(&self, after_ms: i64, until_ms: i64) -> (f64, f64) {
        let last = until_ms.div_euclid(SLOT_MS);
        let first = (after_ms.div_euclid(SLOT_MS) + 1).max(last - 9);
        let slots = (first..=last).map(|number| (number, self.0[place(number)]));
        let (sent, throttled) = slots
            .filter(|(number, slot)| slot.number == *number)
            .fold((0, 0), |(sent, throttled), (_, slot)| (sent + slot.sent, throttled + slot.throttled));
        (f64::from(sent), f64::from(throttled))
    }
}

fn place(number: i64) -> usize {
    number.rem_euclid(SLOTS as i64) as usize
}

#[cfg(test)]
#[path = "sim.rs"]
mod tests;
