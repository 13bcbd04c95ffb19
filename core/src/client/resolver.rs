//! Looking host names up: by the system, but not for every request.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::uri::{Authority, Scheme};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Keeps what was found for a moment.
///
/// ureq looks the host up before each request, on a thread started for it, even where a kept connection then needs no
/// address. The moment is shorter than the waits between two attempts tend to be, so that a gateway that moves is found
/// again by the next attempt or the one after it.
#[derive(Debug, Default)]
pub(super) struct BriefMemory<R = DefaultResolver> {
    system: R,
    found: Mutex<Vec<Found>>,
}

const KEPT: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Found {
    scheme: Option<Scheme>,
    authority: Option<Authority>,
    addresses: ResolvedSocketAddrs,
    at: Instant,
}

impl<R: Resolver> Resolver for BriefMemory<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        if let Some(addresses) = self.recall(uri) {
            return Ok(addresses);
        }
        let addresses = self.system.resolve(uri, config, timeout)?;
        self.remember(uri, addresses.clone());
        Ok(addresses)
    }
}

impl<R> BriefMemory<R> {
    fn recall(&self, uri: &Uri) -> Option<ResolvedSocketAddrs> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let known = found.iter().find(|known| known.is_fresh() && known.is_of(uri))?;
        Some(known.addresses.clone())
    }

    fn remember(&self, uri: &Uri, addresses: ResolvedSocketAddrs) {
        let (scheme, authority) = (uri.scheme().cloned(), uri.authority().cloned());
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.retain(|known| known.is_fresh() && !known.is_of(uri));
        found.push(Found { scheme, authority, addresses, at: Instant::now() });
    }
}

impl Found {
    fn is_fresh(&self) -> bool {
        self.at.elapsed() < KEPT
    }

    fn is_of(&self, uri: &Uri) -> bool {
        self.scheme.as_ref() == uri.scheme() && self.authority.as_ref() == uri.authority()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU16, Ordering};

    use super::*;

    /// Finds another port each time it is asked.
    #[derive(Debug, Default)]
    struct Counting(AtomicU16);

    impl Resolver for Counting {
        fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
            let asked = self.0.fetch_add(1, Ordering::Relaxed);
            let mut addresses = self.empty();
            addresses.push(([127, 0, 0, 1], asked).into());
            Ok(addresses)
        }
    }

    #[test]
    fn each_host_is_looked_up_once_in_a_moment() {
        let memory = BriefMemory::<Counting>::default();
        let ports: Vec<u16> = [
            "https://one.example/a",
            "https://one.example/b?c",
            "http://one.example/a",
            "https://two.example/a",
            "https://two.example:444/a",
            "https://one.example/a",
        ]
        .into_iter()
        .map(|uri| {
            let uri = Uri::from_static(uri);
            memory.resolve(&uri, &Config::default(), NextTimeout::default()).unwrap()[0].port()
        })
        .collect();
        assert_eq!(ports, [0, 0, 1, 2, 3, 0]);
    }

    #[test]
    fn a_moment_later_it_is_looked_up_again() {
        let memory = BriefMemory::<Counting>::default();
        let uri = Uri::from_static("https://one.example/");
        let resolve = || memory.resolve(&uri, &Config::default(), NextTimeout::default()).unwrap()[0].port();
        assert_eq!(resolve(), 0);
        let long_ago = Instant::now().checked_sub(KEPT).unwrap();
        memory.found.lock().unwrap()[0].at = long_ago;
        assert_eq!(resolve(), 1);
        assert_eq!(memory.found.lock().unwrap().len(), 1);
    }
}
