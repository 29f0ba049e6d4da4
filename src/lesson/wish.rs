//! What can be wrong with a check, seen from a lesson: it asks nothing, names an undeclared account, has a bad pattern. Never judges it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Component;

use checkers::Check;
use checkers::checks::{
    auto_update::AutoUpdate,
    host_name::HostName,
    manager::Manager,
    password::Password,
    program::{LONGEST_TIME, Program},
    shell::Shell,
    sysctl::Sysctl,
    unit::Unit,
    unit_file::UnitFile,
};

use super::document::{Account, Placed};
use super::fit::{Found, MOST_PROBLEMS};
use super::problem::{ProblemKind, expected, nearest};
use super::rules::{place_of, reach};

/// Looks at the checks of a lesson in their order.
#[derive(Default)]
pub(crate) struct Wishes<'d> {
    accounts: BTreeSet<&'d str>,
    remembered: BTreeSet<String>,
    /// Every pattern is compiled once, however often it stands in the file.
    patterns: BTreeSet<String>,
    /// The accounts that the wishes are about.
    named: BTreeSet<String>,
    found: Vec<Found>,
}

impl<'d> Wishes<'d> {
    /// The wishes of a file that declares these accounts.
    pub(crate) fn new(accounts: &'d [Placed<Account>]) -> Self {
        let names = accounts.iter().filter_map(|account| account.value.name.as_ref());
        let accounts = names.map(|name| name.value.as_str()).collect();
        Self { accounts, ..Self::default() }
    }

    /// The accounts that a check is about, whoever they are.
    pub(crate) fn accounts_of(check: &Check) -> BTreeSet<String> {
        let mut wishes = Self::default();
        wishes.look(check, "", &(0..0));
        wishes.named
    }

    pub(crate) fn into_problems(self) -> Vec<Found> {
        self.found
    }

    /// Looks at one check that stands at `span`.
    pub(crate) fn look(&mut self, check: &Check, text: &str, span: &Range<usize>) {
        let mut look = Look { wishes: self, text, span };
        look.check(check);
    }
}

struct Look<'w, 'd, 't> {
    wishes: &'w mut Wishes<'d>,
    text: &'t str,
    span: &'t Range<usize>,
}

impl Look<'_, '_, '_> {
    fn tell(&mut self, part: &str, what: ProblemKind) {
        if self.wishes.found.len() > MOST_PROBLEMS {
            return;
        }
        // Sought only where there is something to tell: it takes a walk through the text.
        let span = reach(self.text, self.span);
        let place = place_of(self.text, span.clone(), part);
        let place = if place == span { place.start..place.start } else { place };
        self.wishes.found.push((place, what));
    }

    fn check(&mut self, check: &Check) {
        if let Some(name) = asks_nothing(check) {
            self.tell(name, ProblemKind::AsksNothing { check: name.to_owned() });
        }
        match check {
            Check::All(checks) | Check::Any(checks) => checks.iter().for_each(|check| self.check(check)),
            Check::Not(check) => self.check(check),
            Check::Within(timed) | Check::For(timed) => self.check(&timed.check),
            Check::Account(account) => self.account(Some(&account.name)),
            Check::Password(password) => self.account(Some(&password.account)),
            Check::Path(path) => {
                self.account(path.account.as_deref());
                let home = path.path.strip_prefix('~').and_then(|rest| rest.split('/').next());
                self.wishes.named.extend(home.filter(|name| !name.is_empty()).map(str::to_owned));
                self.patterns(&path.matches);
            }
            Check::UnitFile(file) => self.account(file.account.as_deref()),
            Check::Timer(timer) => self.account(timer.user.as_deref()),
            Check::Cron(cron) => {
                self.account(Some(&cron.account));
                self.patterns(cron.matches.as_slice());
            }
            Check::Journal(journal) => {
                self.account(journal.user.as_deref());
                self.patterns(journal.matches.as_slice());
            }
            Check::Http(http) => {
                self.patterns(&http.matches);
                self.patterns(&http.headers.values().cloned().collect::<Vec<_>>());
            }
            Check::SudoRule(rule) => {
                self.account(Some(&rule.account));
                self.account(Some(&rule.target));
            }
            Check::Selinux(selinux) => self.account(selinux.account.as_deref()),
            Check::Unit(unit) => self.account(unit.user.as_deref()),
            Check::Manager(manager) => self.account(manager.user.as_deref()),
            Check::Linger(linger) => self.account(Some(&linger.account)),
            Check::Session(session) => self.account(Some(&session.account)),
            Check::Shell(shell) => self.account(shell.account.as_deref()),
            Check::Image(image) => self.account(Some(&image.account)),
            Check::Command(command) => {
                self.account(command.account.as_deref());
                self.patterns(&command.output);
            }
            Check::Container(container) => {
                self.account(Some(&container.account));
                if let Some(name) = &container.id_differs_from
                    && !self.wishes.remembered.contains(name)
                {
                    self.tell(name, ProblemKind::NeverRemembered { name: name.clone() });
                }
                self.wishes.remembered.extend(container.remember_id.clone());
            }
            Check::Quadlet(quadlet) => self.account(quadlet.user.as_deref()),
            Check::Volume(volume) => self.account(Some(&volume.account)),
            Check::Network(network) => self.account(Some(&network.account)),
            Check::Secret(secret) => self.account(Some(&secret.account)),
            Check::Healthcheck(health) => self.account(Some(&health.account)),
            Check::AutoUpdate(update) => self.account(update.user.as_deref()),
            Check::Pod(pod) => self.account(Some(&pod.account)),
            Check::Program(program) => self.program(program),
            Check::Group(group) => {
                group.members.iter().chain(&group.not_members).for_each(|name| self.account(Some(name)));
            }
            Check::Firewall(_)
            | Check::HostName(_)
            | Check::Mount(_)
            | Check::Package(_)
            | Check::Port(_)
            | Check::Sysctl(_)
            | Check::TimeZone(_) => {}
        }
    }

    fn account(&mut self, name: Option<&str>) {
        // A parameter that was not filled in is a problem of its own.
        let known = |name: &str| name == "root" || name.contains("{{") || self.wishes.accounts.contains(name);
        self.wishes.named.extend(name.map(str::to_owned));
        let Some(name) = name.filter(|name| !known(name) && self.wishes.found.len() <= MOST_PROBLEMS) else { return };
        let expected = expected(self.wishes.accounts.iter().copied());
        let nearest = nearest(name, self.wishes.accounts.iter().copied());
        self.tell(name, ProblemKind::UnknownAccount { name: name.to_owned(), expected, nearest });
    }

    fn patterns(&mut self, patterns: &[String]) {
        for pattern in patterns {
            if !self.wishes.patterns.insert(pattern.clone()) {
                continue;
            }
            // The same limit for all: a pattern from a stranger may not eat the memory of the machine.
            let built = regex::RegexBuilder::new(pattern).multi_line(true).size_limit(1 << 20).build();
            if let Err(error) = built {
                let why = error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                self.tell(pattern, ProblemKind::BadPattern { pattern: pattern.clone(), why });
            }
        }
    }

    fn program(&mut self, program: &Program) {
        let Program { file, account, time, .. } = program;
        if time.0 > LONGEST_TIME.0 {
            self.tell(&time.to_string(), ProblemKind::ProgramTooLong { longest: LONGEST_TIME.to_string() });
        }
        let name = file.to_string_lossy().into_owned();
        if name.is_empty() || file.components().any(|part| !matches!(part, Component::Normal(_))) {
            self.tell(&name, ProblemKind::OutsideFolder { file: name.clone() });
        }
        if account == "root" {
            self.tell(account, ProblemKind::ProgramAsRoot);
        } else {
            self.account(Some(account));
        }
    }
}

/// The name of a check that names a thing and wishes nothing of it.
fn asks_nothing(check: &Check) -> Option<&'static str> {
    let (nothing, name) = match check {
        Check::All(checks) => (checks.is_empty(), "all"),
        Check::Any(checks) => (checks.is_empty(), "any"),
        Check::Shell(shell) => (*shell == Shell::default(), "shell"),
        Check::Manager(it) => (*it == Manager { user: it.user.clone(), ..Manager::default() }, "manager"),
        Check::Password(it) => (*it == Password { account: it.account.clone(), ..Password::default() }, "password"),
        Check::Unit(it) => (*it == Unit { name: it.name.clone(), user: it.user.clone(), ..Unit::default() }, "unit"),
        Check::UnitFile(it) => {
            let named = UnitFile { path: it.path.clone(), account: it.account.clone(), ..UnitFile::default() };
            (*it == named, "unit-file")
        }
        Check::Journal(it) => (it.unit.is_none() && it.user.is_none() && it.identifier.is_none(), "journal"),
        Check::Selinux(it) => (
            it.now.is_none()
                && it.after_boot.is_none()
                && (it.path.is_none() || (it.kind.is_none() && it.label.is_none())),
            "selinux",
        ),
        Check::Firewall(it) => (it.now.is_none() && it.after_boot.is_none(), "firewall"),
        Check::HostName(it) => (*it == HostName::default(), "host-name"),
        Check::Sysctl(it) => (*it == Sysctl { key: it.key.clone(), ..Sysctl::default() }, "sysctl"),
        Check::AutoUpdate(it) => (*it == AutoUpdate { user: it.user.clone(), ..AutoUpdate::default() }, "auto-update"),
        Check::Command(command) => (command.run.trim().is_empty(), "command"),
        _ => (false, ""),
    };
    nothing.then_some(name)
}
