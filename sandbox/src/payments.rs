//! The payments Antom refunds come out of.

use serde::{Deserialize, Serialize};

use crate::scenario::Scenario;

/// A payment registered with the sandbox, so that the refund rules about it hold. One that is not registered springs up
/// at its first refund, in that refund's currency and without limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Payment {
    /// Antom's id of the payment.
    pub payment_id: String,
    /// ISO 4217; refunds have the same.
    pub currency: String,
    /// The payment's amount in the smallest unit: the sum of all refunds stays within it.
    pub amount_minor: u64,
    /// The smallest refund.
    #[serde(default = "one")]
    pub minimum_refund_minor: u64,
    /// False for a payment that is not captured, or under an undecided chargeback.
    #[serde(default = "yes")]
    pub captured: bool,
    /// False once the refund period is over.
    #[serde(default = "yes")]
    pub in_refund_period: bool,
    /// Whether less than the whole can be refunded.
    #[serde(default = "yes")]
    pub partial_refunds: bool,
    /// Whether more than one refund is possible.
    #[serde(default = "yes")]
    pub multiple_refunds: bool,
    /// Refunded so far, in the smallest unit.
    #[serde(default)]
    pub refunded_minor: u64,
}

impl Payment {
    /// A captured payment that allows everything.
    #[must_use]
    pub fn new(payment_id: &str, currency: &str, amount_minor: u64) -> Self {
        Self {
            payment_id: payment_id.to_owned(),
            currency: currency.to_owned(),
            amount_minor,
            minimum_refund_minor: 1,
            captured: true,
            in_refund_period: true,
            partial_refunds: true,
            multiple_refunds: true,
            refunded_minor: 0,
        }
    }

    /// The rule a refund breaks, if any (refund page, table 1).
    pub(crate) fn broken_rule(&self, currency: &str, amount_minor: u64) -> Option<Scenario> {
        let left = self.amount_minor.saturating_sub(self.refunded_minor);
        [
            (currency != self.currency, Scenario::CurrencyNotSupport),
            (!self.captured, Scenario::OrderStatusInvalid),
            (!self.in_refund_period, Scenario::WindowExceed),
            (!self.multiple_refunds && self.refunded_minor > 0, Scenario::MultipleNotSupported),
            (amount_minor < self.minimum_refund_minor || amount_minor > left, Scenario::AmountExceed),
            (!self.partial_refunds && amount_minor != self.amount_minor, Scenario::PartialNotSupported),
        ]
        .into_iter()
        .find_map(|(broken, rule)| broken.then_some(rule))
    }
}

fn one() -> u64 {
    1
}

fn yes() -> bool {
    true
}
