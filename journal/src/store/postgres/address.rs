//! Where the server is, and how it is called in messages.

use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::Result;
use crate::error::{StoreError, StoreFault};

/// A silent server is given up after this long, instead of the operating system's hours.
const SILENCE: Duration = Duration::from_secs(10);

const NO_TLS: &str = "asks for TLS, which this program does not speak to PostgreSQL: use a Unix socket, or TLS in between (a \
                      local pgbouncer, stunnel or SSH tunnel) and sslmode=disable";

/// The configuration, and how the server is called in messages: never with the password.
pub(super) fn configuration(url: &str, read_only: bool) -> Result<(Config, String)> {
    // A password with an unescaped @ would be taken for a part of the address, and shown.
    let may_show = url.matches('@').count() < 2;
    let refuse =
        |message: &str| Err(StoreError::new(StoreFault::Other, format!("the PostgreSQL URL {message}")));
    let mut config: Config = match url.parse() {
        Ok(config) => config,
        Err(_) if url.contains("sslrootcert") || url.contains("sslmode=verify") => return refuse(NO_TLS),
        Err(error) if may_show => {
            let why =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            return refuse(&format!("cannot be read: {why}"));
        }
        Err(_) => return refuse("cannot be read: in names and passwords write %40 for @"),
    };
    if config.get_ssl_mode() == SslMode::Require {
        return refuse(NO_TLS);
    }
    if config.get_application_name().is_none() {
        config.application_name("taxrefund");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(SILENCE);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE * 3);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_idle(SILENCE).keepalives_interval(SILENCE / 2).keepalives_retries(4);
    }
    // Of several servers the one that may be written is the primary, also after another has taken over.
    let any = config.get_target_session_attrs() == TargetSessionAttrs::Any;
    if config.get_hosts().len() > 1 && any && !read_only {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
    let place = if may_show { place(&config) } else { "PostgreSQL".to_owned() };
    Ok((config, place))
}

fn place(config: &Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
        let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            #[cfg(unix)]
            Host::Unix(path) => format!("{}:{port}", path.display()),
        }
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("PostgreSQL at {hosts}/{database}")
}
