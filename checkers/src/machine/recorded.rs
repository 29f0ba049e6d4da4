//! A machine made of recorded answers: the one fake. What was not recorded is absent, or could not be asked; its clock moves only when somebody pauses.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{AccountEntry, Bus, CouldNot, GroupEntry, LoginSession, Machine, Plain, Ran, Run, Stat, Value, Visit};

/// A recorded machine, built step by step or read with serde.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Recorded {
    paths: BTreeMap<PathBuf, Thing>,
    closed: BTreeMap<PathBuf, CouldNot>,
    accounts: Vec<AccountEntry>,
    groups: BTreeMap<u32, String>,
    memberships: BTreeMap<String, Vec<String>>,
    units: Vec<(Bus, String, BTreeMap<String, Value>)>,
    managers: Vec<(Bus, String, Value)>,
    unreachable: Vec<Bus>,
    logins: BTreeMap<u32, BTreeMap<String, Value>>,
    sessions: BTreeMap<u32, Vec<LoginSession>>,
    programs: Vec<(PathBuf, Vec<String>, Result<Ran, CouldNot>)>,
    plain: Vec<(Plain, Result<Ran, CouldNot>)>,
    visits: Vec<(Visit, Result<Vec<u8>, CouldNot>)>,
    clock: Cell<u64>,
    later: Vec<(u64, Recorded)>,
}

/// What stands at a path.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Thing {
    stat: Stat,
    #[serde(default)]
    text: String,
    #[serde(default)]
    target: Option<PathBuf>,
    #[serde(default)]
    acl: bool,
    #[serde(default)]
    label: Option<String>,
}

impl Recorded {
    /// An empty machine at the beginning of 2026.
    pub fn new() -> Self {
        Self { clock: Cell::new(1_767_225_600_000_000), ..Self::default() }
    }
    /// A regular file of root's, mode 0644.
    #[must_use]
    pub fn file(self, path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        self.thing(path, 0o100_644, text.into(), None)
    }
    /// A directory of root's, mode 0755.
    #[must_use]
    pub fn directory(self, path: impl Into<PathBuf>) -> Self {
        self.thing(path, 0o040_755, String::new(), None)
    }
    /// A symbolic link.
    #[must_use]
    pub fn link(self, path: impl Into<PathBuf>, target: impl Into<PathBuf>) -> Self {
        self.thing(path, 0o120_777, String::new(), Some(target.into()))
    }
    /// Anything, by its full `st_mode`.
    #[must_use]
    pub fn thing(
        mut self,
        path: impl Into<PathBuf>,
        mode: u32,
        text: impl Into<String>,
        target: Option<PathBuf>,
    ) -> Self {
        let text = text.into();
        let inode = (1, self.paths.len() as u64 + 2);
        let stat = Stat { mode, uid: 0, gid: 0, inode };
        self.paths.insert(path.into(), Thing { stat, text, target, acl: false, label: None });
        self
    }
    /// Gives a path recorded before another owner, group and permission bits.
    #[must_use]
    pub fn owned(mut self, path: impl AsRef<Path>, uid: u32, gid: u32, mode: u32) -> Self {
        if let Some(thing) = self.paths.get_mut(path.as_ref()) {
            let kind = thing.stat.mode & 0o170_000;
            thing.stat = Stat { uid, gid, mode: kind | mode, ..thing.stat };
        }
        self
    }
    /// Gives a path recorded before an access list.
    #[must_use]
    pub fn acl(mut self, path: impl AsRef<Path>) -> Self {
        if let Some(thing) = self.paths.get_mut(path.as_ref()) {
            thing.acl = true;
        }
        self
    }
    /// Gives a path recorded before a label of SELinux.
    #[must_use]
    pub fn labelled(mut self, path: impl AsRef<Path>, label: &str) -> Self {
        if let Some(thing) = self.paths.get_mut(path.as_ref()) {
            thing.label = Some(label.into());
        }
        self
    }
    /// Nobody can look at this path, nor below it.
    #[must_use]
    pub fn closed(mut self, path: impl Into<PathBuf>, why: CouldNot) -> Self {
        self.closed.insert(path.into(), why);
        self
    }
    /// An account, its home `/home/NAME`, its shell `/bin/bash`, its own group of the same name and number.
    #[must_use]
    pub fn account(mut self, name: &str, uid: u32) -> Self {
        let home = if uid == 0 { PathBuf::from("/root") } else { PathBuf::from(format!("/home/{name}")) };
        self.accounts.push(AccountEntry { name: name.into(), uid, gid: uid, home, shell: "/bin/bash".into() });
        self.groups.insert(uid, name.into());
        self
    }
    /// A group and its number.
    #[must_use]
    pub fn group(mut self, gid: u32, name: &str, members: &[&str]) -> Self {
        self.groups.insert(gid, name.into());
        for member in members {
            self.memberships.entry((*member).into()).or_default().push(name.into());
        }
        self
    }
    /// Properties of a unit, instead of those recorded before.
    #[must_use]
    pub fn unit(mut self, bus: Bus, unit: &str, properties: &[(&str, Value)]) -> Self {
        let properties = properties.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        self.units.retain(|(of, name, _)| (of, name.as_str()) != (&bus, unit));
        self.units.push((bus, unit.into(), properties));
        self
    }
    /// A property of a manager.
    #[must_use]
    pub fn manager(mut self, bus: Bus, property: &str, value: Value) -> Self {
        self.managers.push((bus, property.into(), value));
        self
    }
    /// This bus is not there.
    #[must_use]
    pub fn without_bus(mut self, bus: Bus) -> Self {
        self.unreachable.push(bus);
        self
    }
    /// A property that logind knows of an account.
    #[must_use]
    pub fn login(mut self, uid: u32, property: &str, value: Value) -> Self {
        self.logins.entry(uid).or_default().insert(property.into(), value);
        self
    }
    /// A session that logind knows of an account.
    #[must_use]
    pub fn session(mut self, uid: u32, session: LoginSession) -> Self {
        self.sessions.entry(uid).or_default().push(session);
        self
    }
    /// What a program answers when it is run with just these arguments.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>, arguments: &[&str], ran: Result<Ran, CouldNot>) -> Self {
        self.programs.push((program.into(), arguments.iter().map(|a| (*a).into()).collect(), ran));
        self
    }
    /// What a plain program of the system answers to this question.
    #[must_use]
    pub fn plain(mut self, question: Plain, ran: Result<Ran, CouldNot>) -> Self {
        self.plain.push((question, ran));
        self
    }
    /// What a server sends back to this visit.
    #[must_use]
    pub fn visited(mut self, visit: Visit, said: Result<Vec<u8>, CouldNot>) -> Self {
        self.visits.push((visit, said));
        self
    }
    /// Sets the clock: microseconds since 1970.
    #[must_use]
    pub fn at(self, micros: u64) -> Self {
        self.clock.set(micros);
        self
    }
    /// What the whole machine is, from `after` its present clock on.
    #[must_use]
    pub fn later(mut self, after: Duration, then: Self) -> Self {
        self.later.push((self.clock.get() + u64::try_from(after.as_micros()).unwrap_or(u64::MAX), then));
        self
    }

    fn present(&self) -> &Self {
        self.later.iter().rev().find(|(from, _)| *from <= self.clock.get()).map_or(self, |(_, then)| then)
    }
    fn open(&self, path: &Path) -> Result<(), CouldNot> {
        match path.ancestors().find_map(|p| self.closed.get(p)) {
            Some(why) => Err(why.clone()),
            None => Ok(()),
        }
    }
    fn at_path(&self, path: &Path, follow: bool) -> Result<Thing, CouldNot> {
        self.open(path)?;
        if let Some(real) = self.by_links(path, follow) {
            return self.at_path(&real, follow);
        }
        match self.paths.get(path) {
            Some(thing) => Ok(thing.clone()),
            None if self.paths.keys().any(|p| p.starts_with(path)) => Ok(Thing {
                stat: Stat { mode: 0o040_755, uid: 0, gid: 0, inode: (2, number(path)) },
                text: String::new(),
                target: None,
                acl: false,
                label: None,
            }),
            None => Err(CouldNot::Absent),
        }
    }
    /// Where the first link on the way to a path leads; none where there is none.
    fn by_links(&self, path: &Path, follow: bool) -> Option<PathBuf> {
        let ways: Vec<&Path> = path.ancestors().skip(usize::from(!follow)).collect();
        ways.into_iter().rev().find_map(|way| {
            let target = self.paths.get(way)?.target.as_ref()?;
            let rest = path.strip_prefix(way).ok()?;
            let real = way.parent().unwrap_or(Path::new("/")).join(target);
            Some(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
        })
    }
    fn reach(&self, bus: &Bus) -> Result<(), CouldNot> {
        if self.unreachable.contains(bus) { Err(CouldNot::NoBus(bus.to_string())) } else { Ok(()) }
    }
}

/// A number of a folder's own.
fn number(path: &Path) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(path, &mut hasher);
    std::hash::Hasher::finish(&hasher)
}

impl Machine for Recorded {
    fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, CouldNot> {
        let thing = self.present().at_path(path, true)?;
        if thing.stat.mode & 0o170_000 != 0o100_000 {
            return Err(CouldNot::Failed("it is not a regular file".into()));
        }
        Ok(thing.text.into_bytes().into_iter().take(usize::try_from(most).unwrap_or(usize::MAX)).collect())
    }
    fn stat(&self, path: &Path, follow: bool) -> Result<Stat, CouldNot> {
        Ok(self.present().at_path(path, follow)?.stat)
    }
    fn list(&self, directory: &Path) -> Result<Vec<OsString>, CouldNot> {
        let now = self.present();
        now.at_path(directory, true)?;
        let mut real = directory.to_owned();
        while let Some(next) = now.by_links(&real, true) {
            real = next;
        }
        let below = now.paths.keys().filter_map(|p| p.strip_prefix(&real).ok()?.components().next());
        let mut names: Vec<OsString> = below.map(|c| c.as_os_str().to_owned()).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
    fn read_link(&self, path: &Path) -> Result<PathBuf, CouldNot> {
        let thing = self.present().at_path(path, false)?;
        thing.target.ok_or_else(|| CouldNot::Failed("it is not a link".into()))
    }
    fn has_acl(&self, path: &Path) -> Result<bool, CouldNot> {
        Ok(self.present().at_path(path, true)?.acl)
    }
    fn label(&self, path: &Path) -> Result<String, CouldNot> {
        self.present().at_path(path, false)?.label.ok_or(CouldNot::Absent)
    }
    fn account(&self, name: &str) -> Result<Option<AccountEntry>, CouldNot> {
        Ok(self.present().accounts.iter().find(|a| a.name == name).cloned())
    }
    fn account_by_uid(&self, uid: u32) -> Result<Option<AccountEntry>, CouldNot> {
        Ok(self.present().accounts.iter().find(|a| a.uid == uid).cloned())
    }
    fn groups_of(&self, account: &AccountEntry) -> Result<Vec<String>, CouldNot> {
        let now = self.present();
        let own = now.groups.get(&account.gid).cloned().unwrap_or_else(|| account.gid.to_string());
        Ok(std::iter::once(own).chain(now.memberships.get(&account.name).into_iter().flatten().cloned()).collect())
    }
    fn group(&self, name: &str) -> Result<Option<GroupEntry>, CouldNot> {
        let now = self.present();
        now.open(Path::new("/etc/group"))?;
        let listed =
            |(account, groups): (&String, &Vec<String>)| groups.iter().any(|g| g == name).then(|| account.clone());
        let members = || now.memberships.iter().filter_map(listed).collect();
        let found = now.groups.iter().find(|(_, known)| *known == name);
        Ok(found.map(|(gid, name)| GroupEntry { name: name.clone(), gid: *gid, members: members() }))
    }
    fn group_by_gid(&self, gid: u32) -> Result<Option<String>, CouldNot> {
        Ok(self.present().groups.get(&gid).cloned())
    }
    fn unit(&self, bus: &Bus, unit: &str, properties: &[&str]) -> Result<BTreeMap<String, Value>, CouldNot> {
        let now = self.present();
        now.reach(bus)?;
        let known = now.units.iter().find(|(b, u, _)| b == bus && u == unit).ok_or(CouldNot::Absent)?;
        let asked = properties.iter().filter_map(|p| known.2.get(*p).map(|v| ((*p).into(), v.clone())));
        Ok(asked.collect())
    }
    fn manager(&self, bus: &Bus, property: &str) -> Result<Value, CouldNot> {
        let now = self.present();
        now.reach(bus)?;
        let known = now.managers.iter().find(|(b, p, _)| b == bus && p == property);
        known.map(|(_, _, value)| value.clone()).ok_or_else(|| CouldNot::Failed(format!("{property} was not recorded")))
    }
    fn login(&self, uid: u32, property: &str) -> Result<Value, CouldNot> {
        let now = self.present();
        now.reach(&Bus::System)?;
        let known = now.logins.get(&uid).ok_or(CouldNot::Absent)?;
        known.get(property).cloned().ok_or_else(|| CouldNot::Failed(format!("{property} was not recorded")))
    }
    fn sessions(&self, uid: u32) -> Result<Vec<LoginSession>, CouldNot> {
        let now = self.present();
        now.reach(&Bus::System)?;
        Ok(now.sessions.get(&uid).cloned().unwrap_or_default())
    }
    fn run(&self, program: &Run) -> Result<Ran, CouldNot> {
        let known = self.present().programs.iter().find(|(p, a, _)| *p == program.program && *a == program.arguments);
        known.map_or(Err(CouldNot::Absent), |(_, _, ran)| ran.clone())
    }
    fn plain(&self, question: &Plain) -> Result<Ran, CouldNot> {
        let known = self.present().plain.iter().find(|(known, _)| known == question);
        known.map_or(Err(CouldNot::Absent), |(_, ran)| ran.clone())
    }
    fn visit(&self, visit: &Visit) -> Result<Vec<u8>, CouldNot> {
        let known = self.present().visits.iter().find(|(known, _)| known == visit);
        known.map_or(Err(CouldNot::Absent), |(_, said)| said.clone())
    }
    fn now(&self) -> u64 {
        self.clock.get()
    }
    fn pause(&self, time: Duration) {
        self.clock.set(self.clock.get() + u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
}
