//! Which scenario meets which request: rules, magic values, and the seeded mix.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

use crate::crypto::draw;
use crate::interface::{Interface, Role};
use crate::scenario::{Home, Scenario, Stage};

/// A rule, a list of rules or a mix could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a fault rule: {given:?} ({reason})")]
pub struct FaultError {
    given: String,
    reason: &'static str,
}

/// For how many requests of a key a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// This many.
    Count(u32),
    /// All of them.
    Every,
}

/// Which of a key's interfaces a rule takes hold of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The scenario's own choice.
    Home,
    /// The interface that pays, records or reads.
    Lead,
    /// The interface that asks what became of the key.
    Follow,
    /// All interfaces.
    Any,
    /// This one.
    Only(Interface),
}

/// One scenario and the requests it applies to. Text form: `name[:argument][*n|*every][#from][@target]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// What happens.
    pub scenario: Scenario,
    /// The argument of [`Scenario::Code`].
    pub argument: Option<String>,
    /// For how many requests of the key (default one).
    pub times: Times,
    /// From which request of the key on (default the first, 1).
    pub from: u32,
    /// At which interfaces.
    pub target: Target,
}

impl FaultRule {
    /// The scenario on the first request that suits it.
    #[must_use]
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario, argument: None, times: Times::Count(1), from: 1, target: Target::Home }
    }

    /// Rules separated by `,` or `+`; blanks and the word `none` are passed over.
    ///
    /// # Errors
    /// A text that is no rule.
    pub fn list(text: &str) -> Result<Vec<Self>, FaultError> {
        text.split([',', '+'])
            .map(str::trim)
            .filter(|t| !t.is_empty() && *t != "none")
            .map(str::parse)
            .collect()
    }

    /// The rules a magic value chooses: a chain of `X[Q]NAME[n]` at its end (before an `@`, if it is an e-mail
    /// address), or the last six digits of a wallet code.
    #[must_use]
    pub fn of_magic_value(value: &str) -> Vec<Self> {
        let text = value.split('@').next().unwrap_or_default();
        if text.len() >= 16 && text.bytes().all(|b| b.is_ascii_digit()) {
            let chosen = Scenario::ALL
                .iter()
                .find(|s| s.wallet_code_ending().is_some_and(|ending| text.ends_with(ending)));
            return chosen.map(|s| Self::new(*s)).into_iter().collect();
        }
        let mut rules = Vec::new();
        let mut rest = text;
        while let Some((before, rule)) = last_marker(rest) {
            rules.push(rule);
            rest = before;
        }
        rules.reverse();
        rules
    }

    fn takes_hold_of(&self, interface: Interface) -> bool {
        let lead = interface.leads();
        let follow = !lead || matches!(interface.role(), Role::Records | Role::Reads);
        self.scenario.suits(interface)
            && match self.target {
                Target::Home => match self.scenario.home() {
                    Home::Lead => lead,
                    Home::Follow => follow,
                },
                Target::Lead => lead,
                Target::Follow => follow,
                Target::Any => true,
                Target::Only(only) => only == interface,
            }
    }

    /// `counts` holds, per interface, the requests of this key so far, the present one included.
    pub(crate) fn applies(&self, interface: Interface, counts: &[u32; COUNTS]) -> bool {
        if !self.takes_hold_of(interface) {
            return false;
        }
        if matches!(self.scenario.stage(), Stage::Fate | Stage::Notice) {
            return true;
        }
        let number: u32 = Interface::ALL
            .iter()
            .filter(|i| i.protocol() == interface.protocol() && self.takes_hold_of(**i))
            .filter_map(|i| counts.get(i.index()))
            .sum();
        number >= self.from
            && match self.times {
                Times::Every => true,
                Times::Count(n) => number - self.from < n,
            }
    }

    /// How many later requests a fate stays open for; none if for ever.
    pub(crate) fn open_for(&self) -> Option<u32> {
        match self.times {
            Times::Count(n) => Some(n),
            Times::Every => None,
        }
    }
}

/// How many interfaces are counted per key.
pub(crate) const COUNTS: usize = Interface::ALL.len();

impl FromStr for FaultRule {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let refused = |reason| FaultError { given: text.to_owned(), reason };
        let (rest, target) = match text.split_once('@') {
            Some((rest, name)) => (rest, target_named(name).ok_or_else(|| refused("no such interface"))?),
            None => (text, Target::Home),
        };
        let (rest, from) = match rest.split_once('#') {
            Some((rest, from)) => (rest, from.parse().map_err(|_| refused("#from is a number"))?),
            None => (rest, 1),
        };
        let (rest, times) = match rest.split_once('*') {
            Some((rest, "every")) => (rest, Times::Every),
            Some((rest, n)) => {
                (rest, Times::Count(n.parse().map_err(|_| refused("*n is a number or every"))?))
            }
            None => (rest, Times::Count(1)),
        };
        let (name, argument) = match rest.split_once(':') {
            Some((name, argument)) => (name, Some(argument.to_owned())),
            None => (rest, None),
        };
        let scenario = Scenario::named(name).ok_or_else(|| refused("no such scenario"))?;
        if argument.is_some() != (scenario == Scenario::Code) {
            return Err(refused("code, and only code, takes an argument"));
        }
        Ok(Self { scenario, argument, times, from, target })
    }
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scenario.name())?;
        if let Some(argument) = &self.argument {
            write!(f, ":{argument}")?;
        }
        match self.times {
            Times::Count(1) => {}
            Times::Count(n) => write!(f, "*{n}")?,
            Times::Every => f.write_str("*every")?,
        }
        if self.from != 1 {
            write!(f, "#{}", self.from)?;
        }
        match self.target {
            Target::Home => Ok(()),
            Target::Lead => f.write_str("@lead"),
            Target::Follow => f.write_str("@follow"),
            Target::Any => f.write_str("@any"),
            Target::Only(interface) => write!(f, "@{interface}"),
        }
    }
}

fn target_named(name: &str) -> Option<Target> {
    match name {
        "lead" => Some(Target::Lead),
        "follow" => Some(Target::Follow),
        "any" => Some(Target::Any),
        _ => Interface::ALL.iter().copied().find(|i| i.name() == name).map(Target::Only),
    }
}

/// The marker a text ends with, and what stands before it. A name may itself hold an X, so every X is tried.
fn last_marker(text: &str) -> Option<(&str, FaultRule)> {
    let mut end = text.len();
    while let Some(at) = text.get(..end)?.rfind('X') {
        let segment = text.get(at + 1..)?;
        if segment.len() > 48 {
            return None;
        }
        if let Some(rule) = marker(segment) {
            return Some((text.get(..at)?, rule));
        }
        end = at;
    }
    None
}

fn marker(segment: &str) -> Option<FaultRule> {
    let (segment, target) =
        segment.strip_prefix('Q').map_or((segment, Target::Home), |rest| (rest, Target::Follow));
    Scenario::ALL.iter().copied().filter(|s| *s != Scenario::Code).find_map(|scenario| {
        let count = strip_marker(segment, scenario.name())?;
        let times = match count {
            "" => Times::Count(1),
            "0" => Times::Every,
            digits if digits.len() <= 3 => Times::Count(digits.parse().ok()?),
            _ => return None,
        };
        Some(FaultRule { times, target, ..FaultRule::new(scenario) })
    })
}

/// What follows the scenario's marker, without building the marker's text.
fn strip_marker<'a>(segment: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = segment;
    for letter in name.chars().filter(|c| *c != '-') {
        rest = rest.strip_prefix(letter.to_ascii_uppercase())?;
    }
    Some(rest)
}

/// A weighted choice of rule lists. A key's choice depends on the seed and the key alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultMix {
    entries: Vec<(u32, Vec<FaultRule>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MixEntry {
    weight: u32,
    faults: String,
}

impl FaultMix {
    /// No faults.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The demonstration's mix: rather more than a third of all keys meet something, a lost answer the most often.
    /// Its one delay is the sandbox's [`long_delay`](crate::SandboxBuilder::long_delay), which should then be short.
    #[must_use]
    pub fn demo() -> Self {
        const ENTRIES: &[(u32, &str)] = &[
            (55, "none"),
            (12, "lost-answer"),
            (3, "lost-answer*2,http-502@follow"),
            (3, "lost-request"),
            (3, "reset"),
            (3, "stranger-key"),
            (2, "unsigned-success"),
            (1, "forged-success"),
            (2, "html-page"),
            (3, "service-unavailable"),
            (2, "service-unavailable-paid"),
            (3, "result-unknown"),
            (3, "throttled*2"),
            (3, "failed"),
            (1, "failed,lost-answer"),
            (2, "in-process"),
            (2, "in-process*every"),
            (1, "http-500,system-error"),
            (1, "delay"),
            (1, "half-answer"),
            (1, "late-execution"),
        ];
        ENTRIES.iter().fold(Self::none(), |mut mix, (weight, rules)| {
            mix.entries.push((*weight, FaultRule::list(rules).unwrap_or_default()));
            mix
        })
    }

    /// Adds a choice: `weight` out of the sum of all weights, and its rules (`none` for no fault).
    ///
    /// # Errors
    /// Rules that cannot be read.
    pub fn with(mut self, weight: u32, rules: &str) -> Result<Self, FaultError> {
        self.entries.push((weight, FaultRule::list(rules)?));
        Ok(self)
    }

    /// `none`, `demo`, JSON (`[{"weight":3,"faults":"lost-answer*2"}, ...]`) or inline `3=lost-answer*2;97=none`.
    ///
    /// # Errors
    /// A text that is none of these.
    pub fn parse(text: &str) -> Result<Self, FaultError> {
        let refused = |reason| FaultError { given: text.to_owned(), reason };
        match text.trim() {
            "none" | "" => Ok(Self::none()),
            "demo" => Ok(Self::demo()),
            json if json.starts_with('[') => serde_json::from_str::<Vec<MixEntry>>(json)
                .map_err(|_| refused("a JSON mix is a list of {weight, faults}"))?
                .into_iter()
                .try_fold(Self::none(), |mix, entry| mix.with(entry.weight, &entry.faults)),
            inline => inline.split(';').map(str::trim).filter(|t| !t.is_empty()).try_fold(
                Self::none(),
                |mix, entry| {
                    let (weight, rules) =
                        entry.split_once('=').ok_or_else(|| refused("an inline mix is weight=rules;..."))?;
                    mix.with(weight.trim().parse().map_err(|_| refused("a weight is a number"))?, rules)
                },
            ),
        }
    }

    /// The rules of one key under one seed.
    #[must_use]
    pub fn rules_for(&self, seed: u64, protocol: &str, key: &str) -> &[FaultRule] {
        let total: u64 = self.entries.iter().map(|(weight, _)| u64::from(*weight)).sum();
        if total == 0 {
            return &[];
        }
        let mut ticket = draw(seed, &["fault", protocol, key]) % total;
        for (weight, rules) in &self.entries {
            if ticket < u64::from(*weight) {
                return rules;
            }
            ticket -= u64::from(*weight);
        }
        &[]
    }
}

#[cfg(test)]
mod tests;
