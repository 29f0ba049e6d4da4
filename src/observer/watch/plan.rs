//! From grounds to what is watched for them: paths, and managers that are listened to. Looks at accounts and at podman's own
//! settings, and keeps nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use checkers::Ground;
use checkers::facts::storage;
use checkers::machine::{Live, Machine};
use nix::unistd::geteuid;

use super::guise::Account;
use super::managers::{self, Whose};
use super::paths::{Inside, Wanted};
use super::signals::Hear;

/// No lesson needs more accounts at once.
const MOST_ACCOUNTS: usize = 16;
/// What the account database is made of, and who is asked instead.
const ACCOUNTS: &[&str] = &["passwd", "shadow", "group", "subuid", "subgid", "nsswitch.conf"];
/// podman's database of the state of containers: from 4.8 on, and before.
const STATES: [(&str, &[&str]); 2] = [("", &["db.sql", "libpod"]), ("libpod", &["bolt_state.db"])];

/// Where unit files stand, the account's own folder left out.
const SYSTEM_FOLDERS: [&str; 3] = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system"];
const USER_FOLDERS: [&str; 2] = ["/etc/systemd/user", "/usr/lib/systemd/user"];

/// What to watch.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) paths: Vec<Wanted>,
    pub(super) managers: BTreeMap<Whose, managers::Wanted>,
    pub(super) lost: Vec<(usize, String)>,
    accounts: BTreeMap<String, Result<Option<Account>, String>>,
    as_root: bool,
}

/// Whose eyes a path is looked at with.
type Eyes = Option<Account>;

impl Plan {
    pub(super) fn of(grounds: &[Ground]) -> Self {
        let mut plan = Self { as_root: geteuid().is_root(), ..Self::default() };
        for (nth, ground) in grounds.iter().enumerate() {
            if let Err(why) = plan.add(nth, ground) {
                plan.lost.push((nth, why));
            }
        }
        plan
    }

    fn add(&mut self, ground: usize, what: &Ground) -> Result<(), String> {
        match what {
            Ground::Path { path, account, inside } => {
                let inside = if *inside { Inside::All } else { Inside::Nothing };
                let Some((path, eyes)) = self.place(path, account.as_deref())? else { return Ok(()) };
                self.path(ground, path, &eyes, inside);
            }
            Ground::Accounts => self.path(ground, "/etc".into(), &None, Inside::Named(ACCOUNTS)),
            Ground::SystemManager => self.system(ground, Hear::Manager)?,
            Ground::UserManager(name) => {
                if let Some((eyes, account)) = self.there(name)? {
                    self.system(ground, Hear::unit(&format!("user@{}.service", account.uid)))?;
                    self.user(ground, &eyes, &account, Hear::Manager);
                }
            }
            Ground::Unit { name, user: None } => {
                for name in names(name, &SYSTEM_FOLDERS.map(PathBuf::from)) {
                    self.system(ground, Hear::unit(&name))?;
                }
            }
            Ground::Unit { name, user: Some(user) } => {
                if let Some((eyes, account)) = self.there(user)? {
                    let own = [account.home.join(".config/systemd/user")];
                    let folders: Vec<_> = own.into_iter().chain(USER_FOLDERS.map(PathBuf::from)).collect();
                    let names = match &eyes {
                        Some(account) => account.lends(|| names(name, &folders)).map_err(|error| error.to_string())?,
                        None => names(name, &folders),
                    };
                    for name in names {
                        self.user(ground, &eyes, &account, Hear::unit(&name));
                    }
                }
            }
            // As sd_login_monitor(3) does, and the folder in which lingering is written down.
            Ground::Logins => {
                for folder in ["/run/systemd/sessions", "/run/systemd/users", "/var/lib/systemd/linger"] {
                    self.path(ground, folder.into(), &None, Inside::All);
                }
            }
            Ground::Containers(name) => {
                if let Some((eyes, account)) = self.there(name)? {
                    self.containers(ground, &eyes, &account);
                    self.user(ground, &eyes, &account, Hear::Containers);
                }
            }
            Ground::Sockets | Ground::Untold | Ground::Shell | Ground::Program => {
                return Err("nobody tells when it changes".into());
            }
        }
        Ok(())
    }

    /// The folders in which podman and the storage library write down what there is, and where conmon notes an end.
    fn containers(&mut self, ground: usize, eyes: &Eyes, account: &Account) {
        let live = Live::new();
        let look = || -> Option<(PathBuf, Vec<PathBuf>)> {
            let entry = live.account(&account.name).ok()??;
            let root = storage::root(&live, &entry).ok()?;
            let kinds = live.list(&root).unwrap_or_default().into_iter().map(|name| root.join(name)).collect();
            Some((root, kinds))
        };
        let looked = match eyes {
            Some(account) => account.lends(look).ok().flatten(),
            None => look(),
        };
        self.path(ground, account.home.join(".config/containers/storage.conf"), eyes, Inside::Nothing);
        let Some((root, kinds)) = looked else { return };
        for end in ["-containers", "-images"] {
            self.path(ground, root.clone(), eyes, Inside::Ending(end));
            let of_kind = kinds.iter().filter(|kind| kind.to_string_lossy().ends_with(end));
            for kind in of_kind.take(4) {
                self.path(ground, kind.clone(), eyes, Inside::Ending(".json"));
            }
        }
        for (folder, files) in STATES {
            self.path(ground, root.join(folder), eyes, Inside::Named(files));
        }
        for place in [format!("/run/user/{}", account.uid), format!("/tmp/podman-run-{}", account.uid)] {
            self.path(ground, PathBuf::from(place).join("libpod/tmp/exits"), eyes, Inside::All);
        }
    }

    fn path(&mut self, ground: usize, path: PathBuf, account: &Eyes, inside: Inside) {
        self.paths.push(Wanted { ground, path, account: account.clone(), inside });
    }

    fn system(&mut self, ground: usize, hear: Hear) -> Result<(), String> {
        if !self.as_root {
            return Err("only root hears the system manager".into());
        }
        let new = || managers::Wanted { account: None, uid: 0, hears: Vec::new() };
        self.managers.entry(Whose::System).or_insert_with(new).hears.push((ground, hear));
        Ok(())
    }

    fn user(&mut self, ground: usize, eyes: &Eyes, account: &Account, hear: Hear) {
        let new = || managers::Wanted { account: eyes.clone(), uid: account.uid.as_raw(), hears: Vec::new() };
        self.managers.entry(Whose::User(account.name.clone())).or_insert_with(new).hears.push((ground, hear));
    }

    /// Where a path of a lesson lies, and whose eyes are meant; none while its account is not there.
    fn place(&mut self, path: &str, whose: Option<&str>) -> Result<Option<(PathBuf, Eyes)>, String> {
        let (home_of, below) = match path.strip_prefix('~') {
            Some(rest) => {
                let (name, below) = rest.split_once('/').unwrap_or((rest, ""));
                (Some(name).filter(|name| !name.is_empty()).or(whose), below)
            }
            None => (None, path),
        };
        let eyes = match whose.or(home_of) {
            Some(name) => self.there(name)?,
            // A path of a lesson's choice is never looked at with root's eyes.
            None if self.as_root => self.there("nobody")?,
            None => {
                return if path.starts_with('/') && !path.contains("{uid}") {
                    Ok(Some((path.into(), None)))
                } else {
                    Err(format!("`{path}` needs an account"))
                };
            }
        };
        let Some((eyes, account)) = eyes else { return Ok(None) };
        let home = match home_of {
            None if path.starts_with('~') => return Err(format!("`{path}` needs an account")),
            None if path.starts_with('/') => None,
            None => return Err(format!("`{path}` is not a full path")),
            Some(name) if name == account.name => Some(account.home.clone()),
            Some(name) => match self.find(name) {
                Ok(Some(other)) => Some(other.home),
                Ok(None) => return Ok(None),
                Err(why) => return Err(why),
            },
        };
        let below = match whose {
            Some(_) => below.replace("{uid}", &account.uid.to_string()),
            None => below.to_owned(),
        };
        Ok(Some((home.map_or_else(|| PathBuf::from(&below), |home| home.join(&below)), eyes)))
    }

    /// An account, and how it is looked as; none while it is not there. Its coming is seen in the account database.
    fn there(&mut self, name: &str) -> Result<Option<(Eyes, Account)>, String> {
        let Some(account) = self.find(name)? else { return Ok(None) };
        if self.as_root {
            return Ok(Some((Some(account.clone()), account)));
        }
        if account.uid == geteuid() { Ok(Some((None, account))) } else { Err(format!("only {name} or root sees it")) }
    }

    fn find(&mut self, name: &str) -> Result<Option<Account>, String> {
        if !self.accounts.contains_key(name) && self.accounts.len() >= MOST_ACCOUNTS {
            return Err(format!("no more than {MOST_ACCOUNTS} accounts are looked at"));
        }
        self.accounts.entry(name.to_owned()).or_insert_with(|| Account::find(name)).clone()
    }
}

/// The names under which a manager may speak of a unit: its own, and what it is an alias of, which is a link to a file of another name.
fn names(name: &str, folders: &[PathBuf]) -> Vec<String> {
    let mut names = vec![name.to_owned()];
    let is_name = |name: &str| !name.is_empty() && !name.contains('/');
    for folder in folders.iter().filter(|_| is_name(name)) {
        let target = folder.join(name).read_link().ok();
        let other = target.as_deref().and_then(|target| target.file_name()?.to_str().map(str::to_owned));
        names.extend(other.filter(|other| other != name && other.contains('.')));
    }
    names
}
