-- The journal's schema, version 1, in a PostgreSQL schema of its own. Times are milliseconds since 1970-01-01 UTC, by the
-- database's clock (record.at_ms: by the writer's).
--
-- For whoever writes version 2. Programs of version 1 may be running: a migration first takes LOCK TABLE journal IN ACCESS
-- EXCLUSIVE MODE, which waits for the writes under way (each of them has read that table) and lets no other begin. It raises
-- oldest_program, and leaves the functions of version 1 in place: they are what refuses the older programs.

-- One row: the journal itself.
CREATE TABLE journal (
    one            integer PRIMARY KEY CHECK (one = 1),
    id             text    NOT NULL,  -- 32 hexadecimal digits
    version        bigint  NOT NULL,  -- of this schema
    oldest_program bigint  NOT NULL,  -- the oldest schema a program must know to write here
    created_ms     bigint  NOT NULL,
    written_ms     bigint  NOT NULL,
    head_seq       bigint  NOT NULL,  -- the end of the chain of records
    head_hash      bytea   NOT NULL
);

-- Keys of sealed texts, themselves sealed by the host's key. Empty: nothing is sealed.
CREATE TABLE data_key (
    id      bigint PRIMARY KEY,
    wrapped bytea  NOT NULL
);

CREATE TABLE account (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    protocol          text   NOT NULL,  -- alipay, alipay_plus, antom
    account           text   NOT NULL,  -- app id or client id
    environment       text   NOT NULL,  -- production, sandbox
    -- The traffic limit that was last met; null: none yet.
    limit_milli_per_s bigint,
    cut_at_ms         bigint,
    generation        bigint NOT NULL DEFAULT 0,
    UNIQUE (protocol, account)
);

-- One row for every refund that was ever asked for. Never deleted: a key is taken for ever.
CREATE TABLE entry (
    id           bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint  NOT NULL REFERENCES account (id),
    operation    text    NOT NULL,
    key          text    NOT NULL,   -- out_order_no, refundRequestId, ...
    form         text,               -- number of the tax refund form
    currency     text,
    amount_minor bigint,             -- in the currency's smallest unit
    fingerprint  text    NOT NULL,
    batch        text,
    line         bigint,
    state        text    NOT NULL CHECK (state IN ('open', 'waiting', 'succeeded', 'failed', 'unknown')),
    code         text,
    sub_code     text,
    next_step    text,
    reference    text,               -- the provider's own number
    attempts     bigint  NOT NULL DEFAULT 0,
    resumes      bigint  NOT NULL DEFAULT 0,
    begun        boolean NOT NULL DEFAULT false,  -- something may have been sent
    memory       text,               -- what resuming must know of the sends (JSON)
    due_ms       bigint,             -- when it may be taken up; while leased, the end of the lease; null: rests
    lease_owner  text,
    epoch        bigint  NOT NULL DEFAULT 0,  -- counts leases: only the latest may write
    revision     bigint  NOT NULL DEFAULT 0,  -- counts writes
    conflict     boolean NOT NULL DEFAULT false,  -- a notification contradicts what is recorded
    overridden   text,               -- why it was accepted although its form was not free
    created_ms   bigint  NOT NULL,
    updated_ms   bigint  NOT NULL
)
-- Every refund is rewritten a few times within seconds: room beside it, and dead rows are swept early.
WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE UNIQUE INDEX entry_key ON entry (account_id, key);
CREATE INDEX entry_due ON entry (account_id, due_ms, id) WHERE due_ms IS NOT NULL;
CREATE INDEX entry_state ON entry (state, id);
-- A form has at most one refund that did not fail, unless somebody overrode that.
CREATE UNIQUE INDEX entry_form ON entry (account_id, form)
    WHERE form IS NOT NULL AND state <> 'failed' AND overridden IS NULL;
CREATE INDEX entry_form_all ON entry (account_id, form) WHERE form IS NOT NULL;

-- The frozen business content of each interface: JSON in clear, or sealed.
CREATE TABLE request (
    entry_id   bigint PRIMARY KEY REFERENCES entry (id),
    clear      text,
    clear_utf8 bytea,  -- a clear text with a NUL in it, which the type text cannot hold
    sealed     bytea
);

-- What happened, in order, chained by hashes. Only ever appended to.
CREATE TABLE record (
    seq        bigint PRIMARY KEY,
    entry_id   bigint REFERENCES entry (id),
    kind       text   NOT NULL,
    at_ms      bigint NOT NULL,
    content    text   NOT NULL,  -- JSON, nothing personal
    clear      text,             -- JSON with the provider's answer as evidence, in clear
    clear_utf8 bytea,            -- the same, where it has a NUL in it
    sealed     bytea,            -- the same, sealed
    hash       bytea  NOT NULL
);

CREATE INDEX record_entry ON record (entry_id, seq);

-- Notifications that were recorded, to know them again.
CREATE TABLE notification (
    digest bytea PRIMARY KEY
);

CREATE TABLE worker (
    owner    text     PRIMARY KEY,
    program  text     NOT NULL,
    accounts bigint[] NOT NULL,
    seen_ms  bigint   NOT NULL,
    alive_ms bigint   NOT NULL    -- counts as alive until then
);

-- The last write of each program that has the journal open, and what came of it: when the connection breaks before the
-- answer arrives, the program asks again under the same number and is told instead of the write being done twice.
CREATE TABLE writer (
    id     text     PRIMARY KEY,
    number bigint   NOT NULL,
    answer bigint[] NOT NULL,
    at_ms  bigint   NOT NULL
);

-- For people: what stands where, with times as text.
CREATE VIEW refund AS
SELECT account.protocol, account.account, entry.operation, entry.key, entry.form, entry.currency, entry.amount_minor,
       entry.state, entry.code, entry.sub_code, entry.next_step, entry.reference, entry.attempts, entry.resumes,
       entry.batch, entry.line, entry.conflict, entry.overridden, entry.lease_owner, entry.epoch,
       to_char(to_timestamp(entry.due_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS due_utc,
       to_char(to_timestamp(entry.created_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS created_utc,
       to_char(to_timestamp(entry.updated_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS updated_utc
FROM entry JOIN account ON account.id = entry.account_id;

-- For people: every send and what came of it.
CREATE VIEW attempt AS
SELECT entry.key, record.seq,
       to_char(to_timestamp(record.at_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS at_utc,
       told.content ->> 'interface' AS interface,
       told.content ->> 'took_ms' AS took_ms,
       told.content ->> 'code' AS code,
       told.content ->> 'sub_code' AS sub_code,
       told.content ->> 'verified' AS verified,
       told.content ->> 'state' AS state_after,
       coalesce(record.clear, encode(record.clear_utf8, 'escape')) AS evidence
FROM record
JOIN entry ON entry.id = record.entry_id
-- A provider's code may hold an escaped NUL, on which ->> fails: it is shown as it is written.
CROSS JOIN LATERAL (
    SELECT regexp_replace(record.content, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\\\u0000', 'g')::json AS content
) AS told
WHERE record.kind IN ('attempt', 'late');

CREATE FUNCTION now_ms() RETURNS bigint
LANGUAGE sql VOLATILE AS $$
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

-- SQLSTATE TR001: the journal was migrated, and the caller does not know that schema; the message is its number.
CREATE FUNCTION refuse_newer_v1(program bigint) RETURNS void
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    oldest bigint;
BEGIN
    SELECT journal.oldest_program INTO STRICT oldest FROM journal;
    IF oldest > program THEN
        RAISE EXCEPTION USING ERRCODE = 'TR001', MESSAGE = oldest::text;
    END IF;
END
$$;

-- Begins a write that goes into the chain. Such writes go one after the other: each takes this row first, and entries after
-- it in the order of their numbers, so that no two wait for each other. The caller's next statement sees what the write
-- before it has left.
CREATE FUNCTION take_head_v1() RETURNS journal
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    head journal;
BEGIN
    SELECT * INTO STRICT head FROM journal FOR UPDATE;
    RETURN head;
END
$$;

-- The answer to a write that was done already; null: it was not. A number below the last one comes from a connection that
-- its program has given up: nobody hears the answer, and nothing must be written.
CREATE FUNCTION answered_v1(writer_id text, write_number bigint) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
BEGIN
    RETURN (SELECT writer.answer FROM writer WHERE writer.id = writer_id AND writer.number >= write_number);
END
$$;

-- Ends a write that goes into the chain.
CREATE FUNCTION close_v1(head journal, writer_id text, write_number bigint, answer bigint[], moment bigint) RETURNS void
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
BEGIN
    UPDATE journal SET head_seq = head.head_seq, head_hash = head.head_hash, written_ms = moment;
    INSERT INTO writer VALUES (writer_id, write_number, answer, moment)
    ON CONFLICT (id) DO UPDATE
    SET number = excluded.number, answer = excluded.answer, at_ms = excluded.at_ms;
END
$$;

-- The hash of one more record.
CREATE FUNCTION chained_v1(hash bytea, seq bigint, digest bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(hash || int8send(seq) || digest)
$$;

-- Records new entries. Answers for each of them: its number; the number of the entry that has its key, negative; 0 when its
-- form is taken.
CREATE FUNCTION submit_v1(
    program bigint, writer_id text, write_number bigint,
    accounts bigint[], operations text[], keys text[], forms text[], currencies text[], amounts_minor bigint[],
    fingerprints text[], batches text[], lines bigint[], overridden text[], lease_owners text[], leases_ms bigint[],
    requests_clear text[], requests_clear_utf8 bytea[], requests_sealed bytea[],
    kinds text[], ats_ms bigint[], contents text[],
    details_clear text[], details_clear_utf8 bytea[], details_sealed bytea[], digests bytea[]
) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    head   journal := take_head_v1();
    answer bigint[] := answered_v1(writer_id, write_number);
    moment bigint := now_ms();
    given  record;
    id     bigint;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM refuse_newer_v1(program);
    answer := '{}';
    FOR given IN
        SELECT * FROM unnest(
            accounts, operations, keys, forms, currencies, amounts_minor, fingerprints, batches, lines, overridden,
            lease_owners, leases_ms, requests_clear, requests_clear_utf8, requests_sealed, kinds, ats_ms, contents,
            details_clear, details_clear_utf8, details_sealed, digests
        ) WITH ORDINALITY AS given (
            account_id, operation, key, form, currency, amount_minor, fingerprint, batch, line, overridden,
            lease_owner, lease_ms, request_clear, request_clear_utf8, request_sealed, kind, at_ms, content,
            details_clear, details_clear_utf8, details_sealed, digest, place
        ) ORDER BY place
    LOOP
        SELECT -entry.id INTO id FROM entry WHERE entry.account_id = given.account_id AND entry.key = given.key;
        IF FOUND THEN
            answer := answer || id;
            CONTINUE;
        END IF;
        IF given.form IS NOT NULL AND given.overridden IS NULL AND EXISTS (
            SELECT FROM entry
            WHERE entry.account_id = given.account_id AND entry.form = given.form
                  AND (entry.state <> 'failed' OR entry.conflict)
        ) THEN
            answer := answer || 0::bigint;
            CONTINUE;
        END IF;
        INSERT INTO entry AS new (
            account_id, operation, key, form, currency, amount_minor, fingerprint, batch, line, state,
            due_ms, lease_owner, epoch, begun, overridden, created_ms, updated_ms
        ) VALUES (
            given.account_id, given.operation, given.key, given.form, given.currency, given.amount_minor,
            given.fingerprint, given.batch, given.line, 'open', moment + coalesce(given.lease_ms, 0), given.lease_owner,
            (given.lease_owner IS NOT NULL)::int, given.lease_owner IS NOT NULL, given.overridden, moment, moment
        )
        RETURNING new.id INTO STRICT id;
        INSERT INTO request (entry_id, clear, clear_utf8, sealed)
        VALUES (id, given.request_clear, given.request_clear_utf8, given.request_sealed);
        head.head_seq := head.head_seq + 1;
        head.head_hash := chained_v1(head.head_hash, head.head_seq, given.digest);
        INSERT INTO record (seq, entry_id, kind, at_ms, content, clear, clear_utf8, sealed, hash)
        VALUES (head.head_seq, id, given.kind, given.at_ms, given.content, given.details_clear,
                given.details_clear_utf8, given.details_sealed, head.head_hash);
        answer := answer || id;
    END LOOP;
    PERFORM close_v1(head, writer_id, write_number, answer, moment);
    RETURN answer;
END
$$;

-- Writes changes, each by whoever saw its entry last. Answers for each of them: 1 written, 0 superseded.
CREATE FUNCTION apply_v1(
    program bigint, writer_id text, write_number bigint,
    entries bigint[], epochs bigint[], revisions bigint[], states text[], codes text[], sub_codes text[],
    next_steps text[], provider_references text[], memories text[], begun boolean[], more_attempts bigint[],
    resumes bigint[], dues_in_ms bigint[], holds boolean[], revokes boolean[],
    notifications bytea[], kinds text[], ats_ms bigint[], contents text[],
    details_clear text[], details_clear_utf8 bytea[], details_sealed bytea[], digests bytea[]
) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    head   journal := take_head_v1();
    answer bigint[] := answered_v1(writer_id, write_number);
    moment bigint;
    given  record;
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM refuse_newer_v1(program);
    PERFORM FROM entry WHERE entry.id = ANY (entries) ORDER BY entry.id FOR NO KEY UPDATE;
    moment := now_ms();
    answer := '{}';
    FOR given IN
        SELECT * FROM unnest(
            entries, epochs, revisions, states, codes, sub_codes, next_steps, provider_references, memories, begun,
            more_attempts, resumes, dues_in_ms, holds, revokes, notifications, kinds, ats_ms, contents,
            details_clear, details_clear_utf8, details_sealed, digests
        ) WITH ORDINALITY AS given (
            entry_id, epoch, revision, state, code, sub_code, next_step, reference, memory, begun,
            more_attempts, resumes, due_in_ms, hold, revoke, notification, kind, at_ms, content,
            details_clear, details_clear_utf8, details_sealed, digest, place
        ) ORDER BY place
    LOOP
        UPDATE entry
        SET state = given.state, code = given.code, sub_code = given.sub_code, next_step = given.next_step,
            reference = given.reference, memory = coalesce(given.memory, entry.memory), begun = given.begun,
            attempts = entry.attempts + given.more_attempts, resumes = given.resumes,
            due_ms = moment + given.due_in_ms, lease_owner = CASE WHEN given.hold THEN entry.lease_owner END,
            epoch = entry.epoch + given.revoke::int, revision = entry.revision + 1, updated_ms = moment
        WHERE entry.id = given.entry_id AND entry.epoch = given.epoch AND entry.revision = given.revision;
        IF NOT FOUND THEN
            answer := answer || 0::bigint;
            CONTINUE;
        END IF;
        IF given.notification IS NOT NULL THEN
            INSERT INTO notification VALUES (given.notification) ON CONFLICT DO NOTHING;
        END IF;
        IF given.kind IS NOT NULL THEN
            head.head_seq := head.head_seq + 1;
            head.head_hash := chained_v1(head.head_hash, head.head_seq, given.digest);
            INSERT INTO record (seq, entry_id, kind, at_ms, content, clear, clear_utf8, sealed, hash)
            VALUES (head.head_seq, given.entry_id, given.kind, given.at_ms, given.content, given.details_clear,
                    given.details_clear_utf8, given.details_sealed, head.head_hash);
        END IF;
        answer := answer || 1::bigint;
    END LOOP;
    PERFORM close_v1(head, writer_id, write_number, answer, moment);
    RETURN answer;
END
$$;

-- Appends a record that changes nothing of its entry but the mark of a conflict.
CREATE FUNCTION append_v1(
    program bigint, writer_id text, write_number bigint, notification bytea, conflict boolean,
    entry_id bigint, kind text, at_ms bigint, content text, clear text, clear_utf8 bytea, sealed bytea, digest bytea
) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    head   journal := take_head_v1();
    answer bigint[] := answered_v1(writer_id, write_number);
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM refuse_newer_v1(program);
    IF append_v1.notification IS NOT NULL THEN
        INSERT INTO notification VALUES (append_v1.notification) ON CONFLICT DO NOTHING;
    END IF;
    IF append_v1.conflict THEN
        UPDATE entry SET conflict = true WHERE entry.id = append_v1.entry_id;
    END IF;
    head.head_seq := head.head_seq + 1;
    head.head_hash := chained_v1(head.head_hash, head.head_seq, append_v1.digest);
    INSERT INTO record
    VALUES (head.head_seq, append_v1.entry_id, append_v1.kind, append_v1.at_ms, append_v1.content, append_v1.clear,
            append_v1.clear_utf8, append_v1.sealed, head.head_hash);
    answer := ARRAY[head.head_seq];
    PERFORM close_v1(head, writer_id, write_number, answer, now_ms());
    RETURN answer;
END
$$;

-- Puts the keys of sealed texts in place of those that are there, if there are still as many as were known.
CREATE FUNCTION set_data_keys_v1(
    program bigint, writer_id text, write_number bigint, ids bigint[], wrapped bytea[], known bigint
) RETURNS bigint[]
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    head   journal := take_head_v1();
    answer bigint[] := answered_v1(writer_id, write_number);
BEGIN
    IF answer IS NOT NULL THEN
        RETURN answer;
    END IF;
    PERFORM refuse_newer_v1(program);
    IF (SELECT count(*) FROM data_key) = known THEN
        DELETE FROM data_key;
        INSERT INTO data_key SELECT * FROM unnest(set_data_keys_v1.ids, set_data_keys_v1.wrapped);
        answer := ARRAY[1];
    ELSE
        answer := ARRAY[0];
    END IF;
    PERFORM close_v1(head, writer_id, write_number, answer, head.written_ms);
    RETURN answer;
END
$$;

-- Leases what is due, the longest due first; what another worker is just taking is left to it, so nobody waits.
CREATE FUNCTION claim_v1(program bigint, account bigint, owner text, lease_ms bigint, at_most bigint)
RETURNS TABLE (
    id bigint, operation text, key text, fingerprint text, epoch bigint, revision bigint, begun_before boolean, memory text,
    resumes bigint, clear text, clear_utf8 bytea, sealed bytea
)
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
#variable_conflict use_column
DECLARE
    moment bigint := now_ms();
BEGIN
    PERFORM refuse_newer_v1(program);
    RETURN QUERY
    -- Materialized: taken once. As a subquery it could be run again for each row, and lease more than at_most.
    WITH due AS MATERIALIZED (
        SELECT entry.id, entry.begun, entry.due_ms
        FROM entry
        WHERE entry.account_id = claim_v1.account AND entry.due_ms <= moment
        ORDER BY entry.due_ms, entry.id
        LIMIT at_most
        FOR NO KEY UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE entry
        SET lease_owner = claim_v1.owner, due_ms = moment + lease_ms, epoch = entry.epoch + 1,
            revision = entry.revision + 1, begun = true, updated_ms = moment
        FROM due
        WHERE entry.id = due.id
        RETURNING entry.*, due.begun AS begun_before, due.due_ms AS due_before_ms
    )
    SELECT leased.id, leased.operation, leased.key, leased.fingerprint, leased.epoch, leased.revision,
           leased.begun_before, leased.memory, leased.resumes, request.clear, request.clear_utf8, request.sealed
    FROM leased LEFT JOIN request ON request.entry_id = leased.id
    ORDER BY leased.due_before_ms, leased.id;
END
$$;

-- Leases one entry, due or not, that is neither final nor held.
CREATE FUNCTION claim_one_v1(program bigint, entry_id bigint, owner text, lease_ms bigint)
RETURNS TABLE (
    id bigint, operation text, key text, fingerprint text, epoch bigint, revision bigint, begun_before boolean, memory text,
    resumes bigint, clear text, clear_utf8 bytea, sealed bytea
)
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
#variable_conflict use_column
DECLARE
    found_begun boolean;
    moment      bigint;
BEGIN
    PERFORM refuse_newer_v1(program);
    PERFORM FROM entry WHERE entry.id = claim_one_v1.entry_id FOR NO KEY UPDATE;
    moment := now_ms();
    SELECT entry.begun INTO found_begun
    FROM entry
    WHERE entry.id = claim_one_v1.entry_id AND entry.state NOT IN ('succeeded', 'failed')
      AND (entry.lease_owner IS NULL OR entry.due_ms <= moment);
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH leased AS (
        UPDATE entry
        SET lease_owner = claim_one_v1.owner, due_ms = moment + lease_ms, epoch = entry.epoch + 1,
            revision = entry.revision + 1, begun = true, updated_ms = moment
        WHERE entry.id = claim_one_v1.entry_id
        RETURNING entry.*
    )
    SELECT leased.id, leased.operation, leased.key, leased.fingerprint, leased.epoch, leased.revision,
           found_begun, leased.memory, leased.resumes, request.clear, request.clear_utf8, request.sealed
    FROM leased LEFT JOIN request ON request.entry_id = leased.id;
END
$$;

-- Ends a lease and leaves everything else as it is.
CREATE FUNCTION release_v1(program bigint, entry_id bigint, epoch bigint, due_in_ms bigint, begun boolean)
RETURNS boolean
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
BEGIN
    PERFORM refuse_newer_v1(program);
    UPDATE entry
    SET lease_owner = NULL, due_ms = now_ms() + release_v1.due_in_ms, begun = release_v1.begun, revision = revision + 1
    WHERE entry.id = release_v1.entry_id AND entry.epoch = release_v1.epoch AND entry.lease_owner IS NOT NULL;
    RETURN FOUND;
END
$$;

-- Lengthens leases; gives the numbers of those that are still held.
CREATE FUNCTION renew_v1(program bigint, owner text, lease_ms bigint, entries bigint[], epochs bigint[])
RETURNS bigint[]
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    moment     bigint;
    still_held bigint[];
BEGIN
    PERFORM refuse_newer_v1(program);
    -- In the order of their numbers, as everywhere: see take_head_v1.
    PERFORM FROM entry WHERE entry.id = ANY (entries) ORDER BY entry.id FOR NO KEY UPDATE;
    moment := now_ms();
    WITH renewed AS (
        UPDATE entry
        SET due_ms = moment + lease_ms
        FROM unnest(entries, epochs) WITH ORDINALITY AS held (id, epoch, place)
        WHERE entry.id = held.id AND entry.epoch = held.epoch AND entry.lease_owner = renew_v1.owner
          AND entry.due_ms IS NOT NULL
        RETURNING entry.id, held.place
    )
    SELECT coalesce(array_agg(renewed.id ORDER BY renewed.place), '{}') INTO still_held FROM renewed;
    RETURN still_held;
END
$$;

-- Makes due at once what is due later than this long from now.
CREATE FUNCTION pull_in_v1(program bigint, latest_in_ms bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    moment bigint := now_ms();
    pulled bigint;
BEGIN
    PERFORM refuse_newer_v1(program);
    -- In the order of their numbers, as everywhere: see take_head_v1.
    PERFORM FROM entry WHERE entry.due_ms > moment + latest_in_ms ORDER BY entry.id FOR NO KEY UPDATE;
    UPDATE entry SET due_ms = moment WHERE entry.due_ms > moment + latest_in_ms;
    GET DIAGNOSTICS pulled = ROW_COUNT;
    RETURN pulled;
END
$$;

-- Ends every lease of an owner. A lease that is held ends in the future, which the index of what is due knows.
CREATE FUNCTION end_leases_v1(program bigint, owner text) RETURNS bigint
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
DECLARE
    moment bigint := now_ms();
    held   bigint[];
    ended  bigint;
BEGIN
    PERFORM refuse_newer_v1(program);
    held := ARRAY(
        SELECT entry.id FROM entry
        WHERE entry.account_id IN (SELECT account.id FROM account) AND entry.due_ms > moment
          AND entry.lease_owner = end_leases_v1.owner
    );
    -- In the order of their numbers, as everywhere: see take_head_v1. Meanwhile one may have changed hands.
    PERFORM FROM entry WHERE entry.id = ANY (held) ORDER BY entry.id FOR NO KEY UPDATE;
    UPDATE entry
    SET due_ms = moment, lease_owner = NULL, epoch = entry.epoch + 1, revision = entry.revision + 1
    WHERE entry.id = ANY (held) AND entry.due_ms > moment AND entry.lease_owner = end_leases_v1.owner;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END
$$;

CREATE FUNCTION account_v1(program bigint, protocol text, account text, environment text)
RETURNS TABLE (id bigint, recorded_environment text)
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM refuse_newer_v1(program);
    INSERT INTO account (protocol, account, environment)
    VALUES (account_v1.protocol, account_v1.account, account_v1.environment)
    ON CONFLICT (protocol, account) DO NOTHING;
    RETURN QUERY
    SELECT known.id, known.environment
    FROM account AS known
    WHERE known.protocol = account_v1.protocol AND known.account = account_v1.account;
END
$$;

CREATE FUNCTION heartbeat_v1(program bigint, owner text, version text, accounts bigint[], alive_ms bigint)
RETURNS TABLE (id bigint, limit_milli_per_s bigint, cut_at_ms bigint, generation bigint, workers bigint)
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
#variable_conflict use_column
DECLARE
    moment bigint := now_ms();
BEGIN
    PERFORM refuse_newer_v1(program);
    INSERT INTO worker (owner, program, accounts, seen_ms, alive_ms)
    VALUES (heartbeat_v1.owner, heartbeat_v1.version, heartbeat_v1.accounts, moment, moment + heartbeat_v1.alive_ms)
    ON CONFLICT (owner) DO UPDATE
    SET program = excluded.program, accounts = excluded.accounts, seen_ms = excluded.seen_ms,
        alive_ms = excluded.alive_ms;
    RETURN QUERY
    SELECT account.id, account.limit_milli_per_s, account.cut_at_ms, account.generation,
           (SELECT count(*) FROM worker WHERE worker.alive_ms > moment AND account.id = ANY (worker.accounts))
    FROM unnest(heartbeat_v1.accounts) WITH ORDINALITY AS asked (id, place)
    JOIN account ON account.id = asked.id
    ORDER BY asked.place;
END
$$;

CREATE FUNCTION set_pace_v1(program bigint, account bigint, limit_milli_per_s bigint, cut_at_ms bigint, generation bigint)
RETURNS boolean
LANGUAGE plpgsql SET search_path = taxrefund, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM refuse_newer_v1(program);
    UPDATE account
    SET limit_milli_per_s = set_pace_v1.limit_milli_per_s, cut_at_ms = set_pace_v1.cut_at_ms,
        generation = set_pace_v1.generation
    WHERE account.id = set_pace_v1.account AND account.generation = set_pace_v1.generation - 1;
    RETURN FOUND;
END
$$;
