//! The worker processes: started, struck, counted, and never left behind.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// What is done to a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blow {
    /// SIGKILL.
    Kill,
    /// SIGSTOP, and SIGCONT after this long.
    Stop(Duration),
    /// SIGSTOP, and SIGKILL after this long.
    StopThenKill(Duration),
}

/// What a worker process is started with.
pub(crate) struct Plan {
    pub(crate) journal: String,
    pub(crate) folder: PathBuf,
    pub(crate) seed: u64,
}

/// All workers. Dropped, it kills what still runs.
pub(crate) struct Fleet {
    plan: Plan,
    workers: Vec<Place>,
    started: u64,
    /// Blows that met a running process.
    pub(crate) hits: Hits,
}

#[derive(Default, Clone, Copy)]
pub(crate) struct Hits {
    pub(crate) kills: u32,
    pub(crate) stops: u32,
    pub(crate) kills_while_stopped: u32,
}

/// One worker's place: a dead one is followed by the next.
struct Place {
    child: Child,
    log: PathBuf,
    stopped: Option<Stopped>,
    /// It ended by itself, with nothing left to do.
    is_done: bool,
}

struct Stopped {
    until: Instant,
    then: Signal,
}

impl Fleet {
    pub(crate) fn start(plan: Plan, workers: usize) -> Result<Self> {
        let mut fleet = Self { plan, workers: Vec::new(), started: 0, hits: Hits::default() };
        for _ in 0..workers {
            let place = fleet.spawn()?;
            fleet.workers.push(place);
        }
        Ok(fleet)
    }

    fn spawn(&mut self) -> Result<Place> {
        self.started += 1;
        let log = self.plan.folder.join(format!("worker-{}.log", self.started));
        let file = File::create(&log)?;
        let child = Command::new(std::env::current_exe()?)
            .arg("worker")
            .arg("--journal")
            .arg(&self.plan.journal)
            .arg("--folder")
            .arg(&self.plan.folder)
            .arg("--seed")
            .arg((self.plan.seed ^ self.started << 32).to_string())
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("cannot start a worker")?;
        Ok(Place { child, log, stopped: None, is_done: false })
    }

    /// Wakes who slept long enough and replaces the dead; `true` when every worker has ended by itself.
    ///
    /// # Errors
    /// When a worker gave up.
    pub(crate) fn tend(&mut self) -> Result<bool> {
        for at in 0..self.workers.len() {
            let place = &mut self.workers[at];
            if let Some(Stopped { then, .. }) =
                place.stopped.take_if(|stopped| stopped.until <= Instant::now())
            {
                if then == Signal::KILL {
                    self.hits.kills_while_stopped += 1;
                }
                place.signal(then)?;
            }
            if place.is_done {
                continue;
            }
            let Some(status) = place.child.try_wait()? else { continue };
            if status.success() {
                place.is_done = true;
            } else if status.signal() == Some(Signal::KILL.as_raw()) {
                let next = self.spawn()?;
                self.workers[at] = next;
            } else {
                let said = std::fs::read_to_string(&place.log).unwrap_or_default();
                bail!("a worker gave up ({status}): {}", said.trim());
            }
        }
        Ok(self.workers.iter().all(|place| place.is_done))
    }

    /// Strikes one of the workers that run; `None` when there is none. Returns the worker's number.
    pub(crate) fn strike(&mut self, blow: Blow, lot: u64) -> Result<Option<usize>> {
        let mut running = Vec::new();
        for (at, place) in self.workers.iter_mut().enumerate() {
            if !place.is_done && place.stopped.is_none() && place.child.try_wait()?.is_none() {
                running.push(at);
            }
        }
        if running.is_empty() {
            return Ok(None);
        }
        let at = running[(lot % running.len() as u64) as usize];
        let place = &mut self.workers[at];
        let (signal, then) = match blow {
            Blow::Kill => (Signal::KILL, None),
            Blow::Stop(pause) => (Signal::STOP, Some((pause, Signal::CONT))),
            Blow::StopThenKill(pause) => (Signal::STOP, Some((pause, Signal::KILL))),
        };
        place.signal(signal)?;
        place.stopped = then.map(|(pause, then)| Stopped { until: Instant::now() + pause, then });
        *(if then.is_some() { &mut self.hits.stops } else { &mut self.hits.kills }) += 1;
        Ok(Some(at + 1))
    }

    pub(crate) fn processes(&self) -> u64 {
        self.started
    }
}

impl Place {
    /// A process that was not waited for is still there, so the number is no other's.
    fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(Pid::from_child(&self.child), signal).context("cannot signal a worker")
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for place in &mut self.workers {
            // One that has ended already refuses; it is gone either way.
            let _ = place.child.kill();
            let _ = place.child.wait();
        }
    }
}
