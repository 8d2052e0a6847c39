//! Ctrl-C and SIGTERM during a scan: the first stops it in good order, the second at once.

use std::io;
use std::sync::Arc;

use keyspill::progress::Stop;

use crate::console::Console;

/// The signals that end a scan, listened to from [`Signals::listen`] on.
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    /// Takes the signals over; needs a running tokio.
    #[cfg(unix)]
    pub(super) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Takes the signals over; needs a running tokio.
    #[cfg(not(unix))]
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Stops the scan at the first signal and the process at the second.
    pub(super) async fn obey(mut self, stop: Stop, console: Arc<Console>) {
        self.next().await;
        console.warn("stopping; what was seen so far is reported (again to quit at once)");
        stop.trigger();
        let code = self.next().await;
        std::process::exit(code);
    }

    /// Waits for a signal; gives the exit code that shells expect for it.
    #[cfg(unix)]
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
        }
    }

    /// Waits for a signal; gives the exit code that shells expect for it.
    #[cfg(not(unix))]
    async fn next(&mut self) -> i32 {
        if tokio::signal::ctrl_c().await.is_err() {
            // Nothing will ever come.
            std::future::pending::<()>().await;
        }
        130
    }
}
