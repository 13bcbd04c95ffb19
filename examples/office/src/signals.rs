//! Ctrl-C and SIGTERM: one of them is enough, and stops gracefully.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use signal_hook::consts::{SIGINT, SIGTERM};
use taxrefund_core::CancelToken;

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Cancels the token when the first signal comes. Later ones change nothing: what is under way is worth its seconds.
pub(crate) fn cancel_on_signal(stop: CancelToken) -> Result<()> {
    let signalled = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, signalled.clone())?;
    }
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        while !signalled.load(Ordering::Relaxed) {
            thread::sleep(LOOK_EVERY);
        }
        let _ = writeln!(io::stderr(), "stopping: what is under way is finished and recorded first");
        stop.cancel();
    })?;
    Ok(())
}
