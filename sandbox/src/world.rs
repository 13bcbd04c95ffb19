//! The state behind all protocols: orders, payments, rules and the request log. Everything a request changes, it changes
//! under one lock, so that repeats that arrive together are carried out once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock;
use crate::config::Settings;
use crate::credentials::{Credentials, ProtocolKeys};
use crate::crypto::{draw, sha256_hex};
use crate::faults::{FaultMix, FaultRule};
use crate::interface::{Interface, Protocol, Role};
use crate::ledger::{Acceptance, Ledger, NotifyPlan, Order, OrderId, State};
use crate::notify::{NoticeJob, NotificationEntry};
use crate::payments::Payment;
use crate::plan::Plan;
use crate::scenario::Scenario;

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) credentials: Credentials,
    pub(crate) alipay: ProtocolKeys,
    pub(crate) alipay_plus: ProtocolKeys,
    pub(crate) antom: ProtocolKeys,
    books: Mutex<Books>,
}

/// One authenticated request, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RequestEntry {
    /// Counts all authenticated requests, from 1.
    pub number: u64,
    /// When, in UTC+8.
    pub at: String,
    /// `alipay`, `alipay_plus` or `antom`.
    pub protocol: String,
    /// The interface's short name.
    pub interface: String,
    /// The app id or client id.
    pub account: String,
    /// The idempotency key; a traveller's account or code is masked.
    pub key: String,
    /// SHA-256 of the business bytes as sent: `biz_content`, or the body.
    pub business_sha256: String,
    /// The rules that took hold.
    pub faults: Vec<String>,
    /// What the platform answered: `10000`, `40004 SYSTEM_ERROR`, `S SUCCESS`, ... or `none` if the request never reached it.
    pub answer: String,
}

/// What the protocol modules hand in for one authenticated request.
pub(crate) struct Call<'a> {
    pub(crate) interface: Interface,
    pub(crate) account: &'a str,
    /// The idempotency key, or the account a reading asks about.
    pub(crate) key: String,
    /// The text searched for magic values.
    pub(crate) magic: &'a str,
    /// Rules from the request's own header.
    pub(crate) asked: Vec<FaultRule>,
    pub(crate) business: &'a [u8],
}

/// What one request led to.
pub(crate) struct Carried {
    pub(crate) plan: Plan,
    pub(crate) object: Value,
    pub(crate) jobs: Vec<NoticeJob>,
}

#[derive(Default)]
pub(crate) struct Books {
    pub(crate) seed: u64,
    mix: FaultMix,
    orders: HashMap<OrderId, Order>,
    /// From a platform's number back to the key.
    references: HashMap<(Protocol, String), String>,
    pub(crate) payments: HashMap<String, Payment>,
    provoked: HashMap<String, Vec<FaultRule>>,
    /// Alipay+: whose form it is.
    pub(crate) form_users: HashMap<(String, String), String>,
    log: VecDeque<RequestEntry>,
    requests: u64,
    pub(crate) notifications: Vec<NotificationEntry>,
    jobs: Vec<NoticeJob>,
}

impl World {
    pub(crate) fn new(settings: Settings, base_url: &str) -> Result<Self, crate::crypto::KeyError> {
        let keys = &settings.partner_public_keys;
        Ok(Self {
            alipay: ProtocolKeys::alipay(keys.alipay.as_deref())?,
            alipay_plus: ProtocolKeys::alipay_plus(keys.alipay_plus.as_deref())?,
            antom: ProtocolKeys::antom(keys.antom.as_deref())?,
            books: Mutex::new(Books {
                seed: settings.seed,
                mix: settings.faults.clone(),
                ..Books::default()
            }),
            credentials: Credentials::at(base_url, &settings.accounts),
            settings,
        })
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts the request, chooses what happens to it, lets `act` carry it out, and writes the log.
    pub(crate) fn exchange(&self, call: Call<'_>, act: impl FnOnce(&mut Desk<'_>) -> Value) -> Carried {
        let mut guard = self.books();
        let books = &mut *guard;
        let id =
            OrderId { protocol: call.interface.protocol(), account: call.account.to_owned(), key: call.key };
        let operation = owner(call.interface);
        let order = books.orders.entry(id.clone()).or_insert_with(|| Order::new(operation));
        if let Some(count) = order.counts.get_mut(call.interface.index()) {
            *count = count.saturating_add(1);
        }
        let counts = order.counts;
        let rules = books.rules(&call.asked, call.magic, &id);
        let mut plan = Plan::default();
        let mut faults = Vec::new();
        for rule in rules.iter().filter(|rule| rule.applies(call.interface, &counts)) {
            plan.take(rule);
            faults.push(rule.to_string());
        }
        let mut desk = Desk { books, world: self, id: &id, plan: &plan, interface: call.interface };
        let object = act(&mut desk);
        desk.let_arrive_after_inquiry();
        let role = call.interface.role();
        if let Some(order) = books.orders.get_mut(&id)
            && matches!(role, Role::Pays | Role::Records)
        {
            order.answer_delivered |= plan.delivers();
        }
        books.requests += 1;
        if self.settings.log_limit > 0 {
            if books.log.len() >= self.settings.log_limit {
                books.log.pop_front();
            }
            let reached = plan.reaches_the_platform();
            books.log.push_back(RequestEntry {
                number: books.requests,
                at: clock::wall_clock(),
                protocol: id.protocol.name().to_owned(),
                interface: call.interface.name().to_owned(),
                key: if role == Role::Reads { masked(&id.key) } else { id.key },
                account: id.account,
                business_sha256: sha256_hex(call.business),
                faults,
                answer: if reached { summary(&object) } else { "none".to_owned() },
            });
        }
        let jobs = std::mem::take(&mut books.jobs);
        Carried { plan, object, jobs }
    }

    pub(crate) fn ledger(&self) -> (Ledger, Vec<NoticeJob>) {
        let mut guard = self.books();
        let books = &mut *guard;
        let arrived: Vec<OrderId> = books
            .orders
            .iter_mut()
            .filter(|(_, order)| order.on_its_way.is_some())
            .map(|(id, order)| {
                order.arrive(clock::wall_clock());
                id.clone()
            })
            .collect();
        for id in &arrived {
            books.notify_if_due(self, id);
        }
        let jobs = std::mem::take(&mut books.jobs);
        (Ledger::of(books.seed, books.orders.iter()), jobs)
    }

    pub(crate) fn requests(&self) -> Vec<RequestEntry> {
        self.books().log.iter().cloned().collect()
    }

    /// Rules for one key from now on; an empty list takes them away.
    pub(crate) fn provoke(&self, key: &str, rules: Vec<FaultRule>) {
        if rules.is_empty() {
            self.books().provoked.remove(key);
        } else {
            self.books().provoked.insert(key.to_owned(), rules);
        }
    }

    /// Forgets everything; the seed and the mix stay unless given anew.
    pub(crate) fn reset(&self, seed: Option<u64>, mix: Option<FaultMix>) {
        let mut books = self.books();
        let seed = seed.unwrap_or(books.seed);
        let mix = mix.unwrap_or_else(|| std::mem::take(&mut books.mix));
        *books = Books { seed, mix, ..Books::default() };
    }
}

impl Books {
    /// The first source that has rules for this request wins: its own header, a magic value, [`World::provoke`], the mix.
    fn rules(&self, asked: &[FaultRule], magic: &str, id: &OrderId) -> Vec<FaultRule> {
        if !asked.is_empty() {
            return asked.to_vec();
        }
        let marked = FaultRule::of_magic_value(magic);
        if !marked.is_empty() {
            return marked;
        }
        if let Some(rules) = self.provoked.get(magic).or_else(|| self.provoked.get(&id.key)) {
            return rules.clone();
        }
        self.mix.rules_for(self.seed, id.protocol.name(), &id.key).to_vec()
    }

    pub(crate) fn order_mut(&mut self, id: &OrderId) -> Option<&mut Order> {
        self.orders.get_mut(id)
    }

    pub(crate) fn key_of_reference(&self, protocol: Protocol, reference: &str) -> Option<String> {
        self.references.get(&(protocol, reference.to_owned())).cloned()
    }

    fn notify_if_due(&mut self, world: &World, id: &OrderId) {
        let Some(order) = self.orders.get_mut(id) else { return };
        let due = match order.state {
            State::Succeeded | State::InProcess { left: Some(_), .. } => true,
            // Antom does not notify a refund it refused at once.
            State::Failed(_) => id.protocol != Protocol::Antom,
            _ => false,
        };
        if due
            && !order.notified
            && let Some(NotifyPlan { url, scenarios }) =
                order.accepted.as_ref().and_then(|a| a.notify.as_ref())
        {
            self.jobs.extend(NoticeJob::of(&world.settings, id, url, scenarios));
            order.notified = true;
        }
    }
}

/// One order on the desk, with everything that decides about it.
pub(crate) struct Desk<'a> {
    pub(crate) books: &'a mut Books,
    pub(crate) world: &'a World,
    pub(crate) id: &'a OrderId,
    pub(crate) plan: &'a Plan,
    interface: Interface,
}

/// What carrying out a request came to.
pub(crate) enum Accepted {
    /// The order as it stands now.
    Order(Box<Order>),
    /// The key was used before with other content.
    OtherContent,
}

impl Desk<'_> {
    /// The platform's own number for this key.
    pub(crate) fn reference(&self, prefix: &str) -> String {
        let number =
            draw(self.books.seed, &["reference", self.id.protocol.name(), &self.id.account, &self.id.key]);
        format!("{prefix}{:018}", number % 1_000_000_000_000_000_000)
    }

    /// The state a new order starts in.
    pub(crate) fn fate(&self) -> State {
        let Some(rule) = &self.plan.fate else { return State::Succeeded };
        match rule.scenario {
            Scenario::InProcess => State::InProcess { left: rule.open_for(), succeeds: true },
            Scenario::InProcessFailed => State::InProcess { left: rule.open_for(), succeeds: false },
            Scenario::ResultUnknown if self.id.protocol == Protocol::Alipay => {
                State::Unresolved { left: rule.open_for() }
            }
            Scenario::ResultUnknown => State::InProcess { left: rule.open_for(), succeeds: true },
            failure => State::Failed(failure),
        }
    }

    /// Carries out a request that pays or records; a repeat with the same content is told what is known.
    pub(crate) fn accept(&mut self, acceptance: Acceptance) -> Accepted {
        let now = clock::wall_clock();
        let Some(order) = self.books.orders.get_mut(self.id) else { return Accepted::OtherContent };
        order.arrive(now.clone());
        match &order.accepted {
            Some(first) if first.content != acceptance.content => return Accepted::OtherContent,
            Some(_) => order.repeat(now),
            None => {
                let reference = (self.id.protocol, acceptance.reference.clone());
                order.accept(acceptance, now);
                self.books.references.insert(reference, self.id.key.clone());
            }
        }
        let order = Box::new(order.clone());
        self.books.notify_if_due(self.world, self.id);
        Accepted::Order(order)
    }

    /// Keeps a request that is to arrive later, if that is what the plan says.
    pub(crate) fn hold_back(&mut self, acceptance: Acceptance) {
        if self.plan.delivery == Some(Scenario::LateExecution)
            && let Some(order) = self.books.orders.get_mut(self.id)
            && order.state == State::Absent
        {
            let reference = (self.id.protocol, acceptance.reference.clone());
            self.books.references.insert(reference, self.id.key.clone());
            order.on_its_way = Some(Box::new(acceptance));
        }
    }

    /// Asks about the order. The flag says whether it is still open.
    pub(crate) fn inquire(&mut self) -> Option<(Order, bool)> {
        let order = self.books.orders.get_mut(self.id)?;
        order.accepted.as_ref()?;
        let open = order.inquire();
        Some((order.clone(), open))
    }

    /// Ends an open order at once.
    pub(crate) fn settle(&mut self) {
        if let Some(order) = self.books.orders.get_mut(self.id) {
            order.settle();
        }
    }

    /// After an inquiry was answered, a request that was still on its way arrives.
    fn let_arrive_after_inquiry(&mut self) {
        if self.interface.role() == Role::Asks
            && self.plan.reaches_the_platform()
            && let Some(order) = self.books.orders.get_mut(self.id)
            && order.on_its_way.is_some()
        {
            order.arrive(clock::wall_clock());
            self.books.notify_if_due(self.world, self.id);
        }
    }
}

fn owner(interface: Interface) -> Interface {
    match interface {
        Interface::Query => Interface::Pay,
        Interface::InquireCredit | Interface::Confirm => Interface::Create,
        Interface::InquireRefund => Interface::Refund,
        own => own,
    }
}

/// Code and sub code, or status and code, of an answer.
fn summary(object: &Value) -> String {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let parts = match object.get("result") {
        Some(result) => [text(result, "resultStatus"), text(result, "resultCode")],
        None => [text(object, "code").or_else(|| Some("10000".to_owned())), text(object, "sub_code")],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The first two and last two characters.
fn masked(account: &str) -> String {
    let letters: Vec<char> = account.chars().collect();
    match letters.as_slice() {
        [a, b, .., y, z] if letters.len() > 7 => format!("{a}{b}***{y}{z}"),
        _ => "***".to_owned(),
    }
}
