//! What the simulator promises, checked over real sockets by a client of the tests' own.

#![allow(clippy::unwrap_used, reason = "clippy exempts test functions, not the client they share")]

mod alipay_plus;
mod antom;
mod common;
mod faults;
mod gateway;
mod ledger;
mod notifications;
mod program;
mod readme;
mod robustness;
mod scenarios;
mod vectors;
