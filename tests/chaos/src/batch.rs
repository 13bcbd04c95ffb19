//! The files that are paid, made from a seed: invented people, and a few lines that must not be paid.

use std::fmt::Write as _;

use serde_json::json;
use taxrefund_core::Protocol;

/// One file for each protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum File {
    Alipay,
    AlipayPlus,
    Antom,
}

/// A file's content, and what is to be expected of it.
pub(crate) struct Batch {
    pub(crate) file: File,
    pub(crate) text: String,
    pub(crate) lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// As the journal counts: in CSV the header is line 1.
    pub(crate) number: u64,
    /// As the journal names it.
    pub(crate) key: String,
    pub(crate) kind: Kind,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To be paid or reported once.
    Refund,
    /// An earlier line again: nothing is to be done for it.
    Repeat,
    /// The key of an earlier line with another amount: never to be sent.
    Reused,
    /// Another key for an earlier line's form: to be sent only when that one has failed.
    Rival,
    /// Breaks a rule of the protocol: never to be sent.
    Invalid,
}

impl File {
    pub(crate) const ALL: [Self; 3] = [Self::Alipay, Self::AlipayPlus, Self::Antom];

    /// The file's name, which is the batch's too.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Alipay => "alipay.csv",
            Self::AlipayPlus => "alipay_plus.csv",
            Self::Antom => "antom.jsonl",
        }
    }

    pub(crate) const fn is_csv(self) -> bool {
        !matches!(self, Self::Antom)
    }

    pub(crate) const fn operation(self) -> &'static str {
        match self {
            Self::Alipay => "alipay.pay_tax_refund",
            Self::AlipayPlus => "alipay_plus.sync_tax_refund_form",
            Self::Antom => "antom.refund",
        }
    }

    pub(crate) const fn protocol(self) -> Protocol {
        match self {
            Self::Alipay => Protocol::Alipay,
            Self::AlipayPlus => Protocol::AlipayPlus,
            Self::Antom => Protocol::Antom,
        }
    }

    /// Where the request names the form, if the operation has no field of its own for it.
    pub(crate) const fn form_field(self) -> Option<&'static str> {
        if matches!(self, Self::Antom) { Some("referenceRefundId") } else { None }
    }

    pub(crate) const fn notify_path(self) -> &'static str {
        match self {
            Self::Alipay => "/notify/alipay",
            Self::AlipayPlus => "/notify/alipay_plus",
            Self::Antom => "/notify/antom",
        }
    }

    /// A key as the simulator's ledger writes it.
    pub(crate) fn ledger_key(self, key: &str) -> String {
        if self == Self::AlipayPlus { key.replace(':', "/") } else { key.to_owned() }
    }
}

/// Three fifths gateway refunds, a fifth reports of forms, a fifth Antom refunds. `notify` is where notifications go.
pub(crate) fn all(lines: u64, seed: u64, notify: &str) -> Vec<Batch> {
    let (plus, antom) = (lines / 5, lines / 5);
    let shares = [lines - plus - antom, plus, antom];
    let made = File::ALL.into_iter().zip(shares).map(|(file, lines)| {
        let random = fastrand::Rng::with_seed(seed ^ (file as u64 + 1) << 56);
        Writer { file, notify, random, requests: Vec::new(), text: String::new(), lines: Vec::new() }
            .write(lines)
    });
    made.collect()
}

/// What a request says; a line is written from it.
#[derive(Clone)]
struct Request {
    /// Counts the file's refunds; everything that must be unique is made of it.
    number: u64,
    id: String,
    form: String,
    payment: String,
    currency: &'static str,
    amount_minor: u64,
    person: Person,
}

#[derive(Clone)]
struct Person {
    name: String,
    passport: String,
    wallet: String,
    nationality: &'static str,
}

struct Writer<'a> {
    file: File,
    notify: &'a str,
    random: fastrand::Rng,
    requests: Vec<Request>,
    text: String,
    lines: Vec<Line>,
}

const STATUSES: [&str; 3] = ["INIT", "RECEIVED", "STAMPED"];

impl Writer<'_> {
    fn write(mut self, lines: u64) -> Batch {
        match self.file {
            File::Alipay => self.text.push_str(
                "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,tax_refund_amount,country_code,\
                 doc_id,tax_refund_print_date,nationality,passport_no,passport_name,company_name\n",
            ),
            File::AlipayPlus => self.text.push_str(
                "taxRefundFormNumber,formStatus,statusChangeTime,formPrintDate,taxRefundAmount.currency,\
                 taxRefundAmount.value,merchants.0.referenceMerchantId,merchants.0.merchantName,userId\n",
            ),
            File::Antom => {}
        }
        for _ in 0..lines {
            self.line();
        }
        Batch { file: self.file, text: self.text, lines: self.lines }
    }

    fn line(&mut self) {
        let drawn = self.random.u32(..100);
        let earlier = self.random.choice(&self.requests).cloned();
        let (request, kind) = match (drawn, earlier) {
            (0..2, Some(earlier)) => (earlier, Kind::Repeat),
            (2, Some(earlier)) => {
                let amount_minor = earlier.amount_minor + 1;
                (Request { amount_minor, ..earlier }, Kind::Reused)
            }
            // A form's reports have no other key than form and status.
            (3..6, Some(earlier)) if self.file != File::AlipayPlus => {
                (Request { id: format!("{}b{}", earlier.id, self.lines.len()), ..earlier }, Kind::Rival)
            }
            (6, _) => (Request { amount_minor: 0, ..self.request() }, Kind::Invalid),
            _ => {
                let request = self.request();
                self.requests.push(request.clone());
                (request, Kind::Refund)
            }
        };
        let number = self.lines.len() as u64 + if self.file.is_csv() { 2 } else { 1 };
        self.lines.push(Line { number, key: self.key(&request), kind });
        match self.file {
            File::Alipay => self.write_pay(&request),
            File::AlipayPlus => self.write_sync(&request),
            File::Antom => self.write_refund(&request),
        }
    }

    /// No capital X in what the simulator searches for scenarios.
    fn request(&mut self) -> Request {
        let number = self.lines.len() as u64;
        let day = 1 + number % 28;
        Request {
            number,
            id: format!("rf202611{day:02}{number:08}"),
            form: format!("SG202611{day:02}{number:07}"),
            payment: format!("202611181907410100070{number:011}"),
            currency: ["SGD", "EUR", "GBP", "JPY"][self.random.usize(..4)],
            amount_minor: self.random.u64(500..90_000),
            person: self.person(),
        }
    }

    fn person(&mut self) -> Person {
        const FAMILY: [&str; 6] = ["HE", "ZHOU", "CHAN", "ZHENG", "LIANG", "OUYANG"];
        const GIVEN: [&str; 6] = ["MENGQI", "YITING", "WING LAM", "SHUYUE", "BOWEN", "ANRAN"];
        let random = &mut self.random;
        Person {
            name: format!("{} {}", FAMILY[random.usize(..6)], GIVEN[random.usize(..6)]),
            passport: format!("EJ{:07}", random.u32(..10_000_000)),
            wallet: format!("28{:016}", random.u64(..10_000_000_000_000_000)),
            nationality: ["CN", "HK", "SG"][random.usize(..3)],
        }
    }

    fn key(&self, request: &Request) -> String {
        match self.file {
            File::Alipay | File::Antom => request.id.clone(),
            File::AlipayPlus => format!("{}:{}", request.form, status(request)),
        }
    }

    fn write_pay(&mut self, request: &Request) {
        let Request { id, form, currency, amount_minor, person, .. } = request;
        let Person { name, passport, wallet, nationality } = person;
        let _ = writeln!(
            self.text,
            "{id},barcode,{wallet},{currency},{amount_minor},SG,{form},2026-11-02 12:27:13,{nationality},{passport},{name},\
             狮港退税服务私人有限公司",
        );
    }

    fn write_sync(&mut self, request: &Request) {
        let Request { number, form, currency, amount_minor, .. } = request;
        let _ = writeln!(
            self.text,
            "{form},{},2026-11-03T15:15:33+02:00,2026-11-02T14:50:25+02:00,{currency},{amount_minor},2188871U90343425,\
             Messerwerk Süß & Söhne,2102{number:017}",
            status(request),
        );
    }

    fn write_refund(&mut self, request: &Request) {
        let Request { id, form, payment, currency, amount_minor, .. } = request;
        let line = json!({
            "refundRequestId": id,
            "paymentId": payment,
            "refundAmount": { "currency": currency, "value": amount_minor.to_string() },
            "referenceRefundId": form,
            "refundReason": "Détaxe, bordereau validé",
            "refundNotifyUrl": format!("{}{}", self.notify, File::Antom.notify_path()),
        });
        let _ = writeln!(self.text, "{line}");
    }
}

fn status(request: &Request) -> &'static str {
    STATUSES[(request.number % 3) as usize]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use taxrefund_core::batch::{Format, read};
    use taxrefund_sandbox::{FaultMix, Sandbox};

    use super::*;
    use crate::accounts::Access;

    #[test]
    fn a_seed_makes_the_same_files_again_and_another_seed_others() {
        let text = |seed| {
            all(300, seed, "http://127.0.0.1:1").into_iter().map(|batch| batch.text).collect::<String>()
        };
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn every_line_is_read_as_what_it_was_meant_to_be() {
        let sandbox = Sandbox::builder().faults(FaultMix::none()).start().unwrap();
        let accounts = Access::new(sandbox.credentials(), sandbox.base_url()).open(1).unwrap();
        let batches = all(1_000, 5, sandbox.base_url());
        assert_eq!(batches.iter().map(|batch| batch.lines.len()).sum::<usize>(), 1_000);
        for (batch, account) in batches.iter().zip(&accounts) {
            let format = if batch.file.is_csv() { Format::Csv } else { Format::JsonLines };
            let read =
                read(format, account.operation, account.client.profile(), batch.text.as_bytes()).unwrap();
            let read: Vec<_> = read.collect();
            assert_eq!(read.len(), batch.lines.len());
            for (line, read) in batch.lines.iter().zip(read) {
                assert_eq!(line.number, read.number);
                match read.request {
                    Ok(prepared) => {
                        assert_eq!(line.key, prepared.key());
                        assert_ne!(line.kind, Kind::Invalid);
                    }
                    Err(_) => assert_eq!(line.kind, Kind::Invalid),
                }
            }
        }
    }

    #[test]
    fn each_kind_of_line_occurs_and_only_refunds_have_keys_of_their_own() {
        let batches = all(1_000, 5, "http://127.0.0.1:1");
        for batch in &batches {
            let of = |kind| batch.lines.iter().filter(move |line| line.kind == kind);
            for kind in [Kind::Refund, Kind::Repeat, Kind::Reused, Kind::Invalid] {
                assert!(of(kind).count() > 0, "{:?} {kind:?}", batch.file);
            }
            assert_eq!(of(Kind::Rival).count() > 0, batch.file != File::AlipayPlus);
            let refunds: HashSet<_> = of(Kind::Refund).map(|line| &line.key).collect();
            assert_eq!(refunds.len(), of(Kind::Refund).count());
            assert!(of(Kind::Repeat).chain(of(Kind::Reused)).all(|line| refunds.contains(&line.key)));
            assert!(of(Kind::Rival).chain(of(Kind::Invalid)).all(|line| !refunds.contains(&line.key)));
        }
    }
}
