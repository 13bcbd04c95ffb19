//! The program, driven as a process against a simulator in this one.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod night;
mod support;
mod wrong_inputs;
