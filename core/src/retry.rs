//! How often, how long apart, how long in all: the documented bounds, which cannot be exceeded.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::codes;
use crate::decision::Window;
use crate::error::ConfigurationError;

/// Sends of one interface within one phase: the documented "3-10 times".
pub const ATTEMPTS: RangeInclusive<u32> = 3..=10;

/// The longest total deadline that can be asked for: a day.
pub const LONGEST_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

/// How a flow repeats. The intervals are the protocols' and not adjustable; the counts and deadlines are, within bounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Sends of one interface within one phase, 3 to 10. Default 5.
    pub attempts: u32,
    /// One exchange, from connecting to the last byte of the answer, in milliseconds. Default 15,000.
    pub attempt_timeout_ms: u64,
    /// The whole flow, waits included, in milliseconds. Default 300,000. When it ends the outcome is *unknown*.
    pub deadline_ms: u64,
    /// Sandbox only: waits are this many thousandths of the documented ones. Default 1,000.
    pub sandbox_wait_permille: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { attempts: 5, attempt_timeout_ms: 15_000, deadline_ms: 300_000, sandbox_wait_permille: 1000 }
    }
}

impl Policy {
    /// Refuses what the documented bounds do not allow; `sandbox`: whether it is for a test gateway.
    ///
    /// # Errors
    /// The first setting that is out of bounds.
    pub fn check(&self, sandbox: bool) -> Result<(), ConfigurationError> {
        let problem = |field: &str, message: String| {
            Err(ConfigurationError::new(field, codes::POLICY_OUT_OF_BOUNDS, message))
        };
        if !ATTEMPTS.contains(&self.attempts) {
            return problem(
                "policy.attempts",
                format!("must be {} to {}, is {}", ATTEMPTS.start(), ATTEMPTS.end(), self.attempts),
            );
        }
        if self.attempt_timeout_ms == 0 {
            return problem("policy.attempt_timeout_ms", "must be at least 1".to_owned());
        }
        let longest = LONGEST_DEADLINE.as_millis();
        if self.deadline_ms == 0 || u128::from(self.deadline_ms) > longest {
            return problem("policy.deadline_ms", format!("must be 1 to {longest}, is {}", self.deadline_ms));
        }
        if self.sandbox_wait_permille != 1000 && !sandbox {
            return problem(
                "policy.sandbox_wait_permille",
                "the documented waits may be shortened in the sandbox environment only".to_owned(),
            );
        }
        if self.sandbox_wait_permille > 1000 {
            return problem("policy.sandbox_wait_permille", "may be at most 1000".to_owned());
        }
        Ok(())
    }

    /// Draws a wait inside a window.
    pub(crate) fn wait(&self, window: Window, random: &mut fastrand::Rng) -> Duration {
        let documented = random.u64(window.least_ms..=window.most_ms);
        Duration::from_millis(documented * u64::from(self.sandbox_wait_permille) / 1000)
    }
}
