//! Notifications: recorded as they came, merged by the rule of the flows. A final state never goes back.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use taxrefund_core::notification::{Known, Merge, Settlement};
use taxrefund_core::{NextStep, Notification, Profile};

use crate::chain::{Hash, Kind, NewRecord};
use crate::entry::{Entry, State};
use crate::error::JournalError;
use crate::journal::{Journal, now_ms};
use crate::store::{After, Applied, Change, Set, Then};

/// What a notification changed. In each case it is on disk, and its reply may be sent.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "merged", rename_all = "snake_case")]
pub enum Merged {
    /// It settled an open refund; whoever was at work on it has lost it.
    Settled(Entry),
    /// It says what is known already, or nothing final.
    Unchanged(Entry),
    /// It contradicts a final state, or its amount is not the refund's. Nothing was changed but the entry's mark; a person
    /// must look.
    Conflict(Entry),
    /// It came before, byte for byte.
    Again,
    /// The journal has no such refund: it is kept as evidence, and a person must look.
    Stranger,
}

impl Journal {
    /// Records a verified notification and what it says of its refund. Send its reply when this has returned, not before.
    ///
    /// `body` are the raw bytes that were verified; they are kept as evidence.
    ///
    /// # Errors
    /// When the database fails: then send no reply, so that the provider tries again.
    pub fn notify(
        &self,
        profile: &Profile,
        notification: &Notification,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Merged, JournalError> {
        let account = self.account(profile)?;
        let known_by = |what: &str| -> Hash {
            Sha256::new().chain_update(format!("{what} {account}\n")).chain_update(body).finalize().into()
        };
        let digest = known_by("notification");
        if self.store().has_notification(&digest)? {
            return Ok(Merged::Again);
        }
        let key = notification.key.clone().unwrap_or_default();
        loop {
            let Some(entry) = self.store().by_keys(account, &[&key])?.pop() else {
                let record = self.told(notification, &key, "stranger", None, (headers, body))?;
                // Known again only as a stranger: should it come after its refund was recorded, it settles that.
                let digest = known_by("stranger");
                let mut store = self.store();
                if store.has_notification(&digest)? {
                    return Ok(Merged::Again);
                }
                store.append(None, &record, Some(&digest), false)?;
                return Ok(Merged::Stranger);
            };
            let merge = match (&notification.amount, &entry.amount) {
                (Some(told), Some(own)) if told != own => Merge::Conflict,
                _ => notification.merge(known(&entry)),
            };
            let Merge::Settles(settlement) = merge else {
                let same = merge == Merge::Unchanged;
                if same && self.fills_in_the_number(&entry, notification, (headers, body), digest)? {
                    let entry = self.store().by_id(entry.id)?.unwrap_or(entry);
                    return Ok(Merged::Unchanged(entry));
                }
                let conflict = merge == Merge::Conflict;
                let word = if conflict { "conflict" } else { "unchanged" };
                let record = self.told(notification, &entry.key, word, None, (headers, body))?;
                self.store().append(Some(entry.id), &record, Some(&digest), conflict)?;
                return Ok(if conflict {
                    Merged::Conflict(Entry { conflict, ..entry })
                } else {
                    Merged::Unchanged(entry)
                });
            };
            let set = settled(&entry, settlement, notification);
            let record =
                self.told(notification, &entry.key, "settled", Some(set.after()), (headers, body))?;
            let change = Change { notification: Some(digest), ..Change::to(&entry, set, Some(record)) };
            if self.0.apply(change)? == Applied::Written {
                let entry = self.store().by_id(entry.id)?.unwrap_or(entry);
                return Ok(Merged::Settled(entry));
            }
            // Somebody wrote to it a moment ago: look again.
        }
    }

    /// A success that was answered without the provider's number has it now.
    fn fills_in_the_number(
        &self,
        entry: &Entry,
        notification: &Notification,
        received: (&[(String, String)], &[u8]),
        digest: Hash,
    ) -> Result<bool, JournalError> {
        let says_the_same =
            notification.settlement == Some(Settlement::Succeeded) && entry.state == State::Succeeded;
        if !says_the_same || entry.reference.is_some() || notification.reference.is_none() {
            return Ok(false);
        }
        let set = Set {
            reference: notification.reference.clone(),
            ..Set::unchanged(entry, entry.state, Then::Rest)
        };
        let record = self.told(notification, &entry.key, "number", Some(set.after()), received)?;
        let change = Change { notification: Some(digest), ..Change::to(entry, set, Some(record)) };
        Ok(self.0.apply(change)? == Applied::Written)
    }

    fn told(
        &self,
        notification: &Notification,
        key: &str,
        merged: &str,
        after: Option<After<'_>>,
        (headers, body): (&[(String, String)], &[u8]),
    ) -> Result<NewRecord, JournalError> {
        let content = Content {
            key,
            merged,
            after,
            told: json!({
                "settlement": notification.settlement,
                "kind": notification.kind,
                "id": notification.id,
                "code": notification.code,
                "reference": notification.reference,
            }),
        };
        let body = match std::str::from_utf8(body) {
            Ok(text) => json!({ "headers": headers, "body": text }),
            Err(_) => json!({ "headers": headers, "body_hex": hex::encode(body) }),
        };
        let details = json!({ "notification": body, "fields": notification.fields });
        Ok(NewRecord {
            kind: Kind::Notification,
            at_ms: now_ms(),
            content: serde_json::to_string(&content).unwrap_or_default(),
            details: Some(self.0.conceal("record", key, details.to_string())?),
        })
    }
}

/// What the record of a notification says; nothing personal.
#[derive(Serialize)]
struct Content<'a> {
    key: &'a str,
    merged: &'a str,
    #[serde(flatten)]
    after: Option<After<'a>>,
    told: Value,
}

fn known(entry: &Entry) -> Known {
    match entry.state {
        State::Succeeded => Known::Succeeded,
        State::Failed => Known::Failed,
        State::Open | State::Waiting | State::Unknown => Known::Open,
    }
}

fn settled(entry: &Entry, settlement: Settlement, notification: &Notification) -> Set {
    let failed = settlement == Settlement::Failed;
    Set {
        // Not the fault of an earlier attempt: that is not why it ended.
        code: notification.code.clone(),
        sub_code: None,
        next_step: failed.then_some(NextStep::StartNew.as_str()),
        reference: notification.reference.clone().or_else(|| entry.reference.clone()),
        ..Set::unchanged(entry, state_of(settlement), Then::Revoke)
    }
}

const fn state_of(settlement: Settlement) -> State {
    match settlement {
        Settlement::Succeeded => State::Succeeded,
        Settlement::Failed => State::Failed,
    }
}
