//! Signals: the first one stops a scan cleanly, the second one quits at once; before a scan, so does
//! the first.
//!
//! A closing terminal sends SIGHUP, and may send it more than once: only a signal that somebody types
//! or sends by hand quits at once.

use std::io;
use std::sync::{Arc, OnceLock};

use keyspill::auth::Leash;
use keyspill::error::Error;
use keyspill::progress::Stop;
use tokio::runtime::Runtime;

use crate::console::Console;

/// The signals that end a scan, handled as long as the runtime lives.
pub(super) struct Signals {
    scan: Arc<Scan>,
    leash: Leash,
}

/// A scan that has started.
type Scan = OnceLock<(Stop, Arc<Console>)>;

impl Signals {
    /// Starts handling the signals.
    pub(super) fn listen(runtime: &Runtime) -> Result<Self, Error> {
        let _inside = runtime.enter();
        let heard = Heard::new()
            .map_err(|error| Error::Usage(format!("cannot listen to signals: {error}")))?;
        let (scan, leash) = (Arc::default(), Leash::default());
        tokio::spawn(obey(heard, Arc::clone(&scan), leash.clone()));
        Ok(Self { scan, leash })
    }

    /// Returns the leash of the commands that run before a scan starts.
    pub(super) fn leash(&self) -> Leash {
        self.leash.clone()
    }

    /// Returns the switch that stops a scan starting now.
    pub(super) fn stop(&self, console: &Arc<Console>) -> Stop {
        let begun = self.scan.get_or_init(|| (Stop::new(), Arc::clone(console)));
        begun.0.clone()
    }
}

/// Stops the scan at the first signal and the process at the second, or at the first if no scan has
/// started.
async fn obey(mut heard: Heard, scan: Arc<Scan>, leash: Leash) {
    let first = heard.next().await;
    let Some((stop, console)) = scan.get() else {
        // They have left the terminal's process group, which receives the signal.
        leash.let_go();
        std::process::exit(first.code());
    };
    console.warn("stopping; what was seen so far is reported (again to quit at once)");
    stop.trigger();
    loop {
        let next = heard.next().await;
        if next != Told::HangUp {
            std::process::exit(next.code());
        }
    }
}

/// What a signal means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "there is Ctrl-C alone"))]
enum Told {
    HangUp,
    Interrupt,
    Terminate,
}

impl Told {
    /// Returns the exit code that shells expect for it.
    const fn code(self) -> i32 {
        match self {
            Self::HangUp => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// The streams that receive signals.
struct Heard {
    #[cfg(unix)]
    hang_up: Option<tokio::signal::unix::Signal>,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Heard {
    /// Starts listening; needs a running tokio runtime.
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // `nohup` expects the process to continue.
        let hang_up = (!is_hang_up_ignored()).then(|| signal(SignalKind::hangup()));
        Ok(Self {
            hang_up: hang_up.transpose()?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for a signal.
    async fn next(&mut self) -> Told {
        let hang_up = async {
            match &mut self.hang_up {
                Some(signal) => signal.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = hang_up => Told::HangUp,
            _ = self.interrupt.recv() => Told::Interrupt,
            _ = self.terminate.recv() => Told::Terminate,
        }
    }
}

/// Returns true if the process was started so that it ignores its terminal's closing, as far as the
/// system reveals it.
#[cfg(unix)]
fn is_hang_up_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The mask has one bit per signal; SIGHUP is signal 1, the lowest bit.
    ignored.is_some_and(|mask| {
        mask.trim()
            .ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f'])
    })
}

#[cfg(not(unix))]
impl Heard {
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for a signal.
    async fn next(&mut self) -> Told {
        if tokio::signal::ctrl_c().await.is_err() {
            // No signal will ever arrive.
            std::future::pending::<()>().await;
        }
        Told::Interrupt
    }
}
