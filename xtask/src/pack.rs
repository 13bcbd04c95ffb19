//! `cargo xtask pack`: a language's package as it is published, for this machine's platform.

use std::process::ExitCode;

use anyhow::Result;

use crate::{node, python};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Whose package
    #[arg(long, value_parser = ["python", "node"])]
    lang: String,
}

/// Prints where the files are.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let files = if args.lang == "python" { vec![python::wheel()?] } else { node::tarballs()?.to_vec() };
    for file in files {
        println!("{}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}
