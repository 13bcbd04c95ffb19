//! What a difference can be, how much it matters, and what the person who settles accounts does about it: as data.

use serde::Serialize;

/// What kind of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Both have the key, and one says done where the other does not.
    Status,
    /// The list has the key on more than one line.
    Duplicate,
    /// The list has the key as paid, the journal does not know it.
    Extra,
    /// The journal says succeeded, the list does not have the key.
    Missing,
    /// Both have the key; the currency or the amount differs.
    Amount,
}

impl Kind {
    /// `status`, `duplicate`, `extra`, `missing` or `amount`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Duplicate => "duplicate",
            Self::Extra => "extra",
            Self::Missing => "missing",
            Self::Amount => "amount",
        }
    }
}

/// How much a difference matters; the most severe comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Money moved that the journal does not account for: a refund called failed was paid, a refund was perhaps paid
    /// more than once, or nobody knows who paid it.
    Critical,
    /// Money that should have moved did not, or not in this amount.
    Serious,
    /// The list tells more than the journal knows yet, or repeats itself without a second payment.
    Notice,
}

impl Severity {
    /// `critical`, `serious` or `notice`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Serious => "serious",
            Self::Notice => "notice",
        }
    }
}

/// One thing that can be found, before it is about a key.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    pub(super) advice: &'static str,
}

pub(super) const FAILED_BUT_PAID: Finding = Finding {
    kind: Kind::Status,
    severity: Severity::Critical,
    advice: "It was paid although the journal calls it failed: stop every new refund for the same form, and pay \
             nothing before support has answered.",
};

pub(super) const PERHAPS_PAID_TWICE: Finding = Finding {
    kind: Kind::Duplicate,
    severity: Severity::Critical,
    advice: "It may have been paid more than once: ask support whether each of these lines moved money, and settle \
             none of them before the answer.",
};

pub(super) const EXTRA: Finding = Finding {
    kind: Kind::Extra,
    severity: Severity::Critical,
    advice: "Find out what paid this (another system, another account, an entry outside the time compared); pay \
             nothing for the same form before that is known.",
};

pub(super) const SUCCEEDED_BUT_FAILED: Finding = Finding {
    kind: Kind::Status,
    severity: Severity::Serious,
    advice: "The provider confirmed it and now lists it as failed: ask support with the reference, and never pay \
             again before support has answered.",
};

pub(super) const MISSING: Finding = Finding {
    kind: Kind::Missing,
    severity: Severity::Serious,
    advice: "Look in the next list first; if it is not there either, ask support with the reference, and never pay \
             again before support has answered.",
};

pub(super) const AMOUNT_OF_A_PAYMENT: Finding = Finding {
    kind: Kind::Amount,
    severity: Severity::Serious,
    advice: "Compare both amounts with the tax refund form and ask support; pay no difference before support has \
             answered.",
};

pub(super) const ENDED_PAID: Finding = Finding {
    kind: Kind::Status,
    severity: Severity::Notice,
    advice: "By the list it was paid: never pay it again; resume the refund with the same key, so that a verified \
             answer closes it in the journal.",
};

pub(super) const ENDED_FAILED: Finding = Finding {
    kind: Kind::Status,
    severity: Severity::Notice,
    advice: "By the list it failed, but a list is no verified answer: resume the refund with the same key, and pay \
             nothing new before it has ended.",
};

pub(super) const AMOUNT_OF_A_FAILURE: Finding = Finding {
    kind: Kind::Amount,
    severity: Severity::Notice,
    advice: "By the list no money moved; check that both sides speak of the same refund, and pay nothing before that \
             is clear.",
};

pub(super) const LISTED_TWICE: Finding = Finding {
    kind: Kind::Duplicate,
    severity: Severity::Notice,
    advice: "By the list it was paid at most once; ask the provider why it is listed again, and pay nothing because \
             of it.",
};
