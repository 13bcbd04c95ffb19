//! `cargo xtask chaos`: workers killed and stopped in the middle of their work, proved by the sandbox's ledger.

use std::process::ExitCode;

use anyhow::{Context, bail};

use crate::{kotlin, postgres, process};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Kill that package's counter app instead: kotlin, with `--kills N` [default: 1000]
    #[arg(long)]
    lang: Option<String>,
    /// Passed on to the program: `--store sqlite|postgres`, `--lines N`, `--kills K`, `--workers W`, `--seed S`, `--keep`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if let Some(lang) = &args.lang {
        return of_a_counter(lang, &args.rest);
    }
    if args.rest.iter().any(|word| word.contains("postgres")) {
        postgres::ensure()?;
    }
    process::run(command().args(&args.rest))?;
    Ok(ExitCode::SUCCESS)
}

fn of_a_counter(lang: &str, rest: &[String]) -> anyhow::Result<ExitCode> {
    let kills = match rest {
        [] => 1_000,
        [option, kills] if option == "--kills" => kills.parse().context("--kills is a number")?,
        _ => bail!("with --lang there is only --kills N"),
    };
    if lang != "kotlin" {
        bail!("there is no counter to kill in {lang}, only in kotlin");
    }
    let tally = kotlin::kills(kills)?;
    println!("{tally}");
    Ok(if tally.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The program's own command line, without further arguments: 1,000 refunds, 10 kills, 4 workers.
pub(crate) fn command() -> std::process::Command {
    process::cargo(&["run", "--release", "-p", "taxrefund-chaos", "--"])
}
