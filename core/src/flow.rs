//! A whole procedure as a state machine without I/O: it says what to do next and is told what came of it.
//!
//! ```text
//! advance(Start) -> Sign? -> Send -> (answer or fault) -> Wait -> (woke) -> Send -> … -> Done(outcome)
//! ```
//!
//! It opens no socket, sleeps never and reads no clock: the driver does, and tells the time with every event. Under a
//! blocking loop, an event loop, virtual time and a fuzzer the decisions are therefore the same.

mod state;

use std::fmt;
use std::time::Duration;

pub use state::{FlowState, SendMemory};

use crate::decision::{Action, Limit, NextStep, OperationSpec, Phase, When, Window};
use crate::json::{parse_object, text_at};
use crate::outcome::{Attempt, Evidence, Failed, Outcome, Reason, Report, Succeeded, Unknown};
use crate::prepare::Prepared;
use crate::profile::{Draft, Profile};
use crate::retry::Policy;
use crate::wire::{Answer, Fault, HttpRequest, HttpResponse, MAX_HEADER_BYTES, Verified};
use crate::{ConfigurationError, codes, operations};

/// The time, told by the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Since any fixed moment; never goes back. Waits and deadlines are measured with it.
    pub monotonic: Duration,
    /// Milliseconds since 1970-01-01 UTC. Goes into timestamps only.
    pub epoch_ms: u64,
}

/// What the driver must do next.
pub enum Step {
    /// Have these bytes signed by the merchant's key (PKCS#1 v1.5 under the profile's hash), then [`Event::Signed`].
    Sign(Vec<u8>),
    /// Send this once, then [`Event::Answered`] or [`Event::Faulted`]. Never send it a second time.
    Send(HttpRequest),
    /// Wait this long, then [`Event::Woke`].
    Wait(Duration),
    /// Over.
    Done(Box<Outcome>),
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // These bytes are the request: they hold the traveller's data.
            Self::Sign(bytes) => write!(f, "Sign(«{} bytes»)", bytes.len()),
            Self::Send(request) => f.debug_tuple("Send").field(request).finish(),
            Self::Wait(wait) => f.debug_tuple("Wait").field(wait).finish(),
            Self::Done(outcome) => f.debug_tuple("Done").field(outcome).finish(),
        }
    }
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// Begin.
    Start,
    /// The signature over [`Step::Sign`]'s bytes. It is checked before anything is sent.
    Signed(Vec<u8>),
    /// The signer failed; the text goes into the reason, so it must hold nothing secret.
    SigningFailed(String),
    /// An HTTP answer, whatever its status.
    Answered(HttpResponse),
    /// There was no complete answer.
    Faulted(Fault),
    /// A wait is over. Early is harmless: the rest of the wait is handed out again.
    Woke,
    /// The caller no longer wants to wait. The outcome is *unknown* and can be resumed.
    Cancel,
}

/// An event that does not fit what the flow is waiting for: a fault of the driver, not of the exchange.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the flow expects {expected}, was told {told}")]
pub struct FlowMisuse {
    expected: &'static str,
    told: &'static str,
}

/// A procedure in progress.
pub struct Flow {
    profile: Profile,
    spec: &'static OperationSpec,
    prepared: Prepared,
    policy: Policy,
    random: fastrand::Rng,
    memory: SendMemory,
    /// An executing call was sent again in this run.
    repeated: bool,
    report: Report,
    phase: &'static Phase,
    phase_began: Duration,
    sends_in_phase: Vec<(&'static str, u32)>,
    began: Option<Duration>,
    stage: Stage,
}

enum Stage {
    Ready,
    Signing(Draft),
    InFlight { since: Now },
    Waiting { until: Duration },
    Over,
}

impl Flow {
    /// A new request from its beginning. `seed` draws the waits inside their windows.
    ///
    /// # Errors
    /// When the policy is out of bounds or the profile speaks another protocol.
    pub fn new(
        profile: Profile,
        prepared: Prepared,
        policy: Policy,
        seed: u64,
    ) -> Result<Self, ConfigurationError> {
        let spec = prepared.spec;
        let first = spec.phases.first().map_or("", |phase| phase.name);
        Self::at(profile, prepared, SendMemory::default(), first, policy, seed)
    }

    /// An open request, taken up again. It begins by asking what became of it.
    ///
    /// # Errors
    /// When the state belongs to another account or to an operation that this version does not know.
    pub fn resume(
        profile: Profile,
        state: FlowState,
        policy: Policy,
        seed: u64,
    ) -> Result<Self, ConfigurationError> {
        let (prepared, mut memory) = Self::restore(&profile, state)?;
        memory.may_have_been_sent_since();
        let phase = prepared.spec.resume_phase;
        Self::at(profile, prepared, memory, phase, policy, seed)
    }

    /// A stored request from its beginning. Only for who knows that no byte of it was ever sent: a journal that marks a
    /// request before its first send. When in doubt, [`Flow::resume`].
    ///
    /// # Errors
    /// As [`Flow::resume`], and when the state itself remembers a send.
    pub fn begin(
        profile: Profile,
        state: FlowState,
        policy: Policy,
        seed: u64,
    ) -> Result<Self, ConfigurationError> {
        let (prepared, memory) = Self::restore(&profile, state)?;
        if memory != SendMemory::default() {
            let message = "remembers a send, so the request is resumed and not begun";
            return Err(ConfigurationError::new("state.memory", codes::STATE_UNREADABLE, message));
        }
        Self::new(profile, prepared, policy, seed)
    }

    fn restore(profile: &Profile, state: FlowState) -> Result<(Prepared, SendMemory), ConfigurationError> {
        let entry = operations::find(&state.operation).ok_or_else(|| {
            let message = format!("unknown operation {}", state.operation);
            ConfigurationError::new("state.operation", codes::STATE_UNREADABLE, message)
        })?;
        if state.account != profile.account() {
            let message =
                format!("belongs to the account {}, this one is {}", state.account, profile.account());
            return Err(ConfigurationError::new("state.account", codes::STATE_OTHER_ACCOUNT, message));
        }
        state.into_parts(entry.spec)
    }

    fn at(
        profile: Profile,
        prepared: Prepared,
        memory: SendMemory,
        phase: &str,
        policy: Policy,
        seed: u64,
    ) -> Result<Self, ConfigurationError> {
        policy.check(profile.environment() == crate::Environment::Sandbox)?;
        let spec = prepared.spec;
        if spec.protocol != profile.protocol() {
            let message =
                format!("{} cannot be called with a profile of {:?}", spec.name, profile.protocol());
            return Err(ConfigurationError::new("profile", codes::OTHER_PROTOCOL, message));
        }
        if prepared.bodies.iter().any(|(_, text)| profile.first_unmappable(text).is_some()) {
            let message =
                "the account's charset (GBK) cannot carry this request: it was prepared for another account";
            return Err(ConfigurationError::new("profile.charset", codes::CONFIGURATION, message));
        }
        let phase = find_phase(spec, phase).ok_or_else(|| {
            ConfigurationError::new("state.operation", codes::STATE_UNREADABLE, "the operation has no stages")
        })?;
        let report = Report {
            operation: spec.name.to_owned(),
            key: prepared.key.clone(),
            warnings: prepared.warnings.clone(),
            ..Report::default()
        };
        Ok(Self {
            profile,
            spec,
            prepared,
            policy,
            random: fastrand::Rng::with_seed(seed),
            memory,
            repeated: false,
            report,
            phase,
            phase_began: Duration::ZERO,
            sends_in_phase: Vec::new(),
            began: None,
            stage: Stage::Ready,
        })
    }

    /// The operation.
    #[must_use]
    pub fn spec(&self) -> &'static OperationSpec {
        self.spec
    }

    /// What was sent and heard so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// What [`Flow::state`] remembers of the sends, without the rest.
    #[must_use]
    pub fn memory(&self) -> &SendMemory {
        &self.memory
    }

    /// Everything needed to take this request up again in another process, at any moment: store it before sending.
    #[must_use]
    pub fn state(&self) -> FlowState {
        FlowState::new(self.profile.account(), &self.prepared, &self.memory)
    }

    /// Tells the flow what happened; it answers with what to do next.
    ///
    /// # Errors
    /// [`FlowMisuse`] when the event does not fit; the flow is unchanged by it.
    pub fn advance(&mut self, event: Event, now: Now) -> Result<Step, FlowMisuse> {
        let began = self.began.unwrap_or(now.monotonic);
        match (event, std::mem::replace(&mut self.stage, Stage::Over)) {
            (Event::Cancel, stage) if !matches!(stage, Stage::Over) => {
                if let Stage::InFlight { since } = stage {
                    self.record(since, now, Some(Fault::Cancelled.reason()));
                }
                Ok(self.unknown(NextStep::ResumeLater, Fault::Cancelled.reason()))
            }
            (Event::Start, Stage::Ready) => {
                self.began = Some(began);
                self.phase_began = now.monotonic;
                Ok(self.send(now, began))
            }
            (Event::Signed(signature), Stage::Signing(draft)) => {
                match self.profile.signing().accept(draft.to_sign(), signature) {
                    Ok(signature) => Ok(self.hand_out(draft, &signature, now, began)),
                    Err(message) => Ok(self.signer_failed(message)),
                }
            }
            (Event::SigningFailed(message), Stage::Signing(_)) => Ok(self.signer_failed(message)),
            (Event::Answered(response), Stage::InFlight { since }) => {
                let answer = self.read(&response);
                self.keep_evidence(response, matches!(answer, Answer::Verified(_)));
                Ok(self.judge(answer, since, now))
            }
            (Event::Faulted(fault), Stage::InFlight { since }) => {
                Ok(self.judge(Answer::NoResult(fault.reason()), since, now))
            }
            (Event::Woke, Stage::Waiting { until }) if now.monotonic < until => {
                self.stage = Stage::Waiting { until };
                Ok(Step::Wait(until - now.monotonic))
            }
            (Event::Woke, Stage::Waiting { .. }) => Ok(self.send(now, began)),
            (event, stage) => {
                let misuse = FlowMisuse { expected: stage.expected(), told: event.name() };
                self.stage = stage;
                Err(misuse)
            }
        }
    }

    fn send(&mut self, now: Now, began: Duration) -> Step {
        if self.time_left(now, began).is_zero() {
            return self.unknown(NextStep::ResumeLater, Fault::Deadline.reason());
        }
        let business = self.prepared.business(self.phase.interface.name);
        let draft = self.profile.draft(self.phase.interface, business, now.epoch_ms);
        match self.profile.signing().sign(draft.to_sign()) {
            Some(Ok(signature)) => self.hand_out(draft, &signature, now, began),
            Some(Err(message)) => self.signer_failed(message),
            None => {
                let to_sign = draft.to_sign().to_vec();
                self.stage = Stage::Signing(draft);
                Step::Sign(to_sign)
            }
        }
    }

    fn hand_out(&mut self, draft: Draft, signature: &[u8], now: Now, began: Duration) -> Step {
        let left = self.time_left(now, began);
        if left.is_zero() {
            return self.unknown(NextStep::ResumeLater, Fault::Deadline.reason());
        }
        let mut request = match self.profile.request(draft, signature, self.phase.interface.name) {
            Ok(request) => request,
            Err(fault) => return self.unknown(NextStep::FixConfiguration, fault.reason()),
        };
        request.timeout = Duration::from_millis(self.policy.attempt_timeout_ms).min(left);
        *self.sends() += 1;
        if self.phase.interface.executes {
            self.repeated |= self.memory.sends > 0;
            self.memory.sends_executed();
        }
        self.stage = Stage::InFlight { since: now };
        Step::Send(request)
    }

    /// An answer's meaning, its signature and its addressee checked.
    fn read(&self, response: &HttpResponse) -> Answer {
        let header_bytes: usize =
            response.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        if header_bytes > MAX_HEADER_BYTES {
            return Answer::NoResult(Fault::TooLarge.reason());
        }
        match self.profile.read(self.phase.interface, response) {
            Answer::Verified(verified) if self.is_about_another_request(&verified) => {
                Answer::NoResult(Fault::OtherRequest.reason())
            }
            answer => answer,
        }
    }

    /// A signature does not cover the request, so what an answer repeats of it is compared.
    fn is_about_another_request(&self, verified: &Verified) -> bool {
        let mut echoed =
            self.spec.echoes.iter().filter_map(|name| Some((name, text_at(&verified.fields, name)?)));
        let Some(first) = echoed.next() else { return false };
        let asked = parse_object(self.prepared.business(self.phase.interface.name)).unwrap_or_default();
        std::iter::once(first)
            .chain(echoed)
            .any(|(name, answered)| text_at(&asked, name).is_some_and(|asked| asked != answered))
    }

    fn judge(&mut self, answer: Answer, since: Now, now: Now) -> Step {
        let reason = match &answer {
            Answer::Verified(verified) => self.reason(verified),
            Answer::ConfigurationRefusal(reason) | Answer::NoResult(reason) => reason.clone(),
        };
        self.record(since, now, Some(reason.clone()));
        if reason.asks_to_slow_down() {
            self.report.slow_down = true;
        }
        if self.phase.interface.executes {
            self.memory.heard(&answer, &reason);
        }
        let rule =
            self.phase.rules.iter().find(|rule| rule.when.iter().all(|when| self.holds(*when, &answer)));
        // Tables end in a rule for everything (a test sees to it); without one, the careful answer.
        let action = rule.map_or(Action::Unknown(NextStep::ContactSupport), |rule| rule.then);
        let reason = match (action, &self.memory.refusal) {
            // What refused the refund, rather than the inquiry that told so.
            (Action::Fail(_), Some(refusal)) => refusal.clone(),
            _ => reason,
        };
        self.act(action, answer, reason, now)
    }

    /// What an answer says; of an inquiry that worked, the state that it tells rather than that it worked.
    fn reason(&self, verified: &Verified) -> Reason {
        let said = verified.reason();
        let state = self.phase.state.and_then(|path| Some((path, text_at(&verified.fields, path)?)));
        match (said.code.as_str(), state) {
            ("10000" | "SUCCESS", Some((path, state))) => {
                let code = if path.contains('.') { state } else { format!("{path}:{state}") };
                Reason { code, message: None, ..said }
            }
            _ => said,
        }
    }

    fn act(&mut self, action: Action, answer: Answer, reason: Reason, now: Now) -> Step {
        match action {
            Action::Succeed => match answer {
                Answer::Verified(verified) => self.succeeded(verified),
                _ => self.unknown(NextStep::ContactSupport, reason),
            },
            // Only verified answers meet a rule that fails; should a table ever forget that, it is not known.
            Action::Fail(next_step) if !matches!(answer, Answer::Verified(_)) => {
                self.unknown(next_step, reason)
            }
            Action::Fail(next_step) => {
                self.stage = Stage::Over;
                let report = std::mem::take(&mut self.report);
                Step::Done(Box::new(Outcome::Failed(Failed { reason, next_step, report })))
            }
            Action::Unknown(next_step) => self.unknown(next_step, reason),
            Action::Repeat(window, exhausted) => {
                let wait = self.policy.wait(window, &mut self.random);
                if self.has_a_send_left(now, wait) {
                    self.wait(wait, now)
                } else {
                    self.act(*exhausted, answer, reason, now)
                }
            }
            Action::Go(name, window) => match find_phase(self.spec, name) {
                Some(phase) => self.enter(phase, window, answer, reason, now),
                None => self.unknown(NextStep::ContactSupport, reason),
            },
        }
    }

    fn enter(
        &mut self,
        phase: &'static Phase,
        window: Window,
        answer: Answer,
        reason: Reason,
        now: Now,
    ) -> Step {
        self.phase = phase;
        self.phase_began = now.monotonic;
        match phase.limit {
            Limit::AttemptsInAll if *self.sends() >= self.policy.attempts => {
                let exhausted =
                    phase.exhausted_on_entry.unwrap_or(&Action::Unknown(NextStep::ContactSupport));
                self.act(*exhausted, answer, reason, now)
            }
            Limit::Attempts | Limit::AttemptsInAll | Limit::WithinMs(_) => {
                if phase.limit == Limit::Attempts {
                    *self.sends() = 0;
                }
                let wait = self.policy.wait(window, &mut self.random);
                self.wait(wait, now)
            }
        }
    }

    fn has_a_send_left(&mut self, now: Now, wait: Duration) -> bool {
        match self.phase.limit {
            Limit::Attempts | Limit::AttemptsInAll => *self.sends() < self.policy.attempts,
            Limit::WithinMs(limit) => {
                let limit =
                    Duration::from_millis(limit * u64::from(self.policy.sandbox_wait_permille) / 1000);
                // Without waits (sandbox) there is nothing to bound the sends but this.
                !wait.is_zero()
                    && now.monotonic.saturating_add(wait) <= self.phase_began.saturating_add(limit)
            }
        }
    }

    fn wait(&mut self, wait: Duration, now: Now) -> Step {
        let began = self.began.unwrap_or(now.monotonic);
        let until = now.monotonic.saturating_add(wait);
        if until >= self.deadline(began) {
            return self.unknown(NextStep::ResumeLater, Fault::Deadline.reason());
        }
        if wait.is_zero() {
            return self.send(now, began);
        }
        self.stage = Stage::Waiting { until };
        Step::Wait(wait)
    }

    fn holds(&self, when: When, answer: &Answer) -> bool {
        let verified = match answer {
            Answer::Verified(verified) => Some(verified),
            Answer::ConfigurationRefusal(_) | Answer::NoResult(_) => None,
        };
        let among =
            |text: Option<&String>, list: &[&str]| text.is_some_and(|text| list.contains(&text.as_str()));
        match when {
            When::Verified => verified.is_some(),
            When::Code(list) => verified.is_some_and(|verified| among(verified.code.as_ref(), list)),
            When::SubCode(list) => verified.is_some_and(|verified| among(verified.sub_code.as_ref(), list)),
            When::Status(status) => {
                verified.is_some_and(|verified| verified.status.as_deref() == Some(status))
            }
            When::Field(path, text) => {
                verified.is_some_and(|verified| text_at(&verified.fields, path).as_deref() == Some(text))
            }
            When::Present(path) => verified
                .is_some_and(|verified| text_at(&verified.fields, path).is_some_and(|text| !text.is_empty())),
            When::NoCodeButSuccess => {
                verified.is_some_and(|verified| verified.code.as_deref().is_none_or(|code| code == "10000"))
            }
            When::Asked(path, text) => parse_object(self.prepared.business(self.phase.interface.name))
                .is_ok_and(|asked| text_at(&asked, path).as_deref() == Some(text)),
            When::NoResult => matches!(answer, Answer::NoResult(_)),
            When::ConfigurationRefusal => matches!(answer, Answer::ConfigurationRefusal(_)),
            When::NoSendIsOnItsWay => self.memory.no_send_is_on_its_way(),
            When::NoSendEverAnswered => !self.memory.a_send_was_answered,
            When::AnEarlierSendIsOpen => self.memory.sends > u32::from(self.phase.interface.executes),
            When::SuccessWasReported => self.memory.success_was_reported,
            When::NotYetRepeated => !self.repeated,
        }
    }

    fn succeeded(&mut self, verified: Verified) -> Step {
        self.stage = Stage::Over;
        let reference = self.spec.reference.and_then(|path| text_at(&verified.fields, path));
        let report = std::mem::take(&mut self.report);
        Step::Done(Box::new(Outcome::Succeeded(Succeeded { response: verified.fields, reference, report })))
    }

    fn unknown(&mut self, next_step: NextStep, reason: Reason) -> Step {
        self.stage = Stage::Over;
        let resume = self.state();
        let report = std::mem::take(&mut self.report);
        Step::Done(Box::new(Outcome::Unknown(Unknown { reason, next_step, report, resume })))
    }

    fn signer_failed(&mut self, message: String) -> Step {
        self.unknown(NextStep::FixConfiguration, Fault::SignerFailed(message).reason())
    }

    fn record(&mut self, since: Now, now: Now, reason: Option<Reason>) {
        let took = now.monotonic.saturating_sub(since.monotonic);
        self.report.attempts.push(Attempt {
            interface: self.phase.interface.name.to_owned(),
            sent_at_ms: since.epoch_ms,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            reason,
        });
    }

    fn keep_evidence(&mut self, response: HttpResponse, verified: bool) {
        const KEPT: [&str; 3] = ["signature", "response-time", "client-id"];
        let HttpResponse { status, headers, mut body } = response;
        let truncated = body.len() > Evidence::MAX_BYTES;
        body.truncate(Evidence::MAX_BYTES);
        let headers =
            headers.into_iter().filter(|(name, _)| KEPT.iter().any(|kept| name.eq_ignore_ascii_case(kept)));
        self.report.evidence =
            Some(Evidence { status, verified, headers: headers.collect(), body, truncated });
    }

    fn sends(&mut self) -> &mut u32 {
        let name = self.phase.name;
        let at = self.sends_in_phase.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.sends_in_phase.push((name, 0));
            self.sends_in_phase.len() - 1
        });
        &mut self.sends_in_phase[at].1
    }

    fn time_left(&self, now: Now, began: Duration) -> Duration {
        self.deadline(began).saturating_sub(now.monotonic)
    }

    fn deadline(&self, began: Duration) -> Duration {
        began.saturating_add(Duration::from_millis(self.policy.deadline_ms))
    }
}

fn find_phase(spec: &'static OperationSpec, name: &str) -> Option<&'static Phase> {
    spec.phases.iter().find(|phase| phase.name == name)
}

impl Stage {
    const fn expected(&self) -> &'static str {
        match self {
            Self::Ready => "Start",
            Self::Signing(_) => "Signed or SigningFailed",
            Self::InFlight { .. } => "Answered or Faulted",
            Self::Waiting { .. } => "Woke",
            Self::Over => "nothing: it is over",
        }
    }
}

impl Event {
    const fn name(&self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Signed(_) => "Signed",
            Self::SigningFailed(_) => "SigningFailed",
            Self::Answered(_) => "Answered",
            Self::Faulted(_) => "Faulted",
            Self::Woke => "Woke",
            Self::Cancel => "Cancel",
        }
    }
}
