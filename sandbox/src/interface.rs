//! The protocols and interfaces the simulator answers.

use std::fmt;

/// A protocol family; each has its own keys, accounts and message form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// The open gateway, `POST /gateway.do`.
    Alipay,
    /// Alipay+, `POST /aps/api/v1/funds/...`.
    AlipayPlus,
    /// Antom, `POST /ams/api/v1/payments/...` and `/ams/sandbox/api/...`.
    Antom,
}

impl Protocol {
    /// The name used in the ledger, in logs and in credentials.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alipay => "alipay",
            Self::AlipayPlus => "alipay_plus",
            Self::Antom => "antom",
        }
    }
}

macro_rules! interfaces {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $protocol:ident $role:ident $wire:literal;)+) => {
        /// One interface of one protocol.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Interface { $($(#[doc = $doc])+ $variant,)+ }

        impl Interface {
            /// Every interface.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The short name used in fault rules and logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The protocol it belongs to.
            #[must_use]
            pub const fn protocol(self) -> Protocol {
                match self { $(Self::$variant => Protocol::$protocol,)+ }
            }

            pub(crate) const fn role(self) -> Role {
                match self { $(Self::$variant => Role::$role,)+ }
            }

            /// The gateway's `method`, or the last part of the path.
            pub(crate) const fn wire_name(self) -> &'static str {
                match self { $(Self::$variant => $wire,)+ }
            }
        }
    };
}

/// What an interface is to an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Moves money under its key.
    Pays,
    /// Asks what became of a key.
    Asks,
    /// Records something under its key; nothing asks about it later.
    Records,
    /// Reads; the key is the account asked about.
    Reads,
}

interfaces! {
    /// `alipay.overseas.tax.order.pay`
    Pay "pay" Alipay Pays "alipay.overseas.tax.order.pay";
    /// `alipay.overseas.tax.order.query`
    Query "query" Alipay Asks "alipay.overseas.tax.order.query";
    /// `alipay.overseas.tax.userinfo.query`
    UserInfo "userinfo" Alipay Reads "alipay.overseas.tax.userinfo.query";
    /// `alipay.system.oauth.token`
    Token "token" Alipay Reads "alipay.system.oauth.token";
    /// `syncTaxRefundForm`
    Sync "sync" AlipayPlus Records "syncTaxRefundForm";
    /// `evaluateOriginalCredit`
    Evaluate "evaluate" AlipayPlus Reads "evaluateOriginalCredit";
    /// `createOriginalCredit`
    Create "create" AlipayPlus Pays "createOriginalCredit";
    /// `inquireOriginalCredit`
    InquireCredit "inquire-credit" AlipayPlus Asks "inquireOriginalCredit";
    /// `confirmOriginalCredit`
    Confirm "confirm" AlipayPlus Asks "confirmOriginalCredit";
    /// `refund`
    Refund "refund" Antom Pays "refund";
    /// `inquiryRefund`
    InquireRefund "inquire-refund" Antom Asks "inquiryRefund";
}

impl Interface {
    pub(crate) fn of_wire_name(protocol: Protocol, wire_name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|i| i.protocol() == protocol && i.wire_name() == wire_name)
    }

    /// The first interface called for a key, in contrast to one that asks about it.
    pub(crate) fn leads(self) -> bool {
        self.role() != Role::Asks
    }

    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
