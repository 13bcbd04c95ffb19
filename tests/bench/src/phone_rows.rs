//! The rows of the Swift and Kotlin packages: the native library as it goes into apps, and what its boundary costs.
//!
//! Each package prepares in a process of its own, in turns with bare signatures in this one. A prepared request is what the core calls so:
//! the typed request, encoded, across the boundary, checked, its business bytes frozen and fingerprinted.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use crate::figures::{Figure, Target};
use crate::floor::Floor;
use crate::foreign::{Program, plain, ratio, setup};
use crate::keys::Keys;
use crate::measure::cpu_time;

/// The library of this machine, built like an app's.
const LIBRARY: &str = "TAXREFUND_BENCH_PHONE_LIBRARY";
/// The programs: a JSON list of words each.
const PROGRAMS: [(&str, [&str; 2]); 2] = [
    ("TAXREFUND_BENCH_SWIFT", ["swift_prepare_cost", "swift, to what is signed"]),
    ("TAXREFUND_BENCH_KOTLIN", ["kotlin_prepare_cost", "kotlin, to what is signed"]),
];

/// Requests in one turn.
const TURN: u32 = 200;
/// Requests before the first turn: Java's compilers are at work during the first 20,000.
const WARM_UP: u32 = 40_000;
/// Signatures in one turn.
const SIGNATURES: u32 = 20;

#[derive(Deserialize)]
struct Prepared {
    /// Processor time of one request.
    prepare_us: f64,
}

pub(crate) fn measure_all(keys: &Keys) -> Result<Vec<Figure>> {
    let Ok(library) = env::var(LIBRARY) else {
        println!(
            "the rows of Swift and Kotlin are left out: {LIBRARY} is not set; `cargo xtask bench` sets it"
        );
        return Ok(Vec::new());
    };
    let megabytes = std::fs::metadata(&library).with_context(|| library.clone())?.len() as f64 / 1e6;
    let meaning = "MB, the stripped native library of apps with its journal, for x86-64 Linux";
    let mut figures = vec![plain("mobile_library_mb", megabytes, Target::AtMost(3.0), meaning)];
    for (variable, names) in PROGRAMS {
        match env::var(variable) {
            Err(_) => {
                println!("{} is left out: {variable} is not set; `cargo xtask bench` sets it", names[0]);
            }
            Ok(words) => figures.extend(prepare_costs(names, &words, keys)?),
        }
    }
    Ok(figures)
}

fn prepare_costs([name, further]: [&'static str; 2], words: &str, keys: &Keys) -> Result<[Figure; 2]> {
    let words: Vec<String> = serde_json::from_str(words)?;
    let [program, arguments @ ..] = words.as_slice() else { bail!("{name}: no program") };
    let mut program = Program::start(Command::new(program).args(arguments), &setup(keys, ""))?;
    let mut prepare = |requests: u32, begun: bool| -> Result<f64> {
        let Prepared { prepare_us } = program.ask(&json!({ "requests": requests, "begun": begun }))?;
        Ok(prepare_us / 1e6)
    };
    prepare(WARM_UP, true)?;
    let mut floor = Floor::new(keys)?;
    let mut sign = || {
        let before = cpu_time();
        (0..SIGNATURES).try_for_each(|_| floor.sign())?;
        Ok((cpu_time() - before).as_secs_f64() / f64::from(SIGNATURES))
    };
    let meaning = "one request prepared through the package / one bare signature of aws-lc";
    let prepared = ratio(name, Some(Target::AtMost(0.2)), meaning, &mut || prepare(TURN, false), &mut sign)?;
    let meaning = "the same, and its flow begun: the bytes to sign";
    Ok([prepared, ratio(further, None, meaning, &mut || prepare(TURN, true), &mut sign)?])
}
