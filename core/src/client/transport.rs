//! What carries a request.

use crate::wire::{Fault, HttpRequest, HttpResponse};

/// Sends a request once.
///
/// An implementation sends the bytes as they are, follows no redirect, never sends a second time by itself, and is done
/// after `request.timeout`, the answer's last byte included.
pub trait Transport: Send + Sync {
    /// One exchange.
    ///
    /// # Errors
    /// A [`Fault`] when there was no complete answer. An answer with any status is an answer.
    fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, Fault>;
}
