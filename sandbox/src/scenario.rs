//! Everything that can go wrong on demand, one line each.

use std::fmt;

use crate::interface::{Interface, Protocol, Role};

/// Where a scenario takes hold. One request meets at most one decision, one delivery, and any number of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The platform's answer to this one request; nothing is recorded or paid unless the line says so.
    Decision,
    /// What becomes of the key when it is first accepted; the count says for how many later requests it stays open.
    Fate,
    /// The request never reaches the platform: nothing is recorded or paid.
    Unreached,
    /// The request is carried out; the answer is lost, late or altered on its way.
    Delivery,
    /// What is sent to the notification address.
    Notice,
}

/// Which of a key's interfaces a scenario takes hold of when the rule names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// The interface that pays, records or reads.
    Lead,
    /// The interface that asks what became of it, or the only one there is.
    Follow,
}

macro_rules! scenarios {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $stage:ident $home:ident;)+) => {
        /// A fault or an unusual answer. [`Scenario::name`] is stable; the doc lines are the table in the README.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Scenario { $($(#[doc = $doc])+ $variant,)+ }

        impl Scenario {
            /// Every scenario, in the README's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable kebab-case name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// One sentence: what happens.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim(),)+ }
            }

            pub(crate) const fn stage(self) -> Stage {
                match self { $(Self::$variant => Stage::$stage,)+ }
            }

            pub(crate) const fn home(self) -> Home {
                match self { $(Self::$variant => Home::$home,)+ }
            }
        }
    };
}

scenarios! {
    /// Carried out, then the connection is closed without an answer. The commonest fault of all.
    LostAnswer "lost-answer" Delivery Lead;
    /// Closed without an answer, nothing carried out.
    LostRequest "lost-request" Unreached Lead;
    /// Closed without an answer; carried out only after the next inquiry was answered "not known" (or at the next repeat).
    LateExecution "late-execution" Unreached Lead;
    /// Carried out, then the connection is reset (RST).
    Reset "reset" Delivery Lead;
    /// Carried out; the genuine answer comes after the configured long delay.
    Delay "delay" Delivery Lead;
    /// Carried out; the genuine answer comes one byte at a time.
    Drip "drip" Delivery Lead;
    /// Carried out; the connection closes in the middle of the announced body.
    HalfAnswer "half-answer" Delivery Lead;
    /// Carried out; HTTP 500 with a page of text.
    Http500 "http-500" Delivery Lead;
    /// Carried out; HTTP 500 with the genuine signed answer as its body.
    Http500Json "http-500-json" Delivery Lead;
    /// Carried out; HTTP 502 with a proxy's page.
    Http502 "http-502" Delivery Lead;
    /// Carried out; HTTP 502 with a proxy's JSON.
    Http502Json "http-502-json" Delivery Lead;
    /// HTTP 503 with a page of text, nothing carried out.
    Http503 "http-503" Unreached Lead;
    /// HTTP 503 with a balancer's JSON, nothing carried out.
    Http503Json "http-503-json" Unreached Lead;
    /// HTTP 200 with a captive portal's HTML page, nothing carried out.
    HtmlPage "html-page" Unreached Lead;
    /// HTTP 302 to another address, nothing carried out.
    Redirect "redirect" Unreached Lead;
    /// An unsigned refusal with a configuration code, nothing carried out.
    UnsignedRefusal "unsigned-refusal" Unreached Lead;
    /// A success signed by a stranger, nothing carried out.
    ForgedSuccess "forged-success" Unreached Lead;
    /// Carried out; a failure signed by a stranger.
    ForgedFailure "forged-failure" Delivery Lead;
    /// Carried out; the genuine answer without its signature.
    UnsignedSuccess "unsigned-success" Delivery Lead;
    /// Carried out; the genuine answer signed by a stranger's key.
    StrangerKey "stranger-key" Delivery Lead;
    /// Carried out; the genuine answer signed by the caller's own key.
    PartnerKey "partner-key" Delivery Lead;
    /// Carried out; the genuine answer signed by the right key under SHA-1.
    Sha1Signed "sha1-signed" Delivery Lead;
    /// Carried out; one character of the answer changed after signing.
    Tampered "tampered" Delivery Lead;
    /// Carried out; header protocols: signature without response-time. Gateway: half of the signature.
    SignatureWithoutTime "signature-without-time" Delivery Lead;
    /// Carried out; header protocols: response-time without signature. Gateway: an empty sign.
    TimeWithoutSignature "time-without-signature" Delivery Lead;
    /// Carried out; the answer's root key occurs twice, the second time forged.
    RepeatedRoot "repeated-root" Delivery Lead;
    /// Carried out; a validly signed answer to another method or path.
    OtherMethod "other-method" Delivery Lead;
    /// Carried out; a validly signed answer to another client id (header protocols only).
    OtherClient "other-client" Delivery Lead;
    /// Carried out; a validly signed answer that names another order (where the answer names one).
    OtherOrder "other-order" Delivery Lead;
    /// Carried out; slashes written as `\/`, signed as sent. Genuine.
    EscapedSlashes "escaped-slashes" Delivery Lead;
    /// Carried out; slashes written as `\/`, signed as if they were plain.
    UnescapedSignature "unescaped-signature" Delivery Lead;
    /// Carried out; `}` and quotes inside a string value. Genuine.
    BraceInString "brace-in-string" Delivery Lead;
    /// Carried out; line breaks and blanks between the members. Genuine.
    Whitespace "whitespace" Delivery Lead;
    /// Carried out; Chinese text written as `\uXXXX`. Genuine.
    UnicodeEscapes "unicode-escapes" Delivery Lead;
    /// Carried out; members no document names. Genuine.
    UnknownMembers "unknown-members" Delivery Lead;
    /// Carried out; a validly signed body of more than 2 MiB.
    OversizedBody "oversized-body" Delivery Lead;
    /// Carried out; 256 KiB of response headers.
    OversizedHeaders "oversized-headers" Delivery Lead;
    /// Carried out; a validly signed body with 100 levels of nesting.
    DeepJson "deep-json" Delivery Lead;
    /// Carried out; the answer is compressed although nobody asked for it.
    Gzip "gzip" Delivery Lead;
    /// Carried out; the answer is in GBK, signed as sent.
    Gbk "gbk" Delivery Lead;

    /// 40005 / U REQUEST_TRAFFIC_EXCEED_LIMIT.
    Throttled "throttled" Decision Lead;
    /// 20000 / U UNKNOWN_EXCEPTION, nothing carried out.
    ServiceUnavailable "service-unavailable" Decision Lead;
    /// 20000 / U UNKNOWN_EXCEPTION, although carried out.
    ServiceUnavailablePaid "service-unavailable-paid" Decision Lead;
    /// 40004 SYSTEM_ERROR / U UNKNOWN_EXCEPTION to an inquiry or a reading.
    SystemError "system-error" Decision Follow;
    /// 20001 / F INVALID_ACCESS_TOKEN.
    TokenInvalid "token-invalid" Decision Lead;
    /// 40006 / F ACCESS_DENIED.
    NoPermission "no-permission" Decision Lead;
    /// 40001 / F PARAM_ILLEGAL.
    MissingArgument "missing-argument" Decision Lead;
    /// 40002 / F PARAM_ILLEGAL.
    InvalidArgument "invalid-argument" Decision Lead;
    /// 40003 / F INVALID_CONTRACT.
    InsufficientConditions "insufficient-conditions" Decision Lead;
    /// 40004 X / F PROCESS_FAIL, nothing recorded: the key stays unknown.
    BusinessFailed "business-failed" Decision Lead;
    /// 40004 SYSTEM_ERROR / U UNKNOWN_EXCEPTION, although carried out.
    BusinessFailedPaid "business-failed-paid" Decision Lead;
    /// A code no document names (49999 / F NEVER_SEEN_BEFORE).
    UnknownCode "unknown-code" Decision Lead;
    /// A status no document names (status, resultStatus or refundStatus `Z`).
    UnknownStatus "unknown-status" Decision Follow;
    /// Carried out; success without tax_no, refundId or originalCreditId.
    SuccessWithoutNumber "success-without-number" Decision Lead;
    /// A signed refusal for a wrong signature, though it is right.
    InvalidSignatureCode "invalid-signature-code" Decision Lead;
    /// Any code: the rule's argument is `CODE`, `CODE.SUB_CODE` or `STATUS.RESULT_CODE`.
    Code "code" Decision Lead;
    /// ILLEGAL_IDENTIFY_ACCOUNT_NO / F USER_NOT_EXIST.
    BadAccount "bad-account" Decision Lead;
    /// User information: eligible false, REAL_NAME_UNCERTIFIED.
    Uncertified "uncertified" Decision Lead;
    /// User information: eligible false, ILLEGAL_USER.
    IllegalUser "illegal-user" Decision Lead;
    /// User information: eligible false, USER_ACCOUNT_FREEZED.
    FrozenAccount "frozen-account" Decision Lead;

    /// A real failure, recorded: the answer is 40004 / F PROCESS_FAIL, an inquiry says F / FAIL.
    Failed "failed" Fate Lead;
    /// Accepted and paid, shown as in process (20000 / U, inquiry I / PROCESSING / U) for n inquiries, then success.
    InProcess "in-process" Fate Lead;
    /// Accepted, shown as in process for n inquiries, then a real failure.
    InProcessFailed "in-process-failed" Fate Lead;
    /// The first pay ends 40004 SYSTEM_ERROR and inquiries say TAX_REFUND_RESULT_UNKNOWN until the pay was repeated n times (elsewhere as in-process).
    ResultUnknown "result-unknown" Fate Lead;
    /// F CURRENCY_NOT_SUPPORT, recorded as failed.
    CurrencyNotSupport "currency-not-support" Fate Lead;
    /// F REFUND_AMOUNT_EXCEED, recorded as failed.
    AmountExceed "amount-exceed" Fate Lead;
    /// F ORDER_STATUS_INVALID, recorded as failed.
    OrderStatusInvalid "order-status-invalid" Fate Lead;
    /// F REFUND_WINDOW_EXCEED, recorded as failed.
    WindowExceed "window-exceed" Fate Lead;
    /// F ORDER_NOT_EXIST, recorded as failed.
    OrderNotExist "order-not-exist" Fate Lead;
    /// F PARTIAL_REFUND_NOT_SUPPORTED, recorded as failed.
    PartialNotSupported "partial-not-supported" Fate Lead;
    /// F MULTIPLE_REFUNDS_NOT_SUPPORTED, recorded as failed.
    MultipleNotSupported "multiple-not-supported" Fate Lead;
    /// F MERCHANT_BALANCE_NOT_ENOUGH, recorded as failed.
    BalanceNotEnough "balance-not-enough" Fate Lead;
    /// F RISK_REJECT, recorded as failed.
    RiskReject "risk-reject" Fate Lead;
    /// F USER_NOT_EXIST, recorded as failed.
    UserNotExist "user-not-exist" Fate Lead;

    /// The notification is sent and acknowledged before the answer to the request.
    NotificationFirst "notification-first" Notice Lead;
    /// The notification is sent only after the configured late delay.
    NotificationLate "notification-late" Notice Lead;
    /// The same notification is sent three times although acknowledged.
    NotificationRepeated "notification-repeated" Notice Lead;
    /// A notification signed by a stranger, saying the opposite, goes before the genuine one.
    NotificationForged "notification-forged" Notice Lead;
    /// The genuine notification is followed by a validly signed one that says the opposite.
    NotificationContradicts "notification-contradicts" Notice Lead;
    /// No notification is sent.
    NotificationNone "notification-none" Notice Lead;
}

impl Scenario {
    /// The scenario with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|s| s.name() == name)
    }

    /// The name inside a magic value: upper case without hyphens.
    #[must_use]
    pub fn marker(self) -> String {
        self.name().replace('-', "").to_ascii_uppercase()
    }

    /// Whether a decision is about a request that was carried out nevertheless.
    pub(crate) fn carries_out(self) -> bool {
        matches!(
            self,
            Self::ServiceUnavailablePaid
                | Self::BusinessFailedPaid
                | Self::SuccessWithoutNumber
                | Self::UnknownStatus
        )
    }

    /// The last six digits of a wallet code that choose this scenario.
    #[must_use]
    pub const fn wallet_code_ending(self) -> Option<&'static str> {
        match self {
            Self::BadAccount => Some("990001"),
            Self::Uncertified => Some("990002"),
            Self::IllegalUser => Some("990003"),
            Self::FrozenAccount => Some("990004"),
            Self::SystemError => Some("990005"),
            Self::LostAnswer => Some("990006"),
            _ => None,
        }
    }

    /// Whether the scenario means anything at this interface; elsewhere a rule with it is passed over.
    #[must_use]
    pub fn suits(self, interface: Interface) -> bool {
        match self {
            Self::OtherClient => interface.protocol() != Protocol::Alipay,
            Self::LateExecution => interface.role() == Role::Pays,
            Self::Uncertified | Self::IllegalUser | Self::FrozenAccount => interface == Interface::UserInfo,
            _ => match self.stage() {
                Stage::Fate => matches!(interface.role(), Role::Pays | Role::Records),
                Stage::Notice => interface.role() == Role::Pays,
                _ => true,
            },
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
