//! Finding the journal in a database, and making it.

use postgres::types::Type;
use postgres::{Client, Error, GenericClient};

use super::fault::{explain, fail};
use super::{Result, SCHEMA};
use crate::chain::Head;
use crate::error::{StoreError, StoreFault};
use crate::journal::random_id;

/// `TaxR`: taken by whoever creates the journal, so that one of two does.
const CREATION_LOCK: i64 = 0x5461_7852;

const SCHEMA_SQL: &str = include_str!("schema.sql");

/// Whether the journal is there. Refuses what is not one, and a server that cannot hold one. Two round trips.
pub(super) fn find(client: &mut Client, place: &str, read_only: bool) -> Result<bool> {
    let row = client
        .query_typed_one(
            "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding'),
                    current_setting('transaction_read_only')::boolean",
            &[],
        )
        .map_err(|error| explain(place, &error))?;
    let settings = || Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
    let (version, encoding, only_reads): (i64, String, bool) =
        settings().map_err(|error| explain(place, &error))?;
    if version < 140_000 {
        let message = format!("is PostgreSQL {}; the journal needs 14 or newer", version / 10_000);
        return Err(fail(StoreFault::Other, place, &message));
    }
    if encoding != "UTF8" {
        let message =
            format!("keeps texts as {encoding}: create a database with ENCODING 'UTF8' for the journal");
        return Err(fail(StoreFault::Other, place, &message));
    }
    if !read_only && only_reads {
        let message = "only reads (a standby, or default_transaction_read_only): give the primary's address; nothing \
                       was sent";
        return Err(fail(StoreFault::ReadOnly, place, message));
    }
    match is_there(client).map_err(|error| explain(place, &error))? {
        Presence::Journal => Ok(true),
        Presence::Nothing { .. } if read_only => {
            Err(fail(StoreFault::Other, place, "has no journal to read"))
        }
        Presence::Nothing { .. } => Ok(false),
        Presence::Foreign => Err(foreign(place)),
    }
}

/// Makes the journal, unless somebody else just did. Seven round trips.
pub(super) fn create(client: &mut Client, place: &str) -> Result<()> {
    let made = make(client, &random_id()?).map_err(|error| explain(place, &error))?;
    if made { Ok(()) } else { Err(foreign(place)) }
}

enum Presence {
    Journal,
    Nothing { has_schema: bool },
    Foreign,
}

/// By the catalogue, which everybody may read. An empty schema may have been made ready by whoever runs the server.
fn is_there(client: &mut impl GenericClient) -> std::result::Result<Presence, Error> {
    let row = client.query_typed_one(
        "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'taxrefund'),
                EXISTS (SELECT FROM pg_class JOIN pg_namespace AS space ON space.oid = relnamespace
                        WHERE nspname = 'taxrefund'),
                (SELECT count(*) = 2 FROM pg_attribute
                 JOIN pg_class ON pg_class.oid = attrelid JOIN pg_namespace AS space ON space.oid = relnamespace
                 WHERE nspname = 'taxrefund' AND relname = 'journal' AND attname IN ('oldest_program', 'head_hash'))",
        &[],
    )?;
    let (has_schema, has_tables, is_journal) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    Ok(match (is_journal, has_tables) {
        (true, _) => Presence::Journal,
        (false, true) => Presence::Foreign,
        (false, false) => Presence::Nothing { has_schema },
    })
}

/// `false` when something else took the place meanwhile.
fn make(client: &mut Client, id: &str) -> std::result::Result<bool, Error> {
    let mut transaction = client.transaction()?;
    transaction.batch_execute(&format!("SELECT pg_advisory_xact_lock({CREATION_LOCK})"))?;
    match is_there(&mut transaction)? {
        Presence::Journal => return Ok(true),
        Presence::Foreign => return Ok(false),
        // Even IF NOT EXISTS would ask for the right to create one.
        Presence::Nothing { has_schema: true } => {}
        Presence::Nothing { has_schema: false } => transaction.batch_execute("CREATE SCHEMA taxrefund")?,
    }
    transaction.batch_execute(SCHEMA_SQL)?;
    transaction.execute_typed(
        "INSERT INTO journal (one, id, version, oldest_program, created_ms, written_ms, head_seq, head_hash)
         VALUES (1, $1, $2, $2, now_ms(), now_ms(), 0, $3)",
        &[(&id, Type::TEXT), (&SCHEMA, Type::INT8), (&Head::empty(id).hash.as_slice(), Type::BYTEA)],
    )?;
    transaction.commit()?;
    Ok(true)
}

fn foreign(place: &str) -> StoreError {
    fail(StoreFault::Foreign, place, "has a schema taxrefund that is not a journal's; nothing was changed")
}
