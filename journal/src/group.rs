//! Group commit: writers that come while a commit is under way share the next one.
//!
//! Whoever finds nobody committing commits for all that wait. No thread of its own is needed, and a lone writer waits for
//! nobody.

use std::collections::HashMap;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::error::StoreError;

/// A queue of requests of one kind, and their answers.
pub(crate) struct Group<Q, A> {
    queue: Mutex<Queue<Q, A>>,
    committed: Condvar,
}

struct Queue<Q, A> {
    waiting: Vec<(u64, Q)>,
    answers: HashMap<u64, Result<A, StoreError>>,
    tickets: u64,
    committing: bool,
}

impl<Q, A> Default for Group<Q, A> {
    fn default() -> Self {
        let queue = Queue { waiting: Vec::new(), answers: HashMap::new(), tickets: 0, committing: false };
        Self { queue: Mutex::new(queue), committed: Condvar::new() }
    }
}

impl<Q, A> Group<Q, A> {
    /// Has a request committed, alone or with others. `commit` is called with all of them, and gives as many answers.
    pub(crate) fn commit(
        &self,
        request: Q,
        commit: impl Fn(&[Q]) -> Result<Vec<A>, StoreError>,
    ) -> Result<A, StoreError> {
        let mut queue = self.lock();
        let ticket = queue.tickets;
        queue.tickets += 1;
        queue.waiting.push((ticket, request));
        loop {
            if let Some(answer) = queue.answers.remove(&ticket) {
                return answer;
            }
            if queue.committing {
                queue = self.committed.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.committing = true;
            drop(queue);
            // Whoever is about to come takes part: on a busy machine the next commit holds many, on an idle one this costs
            // nothing.
            thread::yield_now();
            queue = self.lock();
            let (tickets, requests): (Vec<_>, Vec<_>) = mem::take(&mut queue.waiting).into_iter().unzip();
            drop(queue);
            let answers = commit(&requests);
            queue = self.lock();
            queue.committing = false;
            match answers {
                Ok(answers) => queue.answers.extend(tickets.into_iter().zip(answers.into_iter().map(Ok))),
                Err(error) => {
                    queue.answers.extend(tickets.into_iter().map(|ticket| (ticket, Err(error.clone()))));
                }
            }
            self.committed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<Q, A>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::error::StoreFault;

    #[test]
    fn writers_that_come_during_a_commit_share_the_next_one_and_each_gets_its_own_answer() {
        const FOLLOWERS: usize = 8;
        let group = Group::<usize, usize>::default();
        let (commits, started) = (AtomicUsize::new(0), Barrier::new(2));
        let commit = |requests: &[usize]| {
            if commits.fetch_add(1, Ordering::SeqCst) == 0 {
                // The first commit lasts until all others wait.
                started.wait();
                while group.lock().waiting.len() < FOLLOWERS {
                    thread::yield_now();
                }
            }
            Ok(requests.iter().map(|request| request * 10).collect())
        };
        let (group, commit) = (&group, &commit);
        thread::scope(|scope| {
            let first = scope.spawn(|| group.commit(0, commit));
            started.wait();
            let followers: Vec<_> = (1..=FOLLOWERS)
                .map(|request| (request, scope.spawn(move || group.commit(request, commit))))
                .collect();
            for (request, follower) in followers {
                assert_eq!(follower.join().unwrap(), Ok(request * 10));
            }
            assert_eq!(first.join().unwrap(), Ok(0));
        });
        assert_eq!(commits.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_failed_commit_fails_everybody_in_it() {
        let group = Group::<(), ()>::default();
        let full = StoreError::new(StoreFault::Full, "no space");
        assert_eq!(group.commit((), |_| Err(full.clone())), Err(full));
        assert_eq!(group.commit((), |_| Ok(vec![()])), Ok(()), "and the next one is tried");
    }
}
