//! One connection to the server, made anew when it breaks.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use postgres::types::{ToSql, Type};
use postgres::{Client, Config, Error, NoTls, Row, Statement};

use super::address::configuration;
use super::creation;
use super::fault::{Unanswered, explain, fail, is_lost, is_too_early};
use super::{Result, SCHEMA};
use crate::error::StoreFault;
use crate::journal::random_id;
use crate::store::newer;

/// How long a server that went away is asked again: long enough for a restart, or for a standby to take over.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 4 } else { 30 });
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A commit is on the disk when it returns; `remote_apply` promises more and stays. Waits end: whoever holds a row longer
/// than that was stopped in the middle. And the server soon gives up a program that has vanished, with the rows it holds.
const SESSION: &str = "
    SET search_path = taxrefund, pg_temp;
    SET client_min_messages = warning;
    SET default_transaction_isolation = 'read committed';
    SET lock_timeout = '50s';
    SET statement_timeout = '60s';
    SET idle_in_transaction_session_timeout = '60s';
    SET tcp_user_timeout = '30s';
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 4;
    SET jit = off;
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');
";

pub(super) struct Session {
    config: Config,
    /// The server, for messages.
    pub(super) place: String,
    read_only: bool,
    live: Option<Live>,
    /// The journal's id, once it was seen.
    journal: Option<String>,
    /// Under this name the database keeps what came of the last write.
    writer: String,
    last_write: i64,
    /// The last write that was acknowledged, and when.
    acknowledged: Option<(i64, Instant)>,
    pub(super) asked: u64,
}

impl Session {
    /// Connects; makes the journal where there is none.
    pub(super) fn open(url: &str, read_only: bool) -> Result<Self> {
        let (config, place) = configuration(url, read_only)?;
        let mut session = Self {
            config,
            place,
            read_only,
            live: None,
            journal: None,
            writer: random_id()?,
            last_write: 0,
            acknowledged: None,
            asked: 0,
        };
        session.begin()?;
        Ok(session)
    }

    fn begin(&mut self) -> Result<()> {
        let began = Instant::now();
        let mut client = loop {
            match self.connect() {
                Ok(client) => break client,
                // A server that says so will be ready soon; one that does not answer may never be.
                Err(error) if is_too_early(&error) && began.elapsed() < PATIENCE => {
                    std::thread::sleep(FIRST_PAUSE * 10);
                }
                Err(error) => return Err(explain(&self.place, &error)),
            }
        };
        self.asked += 2;
        if !creation::find(&mut client, &self.place, self.read_only)? {
            self.asked += 7;
            creation::create(&mut client, &self.place)?;
        }
        self.recognize(&mut client).map_err(|unanswered| unanswered.explain(&self.place))?;
        if !self.read_only {
            self.forget_old_writers(&mut client)?;
        }
        self.live = Some(Live { client, statements: HashMap::new() });
        Ok(())
    }

    /// One statement, in a transaction of its own: one round trip, and one more when this connection has not prepared it yet.
    /// When the connection breaks it is asked again, so it must be one that may be done twice.
    pub(super) fn ask(&mut self, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        let mut since: Option<Instant> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let unanswered = match self.attempt(sql, params) {
                Ok(rows) => return Ok(rows),
                Err(unanswered) => unanswered,
            };
            let waited = since.get_or_insert_with(Instant::now).elapsed();
            if !unanswered.is_worth_asking_again(self.read_only) || waited + pause > PATIENCE {
                return Err(unanswered.explain(&self.place));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// A write that goes into the chain: a function of the schema that takes the program's schema, the writer and the write's
    /// number before its own parameters. It is done once, however often it is asked for.
    pub(super) fn write(&mut self, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<i64>> {
        self.last_write += 1;
        let (writer, number) = (self.writer.clone(), self.last_write);
        let mut all: Vec<&(dyn ToSql + Sync)> = vec![&SCHEMA, &writer, &number];
        all.extend(params);
        let rows = self.ask(sql, &all)?;
        self.acknowledged = Some((number, Instant::now()));
        let row =
            rows.first().ok_or_else(|| fail(StoreFault::Other, &self.place, "gave no answer to a write"))?;
        self.read(row.try_get(0))
    }

    /// A column.
    pub(super) fn read<T>(&self, column: std::result::Result<T, Error>) -> Result<T> {
        column.map_err(|error| explain(&self.place, &error))
    }

    fn attempt(
        &mut self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> std::result::Result<Vec<Row>, Unanswered> {
        let mut live = match self.live.take() {
            Some(live) => live,
            None => {
                let mut client = self.connect().map_err(Unanswered::NotConnected)?;
                self.recognize(&mut client)?;
                Live { client, statements: HashMap::new() }
            }
        };
        let answer = live.ask(sql, params, &mut self.asked);
        let is_broken = |error: &Error| error.code().is_none() || live.client.is_closed() || is_lost(error);
        if !answer.as_ref().is_err_and(is_broken) {
            self.live = Some(live);
        }
        answer.map_err(Unanswered::Asked)
    }

    fn connect(&mut self) -> std::result::Result<Client, Error> {
        self.asked += 1;
        let mut client = self.config.connect(NoTls)?;
        self.asked += 1;
        client.batch_execute(SESSION)?;
        if self.read_only {
            self.asked += 1;
            client.batch_execute("SET default_transaction_read_only = on")?;
        }
        Ok(client)
    }

    /// Makes sure that this is the journal as it was left: the same one, of a schema that is known, with every write that was
    /// acknowledged.
    fn recognize(&mut self, client: &mut Client) -> std::result::Result<(), Unanswered> {
        self.asked += 1;
        let sql = if self.read_only {
            "SELECT id, oldest_program, NULL::bigint FROM journal WHERE $1 <> ''"
        } else {
            "SELECT id, oldest_program, (SELECT number FROM writer WHERE writer.id = $1) FROM journal"
        };
        let row = client.query_typed_opt(sql, &[(&self.writer, Type::TEXT)]).map_err(Unanswered::Asked)?;
        let refuse = |fault, message: &str| Unanswered::Refused(fail(fault, &self.place, message));
        let Some(row) = row else {
            return Err(refuse(
                StoreFault::Corrupt,
                "has the journal's tables without the journal (restored in part?)",
            ));
        };
        let (id, oldest): (String, i64) =
            (row.try_get(0).map_err(Unanswered::Asked)?, row.try_get(1).map_err(Unanswered::Asked)?);
        let number: Option<i64> = row.try_get(2).map_err(Unanswered::Asked)?;
        if oldest > SCHEMA {
            return Err(Unanswered::Refused(newer(oldest)));
        }
        if self.journal.as_ref().is_some_and(|known| *known != id) {
            return Err(refuse(StoreFault::Foreign, "has another journal than before; nothing was sent"));
        }
        // A writer's row is kept for a week.
        if let Some((acknowledged, at)) = self.acknowledged
            && number.map_or(at.elapsed() < Duration::from_secs(24 * 60 * 60), |number| number < acknowledged)
        {
            let message = "does not have a write that was acknowledged before the connection broke (a standby that was \
                           behind took over, or a copy was restored?); nothing was sent. Compare both servers before you \
                           go on: what is missing may have been paid";
            return Err(refuse(StoreFault::Corrupt, message));
        }
        self.journal = Some(id);
        Ok(())
    }

    /// Of programs that ended long ago. Skips rows that are being written, so that nobody waits.
    fn forget_old_writers(&mut self, client: &mut Client) -> Result<()> {
        self.asked += 1;
        client
            .batch_execute(
                "DELETE FROM writer WHERE id IN (
                     SELECT id FROM writer WHERE at_ms < now_ms() - 7 * 86400000::bigint FOR UPDATE SKIP LOCKED
                 )",
            )
            .map_err(|error| explain(&self.place, &error))
    }
}

struct Live {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Live {
    fn ask(
        &mut self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
        asked: &mut u64,
    ) -> std::result::Result<Vec<Row>, Error> {
        let statement = match self.statements.get(sql) {
            Some(statement) => statement.clone(),
            None => {
                *asked += 1;
                let statement = self.client.prepare(sql)?;
                self.statements.insert(sql, statement.clone());
                statement
            }
        };
        *asked += 1;
        self.client.query(&statement, params)
    }
}
