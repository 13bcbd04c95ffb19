//! Group commit: writers that come while a commit is under way share the next one.
//!
//! Whoever finds nobody committing commits for all that wait. No thread of its own is needed, and a lone writer waits for
//! nobody.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};

use crate::error::StoreError;

/// A queue of requests of one kind, and their answers.
pub(crate) struct Group<Q, A>(Mutex<Queue<Q, A>>);

struct Queue<Q, A> {
    waiting: Vec<(Ticket, Q)>,
    answers: HashMap<u64, Result<A, StoreError>>,
    tickets: u64,
    committing: bool,
}

/// Whose request it is, to be woken: alone, as waking everybody at each commit costs more than the commit.
struct Ticket {
    number: u64,
    thread: Thread,
}

impl<Q, A> Default for Group<Q, A> {
    fn default() -> Self {
        Self(Mutex::new(Queue {
            waiting: Vec::new(),
            answers: HashMap::new(),
            tickets: 0,
            committing: false,
        }))
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
        let number = queue.tickets;
        queue.tickets += 1;
        queue.waiting.push((Ticket { number, thread: thread::current() }, request));
        loop {
            if let Some(answer) = queue.answers.remove(&number) {
                return answer;
            }
            if queue.committing {
                drop(queue);
                thread::park();
                queue = self.lock();
                continue;
            }
            queue.committing = true;
            drop(queue);
            // Whoever is about to come takes part: on a busy machine the next commit holds many, on an idle one this costs
            // nothing.
            thread::yield_now();
            let (tickets, requests): (Vec<_>, Vec<_>) =
                mem::take(&mut self.lock().waiting).into_iter().unzip();
            let answers = commit(&requests);
            queue = self.lock();
            queue.committing = false;
            match answers {
                Ok(answers) => {
                    let numbers = tickets.iter().map(|ticket| ticket.number);
                    queue.answers.extend(numbers.zip(answers.into_iter().map(Ok)));
                }
                Err(error) => {
                    queue.answers.extend(tickets.iter().map(|ticket| (ticket.number, Err(error.clone()))));
                }
            }
            // One of those that came meanwhile commits for them.
            if let Some((next, _)) = queue.waiting.first() {
                next.thread.unpark();
            }
            tickets.iter().filter(|ticket| ticket.number != number).for_each(|ticket| ticket.thread.unpark());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue<Q, A>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
