//! The core's own HTTPS, from JSON settings.

use serde::Deserialize;
use taxrefund_core::{HttpTransport, TransportConfig};

use crate::{Problem, settings};

/// How to reach the outside: `{"proxy", "no_proxy", "extra_authorities_pem", "client_certificate_pem", "connect_timeout_ms",
/// "idle_connections"}`, all optional. All transports without settings share their connections.
///
/// # Errors
/// A setting that cannot be used.
pub fn transport(text: &str) -> Result<HttpTransport, Problem> {
    #[derive(Default, PartialEq, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Given {
        proxy: Option<String>,
        no_proxy: Option<bool>,
        extra_authorities_pem: Option<String>,
        client_certificate_pem: Option<String>,
        connect_timeout_ms: Option<u64>,
        idle_connections: Option<usize>,
    }
    let given: Given = settings("transport", text)?;
    if given == Given::default() {
        return Ok(HttpTransport::default());
    }
    Ok(HttpTransport::new(TransportConfig {
        proxy: given.proxy,
        no_proxy: given.no_proxy.unwrap_or_default(),
        extra_authorities_pem: given.extra_authorities_pem,
        client_certificate_pem: given.client_certificate_pem,
        connect_timeout_ms: given.connect_timeout_ms,
        idle_connections: given.idle_connections,
    })?)
}
