//! What workers know of each other.

use super::{HOUR_MS, Place, account, on_both};
use crate::store::{AccountTraffic, Heartbeat, Store};
use crate::worker::pace::PaceRow;

on_both! {
    a_heartbeat_counts_the_workers_that_are_alive,
    a_pace_is_written_upon_the_one_before,
    asking_is_counted,
}

fn beat(store: &mut dyn Store, owner: &str, accounts: &[i64], alive_ms: i64) -> Vec<AccountTraffic> {
    store.heartbeat(&Heartbeat { owner, program: "0.1.0", accounts, alive_ms }).unwrap()
}

fn workers(traffic: &[AccountTraffic]) -> Vec<(i64, u32)> {
    traffic.iter().map(|traffic| (traffic.account, traffic.workers)).collect()
}

fn a_heartbeat_counts_the_workers_that_are_alive(place: &Place) {
    let mut store = place.open();
    let a = account(&mut *store);
    let b = store.account("antom", "x", "sandbox").unwrap().0;
    assert_eq!(workers(&beat(&mut *store, "one", &[b, a], HOUR_MS)), [(b, 1), (a, 1)]);
    assert_eq!(workers(&beat(&mut *store, "two", &[a], HOUR_MS)), [(a, 2)]);
    assert_eq!(workers(&beat(&mut *store, "dead", &[a, b], -1)), [(a, 2), (b, 1)]);
    // Once more is not one more; leaving an account is leaving it.
    assert_eq!(workers(&beat(&mut *store, "one", &[a], HOUR_MS)), [(a, 2)]);
    assert_eq!(workers(&beat(&mut *store, "two", &[b], HOUR_MS)), [(b, 1)]);
    assert!(beat(&mut *store, "two", &[], HOUR_MS).is_empty());
    assert_eq!(workers(&beat(&mut *store, "one", &[a, b], HOUR_MS)), [(a, 1), (b, 1)]);
}

fn a_pace_is_written_upon_the_one_before(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let pace = |generation: i64| PaceRow { limit_milli_per_s: 500 * generation, cut_at_ms: 9, generation };
    assert_eq!(beat(&mut *store, "w", &[account], HOUR_MS)[0].pace, None);
    assert!(!store.set_pace(account, &pace(2)).unwrap());
    assert!(store.set_pace(account, &pace(1)).unwrap());
    assert!(!store.set_pace(account, &pace(1)).unwrap());
    assert!(place.open().set_pace(account, &pace(2)).unwrap());
    assert!(!store.set_pace(account + 1000, &pace(1)).unwrap());
    assert_eq!(beat(&mut *store, "w", &[account], HOUR_MS)[0].pace, Some(pace(2)));
}

fn asking_is_counted(place: &Place) {
    let mut store = place.open();
    account(&mut *store);
    store.head().unwrap();
    let before = store.round_trips();
    store.head().unwrap();
    store.head().unwrap();
    assert_eq!(store.round_trips(), before + 2);
}
