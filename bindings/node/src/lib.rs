//! The native module of the Node package: models go in and out as JSON text, so that nothing here grows with operations. What
//! TypeScript sees of it is written in `node/src/native.ts`.
//!
//! The event loop's thread does what takes microseconds. Flows sign and verify on threads of the module's own ([`steps`]), as does
//! whatever touches a disk, a network or a clock ([`threads`]); single signatures and notifications go through libuv's pool
//! ([`pool`]), whose few threads are Node's files and names too.
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
mod steps;
mod threads;
mod worker;
