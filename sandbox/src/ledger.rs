//! The truth about who was paid how often.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::faults::COUNTS;
use crate::interface::{Interface, Protocol, Role};
use crate::scenario::Scenario;

/// The ledger as it is handed out, in a fixed order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Ledger {
    /// The seed all choices came from.
    pub seed: u64,
    /// Sums over all entries.
    pub totals: LedgerTotals,
    /// Every key that pays or records, whether it was accepted or not.
    pub entries: Vec<LedgerEntry>,
    /// Forms and payments for which money moved more than once.
    pub double_paid: Vec<DoublePaid>,
}

/// Sums over the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LedgerTotals {
    /// Number of entries.
    pub keys: u64,
    /// Entries for which money moved.
    pub paid_keys: u64,
    /// How often money moved.
    pub paid_times: u64,
    /// Authenticated requests seen for these keys.
    pub requests: u64,
    /// Money moved per protocol and currency, in the currency's smallest unit; the key is `protocol/CURRENCY`.
    pub paid_minor: BTreeMap<String, u64>,
}

/// What became of one idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// `alipay`, `alipay_plus` or `antom`.
    pub protocol: String,
    /// The app id or client id.
    pub account: String,
    /// `out_order_no`, `originalCreditRequestId`, `refundRequestId`, or `taxRefundFormNumber/formStatus`.
    pub key: String,
    /// The interface that owns the key.
    pub operation: String,
    /// What the money was for: `doc_id`, `taxRefundFormNumber`, or `paymentId`.
    pub form: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// In the currency's smallest unit.
    pub amount: String,
    /// How often money moved under this key.
    pub paid_times: u32,
    /// `absent`, `succeeded`, `failed`, `in_process`, `unresolved` or `recorded`.
    pub state: String,
    /// The platform's number: `tax_no`, `originalCreditId` or `refundId`.
    pub reference: Option<String>,
    /// Authenticated requests per interface.
    pub requests: BTreeMap<String, u32>,
    /// Whether a complete, genuine answer to a request that pays or records was ever handed to the connection.
    pub answer_delivered: bool,
}

/// One form or payment for which money moved more than once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DoublePaid {
    /// `alipay`, `alipay_plus` or `antom`.
    pub protocol: String,
    /// The app id or client id.
    pub account: String,
    /// The form number; for Antom `paymentId/CURRENCY/amount`.
    pub form: String,
    /// How often money moved for it.
    pub paid_times: u32,
    /// The keys under which it moved.
    pub keys: Vec<String>,
}

/// Names an order inside the simulator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OrderId {
    pub(crate) protocol: Protocol,
    pub(crate) account: String,
    pub(crate) key: String,
}

/// What the platform knows about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing was accepted under it.
    Absent,
    Succeeded,
    /// With the scenario that says why.
    Failed(Scenario),
    /// Still open for this many inquiries (none: for ever), then a success or a failure.
    InProcess {
        left: Option<u32>,
        succeeds: bool,
    },
    /// Neither paid nor failed until the request was repeated this many times (none: never).
    Unresolved {
        left: Option<u32>,
    },
    /// A status was recorded; no money is involved.
    Recorded,
}

/// What is accepted under a key when its request is carried out.
#[derive(Debug, Clone)]
pub(crate) struct Acceptance {
    pub(crate) form: Option<String>,
    pub(crate) currency: String,
    pub(crate) amount: String,
    /// SHA-256 of everything a repeat has to have in common with the first request.
    pub(crate) content: String,
    pub(crate) reference: String,
    /// What later answers repeat: a JSON object as text, which takes a fifth of a parsed one's memory.
    pub(crate) facts: String,
    pub(crate) state: State,
    pub(crate) notify: Option<NotifyPlan>,
}

/// Where and how the final result is notified.
#[derive(Debug, Clone)]
pub(crate) struct NotifyPlan {
    pub(crate) url: String,
    pub(crate) scenarios: Vec<Scenario>,
}

#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) operation: Interface,
    pub(crate) counts: [u32; COUNTS],
    pub(crate) state: State,
    pub(crate) paid_times: u32,
    pub(crate) accepted: Option<Acceptance>,
    /// A request that was sent but has not arrived yet.
    pub(crate) on_its_way: Option<Box<Acceptance>>,
    pub(crate) settled_at: String,
    pub(crate) answer_delivered: bool,
    pub(crate) notified: bool,
}

impl Order {
    pub(crate) fn new(operation: Interface) -> Self {
        Self {
            operation,
            counts: [0; COUNTS],
            state: State::Absent,
            paid_times: 0,
            accepted: None,
            on_its_way: None,
            settled_at: String::new(),
            answer_delivered: false,
            notified: false,
        }
    }

    /// What answers repeat about the accepted request.
    pub(crate) fn facts(&self) -> serde_json::Value {
        let text = self.accepted.as_ref().map_or("{}", |a| a.facts.as_str());
        serde_json::from_str(text).unwrap_or_else(|_| serde_json::json!({}))
    }

    /// Carries out a request: the only place, with [`Self::repeat`], where money moves.
    pub(crate) fn accept(&mut self, acceptance: Acceptance, now: String) {
        self.state = acceptance.state.clone();
        let pays = matches!(self.state, State::Succeeded | State::InProcess { succeeds: true, .. });
        self.paid_times += u32::from(pays);
        self.accepted = Some(acceptance);
        self.settled_at = now;
    }

    /// The same request again: it changes nothing but a result that was unresolved.
    pub(crate) fn repeat(&mut self, now: String) {
        if let State::Unresolved { left: Some(left) } = &mut self.state {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.state = State::Succeeded;
                self.paid_times += 1;
                self.settled_at = now;
            }
        }
    }

    /// An inquiry: lets an open order go one step further, and says whether it is still open.
    pub(crate) fn inquire(&mut self) -> bool {
        match &mut self.state {
            State::InProcess { left: None, .. } | State::Unresolved { .. } => true,
            State::InProcess { left: Some(left), .. } if *left > 0 => {
                *left -= 1;
                true
            }
            State::InProcess { .. } => {
                self.settle();
                false
            }
            _ => false,
        }
    }

    /// Ends an order in process, unless it stays so for ever.
    pub(crate) fn settle(&mut self) {
        if let State::InProcess { left: Some(_), succeeds } = self.state {
            self.state = if succeeds { State::Succeeded } else { State::Failed(Scenario::Failed) };
        }
    }

    /// Lets a request arrive that was still on its way.
    pub(crate) fn arrive(&mut self, now: String) {
        if let Some(acceptance) = self.on_its_way.take()
            && self.state == State::Absent
        {
            self.accept(*acceptance, now);
        }
    }

    fn entry(&self, id: &OrderId) -> LedgerEntry {
        let accepted = self.accepted.as_ref();
        LedgerEntry {
            protocol: id.protocol.name().to_owned(),
            account: id.account.clone(),
            key: id.key.clone(),
            operation: self.operation.name().to_owned(),
            form: accepted.and_then(|a| a.form.clone()),
            currency: accepted.map(|a| a.currency.clone()).unwrap_or_default(),
            amount: accepted.map(|a| a.amount.clone()).unwrap_or_default(),
            paid_times: self.paid_times,
            state: match self.state {
                State::Absent => "absent",
                State::Succeeded => "succeeded",
                State::Failed(_) => "failed",
                State::InProcess { .. } => "in_process",
                State::Unresolved { .. } => "unresolved",
                State::Recorded => "recorded",
            }
            .to_owned(),
            reference: accepted.map(|a| a.reference.clone()),
            requests: Interface::ALL
                .iter()
                .filter_map(|i| Some((i.name().to_owned(), *self.counts.get(i.index())?)))
                .filter(|(_, count)| *count > 0)
                .collect(),
            answer_delivered: self.answer_delivered,
        }
    }
}

impl Ledger {
    /// Reads the ledger out. What was still on its way has arrived by then.
    pub(crate) fn of<'a>(seed: u64, orders: impl Iterator<Item = (&'a OrderId, &'a Order)>) -> Self {
        let mut orders: Vec<_> = orders.filter(|(_, order)| order.operation.role() != Role::Reads).collect();
        orders.sort_by_key(|(id, _)| *id);
        let mut ledger = Self { seed, ..Self::default() };
        let mut forms: BTreeMap<(Protocol, &str, String), (u32, Vec<String>)> = BTreeMap::new();
        for (id, order) in orders {
            let entry = order.entry(id);
            let totals = &mut ledger.totals;
            totals.keys += 1;
            totals.requests += entry.requests.values().map(|n| u64::from(*n)).sum::<u64>();
            if order.paid_times > 0 {
                totals.paid_keys += 1;
                totals.paid_times += u64::from(order.paid_times);
                let moved = entry.amount.parse::<u64>().unwrap_or_default();
                let sum =
                    totals.paid_minor.entry(format!("{}/{}", entry.protocol, entry.currency)).or_default();
                *sum = sum.saturating_add(moved.saturating_mul(u64::from(order.paid_times)));
                let form = match (id.protocol, &entry.form) {
                    (Protocol::Antom, Some(form)) => format!("{form}/{}/{}", entry.currency, entry.amount),
                    (_, Some(form)) => form.clone(),
                    (_, None) => format!("key {}", id.key),
                };
                let (times, keys) = forms.entry((id.protocol, &id.account, form)).or_default();
                *times += order.paid_times;
                keys.push(id.key.clone());
            }
            ledger.entries.push(entry);
        }
        ledger.double_paid = forms
            .into_iter()
            .filter(|(_, (times, _))| *times > 1)
            .map(|((protocol, account, form), (paid_times, keys))| DoublePaid {
                protocol: protocol.name().to_owned(),
                account: account.to_owned(),
                form,
                paid_times,
                keys,
            })
            .collect();
        ledger
    }

    /// The entry of one key, whatever its protocol.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&LedgerEntry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}
