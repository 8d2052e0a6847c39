//! The only way to the network.
//!
//! Owns: scope, rate ceiling, budget, time-outs, caps, the tester's own headers, and noticing that
//! the target is gone. Leaves out: redirects (`http/follow.rs`), what to send (`plan`), and the
//! scan's identity (`session.rs`, which dresses each request and sees each answer).

use std::future::Future;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{RwLock, Semaphore, SemaphorePermit};
use tokio::time::Instant;
use url::Url;

use super::budget::Budget;
use super::busy::Busy;
use super::losses::Losses;
use super::own;
use super::routes::{Route, Routes};
use super::session::Session;
use super::setup;
use super::throttle::Throttle;
use super::wire::{Dress, header_text};
use crate::auth::{Identity, Material};
use crate::error::Error;
use crate::finding::Problem;
use crate::http::{Failure, FailureKind, Phase, Request, Response, Transport};
use crate::policy;
use crate::progress::Stop;
use crate::settings::Settings;
use crate::surface::EndpointId;
use crate::tape::Tape;
use crate::traffic::Exchange;

/// The number of refused connections in a row, with no answer in between, that means the target is
/// gone.
const LOST_AFTER_REFUSALS: u32 = 3;
/// The number of time-outs for which the start page stays silent before the target counts as gone.
const LOST_AFTER_TIMEOUTS: u32 = 4;
/// The time between two requests to a start page that does not answer.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// How long to wait for a target that refuses connections.
const COMES_BACK: Duration = Duration::from_secs(8);
/// How long the last answer of the start page stays valid.
const HOME_HOLDS: Duration = Duration::from_secs(2);
/// How long past the end of its time a scan waits for work that should have ended by itself.
const GRACE: Duration = Duration::from_millis(500);

/// Sends requests over real connections. Cheap to clone: clones share budget and rate ceiling.
#[derive(Clone)]
pub struct Client(Arc<Inner>, Option<Arc<Session>>);

/// The same connections without the tester's credentials, for logins and to see what a stranger is
/// shown.
#[derive(Clone)]
pub(crate) struct Stranger {
    inner: Arc<Inner>,
    /// A host other than the target's that may be asked too.
    also: Option<String>,
}

/// The state that all clones share.
pub(super) struct Inner {
    pub(super) http: reqwest::Client,
    /// Scope, methods and what `--allow` names: checked for every request.
    policy: Settings,
    pub(super) headers: Vec<(String, String)>,
    throttle: Throttle,
    slots: Semaphore,
    stop: Stop,
    timeout: Duration,
    pub(super) max_body: usize,
    pub(super) tape: Option<Tape>,
    pub(super) budget: Budget,
    routes: Routes,
    losses: Losses,
    /// The end of the last known period in which nothing was answered. It is locked for writing
    /// while a silence is looked into, so that nothing else leaves.
    watch: RwLock<Option<Instant>>,
    /// The departure time of the latest request that was answered.
    heard: Mutex<Option<Instant>>,
    failed: AtomicU64,
    refused_in_row: AtomicU32,
    /// When the start page was last asked whether it is well, and whether it was.
    home_asked: tokio::sync::Mutex<Option<(Instant, bool)>>,
    busy: Mutex<Busy>,
    lost: Mutex<Option<String>>,
}

/// The turn of a request: it may leave now.
pub(super) struct Turn<'c> {
    route: Route,
    slot: SemaphorePermit<'c>,
}

impl Client {
    /// Creates a client for one scan.
    ///
    /// # Errors
    ///
    /// [`Error::Usage`] if a proxy or certificate file cannot be used.
    pub fn new(scan: &Settings, run_id: &str, stop: &Stop) -> Result<Self, Error> {
        let (target, settings) = (&scan.target, &scan.http);
        let http = setup::connections(settings, run_id)?;
        scan.learnt.note_own(own::names(scan));
        let inner = Arc::new(Inner {
            http,
            policy: scan.clone(),
            headers: setup::tester_headers(target, settings),
            throttle: Throttle::new(settings.rate),
            slots: Semaphore::new(settings.concurrency.max(1)),
            stop: stop.clone(),
            timeout: settings.timeout,
            max_body: settings.max_body,
            tape: settings.tape.clone(),
            budget: Budget::new(settings.max_requests, settings.max_time),
            routes: Routes::new(settings.max_wait),
            losses: Losses::default(),
            watch: RwLock::new(None),
            heard: Mutex::new(None),
            failed: AtomicU64::new(0),
            refused_in_row: AtomicU32::new(0),
            home_asked: tokio::sync::Mutex::new(None),
            busy: Mutex::default(),
            lost: Mutex::new(None),
        });
        let identity = match scan.identities.first() {
            Some(identity) => Some(identity.clone()),
            // Credentials among the headers are watched as well, though nothing can renew them.
            None => scan.has_credentials().then(Identity::default),
        };
        let session = identity.map(|identity| {
            let session = Session::new(identity, target, scan.identities.vault());
            Arc::new(session.beside(&settings.headers))
        });
        Ok(Self(inner, session))
    }

    /// Returns a client that acts as another identity and shares budget and rate ceiling with this
    /// one.
    #[must_use]
    pub fn acting_as(&self, identity: &Identity) -> Self {
        let policy = &self.0.policy;
        let session = Session::new(identity.clone(), &policy.target, policy.identities.vault())
            .beside(&policy.http.headers);
        Self(Arc::clone(&self.0), Some(Arc::new(session)))
    }

    /// Logs in, if the identity has a login.
    ///
    /// # Errors
    ///
    /// [`Error::Login`] if the login is refused.
    pub async fn log_in(&self) -> Result<(), Error> {
        match &self.1 {
            Some(session) => session.begin(self).await,
            None => Ok(()),
        }
    }

    /// Returns the session of the scan's identity, if it has one.
    pub fn session(&self) -> Option<&Session> {
        self.1.as_deref()
    }

    /// Returns the same connections without the tester's credentials.
    pub(crate) fn stranger(&self) -> Stranger {
        let host = self.1.as_ref().and_then(|session| session.other_host());
        Stranger {
            inner: Arc::clone(&self.0),
            also: host.map(str::to_owned),
        }
    }

    /// Waits until a request may leave.
    ///
    /// # Errors
    ///
    /// Budget and time, a route that is given up, a scan that was stopped.
    pub(super) async fn turn(&self, request: &Request) -> Result<Turn<'_>, Failure> {
        self.0.turn(request).await
    }

    /// Sends a request with an identity's credentials when its turn comes.
    pub(super) async fn send_as(
        &self,
        request: &Request,
        material: Option<&Material>,
    ) -> Result<Response, Failure> {
        let turn = self.turn(request).await?;
        self.send_in(turn, request, material).await
    }

    /// Sends a request, whose turn it is, with an identity's credentials.
    pub(super) async fn send_in(
        &self,
        turn: Turn<'_>,
        request: &Request,
        material: Option<&Material>,
    ) -> Result<Response, Failure> {
        let built = self.0.build(request, Dress::As(material))?;
        self.0.exchange(turn, request, built).await
    }

    /// Returns true if a request got no answer because the scan, or its phase, was over.
    pub(crate) fn ended(&self, failure: &Failure) -> bool {
        match failure.kind {
            FailureKind::Budget | FailureKind::Stopped => true,
            FailureKind::Timeout => self.0.budget.is_late(),
            _ => false,
        }
    }

    /// Runs something until the scan is stopped or its time is over.
    pub(crate) async fn while_it_lasts(&self, work: impl Future<Output = ()>) {
        let work = async {
            work.await;
            Ok(())
        };
        let _ = self.0.unless_ended(work).await;
    }

    /// Stops the scan.
    pub(crate) fn give_up(&self) {
        self.0.stop.trigger();
    }

    /// Returns the number of all requests that have left so far.
    pub fn sent(&self) -> u64 {
        self.0.budget.sent()
    }

    /// Returns the number of requests that left and got no answer, or only a broken one.
    pub fn failed(&self) -> u64 {
        self.0.failed.load(Ordering::SeqCst)
    }

    /// Returns why the target was given up; `None` as long as it answers.
    pub fn lost(&self) -> Option<String> {
        locked(&self.0.lost).clone()
    }

    /// Returns true if something was left out because the request or time budget was spent.
    pub fn spent(&self) -> bool {
        self.0.budget.spent()
    }

    /// Returns the problem to report if the target loses answers now and then.
    pub(crate) fn losses(&self) -> Option<Problem> {
        self.0.losses.problem()
    }

    /// Returns true if something was left out although there is something left to spend.
    pub(crate) fn has_rest(&self) -> bool {
        !self.0.stop.is_set() && self.0.budget.has_rest()
    }

    /// Returns the problems to report for routes that were left out because they did not answer in
    /// time, or asked to come back too late.
    pub fn problems(&self) -> Vec<Problem> {
        self.0.routes.problems()
    }
}

impl Transport for Client {
    async fn send(&self, mut request: Request) -> Result<Response, Failure> {
        let inner = &*self.0;
        request.url = inner.policy.target.at_home(request.url);
        inner.permit(&request)?;
        let answer = async {
            match &self.1 {
                Some(session) => session.carry(self, &request).await,
                None => self.send_as(&request, None).await,
            }
        };
        // Every stage holds such a future, so it must stay small.
        inner.unless_ended(Box::pin(answer)).await
    }

    fn enter(&self, phase: Phase) {
        self.0.budget.enter(phase);
        if phase == Phase::Late {
            self.0.routes.reopen();
        }
    }

    async fn rest(&self, time: Duration) -> bool {
        // Without budget there is nothing to wait for.
        if self.0.budget.any_left().is_err() {
            return false;
        }
        let rested = async {
            tokio::time::sleep(time).await;
            Ok(())
        };
        self.0.unless_ended(self.0.in_time(rested)).await.is_ok()
    }

    fn at_home(&self, url: Url) -> Url {
        self.0.policy.target.at_home(url)
    }
}

impl Transport for Stranger {
    /// Sends a request without checking the policy: a recipe's login is the tester's own wish, at
    /// the target's origin or the host that the recipe names.
    async fn send(&self, mut request: Request) -> Result<Response, Failure> {
        let inner = &*self.inner;
        let named = self.also.as_deref().is_some_and(|host| {
            request
                .url
                .host_str()
                .is_some_and(|of| of.eq_ignore_ascii_case(host))
        });
        if !named {
            request.url = inner.policy.target.at_home(request.url);
        }
        let home = inner.policy.target.same_origin(&request.url);
        if !home && !named {
            let text = format!("{} {} is out of scope", request.method, request.url.path());
            return Err(Failure::new(FailureKind::Scope, text));
        }
        let built = inner.build(&request, Dress::Stranger { home })?;
        let answer = async {
            let turn = inner.turn(&request).await?;
            inner.exchange(turn, &request, built).await
        };
        inner.unless_ended(answer).await
    }

    fn at_home(&self, url: Url) -> Url {
        self.inner.policy.target.at_home(url)
    }
}

impl Inner {
    /// Checks scope and method policy, in this one place so that no stage can forget it.
    fn permit(&self, request: &Request) -> Result<(), Failure> {
        let refuse = |why: &str| {
            let text = format!("{} {} {why}", request.method, request.url.path());
            Err(Failure::new(FailureKind::Scope, text))
        };
        if !self.policy.target.covers(&request.url) {
            return refuse("is out of scope");
        }
        let id = EndpointId::new(request.method, request.url.path());
        let query: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
        policy::may_send(&self.policy, &id, "")
            .and_then(|()| policy::may_carry(&self.policy, &id, &query))
            .and_then(|()| policy::may_hold(&self.policy, &id, &request.body))
            .or_else(|why| refuse(&why))
    }

    /// Runs something until the scan is stopped, or its time is over and nothing else has noticed.
    async fn unless_ended<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let late = async {
            match self.budget.until() {
                Some(until) => tokio::time::sleep_until(until + GRACE).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.wait() => Err(stopped()),
            () = late => Err(self.budget.refuse("the time budget is spent")),
            result = work => result,
        }
    }

    /// Waits for something for no longer than the phase's time lasts.
    async fn in_time<T>(
        &self,
        wait: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.budget.in_time()?;
        match self.budget.until() {
            Some(until) => match tokio::time::timeout_at(until, wait).await {
                Ok(result) => result,
                Err(_) => Err(self.budget.refuse("the time budget is spent")),
            },
            None => wait.await,
        }
    }

    /// Waits until a request may leave.
    async fn turn(&self, request: &Request) -> Result<Turn<'_>, Failure> {
        self.budget.any_left()?;
        let route = Route::of(request);
        let slot = self.in_time(self.slot(&route)).await?;
        if self.stop.is_set() {
            return Err(stopped());
        }
        Ok(Turn { route, slot })
    }

    async fn exchange(
        &self,
        turn: Turn<'_>,
        request: &Request,
        built: reqwest::Request,
    ) -> Result<Response, Failure> {
        let Turn { route, slot } = turn;
        self.budget.claim()?;
        let left = Instant::now();
        let kept = self.policy.http.traffic.as_ref();
        let leaving = kept.map(|traffic| (traffic, leaving(&built)));
        let result = self.fetch(built, self.timeout).await;
        if let Some((traffic, leaving)) = leaving {
            traffic.keep(leaving, &result);
        }
        drop(slot);
        self.losses.note(route, request, &result);
        match &result {
            Ok(response) => {
                if response.broken {
                    self.failed.fetch_add(1, Ordering::SeqCst);
                }
                self.take(request, left, response).await;
            }
            Err(failure) => {
                self.failed.fetch_add(1, Ordering::SeqCst);
                self.miss(request, left, failure).await;
            }
        }
        result
    }

    /// Waits until nothing is in doubt, a route may be asked, a slot is free and the rate allows it.
    async fn slot(&self, route: &Route) -> Result<SemaphorePermit<'_>, Failure> {
        loop {
            drop(self.watch.read().await);
            if let Some(until) = self.routes.may_leave(route)? {
                // The request holds no slot while it waits.
                tokio::time::sleep_until(until).await;
                continue;
            }
            let slot = self.slots.acquire().await.map_err(|_| stopped())?;
            self.throttle.wait().await;
            // Other requests may have found out something in the meantime.
            if self.watch.try_read().is_ok() && self.routes.may_leave(route)?.is_none() {
                return Ok(slot);
            }
        }
    }

    /// Handles an answer.
    async fn take(&self, request: &Request, left: Instant, response: &Response) {
        self.refused_in_row.store(0, Ordering::SeqCst);
        self.hear(left);
        let asked = self.routes.answered(request, left, response);
        let said = locked(&self.busy).note(request, response, asked.beyond);
        if asked.everything.is_none() && said.is_none() {
            return;
        }
        // It may be only a part of the application that is limited or closed.
        if self.home_is_well().await {
            self.routes.reassure();
            locked(&self.busy).reassure();
            return;
        }
        if let Some(time) = asked.everything {
            self.throttle.hold(time);
        }
        if let Some(said) = said {
            self.give_up(said);
        }
    }

    /// Returns true if the start page answers without asking to come later.
    async fn home_is_well(&self) -> bool {
        let mut asked = self.home_asked.lock().await;
        if let Some((when, well)) = *asked
            && when.elapsed() < HOME_HOLDS
        {
            return well;
        }
        let well = matches!(self.look().await, Ok(status) if status < 400);
        *asked = Some((Instant::now(), well));
        well
    }

    fn hear(&self, left: Instant) {
        let mut heard = locked(&self.heard);
        *heard = (*heard).max(Some(left));
    }

    /// Handles a request that got no answer.
    async fn miss(&self, request: &Request, left: Instant, failure: &Failure) {
        match failure.kind {
            FailureKind::Connect | FailureKind::Tls => {
                let refused = self.refused_in_row.fetch_add(1, Ordering::SeqCst) + 1;
                if refused >= LOST_AFTER_REFUSALS {
                    self.wait_for_it(request, failure).await;
                }
            }
            FailureKind::Timeout if self.budget.in_time().is_ok() => {
                self.look_into(request, left, failure).await;
            }
            _ => {}
        }
    }

    /// Waits for a target that refuses connections, as one does while it restarts. Nothing else
    /// leaves in the meantime.
    async fn wait_for_it(&self, request: &Request, failure: &Failure) {
        let _watch = self.watch.write().await;
        if self.stop.is_set() || self.refused_in_row.load(Ordering::SeqCst) < LOST_AFTER_REFUSALS {
            return;
        }
        let end = Instant::now() + COMES_BACK.min(self.policy.http.max_wait);
        loop {
            match self.look().await {
                Ok(_) => {
                    self.refused_in_row.store(0, Ordering::SeqCst);
                    return;
                }
                Err(failure) if failure.kind == FailureKind::Budget => return,
                Err(_) if Instant::now() >= end => return self.lose(request, failure),
                Err(_) => tokio::time::sleep(BETWEEN_LOOKS).await,
            }
        }
    }

    /// Finds out whether one route is silent or the whole target: asks the start page, and lets
    /// nothing else leave until it has answered.
    async fn look_into(&self, request: &Request, left: Instant, failure: &Failure) {
        let mut watch = self.watch.write().await;
        if self.stop.is_set() || watch.is_some_and(|until| until >= left) {
            // The request only waited behind whatever held everything up.
            return;
        }
        if locked(&self.heard).is_some_and(|heard| heard > left) {
            self.routes.silent(request, failure);
            return;
        }
        let most = self.policy.http.max_wait.max(self.timeout);
        let end = Instant::now() + most.min(self.timeout.saturating_mul(LOST_AFTER_TIMEOUTS));
        let mut looks = 0;
        loop {
            match self.look().await {
                Ok(_) => break,
                Err(failure) if failure.kind == FailureKind::Budget => return,
                Err(failure) => looks += u32::from(failure.kind == FailureKind::Timeout),
            }
            if Instant::now() >= end {
                self.lose(request, failure);
                return;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        if looks == 0 {
            self.routes.silent(request, failure);
        } else {
            *watch = Some(Instant::now());
            self.routes.blocks(request, failure);
        }
    }

    /// Asks for the start page and returns its status.
    async fn look(&self) -> Result<u16, Failure> {
        let mut page = self.policy.target.base().clone();
        let _ = page.set_username("");
        let _ = page.set_password(None);
        let built = self.build(&Request::get(page), Dress::Stranger { home: true })?;
        let turn = async {
            self.throttle.wait().await;
            Ok(())
        };
        self.in_time(turn).await?;
        self.budget.claim()?;
        let left = Instant::now();
        let response = self.fetch(built, self.timeout).await?;
        self.hear(left);
        Ok(response.status)
    }

    /// Stops the scan because nothing answers any more.
    fn lose(&self, request: &Request, failure: &Failure) {
        let at = format!("{} {}", request.method, request.url.path());
        self.give_up(format!("the target stopped answering at {at}: {failure}"));
    }

    fn give_up(&self, why: String) {
        locked(&self.lost).get_or_insert(why);
        self.stop.trigger();
    }
}

/// Locks a mutex for a moment. The guard must never be held across an await.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns a request as it leaves.
fn leaving(built: &reqwest::Request) -> Exchange {
    let headers = built.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str().to_owned(), header_text(value)));
    let body = built.body().and_then(reqwest::Body::as_bytes);
    Exchange::leaving(
        built.method().as_str(),
        built.url().as_str(),
        headers.collect(),
        body.unwrap_or_default(),
    )
}

fn stopped() -> Failure {
    Failure::new(FailureKind::Stopped, "the scan was stopped")
}
