//! The native module of the Python package, `taxrefund._native`: models go in and out as JSON text, so that nothing here grows
//! with operations. What Python sees of it is written in `python/src/taxrefund/_native.pyi`.
//!
//! The interpreter is released around signing, exchanges, waits and the database; Python's callables (signer, transport,
//! observer, files) are called back attached to it.

#![allow(clippy::needless_pass_by_value, reason = "PyO3 hands arguments over by value")]

mod account;
mod client;
mod data;
mod errors;
mod exchange;
mod flow;
mod idle;
mod interrupt;
mod journal;
mod sandbox;
mod streams;
mod worker;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::account::{Account, Prepared};
    #[pymodule_export]
    use crate::client::{Cancel, Client};
    #[pymodule_export]
    use crate::data::{
        certificate_serial, cut_out, doctor, explain, explain_step, form_string_to_sign,
        form_string_to_verify, gateway_time, header_string_to_sign, minor_units, money_major, money_minor,
        offset_time, operations, parse_time, read_signature_header, root_serial, sign, tables, verify,
        version, write_signature_header,
    };
    #[pymodule_export]
    use crate::exchange::{HttpRequest, HttpResponse, HttpTransport};
    #[pymodule_export]
    use crate::flow::Flow;
    #[pymodule_export]
    use crate::journal::{Entry, Journal};
    #[pymodule_export]
    use crate::sandbox::Sandbox;
    #[pymodule_export]
    use crate::worker::Worker;
}
