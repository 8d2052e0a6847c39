//! The life of a login: it begins, is renewed, and is lost.
//!
//! Owns: what goes with each request right now, that there is only one login at a time, failed
//! logins in a row. Leaves out: which answers cast doubt on it (`watch.rs`), the login itself
//! (`login.rs`).
//!
//! Requests do not wait for each other, except while one of them asks the check or logs in. A
//! request whose answer asked to log in is sent again after a new login; it was refused, so it had
//! no effect.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::client::{Client, Turn};
use super::login::{self, FaultKind, Gained};
use super::watch::{Check, Expected, Notice, Watch};
use crate::auth::command::Holder;
use crate::auth::identity::{is_credential_header, resolve};
use crate::auth::recipe::{CheckSyntax, LoginKind};
use crate::auth::{Identity, Material, Vault};
use crate::error::Error;
use crate::finding::Problem;
use crate::http::{ACCEPT, Failure, FailureKind, Request, Response, Transport};
use crate::redact::is_secret_cookie;
use crate::target::Target;

/// How many logins in a row may fail; more would lock accounts.
const MOST_FAILED: u8 = 2;
/// A login that holds for fewer answers than this is useless.
const USEFUL: u64 = 3;
/// How many logins in a row may be useless.
const MOST_USELESS: u8 = 3;
/// The pause before another attempt.
const PAUSE: Duration = Duration::from_millis(500);
/// A token is renewed this long before it expires, or after four fifths of its lifetime if that is
/// later.
const MARGIN: Duration = Duration::from_secs(30);
/// How often one request is sent at most, including repeats after new logins.
const MOST_SENT: u8 = 3;

/// One identity during a scan.
pub struct Session {
    identity: Identity,
    target: Target,
    vault: Vault,
    /// The names of the cookies that the tester sends with every request.
    own_cookies: Vec<String>,
    /// The names of the credential headers that the tester sends with every request.
    own_headers: Vec<String>,
    state: Mutex<State>,
    /// Held while the check is asked or a login is under way. Commands that are running outlive the
    /// task that waits for them, so that the next task can go on waiting.
    gate: tokio::sync::Mutex<Option<Running>>,
}

/// Commands of an identity that are running.
struct Running {
    /// The credentials that they return.
    given: JoinHandle<Result<Material, String>>,
    /// Ends the commands when dropped.
    _holder: Holder,
}

struct State {
    material: Arc<Material>,
    /// The number of logins so far.
    generation: u32,
    renew_at: Option<Instant>,
    failed_in_row: u8,
    useless_in_row: u8,
    /// Answers since the last login that did not ask to log in.
    answers: u64,
    /// How many times the login was found lost and was renewed.
    renewed: u32,
    /// Answers before a loss was noticed for which the login was not proven.
    doubtful: u64,
    lost: Option<String>,
    watch: Watch,
}

/// What an answer says about the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// The login holds.
    Yes,
    /// The login does not hold.
    No,
    /// The answer does not say.
    Neither,
    /// There was no time or no request left to ask.
    Unasked,
}

impl Says {
    /// Returns what a request without an answer says.
    fn of(client: &Client, failure: &Failure) -> Self {
        if client.ended(failure) {
            Self::Unasked
        } else {
            Self::Neither
        }
    }
}

/// The result of settling a doubt.
enum LoginState {
    /// The login holds, or there is no way to tell.
    Holds,
    /// There is a new login.
    Renewed,
    /// The login is lost for good.
    Lost,
}

impl Session {
    /// Creates a session of an identity that is not yet logged in.
    pub fn new(identity: Identity, target: &Target, vault: &Vault) -> Self {
        let mut watch = Watch::default();
        watch.may_ask_as_stranger = identity.login.is_some() || !identity.fixed.is_empty();
        if let Some(login) = &identity.login {
            watch.check = login.check.as_ref().and_then(|check| given(check, target));
            let page = match &login.way {
                LoginKind::Form(form) => resolve(&form.page, target),
                LoginKind::Json(json) => resolve(&json.url, target),
                LoginKind::OAuth2(_) => None,
            };
            watch.login_path = page.map(|url| url.path().to_owned());
        }
        Self {
            target: target.clone(),
            vault: vault.clone(),
            own_cookies: Vec::new(),
            own_headers: Vec::new(),
            state: Mutex::new(State {
                material: Arc::new(identity.fixed.clone()),
                generation: 0,
                renew_at: None,
                failed_in_row: 0,
                useless_in_row: 0,
                answers: 0,
                renewed: 0,
                doubtful: 0,
                lost: None,
                watch,
            }),
            identity,
            gate: tokio::sync::Mutex::default(),
        }
    }

    /// Registers the headers that the tester sends with every request. If a secret cookie among
    /// them is reissued, its new value is kept secret too.
    #[must_use]
    pub fn beside(mut self, headers: &[(String, String)]) -> Self {
        self.own_cookies = headers
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
            .flat_map(|(_, value)| value.split(';'))
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, _)| name.trim().to_owned())
            .collect();
        let names = headers.iter().map(|(name, _)| name);
        self.own_headers = names
            .filter(|name| is_credential_header(name))
            .cloned()
            .collect();
        self
    }

    /// Returns what goes with each request now.
    pub fn material(&self) -> Arc<Material> {
        Arc::clone(&self.state().material)
    }

    /// Returns why the login is lost, if it is.
    pub fn lost(&self) -> Option<String> {
        self.state().lost.clone()
    }

    /// Returns a host other than the target's that the recipe names for its login.
    pub(crate) fn other_host(&self) -> Option<&str> {
        match &self.identity.login.as_ref()?.way {
            LoginKind::OAuth2(client) => client.host.as_deref(),
            _ => None,
        }
    }

    /// Logs in for the first time. Does nothing for an identity without a login.
    pub(crate) async fn begin(&self, client: &Client) -> Result<(), Error> {
        if self.identity.login.is_none() {
            return Ok(());
        }
        let mut gate = self.gate.lock().await;
        match self.renew(client, false, &mut gate).await {
            LoginState::Lost => Err(Error::Login(self.lost().unwrap_or_default())),
            LoginState::Holds | LoginState::Renewed => Ok(()),
        }
    }

    /// Checks one last time whether the login has held to the end.
    pub(crate) async fn end(&self, client: &Client) {
        let (generation, since, has_check) = {
            let state = self.state();
            let watch = &state.watch;
            (state.generation, watch.since_proof, watch.check.is_some())
        };
        // Commands that are still running when time is over are not waited for.
        let waited = async {
            if self.gate.lock().await.is_none() {
                self.settle(client, generation).await;
            }
        };
        if has_check && since > 0 {
            client.while_it_lasts(Box::pin(waited)).await;
        }
    }

    /// Sends a request as this identity.
    pub(crate) async fn carry(
        &self,
        client: &Client,
        request: &Request,
    ) -> Result<Response, Failure> {
        let mut request = request.clone();
        let mut sent = 0;
        loop {
            let turn = self.turn(client, &request).await?;
            let (material, generation, departure) = {
                let mut state = self.state();
                if state.lost.is_some() {
                    return Err(Failure::new(FailureKind::Stopped, "the login was lost"));
                }
                let departure = state.watch.departure();
                (Arc::clone(&state.material), state.generation, departure)
            };
            let answer = client.send_in(turn, &request, Some(&material)).await?;
            self.keep_cookies(&material, &answer);
            sent += 1;
            let mut own = self.own_headers.iter();
            if material.is_overridden(&request) || own.any(|name| request.settles(name)) {
                return Ok(answer);
            }
            let refused = self.state().watch.refuses(&request, &answer);
            let verdict = self
                .look(client, &request, &answer, (generation, departure, refused))
                .await;
            match verdict {
                LoginState::Renewed
                    if sent < MOST_SENT && (refused || request.method.is_safe()) =>
                {
                    // The cookie jar of an injection may hold cookies of the session that is gone.
                    material.undress_cookies(&mut request);
                }
                LoginState::Lost => {
                    return Err(Failure::new(FailureKind::Stopped, "the login was lost"));
                }
                LoginState::Holds | LoginState::Renewed => return Ok(answer),
            }
        }
    }

    /// Keeps a reissued session cookie as secret as the one that the login set.
    fn keep_cookies(&self, material: &Material, answer: &Response) {
        for line in answer.headers_named("set-cookie") {
            let pair = line.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            let (name, value) = (name.trim(), value.trim());
            let mut known = material.cookies.iter();
            let own = self.own_cookies.iter().any(|own| own == name);
            // The tester's own cookies include settings too (`theme=dark`).
            if known.any(|(known, _)| known == name) || (own && is_secret_cookie(name, value)) {
                self.vault.keep(value);
            }
        }
    }

    /// Looks at an answer and settles any doubt that it raises.
    async fn look(
        &self,
        client: &Client,
        request: &Request,
        answer: &Response,
        (generation, departure, refused): (u32, u64, bool),
    ) -> LoginState {
        let notice = {
            let mut state = self.state();
            if state.generation != generation {
                // A new login happened while this request was on its way.
                return if refused {
                    LoginState::Renewed
                } else {
                    LoginState::Holds
                };
            }
            state.answers += u64::from(!refused);
            state.watch.notice(request, answer, departure, refused)
        };
        match notice {
            Notice::Nothing => LoginState::Holds,
            Notice::Learn => {
                self.learn(client, request, answer).await;
                LoginState::Holds
            }
            Notice::Doubt => self.settle(client, generation).await,
        }
    }

    /// Asks for a page as a stranger; if the stranger sees another page, this one becomes the
    /// check.
    async fn learn(&self, client: &Client, request: &Request, with: &Response) {
        // If this future is dropped before it ends, another page is tried.
        let _learning = Learning(self);
        let without = client.stranger().send(request.clone()).await;
        if let Err(failure) = &without
            && client.ended(failure)
        {
            return;
        }
        let mut state = self.state();
        state.watch.tried += 1;
        state.watch.unheard += u8::from(without.is_err());
        let check = without
            .ok()
            .and_then(|without| Check::learn(request, with, &without));
        state.watch.learnt(check);
    }

    /// Settles a doubt: asks the check, and logs in again if the check says so.
    async fn settle(&self, client: &Client, generation: u32) -> LoginState {
        let mut gate = self.gate.lock().await;
        let (check, departure) = {
            let mut state = self.state();
            if state.lost.is_some() {
                return LoginState::Lost;
            }
            if state.generation != generation {
                return LoginState::Renewed;
            }
            let departure = state.watch.departure();
            (state.watch.check.clone(), departure)
        };
        if gate.is_some() {
            // The task that found the loss was dropped before the commands ended.
            return self.run_again(client, &mut gate).await;
        }
        let mut says = self.holds(client, check.as_ref()).await;
        if says == Says::No && self.identity.login.is_none() && self.identity.commands.is_empty() {
            // Nothing can bring these credentials back, so look twice before giving up.
            tokio::time::sleep(PAUSE).await;
            says = self.holds(client, check.as_ref()).await;
        }
        match says {
            Says::Yes => {
                self.state().watch.proven(departure);
                LoginState::Holds
            }
            Says::Neither => {
                self.state().watch.forget_check();
                LoginState::Holds
            }
            Says::Unasked => LoginState::Holds,
            Says::No => self.renew(client, true, &mut gate).await,
        }
    }

    /// Returns whether the login holds, judged by the check or by operations that answered before.
    async fn holds(&self, client: &Client, check: Option<&Check>) -> Says {
        if let Some(check) = check {
            return self.ask(client, check).await;
        }
        let witnesses = self.state().watch.witnesses();
        let mut says = Says::Neither;
        for witness in witnesses {
            match self.question(client, &witness).await {
                Ok(Some(answer)) if self.state().watch.refuses(&witness, &answer) => {
                    says = Says::No;
                }
                Ok(Some(_)) => return Says::Yes,
                Ok(None) => return Says::Unasked,
                Err(failure) => return Says::of(client, &failure),
            }
        }
        says
    }

    /// Asks the check and returns what its answer says.
    async fn ask(&self, client: &Client, check: &Check) -> Says {
        match self.question(client, &check.request).await {
            Ok(Some(answer)) => match check.says(&answer) {
                Some(true) => Says::Yes,
                Some(false) => Says::No,
                None => Says::Neither,
            },
            Ok(None) => Says::Unasked,
            Err(failure) => Says::of(client, &failure),
        }
    }

    /// Sends a question about the login with the credentials of the moment when it leaves.
    ///
    /// Returns `None` if these are about to end by then: the next request renews them.
    async fn question(
        &self,
        client: &Client,
        request: &Request,
    ) -> Result<Option<Response>, Failure> {
        let turn = client.turn(request).await?;
        if self.is_due() {
            return Ok(None);
        }
        let material = self.material();
        let answer = client.send_in(turn, request, Some(&material)).await?;
        Ok(Some(answer))
    }

    /// Waits until a request may leave with credentials that hold at that moment.
    async fn turn<'c>(&self, client: &'c Client, request: &Request) -> Result<Turn<'c>, Failure> {
        self.refresh(client).await;
        let turn = client.turn(request).await?;
        if !self.is_due() {
            return Ok(turn);
        }
        // The token grew old while the request waited. A login needs a turn of its own.
        drop(turn);
        self.refresh(client).await;
        client.turn(request).await
    }

    /// Returns true if the token is about to end.
    fn is_due(&self) -> bool {
        let state = self.state();
        state.lost.is_none() && state.renew_at.is_some_and(|at| at <= Instant::now())
    }

    /// Renews a token that is about to end.
    async fn refresh(&self, client: &Client) {
        if !self.is_due() {
            return;
        }
        let mut gate = self.gate.lock().await;
        // Another request may have renewed it while this one waited.
        if self.is_due() {
            self.renew(client, false, &mut gate).await;
        }
    }

    /// Logs in while the gate is held. `loss` distinguishes a lost login from a first or an
    /// expiring one.
    async fn renew(&self, client: &Client, loss: bool, gate: &mut Option<Running>) -> LoginState {
        if self.identity.login.is_none() && self.identity.commands.is_empty() {
            return self.lose(client, "the credentials are no longer accepted");
        }
        if loss {
            let mut state = self.state();
            let useless = state.answers < USEFUL;
            state.useless_in_row = if useless { state.useless_in_row + 1 } else { 0 };
            state.doubtful += state.watch.since_proof;
            if state.useless_in_row >= MOST_USELESS {
                drop(state);
                return self.lose(client, "each new login is lost again at once");
            }
        }
        let Some(login) = &self.identity.login else {
            return self.run_again(client, gate).await;
        };
        while self.state().failed_in_row < MOST_FAILED {
            let stranger = client.stranger();
            match login::log_in(&stranger, &self.target, login, &self.vault).await {
                Ok(gained) => {
                    let check = self.install(gained);
                    let holds = match &check {
                        Some(check) => self.ask(client, check).await,
                        None => Says::Neither,
                    };
                    let mut state = self.state();
                    if holds == Says::No {
                        state.failed_in_row += 1;
                        // A learnt check may be out of date by now; that excuses one failure.
                        state.watch.forget_check();
                        if state.watch.check.is_some() || state.failed_in_row >= MOST_FAILED {
                            drop(state);
                            let text = "the login went through, but the check is still refused";
                            return self.lose(client, text);
                        }
                    } else {
                        state.failed_in_row = 0;
                    }
                    state.renewed += u32::from(loss);
                    state.watch.begin();
                    return LoginState::Renewed;
                }
                Err(fault) if fault.kind == FaultKind::Ended => return LoginState::Holds,
                Err(fault) => {
                    self.state().failed_in_row += 1;
                    if fault.kind == FaultKind::Refused {
                        return self.lose(client, &fault.message);
                    }
                    if self.state().failed_in_row >= MOST_FAILED {
                        return self.lose(client, &fault.message);
                    }
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        self.lose(client, "two logins in a row have failed")
    }

    /// Runs the commands anew after a loss, or waits for those that are already running.
    async fn run_again(&self, client: &Client, gate: &mut Option<Running>) -> LoginState {
        let mut fault = String::new();
        for _ in 0..MOST_FAILED {
            let running = gate.get_or_insert_with(|| self.run());
            let given = (&mut running.given).await;
            *gate = None;
            match given {
                Ok(Ok(material)) => {
                    self.install(Gained {
                        material,
                        lasts: None,
                        form: None,
                    });
                    let mut state = self.state();
                    state.renewed += 1;
                    state.watch.begin();
                    return LoginState::Renewed;
                }
                Ok(Err(why)) => fault = why,
                Err(_) => "the command could not be run".clone_into(&mut fault),
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.lose(client, &fault)
    }

    /// Starts the commands.
    fn run(&self) -> Running {
        let (specs, vault) = (self.identity.commands.clone(), self.vault.clone());
        let mut material = self.identity.fixed.clone();
        let holder = Holder::default();
        let leash = holder.leash();
        let given = tokio::task::spawn_blocking(move || {
            let mut specs = specs.iter();
            let applied = specs.try_for_each(|spec| spec.apply(&leash, &mut material, &vault));
            applied.map(|()| material)
        });
        Running {
            given,
            _holder: holder,
        }
    }

    /// Installs what a login gained, in addition to what goes with every request anyway.
    fn install(&self, gained: Gained) -> Option<Check> {
        let mut material = self.identity.fixed.clone();
        for (name, value) in &gained.material.headers {
            material.set_header(name, value);
        }
        for (name, value) in &gained.material.cookies {
            material.set_cookie(name, value);
        }
        for (name, value) in &gained.material.query {
            material.set_query(name, value);
        }
        let mut state = self.state();
        state.material = Arc::new(material);
        state.generation += 1;
        state.answers = 0;
        state.renew_at = gained.lasts.and_then(|lasts| {
            let margin = MARGIN.min(lasts / 5);
            // A server may claim any lifetime; one that does not fit never expires.
            Instant::now().checked_add(lasts.saturating_sub(margin))
        });
        if state.watch.login_pages.is_empty() {
            state.watch.login_pages.extend(gained.form);
        }
        state.watch.check.clone()
    }

    /// Gives the login up and stops the scan.
    fn lose(&self, client: &Client, why: &str) -> LoginState {
        let text = format!("{}: {why}", self.identity.label());
        self.state().lost.get_or_insert(text);
        client.give_up();
        LoginState::Lost
    }

    /// Returns what a reader of the report must know about the login.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let state = self.state();
        let label = self.identity.label();
        let mut problems = Vec::new();
        if let Some(why) = &state.lost {
            problems.push(Problem::new(
                "login-lost",
                format!("{why}; what was seen before is reported"),
            ));
        }
        if state.renewed > 0 {
            let times = match state.renewed {
                1 => "once".to_owned(),
                times => format!("{times} times"),
            };
            let answers = state.doubtful;
            problems.push(Problem::new(
                "login-renewed",
                format!(
                    "{label}: the login was lost and renewed {times}; up to {answers} answers \
                     before that may be those to a stranger"
                ),
            ));
        }
        // Once a loss has been noticed, the login is no longer merely unproven.
        if state.lost.is_none() && state.watch.check.is_none() && state.watch.tried > 0 {
            let same = state.watch.tried.saturating_sub(state.watch.unheard);
            let seen = if same > 0 {
                format!("a stranger is shown the same {same} pages")
            } else {
                "no page could be compared with what a stranger is shown".to_owned()
            };
            problems.push(Problem::new(
                "login-unproven",
                format!(
                    "{label}: {seen}, so a lost login may stay unnoticed; a login recipe can name a \
                     check"
                ),
            ));
        }
        problems
    }

    /// Locks the state for a moment. The guard must never be held across an await.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A search for a check, which ends when this is dropped.
struct Learning<'a>(&'a Session);

impl Drop for Learning<'_> {
    fn drop(&mut self) {
        self.0.state().watch.learning = false;
    }
}

/// Returns the check that a recipe names.
fn given(check: &CheckSyntax, target: &Target) -> Option<Check> {
    Some(Check {
        request: Request::get(resolve(&check.path, target)?).with_header("Accept", ACCEPT),
        expected: Expected::Given(check.status, check.text.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_the_tester_that_is_issued_anew_is_kept_secret() {
        let target = Target::parse("http://h").unwrap();
        let vault = Vault::default();
        let headers = [("Cookie".to_owned(), "session=A; theme=light".to_owned())];
        let session = Session::new(Identity::default(), &target, &vault).beside(&headers);
        let answer = Response::of(
            200,
            &[
                ("set-cookie", "session=B0B0; Path=/"),
                ("set-cookie", "theme=dark"),
                ("set-cookie", "other=0123456789"),
            ],
            "",
        );
        session.keep_cookies(&Material::default(), &answer);
        assert_eq!(vault.all(), ["B0B0"]);
    }
}
