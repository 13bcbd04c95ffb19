//! What the people at a refund counter see and are told.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

#[path = "../support/mod.rs"]
mod support;

mod confirmation;
mod outcomes;
mod scanned_code;
mod texts;
