//! The blocking driver: flows over ureq, on the calling thread.

mod cancel;
mod drive;
#[cfg(feature = "client")]
mod http;
#[cfg(feature = "client")]
mod resolver;
mod transport;

use std::sync::Arc;

pub use cancel::CancelToken;
pub use drive::{Observer, Progress};
#[cfg(feature = "client")]
pub use http::{HttpTransport, TransportConfig};
pub use transport::Transport;

use crate::flow::{Flow, FlowState};
use crate::outcome::Outcome;
use crate::prepare::{Operation, Prepared};
use crate::profile::Profile;
use crate::retry::Policy;
use crate::{ConfigurationError, Error, FlowMisuse, codes};

/// What may differ from call to call.
#[derive(Clone, Default)]
pub struct CallOptions {
    /// Attempts, timeouts, deadline.
    pub policy: Policy,
    /// Cancelling it ends a wait at once, and an exchange at its timeout; the outcome is *unknown* and can be resumed.
    pub cancel: Option<CancelToken>,
    /// Is told what happens, without personal data.
    pub observer: Option<Arc<dyn Observer>>,
    /// Draws the waits; random when absent. Give one in tests.
    pub seed: Option<u64>,
}

/// A blocking client of any account, for requests that are prepared already: what the protocols' clients are made of.
///
/// Thread-safe and cheap to clone. Requests come from [`operations::find`](crate::operations::find), a batch, or
/// [`Prepared::new`].
#[derive(Clone)]
pub struct Client {
    profile: Profile,
    transport: Arc<dyn Transport>,
    options: CallOptions,
}

impl Client {
    /// A client of an account over a transport.
    ///
    /// # Errors
    /// When the account has an external signer, which a blocking call cannot wait for.
    pub fn new(profile: Profile, transport: Arc<dyn Transport>) -> Result<Self, ConfigurationError> {
        if profile.has_external_signer() {
            let message = "an external signer answers in its own time, which a blocking call cannot wait for: drive a \
                           Flow, or give a Signer that answers at once";
            return Err(ConfigurationError::new("merchant_key", codes::EXTERNAL_SIGNER, message));
        }
        Ok(Self { profile, transport, options: CallOptions::default() })
    }

    /// The same client with other options; the connections stay shared.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        Self { options, ..self.clone() }
    }

    pub(crate) fn call<O: Operation>(&self, request: &O::Request) -> Result<Outcome<O::Response>, Error> {
        self.run(Prepared::new::<O>(&self.profile, request)?).map(Outcome::typed)
    }

    /// The account.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What goes out, and over which connections; for drivers of their own, such as a batch worker's.
    #[must_use]
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// Attempts, timeouts, deadline and the rest.
    #[must_use]
    pub fn options(&self) -> &CallOptions {
        &self.options
    }

    /// Runs a prepared request to its end.
    ///
    /// # Errors
    /// When the policy is out of bounds; nothing was sent then.
    pub fn run(&self, prepared: Prepared) -> Result<Outcome, Error> {
        let flow = Flow::new(self.profile.clone(), prepared, self.options.policy.clone(), self.seed())?;
        Ok(self.drive(flow)?)
    }

    /// Takes an open request up again: it begins by asking what became of it.
    ///
    /// # Errors
    /// When the state cannot be used with this account; nothing was sent then.
    pub fn resume(&self, state: FlowState) -> Result<Outcome, Error> {
        let flow = Flow::resume(self.profile.clone(), state, self.options.policy.clone(), self.seed())?;
        Ok(self.drive(flow)?)
    }

    fn drive(&self, flow: Flow) -> Result<Outcome, FlowMisuse> {
        drive::to_the_end(
            flow,
            &*self.transport,
            self.options.cancel.as_ref(),
            self.options.observer.as_deref(),
        )
    }

    fn seed(&self) -> u64 {
        self.options.seed.unwrap_or_else(|| fastrand::u64(..))
    }
}

/// One protocol's client: its operations are added by the operations table.
macro_rules! client {
    ($config:ty, $profile:path) => {
        /// A blocking client. Thread-safe, cheap to clone; all clients with default settings share their connections.
        #[derive(Clone)]
        pub struct Client(crate::client::Client);

        impl Client {
            /// A client over HTTPS with default transport settings.
            ///
            /// # Errors
            /// What is wrong with a key, an address or a setting.
            #[cfg(feature = "client")]
            pub fn new(config: $config) -> Result<Self, crate::Error> {
                Self::over(config, std::sync::Arc::new(crate::HttpTransport::default()))
            }

            /// A client over a transport of one's own.
            ///
            /// # Errors
            /// What is wrong with a key, an address or a setting.
            pub fn over(
                config: $config,
                transport: std::sync::Arc<dyn crate::Transport>,
            ) -> Result<Self, crate::Error> {
                Ok(Self(crate::client::Client::new($profile(config)?, transport)?))
            }

            /// The same client with other options; the connections stay shared.
            #[must_use]
            pub fn with(&self, options: crate::CallOptions) -> Self {
                Self(self.0.with(options))
            }

            /// The account.
            #[must_use]
            pub fn profile(&self) -> &crate::Profile {
                self.0.profile()
            }

            /// Runs a prepared request to its end.
            ///
            /// # Errors
            /// When the policy is out of bounds; nothing was sent then.
            pub fn run(&self, prepared: crate::Prepared) -> Result<crate::Outcome, crate::Error> {
                self.0.run(prepared)
            }

            /// Takes an open request up again: it begins by asking what became of it.
            ///
            /// # Errors
            /// When the state cannot be used with this account; nothing was sent then.
            pub fn resume(&self, state: crate::FlowState) -> Result<crate::Outcome, crate::Error> {
                self.0.resume(state)
            }
        }
    };
}
pub(crate) use client;
