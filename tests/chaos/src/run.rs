//! One run: simulator, files, workers, storm, healing, verdict.

use std::process::ExitCode;
use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use taxrefund_journal::{Journal, Options as JournalOptions};
use taxrefund_sandbox::{NotificationSettings, Sandbox};

use crate::accounts::{self, Access};
use crate::batch::{self, Kind};
use crate::fleet::{Fleet, Plan};
use crate::merchant::Merchant;
use crate::notices::Notices;
use crate::place::{Place, Store};
use crate::verdict::{Evidence, judge};
use crate::{blows, books, faults, heal, report, storm, worker};

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the journal is: a file, or a private PostgreSQL cluster
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    store: Store,
    /// Lines in all three files together
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    lines: u64,
    /// How many times a worker is struck: killed, or stopped for longer than its lease
    #[arg(long, default_value_t = 10)]
    kills: u64,
    /// Worker processes
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// Chooses lines, faults and blows
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Fail when the workers are not done after so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    liveness: u64,
    /// Keep the run's folder
    #[arg(long)]
    keep: bool,
}

pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let Options { store, lines, kills, workers, seed, .. } = options;
    println!("seed {seed}: {lines} lines, {workers} workers, {kills} blows, journal in {store:?}");
    let place = Place::new(*store)?;
    let outcome = in_place(options, &place);
    let holds = outcome.as_ref().is_ok_and(|(holds, _)| *holds);
    if holds && !options.keep {
        place.remove()?;
    } else {
        println!("kept: {}", place.folder().display());
    }
    let (_, closing_line) = outcome?;
    println!("{closing_line}");
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether all is well, and the closing line.
fn in_place(options: &Options, place: &Place) -> Result<(bool, String)> {
    let (began, seed, folder) = (Instant::now(), options.seed, place.folder());
    let sandbox = Sandbox::builder()
        .seed(seed)
        .faults(faults::mix()?)
        // Comes in time when the machine is not busy.
        .long_delay(accounts::ATTEMPT_TIMEOUT * 3 / 5)
        .drip_interval(Duration::from_millis(2))
        // After the first repeats, so that both ways to a result are gone.
        .notifications(NotificationSettings {
            delay: Duration::from_millis(300),
            ..NotificationSettings::default()
        })
        .log_limit(usize::MAX)
        .start()?;
    let mut notices = Notices::bind()?;
    let batches = batch::all(options.lines, seed, &notices.url()?);
    for batch in &batches {
        std::fs::write(folder.join(batch.file.name()), &batch.text)?;
    }
    let access = Access::new(sandbox.credentials(), &notices.url()?);
    std::fs::write(folder.join(worker::ACCESS), serde_json::to_vec(&access)?)?;
    let accounts = access.open(seed)?;

    let plan = Plan { journal: place.journal().to_owned(), folder: folder.to_owned(), seed };
    let mut fleet = Fleet::start(plan, usize::from(options.workers))?;
    // The workers are opening it at this moment: whoever comes first makes it.
    let journal = Journal::open(place.journal(), accounts::journal_options())?;
    // Of its own: a worker that is stopped in the middle of a write makes every writer wait, but must not keep from waking it.
    let watched =
        Journal::open(place.journal(), JournalOptions { read_only: true, ..JournalOptions::default() })?;
    notices.start(&journal, &accounts)?;
    let merchant = Merchant::new(&accounts, &batches, seed)?;
    let refunds =
        batches.iter().flat_map(|batch| &batch.lines).filter(|line| line.kind == Kind::Refund).count() as u64;
    let missed = thread::scope(|scope| {
        let callers = merchant.start(scope, &journal);
        let blows = blows::plan(options.kills, seed);
        let liveness = Duration::from_secs(options.liveness);
        let missed = storm::rage(&mut fleet, &watched, &blows, refunds, liveness);
        merchant.stop();
        for caller in callers {
            let _ = caller.join();
        }
        missed
    })?;
    let (hits, processes) = (fleet.hits, fleet.processes());
    drop(fleet);
    let reopened = heal::heal(&journal, &accounts, &batches, &sandbox, folder)?;
    // What reading the ledger lets arrive is not notified any more.
    notices.stop();

    let ledger = sandbox.ledger();
    let told = merchant.told();
    let mut verdict = judge(&Evidence {
        batches: &batches,
        journal: &books::recorded(&journal)?,
        ledger: &ledger,
        results: &books::results(&journal, &accounts, folder)?,
        told: &told.finals,
    });
    verdict.wrong.extend(told.wrong.iter().cloned());
    verdict.wrong.extend(notices.counts.wrong.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    let proof = journal.verify(None)?;

    report::table(&verdict);
    report::blows(hits, missed, processes, books::taken_over(&journal)?);
    report::company(&told, &notices.counts, reopened);
    report::faults(&sandbox);
    match &proof {
        Ok(proof) => report::chain(proof.records, &proof.head),
        Err(broken) => println!("WRONG: the journal does not verify: {broken}"),
    }
    report::complaints(&verdict);
    if !(verdict.holds() && proof.is_ok()) {
        std::fs::write(folder.join("ledger.json"), serde_json::to_vec_pretty(&ledger)?)?;
        std::fs::write(folder.join("requests.json"), serde_json::to_vec_pretty(&sandbox.requests())?)?;
    }
    println!("{:.1} s in all", began.elapsed().as_secs_f64());
    Ok((verdict.holds() && proof.is_ok(), verdict.closing_line()))
}
