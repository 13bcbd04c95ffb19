//! The native module of the Node package: models go in and out as JSON text, so that nothing here grows with operations. What
//! TypeScript sees of it is written in `node/src/native.ts`.
//!
//! The event loop's thread does what takes microseconds. Signatures and checks run in libuv's pool ([`pool`]); whatever touches
//! a disk, a network or a clock runs on threads of the module's own ([`threads`]), for libuv's four are Node's files and names too.
//! JavaScript's callables (signer, transport, observer) are called on the event loop, and do not keep the process alive.

#![allow(clippy::needless_pass_by_value, reason = "napi hands arguments over by value")]
#![allow(unreachable_pub, reason = "JavaScript reaches it")]
#![cfg_attr(test, allow(dead_code, reason = "a test build registers nothing with Node"))]

mod account;
mod callbacks;
mod client;
mod data;
mod flow;
mod journal;
mod pool;
mod problem;
mod sandbox;
mod threads;
mod worker;
