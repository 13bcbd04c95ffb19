//! Every operation there is, by name: what bindings, the journal and the conformance runner work with.

use crate::decision::OperationSpec;
use crate::prepare::{Operation, Prepared};
use crate::profile::Profile;
use crate::{Error, alipay, alipay_plus, antom};

/// An operation without its types: everything about it that can be done with JSON.
pub struct Entry {
    /// Name, tables and the rest.
    pub spec: &'static OperationSpec,
    prepare: fn(&Profile, &str) -> Result<Prepared, Error>,
}

impl Entry {
    pub(crate) const fn of<O: Operation>() -> Self {
        Self { spec: O::SPEC, prepare: Prepared::from_json::<O> }
    }

    /// Checks and freezes a request given as JSON.
    ///
    /// # Errors
    /// As [`Prepared::new`].
    pub fn prepare(&self, profile: &Profile, request: &str) -> Result<Prepared, Error> {
        (self.prepare)(profile, request)
    }
}

/// All operations, protocol by protocol.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    alipay::OPERATIONS.iter().chain(alipay_plus::OPERATIONS).chain(antom::OPERATIONS)
}

/// An operation by its name: `alipay.pay_tax_refund`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.spec.name == name)
}

/// A protocol's operations table: one line makes an operation known everywhere.
macro_rules! operations {
    ($($(#[$doc:meta])* $method:ident: $operation:ty),* $(,)?) => {
        pub(crate) static OPERATIONS: &[crate::operations::Entry] =
            &[$(crate::operations::Entry::of::<$operation>()),*];

        #[cfg(feature = "client")]
        impl Client {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// When the request or the configuration is wrong; nothing was sent then. What an exchange gives is
                /// never an error but an [`Outcome`](crate::Outcome).
                pub fn $method(
                    &self,
                    request: &<$operation as crate::Operation>::Request,
                ) -> Result<crate::Outcome<<$operation as crate::Operation>::Response>, crate::Error> {
                    self.0.call::<$operation>(request)
                }
            )*
        }
    };
}
pub(crate) use operations;
