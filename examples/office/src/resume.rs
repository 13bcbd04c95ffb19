//! `office resume`: one refund now, or all of a next step for the workers to take. Each begins by asking what became of it.

use std::io::{self, Write};

use anyhow::{Result, bail};
use taxrefund_core::{CancelToken, NextStep, Outcome};
use taxrefund_journal::Filter;

use crate::needs::named_step;
use crate::place::Place;
use crate::{Ending, signals};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Takes this refund up now, and says how it ended
    #[arg(required_unless_present = "next_step", conflicts_with = "next_step")]
    key: Option<String>,
    /// Makes all refunds with this next step due for the workers
    #[arg(long, value_name = "STEP", value_parser = named_step, requires = "why")]
    next_step: Option<NextStep>,
    /// Why, for the record: "the key was replaced", "support says it was paid"
    #[arg(long, value_name = "TEXT", requires = "next_step")]
    why: Option<String>,
}

pub(crate) fn run(args: &Args, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    match (&args.key, args.next_step, &args.why) {
        (Some(key), ..) => one(key, place, out),
        (None, Some(next_step), Some(why)) => {
            let filter = Filter { next_step: Some(next_step), ..Filter::default() };
            let reopened = place.open()?.reopen(&filter, why)?;
            writeln!(out, "{reopened} are due now; a running `office pay` takes them up")?;
            Ok(Ending::Fine)
        }
        (None, ..) => bail!("which refund? Give its key, or --next-step"),
    }
}

fn one(key: &str, place: &Place, out: &mut dyn Write) -> Result<Ending> {
    let accounts = place.accounts()?;
    let journal = place.open()?;
    let stop = CancelToken::new();
    let calls = place.calls(stop.clone());
    let mut found = Vec::new();
    for client in accounts.all() {
        if journal.find(client.profile(), key)?.is_some() {
            found.push(client.with(calls.clone()));
        }
    }
    let client = match found.as_slice() {
        [client] => client,
        [] => bail!("the journal has no refund with the key {key} of these accounts"),
        _ => bail!(
            "several of these accounts have a refund with the key {key}: give an accounts file with one"
        ),
    };
    signals::cancel_on_signal(stop)?;
    let longest_s = client.options().policy.deadline_ms / 1000;
    let _ = writeln!(io::stderr(), "asking; this may take {longest_s} s");
    let outcome = journal.resume(client, key)?;
    let said = outcome.reason().map(|reason| format!(": {reason}")).unwrap_or_default();
    let (state, ending) = match &outcome {
        Outcome::Succeeded(_) => ("succeeded", Ending::Fine),
        Outcome::Failed(_) => ("failed", Ending::NeedsSomebody),
        Outcome::Unknown(_) => ("not known yet", Ending::NeedsSomebody),
    };
    let reference =
        outcome.reference().map(|reference| format!(", reference {reference}")).unwrap_or_default();
    writeln!(out, "{key} {state}{reference}{said}; next step: {}", outcome.next_step().as_str())?;
    Ok(ending)
}
