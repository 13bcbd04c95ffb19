//! The back office as one small program: what an operator does with a journal, each command one small file.
//!
//! Made to be copied: replace `accounts.rs` by wherever your keys live, and keep the commands you need.

#![forbid(unsafe_code)]

mod accounts;
mod batch_file;
mod import;
mod needs;
mod pay;
mod place;
mod print;
mod results;
mod resume;
mod rotate_key;
mod settle;
mod show;
mod signals;
mod status;
mod verify;

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use place::Place;

const EXIT_CODES: &str = "Exit codes: 0 fine; 1 an error, and the message says what to do; 2 it worked, and something needs \
                          somebody: wrong lines, failed or unknown refunds, differences, a journal that is not whole.";

/// Imports, pays, looks at and checks tax refunds in a journal.
#[derive(Parser)]
#[command(name = "office", version, after_help = EXIT_CODES)]
struct Office {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Records every line of a file that can be sent; nothing is sent yet
    Import(import::Args),
    /// Sends what is due, and asks what became of what was sent
    Pay(pay::Args),
    /// How many refunds are where, and what needs somebody
    Status(status::Args),
    /// The whole story of one refund
    Show(show::Args),
    /// Takes refunds up again that rest: they begin by asking
    Resume(resume::Args),
    /// Writes what became of each line of an imported file
    Results(results::Args),
    /// Holds the journal against a provider's list
    Settle(settle::Args),
    /// Proves that nothing recorded was changed or removed
    Verify(verify::Args),
    /// Changes the sealing key
    RotateKey(rotate_key::Args),
}

/// How a command ended that did what it was asked to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Fine,
    NeedsSomebody,
}

fn main() -> ExitCode {
    let office = match Office::try_parse() {
        Ok(office) => office,
        Err(usage) => {
            // Nobody is left to tell when even that cannot be written.
            let _ = usage.print();
            // Clap's own code for a mistake is 2, which means something else here.
            return if usage.use_stderr() { ExitCode::from(1) } else { ExitCode::SUCCESS };
        }
    };
    match office.run() {
        Ok(Ending::Fine) => ExitCode::SUCCESS,
        Ok(Ending::NeedsSomebody) => ExitCode::from(2),
        // Whoever read our output has seen enough (`office show KEY | head`).
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(1)
        }
    }
}

impl Office {
    fn run(&self) -> Result<Ending> {
        let (place, out) = (&self.place, &mut io::stdout());
        match &self.command {
            Command::Import(args) => import::run(args, place, out),
            Command::Pay(args) => pay::run(args, place, out),
            Command::Status(args) => status::run(args, place, out),
            Command::Show(args) => show::run(args, place, out),
            Command::Resume(args) => resume::run(args, place, out),
            Command::Results(args) => results::run(args, place, out),
            Command::Settle(args) => settle::run(args, place, out),
            Command::Verify(args) => verify::run(args, place, out),
            Command::RotateKey(args) => rotate_key::run(args, place, out),
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    error.downcast_ref::<io::Error>().is_some_and(is)
}
