//! A stateful simulator of the tax refund gateways: the open gateway, Alipay+ and Antom.
//!
//! It verifies requests as the platforms do, keeps a [`Ledger`] of who was paid how often, and injects faults by
//! [`Scenario`]. It is written from the protocol sheets alone and shares no code with the client it tests.
//!
//! ```
//! use taxrefund_sandbox::{FaultMix, Sandbox};
//!
//! let sandbox = Sandbox::builder().seed(7).faults(FaultMix::demo()).start()?;
//! println!("pay against {} as {}", sandbox.base_url(), sandbox.credentials().alipay.app_id);
//! sandbox.provoke("ORDER1", "lost-answer*2")?;
//! assert!(sandbox.ledger().double_paid.is_empty());
//! sandbox.stop();
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod admin;
mod alipay;
mod alipay_plus;
mod antom;
mod clock;
mod codes;
mod config;
mod credentials;
mod crypto;
mod delivery;
mod faults;
mod fields;
mod gateway;
mod header_signed;
mod interface;
mod ledger;
mod notify;
mod payments;
mod plan;
mod sandbox;
mod scenario;
mod server;
mod world;

pub use config::{Accounts, NotificationSettings, PartnerPublicKeys, SandboxBuilder};
pub use credentials::{AlipayCredentials, Credentials, HeaderCredentials};
pub use crypto::KeyError;
pub use faults::{FaultError, FaultMix, FaultRule, Target, Times};
pub use interface::{Interface, Protocol};
pub use ledger::{DoublePaid, Ledger, LedgerEntry, LedgerTotals};
pub use notify::NotificationEntry;
pub use payments::Payment;
pub use sandbox::{Sandbox, SandboxError};
pub use scenario::Scenario;
pub use world::RequestEntry;
