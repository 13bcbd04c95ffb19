-- The journal's schema, version 1. Times are milliseconds since 1970-01-01 UTC, by this machine's clock.

-- One row: the journal itself.
CREATE TABLE journal (
    one            INTEGER PRIMARY KEY CHECK (one = 1),
    id             TEXT    NOT NULL,  -- 32 hexadecimal digits
    version        INTEGER NOT NULL,  -- of this schema
    oldest_program INTEGER NOT NULL,  -- the oldest schema a program must know to write here
    created_ms     INTEGER NOT NULL,
    written_ms     INTEGER NOT NULL,
    head_seq       INTEGER NOT NULL,  -- the end of the chain of records
    head_hash      BLOB    NOT NULL
) STRICT;

-- Keys of sealed texts, themselves sealed by the host's key. Empty: nothing is sealed.
CREATE TABLE data_key (
    id      INTEGER PRIMARY KEY,
    wrapped BLOB    NOT NULL
) STRICT;

CREATE TABLE account (
    id                INTEGER PRIMARY KEY,
    protocol          TEXT    NOT NULL,  -- alipay, alipay_plus, antom
    account           TEXT    NOT NULL,  -- app id or client id
    environment       TEXT    NOT NULL,  -- production, sandbox
    -- The traffic limit that was last met; null: none yet.
    limit_milli_per_s INTEGER,
    cut_at_ms         INTEGER,
    generation        INTEGER NOT NULL DEFAULT 0,
    UNIQUE (protocol, account)
) STRICT;

-- One row for every refund that was ever asked for. Never deleted: a key is taken for ever.
CREATE TABLE entry (
    id           INTEGER PRIMARY KEY,
    account_id   INTEGER NOT NULL REFERENCES account (id),
    operation    TEXT    NOT NULL,
    key          TEXT    NOT NULL,   -- out_order_no, refundRequestId, ...
    form         TEXT,               -- number of the tax refund form
    currency     TEXT,
    amount_minor INTEGER,            -- in the currency's smallest unit
    fingerprint  TEXT    NOT NULL,
    batch        TEXT,
    line         INTEGER,
    state        TEXT    NOT NULL CHECK (state IN ('open', 'waiting', 'succeeded', 'failed', 'unknown')),
    code         TEXT,
    sub_code     TEXT,
    next_step    TEXT,
    reference    TEXT,               -- the provider's own number
    attempts     INTEGER NOT NULL DEFAULT 0,
    resumes      INTEGER NOT NULL DEFAULT 0,
    begun        INTEGER NOT NULL DEFAULT 0,  -- something may have been sent
    memory       TEXT,               -- what resuming must know of the sends (JSON)
    due_ms       INTEGER,            -- when it may be taken up; while leased, the end of the lease; null: rests
    lease_owner  TEXT,
    epoch        INTEGER NOT NULL DEFAULT 0,  -- counts leases: only the latest may write
    revision     INTEGER NOT NULL DEFAULT 0,  -- counts writes
    conflict     INTEGER NOT NULL DEFAULT 0,  -- a notification contradicts what is recorded
    overridden   TEXT,               -- why it was accepted although its form was not free
    created_ms   INTEGER NOT NULL,
    updated_ms   INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX entry_key ON entry (account_id, key);
CREATE INDEX entry_due ON entry (account_id, due_ms) WHERE due_ms IS NOT NULL;
CREATE INDEX entry_state ON entry (state);
-- A form has at most one refund that did not fail, unless somebody overrode that.
CREATE UNIQUE INDEX entry_form ON entry (account_id, form)
    WHERE form IS NOT NULL AND state <> 'failed' AND overridden IS NULL;
CREATE INDEX entry_form_all ON entry (account_id, form) WHERE form IS NOT NULL;

-- The frozen business content of each interface: JSON in clear, or sealed.
CREATE TABLE request (
    entry_id INTEGER PRIMARY KEY REFERENCES entry (id),
    clear    TEXT,
    sealed   BLOB
) STRICT;

-- What happened, in order, chained by hashes. Only ever appended to.
CREATE TABLE record (
    seq      INTEGER PRIMARY KEY,
    entry_id INTEGER REFERENCES entry (id),
    kind     TEXT    NOT NULL,
    at_ms    INTEGER NOT NULL,
    content  TEXT    NOT NULL,  -- JSON, nothing personal
    clear    TEXT,              -- JSON with the provider's answer as evidence, in clear
    sealed   BLOB,              -- the same, sealed
    hash     BLOB    NOT NULL
) STRICT;

CREATE INDEX record_entry ON record (entry_id, seq);

-- Notifications that were recorded, to know them again.
CREATE TABLE notification (
    digest BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE worker (
    owner    TEXT    PRIMARY KEY,
    program  TEXT    NOT NULL,
    accounts TEXT    NOT NULL,   -- JSON list of account ids
    seen_ms  INTEGER NOT NULL,
    alive_ms INTEGER NOT NULL    -- counts as alive until then
) STRICT;

-- For people: what stands where, with times as text.
CREATE VIEW refund AS
SELECT account.protocol, account.account, entry.operation, entry.key, entry.form, entry.currency, entry.amount_minor,
       entry.state, entry.code, entry.sub_code, entry.next_step, entry.reference, entry.attempts, entry.resumes,
       entry.batch, entry.line, entry.conflict, entry.overridden, entry.lease_owner, entry.epoch,
       datetime(entry.due_ms / 1000, 'unixepoch') AS due_utc,
       datetime(entry.created_ms / 1000, 'unixepoch') AS created_utc,
       datetime(entry.updated_ms / 1000, 'unixepoch') AS updated_utc
FROM entry JOIN account ON account.id = entry.account_id;

-- For people: every send and what came of it.
CREATE VIEW attempt AS
SELECT entry.key, record.seq, datetime(record.at_ms / 1000, 'unixepoch') AS at_utc,
       json_extract(record.content, '$.interface') AS interface,
       json_extract(record.content, '$.took_ms') AS took_ms,
       json_extract(record.content, '$.code') AS code,
       json_extract(record.content, '$.sub_code') AS sub_code,
       json_extract(record.content, '$.verified') AS verified,
       json_extract(record.content, '$.state') AS state_after,
       record.clear AS evidence
FROM record JOIN entry ON entry.id = record.entry_id
WHERE record.kind IN ('attempt', 'late');
