//! When which worker is struck, and how: all of it drawn from the seed beforehand.

use std::time::Duration;

use crate::accounts::LEASE;
use crate::fleet::Blow;

/// One blow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Planned {
    /// So much of the work must be done, in thousandths.
    pub(crate) at_permille: u64,
    /// And then so long is waited, so that it falls anywhere in a worker's doings.
    pub(crate) after: Duration,
    /// Whom it meets among those that run.
    pub(crate) lot: u64,
    pub(crate) blow: Blow,
}

/// The last blow falls while there is still work.
const LATEST_PERMILLE: u64 = 930;

pub(crate) fn plan(count: u64, seed: u64) -> Vec<Planned> {
    let mut random = fastrand::Rng::with_seed(seed ^ 0x00B1_0375);
    let share = LATEST_PERMILLE / count.max(1);
    (0..count)
        .map(|number| Planned {
            // Each in its own part of the work, so that they are spread over all of it.
            at_permille: number * LATEST_PERMILLE / count + random.u64(..=share),
            after: Duration::from_millis(random.u64(..60)),
            lot: random.u64(..),
            blow: blow(&mut random),
        })
        .collect()
}

/// Two thirds kills. A stop is longer than a lease, so that others take over what the worker holds.
fn blow(random: &mut fastrand::Rng) -> Blow {
    let pause = LEASE + Duration::from_millis(random.u64(200..1_500));
    match random.u32(..12) {
        0..8 => Blow::Kill,
        8..11 => Blow::Stop(pause),
        _ => Blow::StopThenKill(pause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blows_are_drawn_from_the_seed_in_the_order_of_the_work() {
        let plan = plan(12, 3);
        assert_eq!(plan, super::plan(12, 3));
        assert_ne!(plan, super::plan(12, 4));
        assert!(plan.is_sorted_by_key(|planned| planned.at_permille));
        assert!(plan.iter().all(|planned| planned.at_permille <= LATEST_PERMILLE));
    }

    #[test]
    fn about_a_third_are_stops_and_each_outlasts_a_lease() {
        let plan = plan(300, 3);
        let stops: Vec<_> = plan
            .iter()
            .filter_map(|planned| match planned.blow {
                Blow::Kill => None,
                Blow::Stop(pause) | Blow::StopThenKill(pause) => Some(pause),
            })
            .collect();
        assert!((70..130).contains(&stops.len()), "{}", stops.len());
        assert!(stops.into_iter().all(|pause| pause > LEASE));
    }
}
