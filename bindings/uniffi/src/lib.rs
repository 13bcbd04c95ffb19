//! The native library of the Swift and Kotlin packages: models go in and out as JSON text, so that nothing here grows with
//! operations. Handles are objects, steps and requests are records; the rest is written in Swift and Kotlin.
//!
//! Every function returns a result: a panic in one that cannot would end the app.

#![warn(missing_docs)]
#![allow(unreachable_pub, reason = "Swift and Kotlin reach it")]
#![allow(clippy::needless_pass_by_value, reason = "UniFFI hands arguments over by value")]

mod account;
mod client;
mod counter;
mod data;
mod flow;
mod host;
mod journal;
mod problem;

uniffi::setup_scaffolding!("taxrefund_native");
