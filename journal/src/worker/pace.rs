//! How fast the workers of one account may send, learnt from the provider's "too many requests".
//!
//! A provider does not say how many requests a second it serves an account, and it changes its mind. The only
//! sign is a throttled answer. After one the rate is cut, and the cut is stored as one [`PaceRow`] that all
//! workers of the account read. Between cuts nothing is written: the rate follows from the last cut and the
//! time, in the shape of TCP CUBIC (RFC 9438). It starts a little below the limit, comes back to it ever more
//! slowly, and then probes beyond it ever faster. A [`Pace`] is one worker's side: it keeps the worker to its
//! share of the rate and turns throttled answers into cuts.
//!
//! Times are milliseconds of a clock that all workers share, such as the database's. An error of some 50 ms
//! between workers does no harm.

/// Right after a cut the rate is this part of the limit.
const CUT_TO: f64 = 0.88;
/// From the cut back to the limit, and from there to twice the limit.
const RECOVERY_S: f64 = 3.0;
const DOUBLING_S: f64 = 3.0;
/// Below this limit both take longer, at most three times as long: a probe costs a throttled answer or two,
/// which is much where few requests are sent between two probes.
const UNHURRIED_PER_S: f64 = 30.0;
/// No account is slowed down further.
const FLOOR_PER_S: f64 = 0.5;
/// A cut as old as this limits nothing any more.
const FORGOTTEN_AFTER_MS: i64 = 600_000;
/// A cut as far in the future was stamped by a broken clock, and limits nothing either.
const FUTURE_MS: i64 = 10_000;
/// A cut that is not in the store by then never got there.
const STORED_AFTER_MS: i64 = 5000;
/// What was sent sooner after a cut may come from a worker that had not learnt of it.
const LEARNT_AFTER_MS: i64 = 300;
/// What was sent sooner may have met a provider that counts by the second and had served all of this one.
const SETTLED_AFTER_MS: i64 = 500;
/// A throttled answer is about the rate of a while ago: burst allowances and counting by the second delay it.
const HINDSIGHT_MS: i64 = 500;
/// How many more answers than it saw a worker takes for served: one throttled of two does not mean half.
const HOPED_FOR: f64 = 3.0;
/// The credit saved up beyond one request, in time: timers are late.
const SAVED_MS: f64 = 20.0;

/// The last cut of an account's rate: what the store keeps. An account without a row is not limited.
///
/// The store inserts generation 1, and replaces a row only by the next generation. Any other row has lost a
/// race and is dropped; its worker then [learns](Pace::learn) the winner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PaceRow {
    /// What the provider serves at most, as far as the cut could tell, to all workers of the account together:
    /// thousandths of a request per second.
    pub(crate) limit_milli_per_s: i64,
    /// When the rate was cut.
    pub(crate) cut_at_ms: i64,
    /// Counts the account's cuts, from 1.
    pub(crate) generation: i64,
}

impl PaceRow {
    /// How many requests a second all workers of the account together may send; `None` is without limit.
    ///
    /// Never below 0.5, and without limit again ten minutes after the cut.
    #[must_use]
    pub(crate) fn rate_per_s(&self, now_ms: i64) -> Option<f64> {
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
pub(crate) struct Pace {
    row: Option<PaceRow>,
    active_workers: f64,
    /// How many requests may be sent at once.
    credit: f64,
    credited_at_ms: i64,
    sends: Sends,
}

impl Pace {
    /// A worker that is alone and knows of no cut.
    #[must_use]
    pub(crate) fn new() -> Self {
        let sends = Sends([Slot::default(); SLOTS]);
        Self { row: None, active_workers: 1.0, credit: 0.0, credited_at_ms: i64::MIN, sends }
    }

    /// Takes over what the store says: the account's row, and how many workers, with this one, send for it.
    ///
    /// To be called before the first request, with every reading of the store, and with the winner's row when a
    /// cut of this worker lost the race. For 5 seconds after its own cut a worker ignores older rows: they were
    /// read before the cut was stored.
    pub(crate) fn learn(&mut self, row: Option<PaceRow>, active_workers: u32, now_ms: i64) {
        self.active_workers = f64::from(active_workers.max(1));
        let known = self.row.map_or(0, |own| own.generation);
        let never_stored = self.row.is_some_and(|own| now_ms.saturating_sub(own.cut_at_ms) > STORED_AFTER_MS);
        if row.map_or(0, |row| row.generation) >= known || never_stored {
            self.row = row;
        }
    }

    /// Whether one request may be sent now. If so it counts as sent.
    ///
    /// # Errors
    /// The milliseconds to wait before asking again, at least 1; at the lowest rate 2 seconds for each worker.
    /// What is learnt meanwhile may shorten the wait, so ask again after each [`learn`](Self::learn) too.
    pub(crate) fn take(&mut self, now_ms: i64) -> Result<(), u64> {
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
        self.sends.slot(now_ms).sent += 1;
        Ok(())
    }

    /// How many requests this worker's share lets out in a time to come, at least one; all it wants where there is no limit.
    pub(crate) fn within(&self, ahead_ms: i64, now_ms: i64) -> usize {
        self.share_per_s(now_ms)
            .map_or(usize::MAX, |per_s| (per_s * ahead_ms as f64 / 1000.0).max(1.0) as usize)
    }

    /// The provider answered "too many requests" to what was sent at `sent_at_ms`.
    ///
    /// Returns the cut to store, which this worker obeys from now on, or `None` when the request belongs to an
    /// episode that has been cut already. Report every such answer: their number says how deep the next cut is.
    #[must_use = "the other workers learn of a cut through the store"]
    pub(crate) fn throttled(&mut self, sent_at_ms: i64, now_ms: i64) -> Option<PaceRow> {
        let seen_at_ms = sent_at_ms.max(now_ms.saturating_sub(REMEMBERED_MS));
        self.sends.slot(seen_at_ms).throttled += 1;
        let limit_per_s = match (self.row, self.share_per_s(seen_at_ms - HINDSIGHT_MS)) {
            (Some(row), Some(share_per_s)) => {
                let in_second = self.sends.served_part(seen_at_ms - 1000, seen_at_ms);
                let far_too_fast = in_second < 0.5;
                let after_cut_ms = sent_at_ms.saturating_sub(row.cut_at_ms);
                if after_cut_ms < LEARNT_AFTER_MS || after_cut_ms < SETTLED_AFTER_MS && !far_too_fast {
                    return None;
                }
                // Either may mislead alone: the second reaches back to a higher rate, and the time since the
                // cut may be the end of a second of the provider's in which nothing more is served.
                share_per_s * in_second.max(self.sends.served_part(row.cut_at_ms, seen_at_ms))
            }
            _ => {
                let (sent, throttled) = self.sends.between(seen_at_ms - 500, seen_at_ms);
                2.0 * (sent - throttled + 1.0)
            }
        } * self.active_workers;
        let cut = PaceRow {
            limit_milli_per_s: (limit_per_s.max(FLOOR_PER_S) * 1000.0).round() as i64,
            cut_at_ms: now_ms,
            generation: self.row.map_or(0, |row| row.generation) + 1,
        };
        self.row = Some(cut);
        self.row
    }

    /// This worker's part of the account's rate. Beyond the limit it is at most twice what the worker just sent:
    /// a rate that grew through a pause was not tried out.
    fn share_per_s(&self, now_ms: i64) -> Option<f64> {
        let row = self.row?;
        let share_per_s = row.rate_per_s(now_ms)? / self.active_workers;
        let tried_per_s = row.limit_per_s() / self.active_workers;
        if share_per_s <= tried_per_s {
            return Some(share_per_s);
        }
        let (sent, _) = self.sends.between(now_ms - 1000, now_ms);
        Some(share_per_s.min(tried_per_s.max(2.0 * (sent + 1.0))))
    }
}

/// One request, give or take a tenth: workers that once sent at the same moments would else do so for ever.
fn uneven_one(now_ms: i64, credit: f64) -> f64 {
    let mixed = (now_ms as u64 ^ credit.to_bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    0.9 + 0.2 * mixed as f64 / f64::from(u32::MAX)
}

/// What a worker sent in the last 6.4 seconds, in slots of a tenth of a second.
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
/// What was sent that long ago still has its second, and the second before [`HINDSIGHT_MS`], in the slots.
const REMEMBERED_MS: i64 = 4500;

impl Sends {
    fn slot(&mut self, ms: i64) -> &mut Slot {
        let number = ms.div_euclid(SLOT_MS);
        let slot = &mut self.0[place(number)];
        if slot.number != number {
            *slot = Slot { number, ..Slot::default() };
        }
        slot
    }

    fn served_part(&self, after_ms: i64, until_ms: i64) -> f64 {
        let (sent, throttled) = self.between(after_ms, until_ms);
        // The throttled answer at hand is no proof of a second one.
        ((sent - throttled + 1.0).min(sent) + HOPED_FOR) / (sent + HOPED_FOR)
    }

    /// How many were sent, at most a second back, and how many of them have been throttled so far.
    fn between(&self, after_ms: i64, until_ms: i64) -> (f64, f64) {
        let last = until_ms.div_euclid(SLOT_MS);
        let first = (after_ms.div_euclid(SLOT_MS) + 1).max(last - 9);
        let (mut sent, mut throttled) = (0, 0);
        for number in first..=last {
            let slot = self.0[place(number)];
            if slot.number == number {
                sent += slot.sent;
                throttled += slot.throttled;
            }
        }
        (f64::from(sent), f64::from(throttled.min(sent)))
    }
}

fn place(number: i64) -> usize {
    number.rem_euclid(SLOTS as i64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_MS: i64 = 1_795_420_800_000;
    const HUNDRED: PaceRow = PaceRow { limit_milli_per_s: 100_000, cut_at_ms: START_MS, generation: 1 };

    #[test]
    fn without_a_cut_nothing_is_held_back() {
        let mut pace = Pace::new();
        assert!((0..1000).all(|_| pace.take(START_MS).is_ok()));
    }

    #[test]
    fn the_rate_comes_back_then_probes_and_is_free_at_last() {
        let rate = |after_ms: i64| HUNDRED.rate_per_s(START_MS + after_ms);
        assert_eq!((rate(0), rate(3000), rate(6000)), (Some(88.0), Some(100.0), Some(200.0)));
        assert!((0..599_000).step_by(100).all(|ms| rate(ms).unwrap() <= rate(ms + 100).unwrap()));
        assert_eq!(rate(600_000), None);
        assert_eq!(rate(-50), Some(88.0), "another worker's clock is a little behind");
        assert_eq!(rate(-3_600_000), None, "a cut of a broken clock stops nobody");
        assert_eq!(PaceRow { limit_milli_per_s: -7, ..HUNDRED }.rate_per_s(START_MS), Some(0.5));
    }

    #[test]
    fn a_worker_keeps_to_its_share_and_the_wait_it_is_told_is_enough() {
        let mut pace = Pace::new();
        pace.learn(Some(HUNDRED), 4, START_MS);
        let (mut now_ms, mut taken) = (START_MS, 0);
        while now_ms < START_MS + 3000 {
            if let Err(wait_ms) = pace.take(now_ms) {
                now_ms += wait_ms as i64;
                assert!(pace.take(now_ms).is_ok());
            }
            taken += 1;
        }
        assert!((70..=75).contains(&taken), "{taken} in 3 s at 22 to 25 a second");
    }

    #[test]
    fn throttled_answers_of_one_episode_cut_once() {
        let mut pace = Pace::new();
        assert!((0..50).all(|ms| pace.take(START_MS + ms).is_ok()));
        assert_eq!(
            pace.throttled(START_MS, START_MS + 100),
            Some(PaceRow { cut_at_ms: START_MS + 100, ..HUNDRED })
        );
        assert!((1..50).all(|ms| pace.throttled(START_MS + ms, START_MS + 100 + ms).is_none()));
        pace.take(START_MS + 1000).unwrap();
        assert_eq!(pace.throttled(START_MS + 1000, START_MS + 1100).unwrap().generation, 2);
    }

    #[test]
    fn the_winner_of_a_race_is_learnt_and_an_earlier_reading_is_not() {
        let mut pace = Pace::new();
        pace.take(START_MS).unwrap();
        let own = pace.throttled(START_MS, START_MS + 100);
        pace.learn(None, 1, START_MS + 150);
        assert_eq!(pace.row, own, "read before the cut was stored");
        pace.learn(Some(HUNDRED), 2, START_MS + 200);
        assert_eq!(pace.row, Some(HUNDRED));
        pace.learn(None, 1, START_MS + 10_000);
        assert_eq!(pace.row, None, "by now it is certain that the store has no such row");
    }

    #[test]
    fn a_pause_is_not_followed_by_a_flood() {
        let mut pace = Pace::new();
        pace.learn(Some(HUNDRED), 1, START_MS);
        let later_ms = START_MS + 120_000;
        let taken = (0..1000).filter(|ms| pace.take(later_ms + ms).is_ok()).count();
        assert!((95..200).contains(&taken), "{taken} in the first second at a rate of millions");
    }

    #[test]
    fn nine_tenths_of_a_changing_capacity_are_used_and_a_twentieth_of_the_answers_throttled_at_most() {
        let tens = [(10.0, 60), (6.0, 60), (14.0, 60), (8.0, 60), (10.0, 60)];
        let hundreds = [(100.0, 30), (40.0, 60), (160.0, 45), (80.0, 30), (100.0, 60)];
        let five_hundreds = [(500.0, 30), (200.0, 30), (800.0, 30), (400.0, 30)];
        for (steps, at_once) in [(&tens[..], 8), (&hundreds[..], 40), (&five_hundreds[..], 200)] {
            let burst = f64::max(steps[0].0 / 10.0, 5.0);
            for counting in [Counting::Bucket { burst }, Counting::Seconds] {
                for (workers, seed) in [(1, 1), (1, 2), (4, 3), (4, 4)] {
                    let seen = simulate(counting, steps, workers, at_once / workers, seed);
                    // Four workers cannot lay ten requests into every second and never an eleventh.
                    let crowded = at_once == 8 && workers == 4 && matches!(counting, Counting::Seconds);
                    let (most, few) = if crowded { (0.87, 0.07) } else { (0.9, 0.05) };
                    let (goodput, throttled) = (seen.goodput(), seen.throttled_part());
                    let case =
                        format!("{goodput:.3}, {throttled:.3}: {counting:?}, {workers} workers, {steps:?}");
                    assert!(goodput >= most && throttled <= few, "{case}");
                }
            }
        }
    }

    #[test]
    fn a_third_of_the_capacity_is_found_in_few_cuts_and_the_double_in_a_few_seconds() {
        for (workers, counting) in [(1, Counting::Bucket { burst: 10.0 }), (4, Counting::Seconds)] {
            let seen = simulate(counting, &[(150.0, 30), (50.0, 30), (100.0, 30)], workers, 60 / workers, 7);
            let until = |ms: i64| seen.cuts.iter().filter(move |cut| cut.cut_at_ms < ms);
            let (fall_ms, found_ms) = (START_MS + 30_000, START_MS + 33_000);
            assert!(until(found_ms).count() - until(fall_ms).count() <= 4);
            let found_per_s = until(found_ms).next_back().unwrap().rate_per_s(found_ms).unwrap();
            assert!((40.0..55.0).contains(&found_per_s), "{found_per_s}");
            let served = &seen.served_in_second[60..];
            assert!(served[8..12].iter().all(|n| *n >= 85), "{served:?}");
        }
    }

    #[test]
    fn after_a_second_of_refusals_the_rate_is_back_in_a_few() {
        let steps = [(100.0, 30), (0.0, 1), (100.0, 29)];
        for workers in [1, 4] {
            let seen = simulate(Counting::Bucket { burst: 10.0 }, &steps, workers, 40 / workers, 11);
            let served = &seen.served_in_second[31..];
            assert!(served[12..22].iter().sum::<u32>() >= 900, "{served:?}");
        }
    }

    /// How a provider counts: a bucket that fills steadily and holds a burst, or so many in each full second.
    #[derive(Clone, Copy, Debug)]
    enum Counting {
        Bucket { burst: f64 },
        Seconds,
    }

    #[derive(Default)]
    struct Seen {
        offered: f64,
        served_in_second: Vec<u32>,
        throttled: u32,
        cuts: Vec<PaceRow>,
    }

    impl Seen {
        fn served(&self) -> f64 {
            self.served_in_second.iter().copied().map(f64::from).sum()
        }

        fn goodput(&self) -> f64 {
            self.served() / self.offered
        }

        fn throttled_part(&self) -> f64 {
            f64::from(self.throttled) / (f64::from(self.throttled) + self.served())
        }
    }

    struct Worker {
        pace: Pace,
        clock_ahead_ms: i64,
        reads_at_ms: i64,
        asks_at_ms: i64,
        unanswered: usize,
    }

    enum Event {
        Arrival { worker: usize, sent_at_ms: i64, answer_at_ms: i64 },
        Throttled { worker: usize, sent_at_ms: i64 },
        Served { worker: usize },
    }

    /// Workers with endless work against a provider whose capacity changes; a step is requests per second and
    /// seconds. An answer takes 20 to 200 ms. The clocks are up to 10 ms wrong either way, and a worker learns
    /// of the others' cuts once in 250 ms.
    fn simulate(counting: Counting, steps: &[(f64, i64)], workers: usize, at_once: usize, seed: u64) -> Seen {
        let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut below = |n: i64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            (random >> 33) as i64 % n
        };
        let active = workers as u32;
        let mut workers: Vec<Worker> = (0..workers)
            .map(|_| {
                let mut pace = Pace::new();
                pace.learn(None, active, START_MS);
                let (clock_ahead_ms, reads_at_ms) = (below(21) - 10, below(250));
                Worker { pace, clock_ahead_ms, reads_at_ms, asks_at_ms: 0, unanswered: 0 }
            })
            .collect();
        let mut seen = Seen::default();
        let mut allowance = 0.0;
        let mut agenda: [Vec<Event>; 256] = std::array::from_fn(|_| Vec::new());
        let capacities = steps.iter().flat_map(|&(per_s, s)| (0..s * 1000).map(move |_| per_s));
        for (now_ms, per_s) in (0..).zip(capacities) {
            seen.offered += per_s / 1000.0;
            if now_ms % 1000 == 0 {
                seen.served_in_second.push(0);
            }
            match counting {
                Counting::Bucket { burst } => allowance = f64::min(allowance + per_s / 1000.0, burst),
                Counting::Seconds if now_ms % 1000 == 0 => allowance = per_s,
                Counting::Seconds => {}
            }
            for event in std::mem::take(&mut agenda[now_ms as usize % 256]) {
                let (worker, throttled) = match event {
                    Event::Arrival { worker, sent_at_ms, answer_at_ms } => {
                        let answer = if allowance > 0.999_999 {
                            allowance -= 1.0;
                            *seen.served_in_second.last_mut().unwrap() += 1;
                            Event::Served { worker }
                        } else {
                            seen.throttled += 1;
                            Event::Throttled { worker, sent_at_ms }
                        };
                        agenda[answer_at_ms as usize % 256].push(answer);
                        continue;
                    }
                    Event::Served { worker } => (worker, None),
                    Event::Throttled { worker, sent_at_ms } => (worker, Some(sent_at_ms)),
                };
                let worker = &mut workers[worker];
                worker.unanswered -= 1;
                worker.asks_at_ms = now_ms;
                let clock_ms = START_MS + worker.clock_ahead_ms;
                let cut = throttled
                    .and_then(|sent_at_ms| worker.pace.throttled(clock_ms + sent_at_ms, clock_ms + now_ms));
                match cut {
                    Some(cut) if cut.generation == seen.cuts.len() as i64 + 1 => seen.cuts.push(cut),
                    Some(_) => worker.pace.learn(seen.cuts.last().copied(), active, clock_ms + now_ms),
                    None => {}
                }
            }
            for (number, worker) in workers.iter_mut().enumerate() {
                let clock_ms = START_MS + worker.clock_ahead_ms + now_ms;
                if now_ms % 250 == worker.reads_at_ms {
                    worker.pace.learn(seen.cuts.last().copied(), active, clock_ms);
                    worker.asks_at_ms = now_ms;
                }
                while worker.asks_at_ms <= now_ms && worker.unanswered < at_once {
                    if let Err(wait_ms) = worker.pace.take(clock_ms) {
                        worker.asks_at_ms = now_ms + wait_ms as i64;
                        continue;
                    }
                    worker.unanswered += 1;
                    let latency_ms = 20 + below(181);
                    let (sent_at_ms, answer_at_ms) = (now_ms, now_ms + latency_ms);
                    let arrival = Event::Arrival { worker: number, sent_at_ms, answer_at_ms };
                    agenda[(now_ms + latency_ms / 2) as usize % 256].push(arrival);
                }
            }
        }
        seen
    }
}
