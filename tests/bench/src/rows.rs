//! The rows: what is measured, beside which floor, and how much is allowed.

use anyhow::{Result, ensure};
use clap::ValueEnum;
use taxrefund_core::signing::{Algorithm, Signer as _, SoftwareSigner, Verifier};

use crate::exchange::{Pay, RefundPayment, SyncForm, loopback, offline};
use crate::figures::{Figure, Target, rounded};
use crate::floor::{Floor, MESSAGE};
use crate::gateway::Gateway;
use crate::keys::Keys;
use crate::measure::{Comparison, compare};

/// What can be done over and over.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Work {
    BareSign,
    BareVerify,
    BareSignAndVerify,
    Sign,
    Verify,
    OfflineAlipay,
    OfflineAntom,
    OfflineAlipayPlus,
    LoopbackAlipay,
    LoopbackAntom,
    LoopbackAlipayPlus,
}

struct Row {
    name: &'static str,
    floor: Work,
    work: Work,
    /// Speed / the floor's, rather than cost / the floor's.
    is_rate: bool,
    target: Option<Target>,
    meaning: &'static str,
}

const ROWS: &[Row] = &[
    Row {
        name: "sign_rate",
        floor: Work::BareSign,
        work: Work::Sign,
        is_rate: true,
        target: Some(Target::AtLeast(0.95)),
        meaning: "signatures/s of the core / of bare aws-lc",
    },
    Row {
        name: "verify_rate",
        floor: Work::BareVerify,
        work: Work::Verify,
        is_rate: true,
        target: Some(Target::AtLeast(0.95)),
        meaning: "verifications/s of the core / of bare aws-lc",
    },
    Row {
        name: "offline_refund_cpu",
        floor: Work::BareSignAndVerify,
        work: Work::OfflineAlipay,
        is_rate: false,
        target: Some(Target::AtMost(1.10)),
        meaning: "alipay.pay_tax_refund without network / (signature + verification)",
    },
    Row {
        name: "loopback_refund_cpu",
        floor: Work::BareSignAndVerify,
        work: Work::LoopbackAlipay,
        is_rate: false,
        target: Some(Target::AtMost(1.5)),
        meaning: "the same by the blocking client over loopback HTTP, the client's side",
    },
    Row {
        name: "offline antom",
        floor: Work::BareSignAndVerify,
        work: Work::OfflineAntom,
        is_rate: false,
        target: None,
        meaning: "antom.refund without network",
    },
    Row {
        name: "loopback antom",
        floor: Work::BareSignAndVerify,
        work: Work::LoopbackAntom,
        is_rate: false,
        target: None,
        meaning: "antom.refund over loopback HTTP",
    },
    Row {
        name: "offline alipay_plus",
        floor: Work::BareSignAndVerify,
        work: Work::OfflineAlipayPlus,
        is_rate: false,
        target: None,
        meaning: "alipay_plus.sync_tax_refund_form without network",
    },
    Row {
        name: "loopback alipay_plus",
        floor: Work::BareSignAndVerify,
        work: Work::LoopbackAlipayPlus,
        is_rate: false,
        target: None,
        meaning: "alipay_plus.sync_tax_refund_form over loopback HTTP",
    },
];

pub(crate) fn measure_all(keys: &Keys) -> Result<Vec<Figure>> {
    let gateway = Gateway::start()?;
    ROWS.iter()
        .map(|row| {
            let mut floor = work(row.floor, keys, gateway.host())?;
            let mut measured = work(row.work, keys, gateway.host())?;
            let Comparison { ratio, quartiles: (low, high), work } = compare(&mut floor, &mut measured)?;
            let (value, quartiles) =
                if row.is_rate { (1.0 / ratio, (1.0 / high, 1.0 / low)) } else { (ratio, (low, high)) };
            Ok(Figure {
                name: row.name,
                value: rounded(value),
                quartiles,
                once: work,
                target: row.target,
                meaning: row.meaning,
            })
        })
        .collect()
}

pub(crate) fn spin(what: Work, times: u64, keys: &Keys) -> Result<()> {
    let gateway = Gateway::start()?;
    let mut work = work(what, keys, gateway.host())?;
    (0..times).try_for_each(|_| work())
}

fn work(what: Work, keys: &Keys, host: &str) -> Result<Box<dyn FnMut() -> Result<()>>> {
    let mut floor = Floor::new(keys)?;
    let signer = SoftwareSigner::new(keys.merchant.clone(), Algorithm::RsaSha256);
    Ok(match what {
        Work::BareSign => Box::new(move || floor.sign()),
        Work::BareVerify => Box::new(move || floor.verify()),
        Work::BareSignAndVerify => Box::new(move || floor.sign_and_verify()),
        Work::Sign => Box::new(move || {
            signer.sign(MESSAGE)?;
            Ok(())
        }),
        Work::Verify => {
            let verifier = Verifier::new(keys.merchant.public_key().clone(), Algorithm::RsaSha256);
            let signature = signer.sign(MESSAGE)?;
            Box::new(move || {
                ensure!(verifier.verify(MESSAGE, &signature), "the signature does not fit");
                Ok(())
            })
        }
        Work::OfflineAlipay => Box::new(offline::<Pay>(keys)?),
        Work::OfflineAntom => Box::new(offline::<RefundPayment>(keys)?),
        Work::OfflineAlipayPlus => Box::new(offline::<SyncForm>(keys)?),
        Work::LoopbackAlipay => Box::new(loopback::<Pay>(keys, host)?),
        Work::LoopbackAntom => Box::new(loopback::<RefundPayment>(keys, host)?),
        Work::LoopbackAlipayPlus => Box::new(loopback::<SyncForm>(keys, host)?),
    })
}
