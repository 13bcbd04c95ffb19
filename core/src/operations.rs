//! Every operation there is, by name: what bindings, the journal and the conformance runner work with.

use crate::decision::OperationSpec;
use crate::prepare::{Operation, Prepared};
use crate::profile::Profile;
use crate::{Error, alipay, alipay_plus, antom};

/// An operation without its types: everything about it that can be done with JSON.
pub struct Entry {
    /// Name, tables and the rest.
    pub spec: &'static OperationSpec,
    /// What it is, in the lines of its documentation.
    pub doc: &'static [&'static str],
    prepare: fn(&Profile, &str) -> Result<Prepared, Error>,
    /// The request's and the response's schema.
    #[cfg(feature = "schema")]
    pub schemas: fn(&mut schemars::SchemaGenerator) -> [schemars::Schema; 2],
}

impl Entry {
    pub(crate) const fn of<O: Operation>(doc: &'static [&'static str]) -> Self {
        Self {
            spec: O::SPEC,
            doc,
            prepare: Prepared::from_json::<O>,
            #[cfg(feature = "schema")]
            schemas: |generator| {
                [generator.subschema_for::<O::Request>(), generator.subschema_for::<O::Response>()]
            },
        }
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
    ($($(#[doc = $doc:literal])* $method:ident: $operation:ty),* $(,)?) => {
        pub(crate) static OPERATIONS: &[crate::operations::Entry] =
            &[$(crate::operations::Entry::of::<$operation>(&[$($doc),*])),*];

        #[cfg(feature = "driver")]
        impl Client {
            $(
                $(#[doc = $doc])*
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
