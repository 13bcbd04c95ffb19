//! Taking a refund on: its key is taken for ever, its form until it has failed, and both before anything is sent.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use taxrefund_core::validation::Violation;
use taxrefund_core::{
    ConfigurationError, Effect, FlowState, InvalidRequest, Prepared, Profile, Protocol, Sensitive, codes,
};

use crate::chain::{Kind, NewRecord, Private};
use crate::entry::Entry;
use crate::error::{JournalError, StoreError, StoreFault};
use crate::journal::{Journal, now_ms};
use crate::store::{Inserted, Lease, NewEntry};

/// A refund to be recorded.
#[derive(Debug, Clone)]
pub struct Submission {
    pub(crate) prepared: Prepared,
    pub(crate) form: Option<String>,
    pub(crate) overridden: Option<String>,
    pub(crate) batch: Option<(String, u64)>,
}

impl Submission {
    /// A prepared request. Its form is what the request names, if anything.
    #[must_use]
    pub fn new(prepared: Prepared) -> Self {
        Self { form: prepared.form(), prepared, overridden: None, batch: None }
    }

    /// The number of the tax refund form, where the request itself does not name it (Antom): one form is paid once.
    #[must_use]
    pub fn form(mut self, form: &str) -> Self {
        self.form = Some(form.to_owned());
        self
    }

    /// Accepts it although its form has another refund that did not fail. The reason is recorded for ever. Only for a
    /// second payment that is meant: the rule it breaks is what keeps a traveller from being paid twice.
    #[must_use]
    pub fn second_refund_for_form(mut self, why: &str) -> Self {
        self.overridden = Some(why.to_owned());
        self
    }

    /// The batch and the line that it comes from.
    #[must_use]
    pub fn from_batch(mut self, batch: &str, line: u64) -> Self {
        self.batch = Some((batch.to_owned(), line));
        self
    }

    /// Texts that come beside the request, whose own are checked with it: PostgreSQL takes no NUL, and no name or reason needs
    /// a control character.
    pub(crate) fn check(&self) -> Result<(), InvalidRequest> {
        let texts = [
            ("form", self.form.as_deref()),
            ("second_refund_for_form", self.overridden.as_deref()),
            ("batch", self.batch.as_ref().map(|(name, _)| name.as_str())),
        ];
        let violations: Vec<_> =
            texts.into_iter().filter_map(|(path, text)| unprintable(path, text?)).collect();
        if violations.is_empty() {
            return Ok(());
        }
        Err(InvalidRequest { operation: self.prepared.spec().name, violations })
    }
}

fn unprintable(path: &str, text: &str) -> Option<Violation> {
    let (at, found) = text.chars().enumerate().find(|(_, c)| c.is_control())?;
    Some(Violation {
        path: path.to_owned(),
        rule: "alphabet",
        message: format!("must not hold control characters; wrong: {found:?} at {}", at + 1),
        given: Sensitive::from(text).to_string(),
    })
}

/// What came of submitting.
#[derive(Debug, Clone)]
pub enum Submitted {
    /// It is recorded, on disk, and a worker may send it.
    New(Entry),
    /// The same request was recorded before.
    Known(Entry),
}

impl Submitted {
    /// The entry, new or known.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        match self {
            Self::New(entry) | Self::Known(entry) => entry,
        }
    }
}

impl Journal {
    /// Records a refund for a worker to send. It is on disk when this returns.
    ///
    /// # Errors
    /// [`JournalError::KeyReused`], [`JournalError::FormTaken`], and [`JournalError::InvalidRequest`] for a form, reason or
    /// batch name with control characters: nothing was recorded then, and nothing is sent.
    pub fn submit(&self, profile: &Profile, submission: &Submission) -> Result<Submitted, JournalError> {
        Ok(match self.insert(profile, submission, None)? {
            Placed::New(id) => Submitted::New(self.recorded(submission, id)?),
            Placed::Known(entry) => Submitted::Known(*entry),
        })
    }

    pub(crate) fn insert(
        &self,
        profile: &Profile,
        submission: &Submission,
        lease: Option<Lease>,
    ) -> Result<Placed, JournalError> {
        let new = self.new_entry(profile, submission, lease)?;
        asked_again(|| match self.0.submit(new.clone())? {
            Inserted::New(id) => Ok(Some(Placed::New(id))),
            Inserted::Known(id) => {
                let entry = self.recorded(submission, id)?;
                Ok(Some(Placed::Known(Box::new(self.same(profile, submission, entry)?))))
            }
            Inserted::FormTaken => self.form_taken(profile, submission)?.map_or(Ok(None), Err),
        })
    }

    pub(crate) fn recorded(&self, submission: &Submission, id: i64) -> Result<Entry, JournalError> {
        let lost = || JournalError::NotFound { key: submission.prepared.key().to_owned() };
        self.store().by_id(id)?.ok_or_else(lost)
    }

    pub(crate) fn new_entry(
        &self,
        profile: &Profile,
        submission: &Submission,
        lease: Option<Lease>,
    ) -> Result<NewEntry, JournalError> {
        let Submission { prepared, form, overridden, batch } = submission;
        let spec = prepared.spec();
        if spec.effect == Effect::Reads {
            return Err(JournalError::OnlyReads { operation: spec.name.to_owned() });
        }
        if spec.protocol != profile.protocol() {
            let message =
                format!("{} cannot be recorded for a profile of {:?}", spec.name, profile.protocol());
            let field = "profile".to_owned();
            return Err(ConfigurationError { field, code: codes::OTHER_PROTOCOL, message }.into());
        }
        submission.check()?;
        let account = self.account(profile)?;
        let amount = prepared.amount();
        let currency = amount.as_ref().map(|amount| amount.currency.clone());
        let amount_minor = amount.and_then(|amount| amount.value.parse().ok());
        let fingerprint = self.0.fingerprint(prepared.fingerprint());
        let text = business(&FlowState::of(profile, prepared));
        let request = self.0.conceal("request", prepared.key(), text)?;
        let (batch, line) = batch.clone().unzip();
        let line = line.and_then(|line| i64::try_from(line).ok());
        let content = Content {
            protocol: spec.protocol,
            account: profile.account(),
            operation: spec.name,
            key: prepared.key(),
            form: form.as_deref(),
            currency: currency.as_deref(),
            amount_minor,
            fingerprint: &fingerprint,
            request_sha256: &sha256_of(&request),
            batch: batch.as_deref(),
            line,
            overridden: overridden.as_deref(),
        };
        let content = serde_json::to_string(&content).unwrap_or_default();
        Ok(NewEntry {
            account,
            operation: spec.name,
            key: prepared.key().to_owned(),
            form: form.clone(),
            currency,
            amount_minor,
            fingerprint,
            batch,
            line,
            overridden: overridden.clone(),
            request,
            lease,
            record: NewRecord { kind: Kind::Submitted, at_ms: now_ms(), content, details: None },
        })
    }

    /// The entry that has the key already, if it is the same request; else [`JournalError::KeyReused`].
    pub(crate) fn same(
        &self,
        profile: &Profile,
        submission: &Submission,
        entry: Entry,
    ) -> Result<Entry, JournalError> {
        let prepared = &submission.prepared;
        let is_same = entry.fingerprint == self.0.fingerprint(prepared.fingerprint())
            && entry.operation == prepared.spec().name;
        let other_form = submission.form.is_some() && submission.form != entry.form;
        if is_same && !other_form {
            return Ok(entry);
        }
        let fields = if is_same {
            vec!["form".to_owned()]
        } else if entry.operation == prepared.spec().name {
            let recorded = self.request(&entry)?;
            let given = FlowState::of(profile, prepared);
            differences(&recorded, given.business())
        } else {
            vec![format!("operation (was {})", entry.operation)]
        };
        Err(JournalError::KeyReused {
            operation: prepared.spec().name.to_owned(),
            key: entry.key,
            fields,
            state: entry.state,
        })
    }

    /// [`JournalError::FormTaken`] with the refund that has the form; `None` when no refund has it.
    pub(crate) fn form_taken(
        &self,
        profile: &Profile,
        submission: &Submission,
    ) -> Result<Option<JournalError>, JournalError> {
        let (Some(form), Some(account)) = (&submission.form, self.known_account(profile)?) else {
            return Ok(None);
        };
        let holder = self.store().holders_of_form(account, form)?.into_iter().next();
        Ok(holder.map(|(_, key, state)| JournalError::FormTaken { form: form.clone(), key, state }))
    }
}

/// Where a submission came to stand.
pub(crate) enum Placed {
    /// It is new, and this is its number.
    New(i64),
    /// It is this entry, recorded before.
    Known(Box<Entry>),
}

/// How often a form is asked for whose refund was there, and had failed when it was looked for.
const FORM_TRIES: usize = 5;

/// Until there is an answer: `None` says that what stood in the way is gone.
fn asked_again<T>(mut ask: impl FnMut() -> Result<Option<T>, JournalError>) -> Result<T, JournalError> {
    for _ in 0..FORM_TRIES {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
    }
    let message = "the form is taken and given up again all the time; nothing was recorded: submit it again";
    Err(StoreError::new(StoreFault::Other, message).into())
}

/// What the record of a submission says; nothing personal.
#[derive(Serialize)]
struct Content<'a> {
    protocol: Protocol,
    account: &'a str,
    operation: &'a str,
    key: &'a str,
    form: Option<&'a str>,
    currency: Option<&'a str>,
    amount_minor: Option<i64>,
    fingerprint: &'a str,
    request_sha256: &'a str,
    batch: Option<&'a str>,
    line: Option<i64>,
    overridden: Option<&'a str>,
}

/// The hash of a private text as it is stored, which whoever has not the key can check as well.
pub(crate) fn sha256_of(private: &Private) -> String {
    hex::encode(match private {
        Private::Clear(text) => Sha256::digest(text),
        Private::Sealed(bytes) => Sha256::digest(bytes),
    })
}

/// A request as it is stored.
pub(crate) fn business(state: &FlowState) -> String {
    serde_json::to_string(state.business()).unwrap_or_default()
}

/// The most fields that are named.
const NAMED: usize = 20;

/// The paths at which two requests differ.
fn differences(recorded: &Map<String, Value>, given: &BTreeMap<String, String>) -> Vec<String> {
    let mut fields = Vec::new();
    for (interface, text) in given {
        let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
        let before = recorded.get(interface).and_then(Value::as_str).map_or(Value::Null, parsed);
        compare("", &before, &parsed(text), &mut fields);
    }
    fields.sort();
    fields.dedup();
    if fields.len() > NAMED {
        let more = fields.len() - NAMED;
        fields.truncate(NAMED);
        fields.push(format!("and {more} more"));
    }
    if fields.is_empty() {
        fields.push("the way it is written".to_owned());
    }
    fields
}

fn compare(path: &str, before: &Value, now: &Value, fields: &mut Vec<String>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (before, now) {
        (Value::Object(before), Value::Object(now)) => {
            for name in before.keys().chain(now.keys().filter(|name| !before.contains_key(*name))) {
                let of = |side: &Map<String, Value>| side.get(name).cloned().unwrap_or(Value::Null);
                compare(&below(name), &of(before), &of(now), fields);
            }
        }
        (Value::Array(before), Value::Array(now)) => {
            for at in 0..before.len().max(now.len()) {
                let of = |side: &[Value]| side.get(at).cloned().unwrap_or(Value::Null);
                compare(&below(&at.to_string()), &of(before), &of(now), fields);
            }
        }
        _ if before != now => fields.push(path.to_owned()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_that_is_given_up_in_the_same_moment_is_asked_for_again_but_not_for_ever() {
        let mut answers = vec![Some("recorded"), None, None];
        assert_eq!(asked_again(|| Ok(answers.pop().flatten())).unwrap(), "recorded");
        let mut asked = 0;
        let refused = asked_again(|| {
            asked += 1;
            Ok(None::<()>)
        });
        assert_eq!((asked, refused.unwrap_err().code()), (FORM_TRIES, codes::JOURNAL_STORE));
    }

    #[test]
    fn fields_that_differ_are_named_by_their_paths_and_never_by_their_values() {
        let recorded = json!({ "pay": r#"{"a":"1","b":{"c":["x","y"]},"gone":"1"}"# });
        let given =
            BTreeMap::from([("pay".to_owned(), r#"{"a":"2","b":{"c":["x","z"]},"new":"1"}"#.to_owned())]);
        assert_eq!(differences(recorded.as_object().unwrap(), &given), ["a", "b.c.1", "gone", "new"]);
    }
}
