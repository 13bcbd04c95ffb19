//! Problems on their way to Swift and Kotlin.

use taxrefund_bindings::Problem;

/// What went wrong, as JSON text: `{"kind", "code", "message", …}`. The packages make their own errors of it.
#[derive(Debug, Clone, thiserror::Error, uniffi::Error)]
pub enum NativeError {
    /// The problem.
    #[error("{problem}")]
    Problem {
        /// As JSON text.
        problem: String,
    },
}

/// What every function here gives.
pub(crate) type Result<T, E = NativeError> = std::result::Result<T, E>;

impl<E: Into<Problem>> From<E> for NativeError {
    fn from(error: E) -> Self {
        Self::Problem { problem: error.into().to_json() }
    }
}
