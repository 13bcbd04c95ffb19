//! A provider with a ledger: what it did is the truth that a client's outcomes are held against.

use serde_json::{Value, json};
use taxrefund_core::{Event, Fault, HttpRequest};

use super::{Holder, answer, answer_by, gateway_failure, page, parameters, result};

/// Which money mover is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mover {
    Pay,
    Credit,
    Refund,
}

/// What the provider knows of the one order there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Absent,
    Processing,
    Paid,
    Refused,
}

/// The provider and the network before it.
#[derive(Debug)]
pub(crate) struct Model {
    mover: Mover,
    random: fastrand::Rng,
    /// No more faults.
    pub(crate) healthy: bool,
    /// How often money moved.
    pub(crate) executions: u32,
    order: Order,
    willing: bool,
    records_refusals: bool,
    /// Sends that are still on their way. They arrive no later than the next one that the business looks at.
    on_their_way: u32,
    sends: u32,
    throttled: bool,
    first_business: Option<Vec<u8>>,
}

impl Model {
    pub(crate) fn new(mover: Mover, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        Self {
            mover,
            healthy: false,
            executions: 0,
            order: Order::Absent,
            willing: random.u8(..) < 190,
            records_refusals: random.bool(),
            on_their_way: 0,
            sends: 0,
            throttled: false,
            first_business: None,
            random,
        }
    }

    /// Nothing moved, and nothing that was sent can still move anything.
    pub(crate) fn can_be_called_failed(&self) -> bool {
        let settled = match self.order {
            Order::Absent | Order::Refused => true,
            Order::Processing => !self.willing,
            Order::Paid => false,
        };
        self.executions == 0 && settled && (self.on_their_way == 0 || !self.willing)
    }

    /// The documented dead ends of the header-signed flows, in which nobody was paid: an order that is not known though
    /// one of its sends was answered, and a credit whose create and its one repeat were lost or never left.
    pub(crate) fn may_be_left_to_a_person(&self) -> bool {
        self.executions == 0
            && match self.mover {
                Mover::Pay => false,
                Mover::Credit => self.throttled || self.sends >= 2,
                Mover::Refund => self.throttled,
            }
    }

    /// The client is about to send; it may die before it does.
    pub(crate) fn handed_out(&mut self, request: &HttpRequest) {
        self.sends += u32::from(executes(request));
    }

    /// One exchange: the request may be lost or late, and so may the answer, or it is somebody else's.
    pub(crate) fn exchange(&mut self, request: &HttpRequest) -> Event {
        let executes = executes(request);
        if executes {
            self.compare_with_the_first(request);
        }
        if self.happens(12) {
            if executes && self.random.bool() {
                self.on_their_way += 1;
            }
            return Event::Faulted(self.a_fault());
        }
        if self.order == Order::Processing && (self.healthy || self.random.u8(..) < 60) {
            self.settle();
        }
        let content = if executes { self.execute() } else { self.tell(request.interface) };
        if !self.healthy && self.random.u8(..) < 110 {
            return self.spoiled(request, &content);
        }
        answer(request, &content)
    }

    /// The same key with other content would be another refund.
    fn compare_with_the_first(&mut self, request: &HttpRequest) {
        let business = match self.mover {
            Mover::Pay => parameters(request)["biz_content"].clone().into_bytes(),
            Mover::Credit | Mover::Refund => request.body.clone(),
        };
        let first = self.first_business.get_or_insert_with(|| business.clone());
        assert_eq!(*first, business, "a repeat with other business bytes");
    }

    fn execute(&mut self) -> Value {
        if self.happens(8) {
            return self.throttled();
        }
        if self.on_their_way > 0 {
            self.on_their_way = 0;
            self.begin();
        }
        self.begin();
        if self.happens(15) && self.order != Order::Absent {
            return self.open();
        }
        match (self.order, self.mover) {
            (Order::Paid, Mover::Pay) if self.happens(15) => json!({ "code": "10000", "msg": "Success" }),
            (Order::Paid, Mover::Pay) => json!({ "code": "10000", "tax_no": "T1" }),
            (Order::Paid, Mover::Credit) => with(result("S", "SUCCESS"), "originalCreditId", json!("C1")),
            (Order::Paid, Mover::Refund) => with(result("S", "SUCCESS"), "refundId", json!("RF1")),
            (Order::Processing, _) => self.open(),
            (Order::Absent | Order::Refused, Mover::Pay) => gateway_failure("40004", "ILLEGAL_USER_STATUS"),
            (Order::Absent | Order::Refused, Mover::Credit) => result("F", "PROCESS_FAIL"),
            (Order::Absent | Order::Refused, Mover::Refund) => result("F", "RISK_REJECT"),
        }
    }

    fn begin(&mut self) {
        if self.order != Order::Absent {
            return;
        }
        if self.willing || self.records_refusals {
            self.order = Order::Processing;
            if self.healthy || self.random.u8(..) < 170 {
                self.settle();
            }
        }
    }

    fn settle(&mut self) {
        self.order = if self.willing {
            self.executions += 1;
            Order::Paid
        } else {
            Order::Refused
        };
    }

    /// The answer to a question about the order.
    fn tell(&mut self, interface: &str) -> Value {
        if self.happens(10) {
            return match self.mover {
                Mover::Pay if self.random.bool() => gateway_failure("40004", "SYSTEM_ERROR"),
                Mover::Pay => gateway_failure("20001", "aop.invalid-auth-token"),
                Mover::Credit | Mover::Refund if self.random.bool() => result("F", "INVALID_SIGNATURE"),
                Mover::Credit | Mover::Refund => result("U", "UNKNOWN_EXCEPTION"),
            };
        }
        let order = self.order;
        match (self.mover, order) {
            (Mover::Pay, Order::Absent) => gateway_failure("40004", "ILLEGAL_ARGUMENT"),
            (Mover::Pay, Order::Processing) if self.random.bool() => {
                gateway_failure("40004", "TAX_REFUND_RESULT_UNKNOWN")
            }
            (Mover::Pay, _) => {
                let status = letter(order, ["I", "S", "F"]);
                json!({ "code": "10000", "status": status, "out_order_no": "0005520171122115751" })
            }
            (Mover::Credit, Order::Absent) => result("F", "ORDER_NOT_EXIST"),
            (Mover::Credit, _) if interface == "confirm" => {
                let code = letter(order, ["ORIGINAL_CREDIT_IN_PROCESS", "SUCCESS", "PROCESS_FAIL"]);
                result(letter(order, ["U", "S", "F"]), code)
            }
            (Mover::Credit, _) => {
                let credit = result(letter(order, ["U", "S", "F"]), "CODE")["result"].take();
                with(result("S", "SUCCESS"), "originalCreditResult", credit)
            }
            (Mover::Refund, Order::Absent) => result("F", "REFUND_NOT_EXIST"),
            (Mover::Refund, _) => {
                let status = letter(order, ["PROCESSING", "SUCCESS", "FAIL"]);
                with(result("S", "SUCCESS"), "refundStatus", json!(status))
            }
        }
    }

    fn open(&mut self) -> Value {
        match self.mover {
            Mover::Pay if self.random.bool() => gateway_failure("20000", "isp.unknow-error"),
            Mover::Pay => gateway_failure("40004", "SYSTEM_ERROR"),
            Mover::Credit => result(self.letters("UF"), "ORIGINAL_CREDIT_IN_PROCESS"),
            Mover::Refund if self.random.bool() => result("U", "UNKNOWN_EXCEPTION"),
            Mover::Refund => result("U", "REFUND_IN_PROCESS"),
        }
    }

    fn throttled(&mut self) -> Value {
        self.throttled = true;
        match self.mover {
            Mover::Pay => match self.random.u8(0..3) {
                0 => gateway_failure("40005", "isv.call-limited"),
                1 => gateway_failure("20001", "aop.invalid-auth-token"),
                _ => gateway_failure("40002", "isv.invalid-signature"),
            },
            Mover::Credit | Mover::Refund if self.random.bool() => result("F", "INVALID_SIGNATURE"),
            Mover::Credit | Mover::Refund => result("U", "REQUEST_TRAFFIC_EXCEED_LIMIT"),
        }
    }

    /// What arrives instead of the answer: nothing, somebody's page, or a forgery.
    fn spoiled(&mut self, request: &HttpRequest, truth: &Value) -> Event {
        let lie = match (self.mover, self.random.u8(0..4)) {
            (Mover::Pay, 0) => json!({ "code": "10000", "status": "S", "tax_no": "FORGED" }),
            (Mover::Pay, 1) => json!({ "code": "10000", "status": "F" }),
            (Mover::Pay, 2) => gateway_failure("40004", "ILLEGAL_ARGUMENT"),
            (Mover::Pay, _) => gateway_failure("40002", "isv.invalid-signature"),
            (_, 0) => with(result("S", "SUCCESS"), "refundStatus", json!("SUCCESS")),
            (_, 1) => with(result("S", "SUCCESS"), "refundStatus", json!("FAIL")),
            (_, 2) => result("F", "REFUND_NOT_EXIST"),
            (_, _) => result("F", "KEY_NOT_FOUND"),
        };
        match self.random.u8(0..8) {
            0 => Event::Answered(page(502, "<html>Bad Gateway</html>")),
            1 => Event::Answered(page(200, "<html>Welcome</html>")),
            2 => Event::Answered(answer_by(Holder::Stranger, request, &lie)),
            3 => Event::Answered(page(200, json!({ "error_response": lie }).to_string())),
            4 => Event::Answered(page(200, lie.to_string())),
            5 => {
                // Genuinely signed, then changed on its way.
                let mut answer = answer_by(Holder::Platform, request, truth);
                let at = answer.body.iter().position(|byte| *byte == b'0' || *byte == b'S').unwrap_or(0);
                answer.body[at] ^= 1;
                Event::Answered(answer)
            }
            6 => {
                let other = with(
                    lie,
                    if self.mover == Mover::Pay { "out_order_no" } else { "refundRequestId" },
                    json!("OTHER"),
                );
                let other = with(other, "originalCreditRequestId", json!("OTHER"));
                Event::Answered(answer_by(Holder::Platform, request, &other))
            }
            _ => Event::Faulted(self.a_fault()),
        }
    }

    fn a_fault(&mut self) -> Fault {
        let faults = [Fault::Timeout, Fault::Reset, Fault::Tls("model".to_owned()), Fault::Refused];
        faults[self.random.usize(..faults.len())].clone()
    }

    fn happens(&mut self, percent: u8) -> bool {
        !self.healthy && self.random.u8(0..100) < percent
    }

    fn letters(&mut self, of: &'static str) -> &'static str {
        let at = self.random.usize(..of.len());
        &of[at..=at]
    }
}

fn executes(request: &HttpRequest) -> bool {
    ["pay", "create", "refund"].contains(&request.interface)
}

fn letter(order: Order, [open, paid, refused]: [&str; 3]) -> &str {
    match order {
        Order::Absent | Order::Processing => open,
        Order::Paid => paid,
        Order::Refused => refused,
    }
}

fn with(mut content: Value, name: &str, value: Value) -> Value {
    content[name] = value;
    content
}
