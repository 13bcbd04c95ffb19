//! `office pay`: the worker. Any number of them may run beside each other; killed, the next one goes on.

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::Result;
use taxrefund_core::CancelToken;
use taxrefund_journal::worker::{Until, WorkerEvent, WorkerOptions};
use taxrefund_journal::{State, Worker};

use crate::place::Place;
use crate::{Ending, signals};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Exchanges at the same time
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    exchanges: u16,
    /// When to end
    #[arg(long, value_enum, default_value_t = Ends::Due)]
    until: Ends,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Ends {
    /// When nothing is due now
    Due,
    /// When nothing becomes due by itself any more
    Open,
    /// Only when stopped: Ctrl-C or SIGTERM, once
    Stopped,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    let accounts = place.accounts()?;
    let journal = place.open()?;
    let calls = place.calls(CancelToken::new());
    let clients = accounts.all().iter().map(|client| client.with(calls.clone())).collect();
    let worker = Worker::new(&journal, clients)?
        .options(WorkerOptions {
            exchanges: usize::from(args.exchanges),
            until: match args.until {
                Ends::Due => Until::NothingDue,
                Ends::Open => Until::NothingOpen,
                Ends::Stopped => Until::Stopped,
            },
            ..WorkerOptions::default()
        })
        .observer(Arc::new(tell));
    signals::cancel_on_signal(worker.stop())?;
    writeln!(out, "{} begins: {}", journal.owner(), journal.counts()?)?;
    let summary = worker.run()?;
    writeln!(out, "{}: {summary}", if summary.stopped { "stopped" } else { "done" })?;
    writeln!(out, "the journal has {}", journal.counts()?)?;
    let ended = summary.ended;
    let needs_somebody = ended.failed + ended.unknown + summary.skipped > 0 || !summary.halted.is_empty();
    Ok(if needs_somebody { Ending::NeedsSomebody } else { Ending::Fine })
}

/// What somebody may want to know at once; everything is in the journal.
fn tell(event: &WorkerEvent<'_>) {
    let line = match event {
        WorkerEvent::Ended {
            key,
            state: state @ (State::Failed | State::Unknown),
            reason,
            next_step,
            ..
        } => {
            let why = reason.map(ToString::to_string).unwrap_or_default();
            format!("{key} {state}: {why}; next step: {}", next_step.as_str())
        }
        WorkerEvent::TakenOver { key } => format!("{key} was taken over by another worker or a notification"),
        WorkerEvent::SlowedDown { account, milli_per_s } => {
            format!(
                "{account} asks for a lower rate: {} requests a second for now",
                *milli_per_s as f64 / 1000.0
            )
        }
        WorkerEvent::Halted { account, reason } => {
            let why = reason.map(ToString::to_string).unwrap_or_default();
            format!("{account} was halted, its configuration is wrong: {why}")
        }
        WorkerEvent::Skipped { key, problem } => format!("{key} was left alone: {problem}"),
        WorkerEvent::ClockJumped { by_ms } => format!("this machine's clock was set by {by_ms} ms"),
        _ => return,
    };
    // Money does not wait for a terminal.
    let _ = writeln!(io::stderr(), "{line}");
}
