//! One exchange over HTTPS by ureq and rustls: everything bounded, nothing sent twice.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use once_cell::sync::OnceCell;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Proxy};

use super::Transport;
use super::resolver::BriefMemory;
use crate::json::MAX_BODY_BYTES;
use crate::wire::{Fault, HttpRequest, HttpResponse, MAX_HEADER_BYTES};
use crate::{ConfigurationError, codes};

/// How to reach the outside.
#[derive(Clone, Default)]
pub struct TransportConfig {
    /// `http://user:password@host:port`. When absent, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are read.
    pub proxy: Option<String>,
    /// Never use a proxy, whatever the environment says.
    pub no_proxy: bool,
    /// Certificate authorities to trust besides the bundled ones, PEM.
    pub extra_authorities_pem: Option<String>,
    /// A client certificate (its chain, leaf first) and its private key, PEM, where the network asks for one.
    pub client_certificate_pem: Option<String>,
    /// Connecting must be done after this, in milliseconds. Default 5,000.
    pub connect_timeout_ms: Option<u64>,
    /// Idle connections kept per host. Default 64.
    pub idle_connections: Option<usize>,
}

/// HTTPS. Plain HTTP goes to this machine only. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct HttpTransport {
    agent: Arc<OnceCell<Agent>>,
    config: Arc<TransportConfig>,
}

impl Default for HttpTransport {
    /// Default settings; all default transports of a process share their connections.
    fn default() -> Self {
        static SHARED: OnceCell<HttpTransport> = OnceCell::new();
        SHARED.get_or_init(|| Self::unopened(TransportConfig::default())).clone()
    }
}

impl HttpTransport {
    /// A transport with its own connections.
    ///
    /// # Errors
    /// When proxy, authorities or client certificate cannot be read.
    pub fn new(config: TransportConfig) -> Result<Self, ConfigurationError> {
        let transport = Self::unopened(config);
        transport.agent()?;
        Ok(transport)
    }

    fn unopened(config: TransportConfig) -> Self {
        Self { agent: Arc::default(), config: Arc::new(config) }
    }

    /// The agent, made at its first use: reading some hundred and fifty authorities takes a moment.
    fn agent(&self) -> Result<&Agent, ConfigurationError> {
        self.agent.get_or_try_init(|| open(&self.config))
    }
}

impl Transport for HttpTransport {
    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Fault> {
        let agent = self.agent().map_err(|error| Fault::Tls(error.to_string()))?;
        let mut builder = agent.post(&request.url).config().timeout_global(Some(request.timeout)).build();
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let mut response = builder.send(&request.body[..]).map_err(|error| fault(&error))?;
        let body = response
            .body_mut()
            .with_config()
            .limit(MAX_BODY_BYTES as u64 + 1)
            .read_to_vec()
            .map_err(|error| fault(&error))?;
        if body.len() > MAX_BODY_BYTES {
            return Err(Fault::TooLarge);
        }
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        Ok(HttpResponse { status: response.status().as_u16(), headers, body })
    }
}

fn open(config: &TransportConfig) -> Result<Agent, ConfigurationError> {
    let proxy = match &config.proxy {
        _ if config.no_proxy => None,
        Some(proxy) => Some(Proxy::new(proxy).map_err(|_| problem("proxy", "is not a proxy URL"))?),
        None => Proxy::try_from_env(),
    };
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .root_certs(authorities(config.extra_authorities_pem.as_deref())?)
        .client_cert(config.client_certificate_pem.as_deref().map(client_certificate).transpose()?)
        .build();
    let idle = config.idle_connections.unwrap_or(64);
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .accept_encoding("identity")
        .user_agent(concat!("taxrefund/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(Duration::from_millis(config.connect_timeout_ms.unwrap_or(5_000))))
        .max_response_header_size(MAX_HEADER_BYTES)
        .max_idle_connections(idle)
        .max_idle_connections_per_host(idle)
        .no_delay(true)
        .proxy(proxy)
        .tls_config(tls)
        .build();
    Ok(Agent::with_parts(config, DefaultConnector::default(), BriefMemory::<DefaultResolver>::default()))
}

fn authorities(extra: Option<&str>) -> Result<RootCerts, ConfigurationError> {
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    let mut all: Vec<_> = bundled.iter().map(|der| Certificate::from_der(der.as_ref())).collect();
    if let Some(pem) = extra {
        let before = all.len();
        for item in parse_pem(pem.as_bytes()) {
            match item {
                Ok(PemItem::Certificate(certificate)) => all.push(certificate),
                _ => {
                    return Err(problem(
                        "extra_authorities_pem",
                        "holds something that is not a certificate",
                    ));
                }
            }
        }
        if all.len() == before {
            return Err(problem("extra_authorities_pem", "holds no certificate"));
        }
    }
    Ok(RootCerts::new_with_certs(&all))
}

fn client_certificate(pem: &str) -> Result<ClientCert, ConfigurationError> {
    const FIELD: &str = "client_certificate_pem";
    let mut chain = Vec::new();
    let mut key: Option<PrivateKey<'static>> = None;
    for item in parse_pem(pem.as_bytes()) {
        match item {
            Ok(PemItem::Certificate(certificate)) => chain.push(certificate),
            Ok(PemItem::PrivateKey(private)) => key = Some(private),
            _ => return Err(problem(FIELD, "cannot be read as PEM")),
        }
    }
    match (chain.is_empty(), key) {
        (false, Some(key)) => Ok(ClientCert::new_with_certs(&chain, key)),
        (true, _) => Err(problem(FIELD, "holds no certificate")),
        (false, None) => Err(problem(FIELD, "holds no private key")),
    }
}

fn problem(field: &str, message: &str) -> ConfigurationError {
    ConfigurationError::new(&format!("transport.{field}"), codes::TRANSPORT_SETTINGS, message.to_owned())
}

fn fault(error: &ureq::Error) -> Fault {
    match error {
        ureq::Error::Timeout(_) => Fault::Timeout,
        ureq::Error::HostNotFound => Fault::Dns,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => Fault::Tls(error.to_string()),
        ureq::Error::ConnectionFailed => Fault::ConnectFailed,
        ureq::Error::InvalidProxyUrl | ureq::Error::ConnectProxyFailed(_) => Fault::Proxy,
        ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => Fault::TooLarge,
        ureq::Error::Io(error) => match error.kind() {
            ErrorKind::ConnectionRefused => Fault::Refused,
            ErrorKind::TimedOut | ErrorKind::WouldBlock => Fault::Timeout,
            ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => Fault::ConnectFailed,
            ErrorKind::InvalidData => Fault::Tls(error.to_string()),
            _ => Fault::Reset,
        },
        ureq::Error::Protocol(_) => Fault::Malformed("not HTTP".to_owned()),
        _ => Fault::Reset,
    }
}
