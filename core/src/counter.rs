//! What the people at a refund counter need: the code that was scanned, whose account it is, whether it can receive
//! refunds, and what to say and do about an outcome, in English and Chinese.
//!
//! Nothing here decides about money: it reads what was decided. What a traveller's screen shows is masked, and an outcome
//! that is not known is never worded as paid or as failed.

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
