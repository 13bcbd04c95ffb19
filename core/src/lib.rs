//! Tax refunds through Alipay's open gateway, Alipay+ and Antom: one vetted implementation of the protocols.
//!
//! Money moves here, and three answers exist that are never mixed up: **succeeded** (verified), **failed** (verified: no
//! money moved) and **unknown** (money may have moved; there is always a stated next step). See [`Outcome`].
//!
//! # One refund, top-down
//!
//! 1. A protocol's `Client` ([`alipay::Client`], …) takes a request and checks all of it: [`Prepared`] is what is left,
//!    its business bytes frozen and fingerprinted. Every repeat sends exactly these.
//! 2. A [`Flow`] says what to do next: sign these bytes, send this request, wait this long, done with this outcome. It
//!    does no I/O itself. What it decides stands in the operation's table (`PHASES` in its file), as data.
//! 3. The [`Profile`] drafts and signs a request, and reads an answer: the signature over exactly the received bytes
//!    first, the parser after it ([`scheme`]).
//! 4. The client's driver loop does what the flow says, over a [`Transport`].
//!
//! ```no_run
//! use taxrefund_core::alipay::{Client, Config, PayTaxRefundRequest, Platform};
//! use taxrefund_core::{MerchantKey, Outcome, PrivateKey, PublicKey};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(Config::new(
//!     "2014072300007148",
//!     MerchantKey::Private(PrivateKey::load(&std::fs::read("merchant_private_key.pem")?)?),
//!     Platform::PublicKey(PublicKey::load(&std::fs::read("alipay_public_key.pem")?)?),
//! ))?;
//! let outcome = client.pay_tax_refund(&PayTaxRefundRequest {
//!     out_order_no: "0005520171122115751".into(),
//!     identify_account_type: "barcode".into(),
//!     identify_account_no: "281234567890123456".into(),
//!     tax_refund_currency: "SGD".into(),
//!     tax_refund_amount: "10000".into(),
//!     ..PayTaxRefundRequest::default()
//! })?;
//! match outcome {
//!     Outcome::Succeeded(paid) => println!("paid, Alipay's number is {:?}", paid.reference),
//!     Outcome::Failed(failed) => println!("not paid: {}; {:?}", failed.reason, failed.next_step),
//!     Outcome::Unknown(open) => println!("not known yet: {}; {:?}", open.reason, open.next_step),
//! }
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(not(any(feature = "aws-lc", feature = "pure-rust")))]
compile_error!("taxrefund-core needs the feature `aws-lc` or `pure-rust`");

pub mod alipay;
pub mod alipay_plus;
pub mod antom;
#[cfg(feature = "batch")]
pub mod batch;
#[cfg(feature = "driver")]
mod client;
pub mod codes;
pub mod counter;
pub mod currency;
pub mod datetime;
pub mod decision;
mod encoding;
mod error;
pub mod explain;
pub mod flow;
pub mod form_status;
pub mod json;
pub mod keys;
mod lenient;
pub mod money;
pub mod notification;
pub mod operations;
pub mod outcome;
mod prepare;
mod profile;
mod redact;
pub mod region;
pub mod retry;
pub mod scheme;
pub mod signing;
pub mod validation;
pub mod wire;

#[cfg(feature = "driver")]
pub use client::{CallOptions, CancelToken, Client, Observer, Progress, Transport};
#[cfg(feature = "client")]
pub use client::{HttpTransport, TransportConfig};
pub use decision::{Effect, NextStep, Protocol};
pub use error::{ConfigurationError, Error, InvalidRequest};
pub use flow::{Event, Flow, FlowMisuse, FlowState, Now, SendMemory, Step};
pub use keys::{PrivateKey, PublicKey};
pub use money::{Amount, Money};
pub use notification::{Notification, NotificationRefused};
pub use outcome::{Failed, Outcome, Reason, Report, Succeeded, Unknown};
pub use prepare::{Described, Operation, Prepared};
pub use profile::Profile;
pub use redact::{Extra, Sensitive};
pub use retry::Policy;
pub use scheme::{Environment, MerchantKey};
pub use wire::{Fault, HttpRequest, HttpResponse};
