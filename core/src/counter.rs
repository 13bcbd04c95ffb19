//! What the people at a refund counter need: the code that was scanned, whose account it is, whether it can receive
//! refunds, and what to say and do about an outcome, in English and Chinese.
//!
//! Nothing here decides about money: it reads what was decided. What a traveller's screen shows is masked, and an outcome
//! that is not known is never worded as paid or as failed.
//!
//! ```
//! use taxrefund_core::counter::{Advice, Told};
//! use taxrefund_core::explain::Language;
//!
//! # fn main() -> Result<(), taxrefund_core::counter::NotAnOutcome> {
//! // From an outcome itself: `Told::of(&outcome)`. From its JSON, as the language packages have it:
//! let told = Told::read(r#"{
//!     "outcome": "unknown", "next_step": "resume_later",
//!     "reason": { "code": "timeout", "verified": false },
//!     "report": { "operation": "alipay.pay_tax_refund", "key": "0005520171122115751",
//!                 "attempts": [], "slow_down": false, "evidence": null }
//! }"#)?;
//! let advice = Advice::on(&told, Language::English);
//! assert_eq!(advice.title, "Result not known yet");
//! assert!(advice.may_ask_again && !advice.may_start_new);
//! # Ok(())
//! # }
//! ```

mod advice;
mod confirmation;
mod eligibility;
mod mask;
mod scanned_code;
mod told;

pub use advice::Advice;
pub use confirmation::{Confirmation, Shown};
pub use eligibility::{Eligibility, Verdict};
pub use scanned_code::{AccountType, ScanError, ScannedCode};
pub use told::{NotAnOutcome, Told};
