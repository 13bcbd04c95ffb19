//! Two pieces of work, compared by CPU time.
//!
//! The two take turns in rounds of a few milliseconds, each round gives one ratio, and the median of the ratios counts:
//! what a busy or throttled machine does to one of them it does to the other as well, and a disturbed round is outvoted.

use std::time::{Duration, Instant};

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};

/// Something that can be done over and over.
pub(crate) type Work<'a> = &'a mut dyn FnMut() -> Result<()>;

/// One half of a round: long beside the clock, short beside the disturbances.
const HALF_ROUND: Duration = Duration::from_millis(4);
/// All rounds of one comparison, in wall-clock time.
const COMPARISON: Duration = Duration::from_secs(4);
const LEAST_ROUNDS: usize = 30;

/// Measured work beside its floor.
pub(crate) struct Comparison {
    /// CPU time of the work / CPU time of the floor: the median of all rounds.
    pub(crate) ratio: f64,
    /// The middle half of the rounds lies between these two.
    pub(crate) quartiles: (f64, f64),
    /// CPU time of one piece of work, median.
    pub(crate) work: Duration,
}

/// Compares the work with the floor.
pub(crate) fn compare(floor: Work<'_>, work: Work<'_>) -> Result<Comparison> {
    let (floor_times, work_times) = (repeats(floor)?, repeats(work)?);
    let mut ratios = Vec::new();
    let mut costs = Vec::new();
    let until = Instant::now() + COMPARISON;
    while ratios.len() < LEAST_ROUNDS || Instant::now() < until {
        // Who goes first alternates, or a steady drift would always hit the same one.
        let (floor_cost, work_cost) = if ratios.len() % 2 == 0 {
            let floor_cost = cost(floor, floor_times)?;
            (floor_cost, cost(work, work_times)?)
        } else {
            let work_cost = cost(work, work_times)?;
            (cost(floor, floor_times)?, work_cost)
        };
        ratios.push(work_cost / floor_cost);
        costs.push(work_cost);
    }
    Ok(Comparison {
        ratio: quantile(&mut ratios, 0.5),
        quartiles: (quantile(&mut ratios, 0.25), quantile(&mut ratios, 0.75)),
        work: Duration::from_secs_f64(quantile(&mut costs, 0.5)),
    })
}

/// How often the work fits into half a round; also its warm-up.
fn repeats(work: Work<'_>) -> Result<u32> {
    cost(work, 10)?;
    let once = cost(work, 20)?;
    Ok((HALF_ROUND.as_secs_f64() / once).clamp(1.0, 100_000.0) as u32)
}

/// CPU seconds of one piece of work.
fn cost(work: Work<'_>, times: u32) -> Result<f64> {
    let before = cpu_time();
    for _ in 0..times {
        work()?;
    }
    Ok((cpu_time() - before).as_secs_f64() / f64::from(times))
}

/// User and system time of the whole process: a thread that a library starts behind our back counts.
pub(crate) fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(now).unwrap_or_default()
}

pub(crate) fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let mut values = [5.0, 1.0, 3.0, 2.0, 4.0];
        assert_eq!([0.25, 0.5, 0.75].map(|share| quantile(&mut values, share)), [2.0, 3.0, 4.0]);
    }
}
