//! Promises of the value modules: currencies, amounts, regions, times and form statuses.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed test, also in the functions the tests share"
)]

mod amounts;
mod any_input;
mod currencies;
mod form_statuses;
mod regions;
mod times;

use proptest::prelude::*;
use taxrefund_core::currency::Currency;
use taxrefund_core::datetime::{
    GatewayTime, OffsetDateTime, epoch_millis_text, form_expiry, form_expiry_gateway, iso_utc_seconds,
    parse_response_time,
};
use taxrefund_core::form_status::{FormStatus, advise, advise_change_time, advise_expired};
use taxrefund_core::money::{
    Amount, AmountRules, Money, amount_problems, check_alipay_fx, check_amount, wallet_minimum,
    wallet_multiple,
};
use taxrefund_core::region::{Region, is_region};

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn money(code: &str, minor: u64) -> Money {
    Money::from_minor(minor, currency(code))
}

fn amount(code: &str, value: &str) -> Amount {
    Amount { currency: code.to_owned(), value: value.to_owned() }
}

fn major_code(text: &str, code: &str) -> &'static str {
    Money::parse_major(text, currency(code)).unwrap_err().code()
}

fn value_code(value: &str) -> &'static str {
    check_amount(&amount("SGD", value), AmountRules::default()).unwrap_err().code()
}

fn iso(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text).unwrap()
}

fn iso_code(text: &str) -> &'static str {
    OffsetDateTime::parse(text).unwrap_err().code()
}

fn gateway_code(text: &str) -> &'static str {
    GatewayTime::parse(text).unwrap_err().code()
}
