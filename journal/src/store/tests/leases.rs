//! Leases: who may work on an entry, and whose writes count.

use std::collections::HashSet;

use super::{
    HOUR_MS, Place, account, assert_chain_holds, change, claim_one, entry, lease, new_entry, on_both, set,
    settle, submit_many, submit_one,
};
use crate::chain::Private;
use crate::entry::State;
use crate::store::{Applied, Change, Lease, NewEntry, Store, Then};

on_both! {
    the_longest_due_is_claimed_first,
    a_leased_entry_is_not_claimed,
    an_expired_lease_is_taken_over,
    a_claim_tells_whether_something_was_begun_before_it,
    a_claim_carries_all_that_is_needed,
    claims_are_of_one_account,
    two_connections_never_claim_the_same_entry,
    one_entry_is_claimed_before_it_is_due_but_not_from_another,
    a_final_entry_is_never_claimed,
    only_the_latest_lease_may_write,
    only_the_latest_revision_may_be_written_upon,
    a_superseded_change_leaves_the_others_alone,
    a_change_that_fails_takes_the_others_with_it,
    a_held_entry_stays_with_its_owner,
    a_revoked_lease_is_lost,
    renewing_tells_what_is_still_held,
    a_released_entry_can_be_claimed_at_once,
    what_was_written_by_a_wrong_clock_is_pulled_in,
    the_leases_of_a_dead_owner_are_ended,
    the_next_due_time_is_the_earliest_of_the_accounts,
    workers_drain_a_batch_side_by_side,
}

fn ids(claimed: &[crate::store::Claimed]) -> Vec<i64> {
    claimed.iter().map(|claimed| claimed.entry).collect()
}

/// Lease times are from now, so an entry that is due earlier was released with a negative time.
fn release(store: &mut dyn Store, id: i64, due_in_ms: i64) {
    let claimed = claim_one(store, id);
    assert!(store.release(id, claimed.epoch, due_in_ms, claimed.begun).unwrap());
}

fn the_longest_due_is_claimed_first(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let entries = submit_many(&mut *store, account, 4);
    for (id, due_in_ms) in
        [(entries[0], -1000), (entries[1], -3000), (entries[2], HOUR_MS), (entries[3], -2000)]
    {
        release(&mut *store, id, due_in_ms);
    }
    let first = store.claim(account, &lease("w", HOUR_MS), 2).unwrap();
    assert_eq!(ids(&first), [entries[1], entries[3]]);
    assert_eq!(ids(&store.claim(account, &lease("w", HOUR_MS), 10).unwrap()), [entries[0]]);
    assert!(store.claim(account, &lease("w", HOUR_MS), 10).unwrap().is_empty());
}

fn a_leased_entry_is_not_claimed(place: &Place) {
    let (mut one, mut other) = (place.open(), place.open());
    let account = account(&mut *one);
    let entries = submit_many(&mut *one, account, 3);
    assert_eq!(ids(&one.claim(account, &lease("one", HOUR_MS), 2).unwrap()), entries[..2]);
    assert_eq!(ids(&other.claim(account, &lease("other", HOUR_MS), 5).unwrap()), entries[2..]);
    let leased = NewEntry { lease: Some(lease("one", HOUR_MS)), ..new_entry(account, "leased") };
    submit_one(&mut *one, leased);
    assert!(other.claim(account, &lease("other", HOUR_MS), 5).unwrap().is_empty());
}

fn an_expired_lease_is_taken_over(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let dead = store.claim(account, &lease("dead", -1), 1).unwrap().remove(0);
    let taken_over = store.claim(account, &lease("w", HOUR_MS), 1).unwrap().remove(0);
    assert_eq!(
        (taken_over.entry, taken_over.epoch, taken_over.revision),
        (id, dead.epoch + 1, dead.revision + 1)
    );
    assert!(taken_over.begun);
    let found = entry(&mut *store, id);
    assert_eq!(found.lease_owner.as_deref(), Some("w"));
    assert_eq!(found.due_ms, Some(found.updated_ms + HOUR_MS));
}

fn a_claim_tells_whether_something_was_begun_before_it(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let entries = submit_many(&mut *store, account, 2);
    let first = store.claim(account, &lease("w", -1), 1).unwrap().remove(0);
    assert!(!first.begun && entry(&mut *store, entries[0]).begun);
    assert!(store.claim_one(entries[0], &lease("w", -1)).unwrap().unwrap().begun);
    assert!(!store.claim_one(entries[1], &lease("w", -1)).unwrap().unwrap().begun);
    // Whoever knows that nothing was sent says so.
    let again = claim_one(&mut *store, entries[1]);
    assert!(store.release(entries[1], again.epoch, 0, false).unwrap());
    assert!(!claim_one(&mut *store, entries[1]).begun);
}

fn a_claim_carries_all_that_is_needed(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let sealed = NewEntry { request: Private::Sealed(vec![0, 7]), ..new_entry(account, "B") };
    let entries = [submit_one(&mut *store, new_entry(account, "A")), submit_one(&mut *store, sealed)];
    let claimed = store.claim(account, &lease("w", HOUR_MS), 5).unwrap();
    assert_eq!(ids(&claimed), entries);
    let clear = &claimed[0];
    assert_eq!((clear.operation.as_str(), clear.key.as_str()), ("refund", "A"));
    assert_eq!(clear.fingerprint, "fingerprint of A");
    assert_eq!((clear.epoch, clear.revision, clear.resumes), (1, 1, 0));
    assert_eq!(clear.memory, None);
    assert!(clear.request == Private::Clear("{\"key\":\"A\"}".to_owned()));
    assert!(claimed[1].request == Private::Sealed(vec![0, 7]));
}

fn claims_are_of_one_account(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let other = store.account("antom", "x", "sandbox").unwrap().0;
    submit_one(&mut *store, new_entry(other, "A"));
    assert!(store.claim(account, &lease("w", HOUR_MS), 5).unwrap().is_empty());
    assert_eq!(store.claim(other, &lease("w", HOUR_MS), 5).unwrap().len(), 1);
}

fn two_connections_never_claim_the_same_entry(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let entries = submit_many(&mut *store, account, 300);
    let claimers: Vec<_> = (0..4)
        .map(|worker| {
            let mut store = place.open();
            std::thread::spawn(move || {
                let lease = lease(&format!("w{worker}"), HOUR_MS);
                let (mut claimed, mut empty) = (Vec::new(), 0);
                // What another one is just taking is skipped, so one empty answer does not mean that nothing is left.
                while empty < 3 {
                    let more = ids(&store.claim(account, &lease, 7).unwrap());
                    assert!(more.len() <= 7);
                    empty = if more.is_empty() { empty + 1 } else { 0 };
                    claimed.extend(more);
                }
                claimed
            })
        })
        .collect();
    let claimed: Vec<i64> = claimers.into_iter().flat_map(|claimer| claimer.join().unwrap()).collect();
    assert_eq!(claimed.len(), entries.len());
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>(), entries.into_iter().collect());
}

fn one_entry_is_claimed_before_it_is_due_but_not_from_another(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    release(&mut *store, id, HOUR_MS);
    assert!(store.claim(account, &lease("w", HOUR_MS), 1).unwrap().is_empty());
    assert!(store.claim_one(id, &lease("w", HOUR_MS)).unwrap().is_some());
    assert!(store.claim_one(id, &lease("other", HOUR_MS)).unwrap().is_none());
    assert!(store.claim_one(id, &lease("w", HOUR_MS)).unwrap().is_none());
    assert!(store.claim_one(id + 1000, &lease("w", HOUR_MS)).unwrap().is_none());
    let resting = submit_one(&mut *store, new_entry(account, "B"));
    settle(&mut *store, resting, State::Unknown);
    assert!(store.claim(account, &lease("w", HOUR_MS), 1).unwrap().is_empty());
    assert!(store.claim_one(resting, &lease("w", -1)).unwrap().is_some());
    assert!(store.claim_one(resting, &lease("other", HOUR_MS)).unwrap().is_some());
}

fn a_final_entry_is_never_claimed(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    for state in [State::Succeeded, State::Failed] {
        let id = submit_one(&mut *store, new_entry(account, state.as_str()));
        settle(&mut *store, id, state);
        assert!(store.claim_one(id, &lease("w", HOUR_MS)).unwrap().is_none());
    }
    assert!(store.claim(account, &lease("w", HOUR_MS), 5).unwrap().is_empty());
}

fn only_the_latest_lease_may_write(place: &Place) {
    let (mut one, mut other) = (place.open(), place.open());
    let account = account(&mut *one);
    let id = submit_one(&mut *one, new_entry(account, "A"));
    let slow = one.claim(account, &lease("slow", -1), 1).unwrap().remove(0);
    let quick = other.claim(account, &lease("quick", HOUR_MS), 1).unwrap().remove(0);
    let head = one.head().unwrap();
    // Also when it guesses the revision.
    let guessed = Change { revision: quick.revision, ..change(&slow, set(State::Failed, Then::Rest)) };
    let late = change(&slow, set(State::Failed, Then::Rest));
    assert_eq!(one.apply(&[late, guessed]).unwrap(), [Applied::Superseded; 2]);
    assert_eq!((entry(&mut *one, id).state, one.head().unwrap()), (State::Open, head));
    assert_eq!(
        other.apply(&[change(&quick, set(State::Succeeded, Then::Rest))]).unwrap(),
        [Applied::Written]
    );
    assert_eq!(entry(&mut *one, id).state, State::Succeeded);
}

fn only_the_latest_revision_may_be_written_upon(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let claimed = claim_one(&mut *store, id);
    let once = change(&claimed, set(State::Waiting, Then::Hold(HOUR_MS)));
    // The second is of the revision before the first.
    assert_eq!(store.apply(&[once.clone(), once.clone()]).unwrap(), [Applied::Written, Applied::Superseded]);
    let next = Change { revision: claimed.revision + 1, ..once };
    assert_eq!(store.apply(&[next]).unwrap(), [Applied::Written]);
    let found = entry(&mut *store, id);
    assert_eq!((found.epoch, found.revision, found.attempts), (1, 3, 2));
    assert_eq!(store.records_of(&[id]).unwrap().len(), 3);
}

fn a_superseded_change_leaves_the_others_alone(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let entries = submit_many(&mut *store, account, 3);
    let claimed = store.claim(account, &lease("w", HOUR_MS), 3).unwrap();
    // In another order than their numbers, and one of them lost.
    let mut changes: Vec<Change> =
        claimed.iter().rev().map(|claimed| change(claimed, set(State::Succeeded, Then::Rest))).collect();
    changes[1].epoch -= 1;
    let applied = store.apply(&changes).unwrap();
    assert_eq!(applied, [Applied::Written, Applied::Superseded, Applied::Written]);
    let states: Vec<State> = entries.iter().map(|id| entry(&mut *store, *id).state).collect();
    assert_eq!(states, [State::Succeeded, State::Open, State::Succeeded]);
    // Records are in the order of the changes.
    assert_eq!(
        store.records(3, 5).unwrap().iter().map(|record| record.entry).collect::<Vec<_>>(),
        [Some(entries[2]), Some(entries[0])]
    );
    assert!(store.apply(&[]).unwrap().is_empty());
    assert_chain_holds(&mut *store);
}

fn a_change_that_fails_takes_the_others_with_it(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let form = |key: &str| super::with_form(account, key, "F");
    let failed = submit_one(&mut *store, form("A"));
    settle(&mut *store, failed, State::Failed);
    submit_one(&mut *store, form("B"));
    let other = submit_one(&mut *store, new_entry(account, "C"));
    let found = entry(&mut *store, failed);
    let claimed = claim_one(&mut *store, other);
    let head = store.head().unwrap();
    // A second refund of its form that did not fail: the database itself forbids it.
    let forbidden = Change {
        entry: failed,
        epoch: found.epoch,
        revision: found.revision,
        ..change(&claimed, set(State::Succeeded, Then::Rest))
    };
    assert!(store.apply(&[change(&claimed, set(State::Succeeded, Then::Rest)), forbidden]).is_err());
    assert_eq!((entry(&mut *store, other).state, store.head().unwrap()), (State::Open, head));
    assert_eq!(
        store.apply(&[change(&claimed, set(State::Succeeded, Then::Rest))]).unwrap(),
        [Applied::Written]
    );
}

fn a_held_entry_stays_with_its_owner(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let claimed = store.claim_one(id, &lease("w", -1)).unwrap().unwrap();
    store.apply(&[change(&claimed, set(State::Open, Then::Hold(HOUR_MS)))]).unwrap();
    let found = entry(&mut *store, id);
    assert_eq!(found.lease_owner.as_deref(), Some("w"));
    assert_eq!(found.due_ms, Some(found.updated_ms + HOUR_MS));
    assert!(store.claim(account, &lease("other", HOUR_MS), 1).unwrap().is_empty());
}

fn a_revoked_lease_is_lost(place: &Place) {
    let (mut worker, mut notified) = (place.open(), place.open());
    let account = account(&mut *worker);
    let id = submit_one(&mut *worker, new_entry(account, "A"));
    let claimed = claim_one(&mut *worker, id);
    assert_eq!(
        notified.apply(&[change(&claimed, set(State::Succeeded, Then::Revoke))]).unwrap(),
        [Applied::Written]
    );
    let found = entry(&mut *worker, id);
    assert_eq!((found.lease_owner, found.due_ms, found.epoch), (None, None, claimed.epoch + 1));
    assert!(worker.renew(&[(id, claimed.epoch)], &lease("w", HOUR_MS)).unwrap().is_empty());
    let late = Change { revision: found.revision, ..change(&claimed, set(State::Failed, Then::Rest)) };
    assert_eq!(worker.apply(&[late]).unwrap(), [Applied::Superseded]);
    assert!(!worker.release(id, claimed.epoch, 0, true).unwrap());
}

fn renewing_tells_what_is_still_held(place: &Place) {
    let (mut store, mut other) = (place.open(), place.open());
    let account = account(&mut *store);
    let entries = submit_many(&mut *store, account, 4);
    let claimed = store.claim(account, &lease("w", -1), 4).unwrap();
    // Another one takes over the first; the second is done; the third ran out but nobody took it.
    other.claim_one(entries[0], &lease("other", HOUR_MS)).unwrap().unwrap();
    store.apply(&[change(&claimed[1], set(State::Succeeded, Then::Rest))]).unwrap();
    let held: Vec<(i64, i64)> = claimed.iter().rev().map(|claimed| (claimed.entry, claimed.epoch)).collect();
    let lease: Lease = lease("w", HOUR_MS);
    assert_eq!(store.renew(&held, &lease).unwrap(), [entries[3], entries[2]]);
    assert!(store.renew(&[], &lease).unwrap().is_empty());
    assert!(other.claim(account, &super::lease("other", HOUR_MS), 9).unwrap().is_empty());
    // Neither epoch nor revision moved.
    assert_eq!(
        store.apply(&[change(&claimed[2], set(State::Failed, Then::Rest))]).unwrap(),
        [Applied::Written]
    );
    let imposter = super::lease("imposter", HOUR_MS);
    assert!(other.renew(&held, &imposter).unwrap().is_empty());
}

fn a_released_entry_can_be_claimed_at_once(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    let claimed = claim_one(&mut *store, id);
    assert!(!store.release(id, claimed.epoch - 1, 0, true).unwrap());
    assert!(store.release(id, claimed.epoch, 0, true).unwrap());
    let found = entry(&mut *store, id);
    assert_eq!((found.lease_owner, found.begun, found.attempts), (None, true, 0));
    assert_eq!((found.epoch, found.revision), (claimed.epoch, claimed.revision + 1));
    assert!(!store.release(id, claimed.epoch, 0, true).unwrap());
    assert_eq!(store.claim(account, &lease("w", HOUR_MS), 1).unwrap()[0].epoch, claimed.epoch + 1);
}

fn what_was_written_by_a_wrong_clock_is_pulled_in(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let entries = submit_many(&mut *store, account, 3);
    let leased = store.claim_one(entries[0], &lease("dead", 99 * HOUR_MS)).unwrap().unwrap();
    release(&mut *store, entries[1], 99 * HOUR_MS);
    release(&mut *store, entries[2], HOUR_MS);
    assert_eq!(store.pull_in(i64::MAX).unwrap(), 0);
    assert_eq!(store.pull_in(2 * HOUR_MS).unwrap(), 2);
    let mut claimed = ids(&store.claim(account, &lease("w", HOUR_MS), 9).unwrap());
    claimed.sort_unstable();
    assert_eq!(claimed, entries[..2]);
    assert_eq!(
        store.apply(&[change(&leased, set(State::Failed, Then::Rest))]).unwrap(),
        [Applied::Superseded]
    );
}

fn the_leases_of_a_dead_owner_are_ended(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let entries = submit_many(&mut *store, account, 5);
    let dead = store.claim(account, &lease("dead", HOUR_MS), 3).unwrap();
    let alive = store.claim_one(entries[3], &lease("alive", HOUR_MS)).unwrap().unwrap();
    store.apply(&[change(&dead[2], set(State::Succeeded, Then::Rest))]).unwrap();
    assert_eq!(store.end_leases("dead").unwrap(), 2);
    assert_eq!(store.end_leases("dead").unwrap(), 0);
    assert_eq!(store.end_leases("nobody").unwrap(), 0);
    let found = entry(&mut *store, entries[0]);
    assert_eq!((found.lease_owner, found.epoch, found.begun), (None, dead[0].epoch + 1, true));
    // Whoever was taken for dead and is not cannot write, also with the revision of now.
    let guessed = Change { revision: found.revision, ..change(&dead[0], set(State::Failed, Then::Rest)) };
    let late = change(&dead[1], set(State::Failed, Then::Rest));
    assert_eq!(store.apply(&[guessed, late]).unwrap(), [Applied::Superseded; 2]);
    assert_eq!(store.apply(&[change(&alive, set(State::Failed, Then::Rest))]).unwrap(), [Applied::Written]);
    let mut claimed = ids(&store.claim(account, &lease("w", HOUR_MS), 9).unwrap());
    claimed.sort_unstable();
    assert_eq!(claimed, [entries[0], entries[1], entries[4]]);
}

fn the_next_due_time_is_the_earliest_of_the_accounts(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    let other = store.account("antom", "x", "sandbox").unwrap().0;
    assert_eq!(store.next_due_ms(&[account, other]).unwrap(), None);
    let id = submit_one(&mut *store, new_entry(account, "A"));
    release(&mut *store, id, 2 * HOUR_MS);
    let leased = submit_one(&mut *store, new_entry(other, "B"));
    store.claim_one(leased, &lease("w", HOUR_MS)).unwrap().unwrap();
    let resting = submit_one(&mut *store, new_entry(other, "C"));
    settle(&mut *store, resting, State::Unknown);
    let (late, early) = (entry(&mut *store, id).due_ms, entry(&mut *store, leased).due_ms);
    assert!(early < late);
    assert_eq!(store.next_due_ms(&[account, other]).unwrap(), early);
    assert_eq!(store.next_due_ms(&[account]).unwrap(), late);
    assert_eq!(store.next_due_ms(&[]).unwrap(), None);
}

fn workers_drain_a_batch_side_by_side(place: &Place) {
    let mut store = place.open();
    let account = account(&mut *store);
    submit_many(&mut *store, account, 120);
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let mut store = place.open();
            std::thread::spawn(move || {
                let lease = lease(&format!("w{worker}"), HOUR_MS);
                while store.counts().unwrap().open > 0 {
                    let claimed = store.claim(account, &lease, 5).unwrap();
                    let held: Vec<(i64, i64)> =
                        claimed.iter().rev().map(|one| (one.entry, one.epoch)).collect();
                    assert_eq!(store.renew(&held, &lease).unwrap().len(), held.len());
                    let changes: Vec<Change> = claimed
                        .iter()
                        .rev()
                        .map(|one| change(one, set(State::Succeeded, Then::Rest)))
                        .collect();
                    assert!(
                        store.apply(&changes).unwrap().iter().all(|applied| *applied == Applied::Written)
                    );
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
    let entries = store.page(0, None, 1000).unwrap();
    assert!(
        entries.iter().all(|entry| (entry.state, entry.attempts, entry.epoch) == (State::Succeeded, 1, 1))
    );
    assert_eq!(store.head().unwrap().seq, 240);
    assert_chain_holds(&mut *store);
}
