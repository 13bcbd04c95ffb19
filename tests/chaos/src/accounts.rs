//! The three accounts at the simulator, as every process of a run opens them, and the pace of the run.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serde::{Deserialize, Serialize};
use taxrefund_core::alipay::Platform;
use taxrefund_core::operations::{Entry, find};
use taxrefund_core::{
    CallOptions, CancelToken, Client, Environment, HttpTransport, MerchantKey, Policy, Prepared, PrivateKey,
    PublicKey, Transport, TransportConfig, alipay, alipay_plus, antom,
};
use taxrefund_journal::{ImportOptions, Options, Submission};
use taxrefund_sandbox::{Credentials, HeaderCredentials};

use crate::batch::File;

/// One exchange. Answers that the simulator delays or drips may or may not come in time.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(700);
/// The shortest lease that the journal grants with such exchanges: two of them, each with 2 s for what is lost beside it.
pub(crate) const LEASE: Duration = Duration::from_millis(2 * (700 + 2_000));

/// What a worker process needs to call the simulator: identities and public TEST keys.
#[derive(Serialize, Deserialize)]
pub(crate) struct Access {
    alipay: Gateway,
    alipay_plus: Header,
    antom: Header,
    /// Where notifications go, without the path.
    notify: String,
}

#[derive(Serialize, Deserialize)]
struct Gateway {
    url: String,
    app_id: String,
    own_key: String,
    platform_key: String,
}

#[derive(Serialize, Deserialize)]
struct Header {
    url: String,
    client_id: String,
    own_key: String,
    platform_key: String,
}

/// An account and the file that is paid from it.
pub(crate) struct Account {
    pub(crate) file: File,
    pub(crate) operation: &'static Entry,
    pub(crate) client: Client,
}

impl Access {
    pub(crate) fn new(given: &Credentials, notify: &str) -> Self {
        let header = |given: &HeaderCredentials| Header {
            url: given.base_url.clone(),
            client_id: given.client_id.clone(),
            own_key: given.partner_private_key_pem.clone(),
            platform_key: given.platform_public_key_pem.clone(),
        };
        Self {
            alipay: Gateway {
                url: given.alipay.gateway_url.clone(),
                app_id: given.alipay.app_id.clone(),
                own_key: given.alipay.partner_private_key_pem.clone(),
                platform_key: given.alipay.platform_public_key_pem.clone(),
            },
            alipay_plus: header(&given.alipay_plus),
            antom: header(&given.antom),
            notify: notify.to_owned(),
        }
    }

    /// The accounts, in the files' order.
    pub(crate) fn open(&self, seed: u64) -> Result<Vec<Account>> {
        // The simulator is on this machine: no proxy leads there.
        let config = TransportConfig { no_proxy: true, ..TransportConfig::default() };
        let transport: Arc<dyn Transport> = Arc::new(HttpTransport::new(config)?);
        let gateway = &self.alipay;
        let platform = Platform::PublicKey(PublicKey::load(gateway.platform_key.as_bytes())?);
        let alipay = alipay::Config {
            environment: Environment::Sandbox,
            endpoint: Some(gateway.url.clone()),
            notify_url: Some(format!("{}{}", self.notify, File::Alipay.notify_path())),
            ..alipay::Config::new(&gateway.app_id, own(&gateway.own_key)?, platform)
        };
        let profiles = [
            (File::Alipay, alipay::profile(alipay)?),
            (File::AlipayPlus, alipay_plus::profile(self.alipay_plus.config()?)?),
            (File::Antom, antom::profile(self.antom.config()?)?),
        ];
        let open = |(file, profile): (File, _)| {
            let name = file.operation();
            let operation = find(name).ok_or_else(|| anyhow!("there is no operation {name}"))?;
            let client = Client::new(profile, transport.clone())?.with(options(seed, None));
            Ok(Account { file, operation, client })
        };
        profiles.into_iter().map(open).collect()
    }
}

impl Header {
    fn config(&self) -> Result<antom::Config> {
        let platform = PublicKey::load(self.platform_key.as_bytes())?;
        Ok(antom::Config::new(&self.client_id, own(&self.own_key)?, platform, &self.url))
    }
}

fn own(pem: &str) -> Result<MerchantKey> {
    Ok(MerchantKey::Private(PrivateKey::load(pem.as_bytes())?))
}

/// Few attempts and short waits: what would take hours of documented waits takes a minute.
pub(crate) fn options(seed: u64, cancel: Option<CancelToken>) -> CallOptions {
    let policy =
        Policy { attempts: 3, attempt_timeout_ms: 700, deadline_ms: 60_000, sandbox_wait_permille: 15 };
    CallOptions { policy, cancel, observer: None, seed: Some(seed) }
}

/// How every process opens the journal.
pub(crate) fn journal_options() -> Options {
    let mut options = Options::default();
    options.run.lease = LEASE;
    options.run.take_up_again_after = [300, 1_000, 2_000].map(Duration::from_millis).to_vec();
    options
}

impl Account {
    pub(crate) fn import_options(&self) -> ImportOptions {
        let name = self.file.name();
        let given =
            if self.file.is_csv() { ImportOptions::csv(name) } else { ImportOptions::json_lines(name) };
        // Small chunks: a kill finds an import half done.
        ImportOptions { form_field: self.file.form_field().map(str::to_owned), chunk: 25, ..given }
    }

    /// A request as a merchant's own program submits it, without a batch.
    pub(crate) fn submission(&self, prepared: Prepared) -> Submission {
        let form = self.file.form_field().and_then(|field| prepared.field(field));
        let submission = Submission::new(prepared);
        match form {
            Some(form) => submission.form(&form),
            None => submission,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_as_short_as_the_journal_allows() {
        assert_eq!(LEASE, (ATTEMPT_TIMEOUT + Duration::from_secs(2)) * 2);
        assert_eq!(u128::from(options(1, None).policy.attempt_timeout_ms), ATTEMPT_TIMEOUT.as_millis());
    }
}
