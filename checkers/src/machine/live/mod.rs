//! The machine this process runs on, seen with this process's own eyes. The only code of the crate that touches the system; it changes nothing there.

mod automount;
mod bus;
mod files;
mod proc;
mod web;
mod wire;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ffi::{CString, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nix::errno::Errno;
use nix::unistd::{Gid, Group, Uid, User, getgrouplist, getresuid};

use self::automount::End;
use super::{AccountEntry, Bus, CouldNot, GroupEntry, LoginSession, Machine, Plain, Ran, Run, Stat, Value, Visit};

/// Where the system's own programs stand, and how long one may take to tell.
const FOLDERS: [&str; 4] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
const PLAIN_TIME: Duration = Duration::from_secs(2);

/// The real machine. Cheap to make; made anew for every round of judging, because it remembers the accounts it has looked up.
#[derive(Default)]
pub struct Live {
    accounts: RefCell<HashMap<String, Option<AccountEntry>>>,
    uids: RefCell<HashMap<u32, Option<AccountEntry>>>,
    groups: RefCell<HashMap<u32, Option<String>>>,
    buses: bus::Buses,
    ways: automount::Ways,
    before_programs: Option<fn()>,
}

impl Live {
    /// A fresh look: nothing is remembered yet, no bus is connected.
    pub fn new() -> Self {
        Self::default()
    }
    /// A fresh look over the connections that are open already.
    #[must_use]
    pub fn again(&self) -> Self {
        Self { buses: self.buses.again(), before_programs: self.before_programs, ..Self::default() }
    }
    /// Calls this each time before it runs a program.
    #[must_use]
    pub fn before_programs(self, call: fn()) -> Self {
        Self { before_programs: Some(call), ..self }
    }
    /// It will be asked on this bus soon: the way there is opened while other things are looked at.
    pub fn expect(&self, bus: &Bus) {
        self.buses.expect(bus);
    }
    fn start(&self, program: &Run, whose: &AccountEntry) -> Result<Ran, CouldNot> {
        self.before_programs.inspect(|call| call());
        proc::run(program, whose)
    }
}

impl Machine for Live {
    fn read(&self, path: &Path, most: u64) -> Result<Vec<u8>, CouldNot> {
        let path = self.ways.check(path, End::Entered)?;
        files::read(path, most)
    }
    fn stat(&self, path: &Path, follow: bool) -> Result<Stat, CouldNot> {
        let path = self.ways.check(path, if follow { End::Followed } else { End::Asked })?;
        files::stat(path, follow)
    }
    fn list(&self, directory: &Path) -> Result<Vec<OsString>, CouldNot> {
        let directory = self.ways.check(directory, End::Entered)?;
        files::list(directory)
    }
    fn read_link(&self, path: &Path) -> Result<PathBuf, CouldNot> {
        let path = self.ways.check(path, End::Asked)?;
        std::fs::read_link(path).map_err(|e| files::could_not(&e))
    }
    fn has_acl(&self, path: &Path) -> Result<bool, CouldNot> {
        let path = self.ways.check(path, End::Entered)?;
        files::has_acl(path)
    }
    fn label(&self, path: &Path) -> Result<String, CouldNot> {
        let path = self.ways.check(path, End::Asked)?;
        files::label(path)
    }
    fn account(&self, name: &str) -> Result<Option<AccountEntry>, CouldNot> {
        if let Some(known) = self.accounts.borrow().get(name) {
            return Ok(known.clone());
        }
        let entry = found(User::from_name(name))?.map(entry);
        self.accounts.borrow_mut().insert(name.to_owned(), entry.clone());
        Ok(entry)
    }
    fn account_by_uid(&self, uid: u32) -> Result<Option<AccountEntry>, CouldNot> {
        if let Some(known) = self.uids.borrow().get(&uid) {
            return Ok(known.clone());
        }
        let entry = found(User::from_uid(Uid::from_raw(uid)))?.map(entry);
        self.uids.borrow_mut().insert(uid, entry.clone());
        Ok(entry)
    }
    fn groups_of(&self, account: &AccountEntry) -> Result<Vec<String>, CouldNot> {
        let name = CString::new(account.name.as_str()).map_err(|e| CouldNot::Failed(e.to_string()))?;
        let gids = getgrouplist(&name, Gid::from_raw(account.gid)).map_err(|e| CouldNot::Failed(e.desc().into()))?;
        let mut names = Vec::with_capacity(gids.len());
        for gid in gids {
            names.push(self.group_by_gid(gid.as_raw())?.unwrap_or_else(|| gid.to_string()));
        }
        Ok(names)
    }
    fn group(&self, name: &str) -> Result<Option<GroupEntry>, CouldNot> {
        let group = found(Group::from_name(name))?;
        Ok(group.map(|group| GroupEntry { name: group.name, gid: group.gid.as_raw(), members: group.mem }))
    }
    fn group_by_gid(&self, gid: u32) -> Result<Option<String>, CouldNot> {
        if let Some(known) = self.groups.borrow().get(&gid) {
            return Ok(known.clone());
        }
        let name = found(Group::from_gid(Gid::from_raw(gid)))?.map(|g| g.name);
        self.groups.borrow_mut().insert(gid, name.clone());
        Ok(name)
    }
    fn unit(&self, bus: &Bus, unit: &str, properties: &[&str]) -> Result<BTreeMap<String, Value>, CouldNot> {
        self.buses.unit(bus, unit, properties)
    }
    fn manager(&self, bus: &Bus, property: &str) -> Result<Value, CouldNot> {
        self.buses.manager(bus, property)
    }
    fn login(&self, uid: u32, property: &str) -> Result<Value, CouldNot> {
        self.buses.login(uid, property)
    }
    fn sessions(&self, uid: u32) -> Result<Vec<LoginSession>, CouldNot> {
        self.buses.sessions(uid)
    }
    fn run(&self, program: &Run) -> Result<Ran, CouldNot> {
        let ids = getresuid().map_err(|e| CouldNot::Failed(e.desc().into()))?;
        if [ids.real, ids.effective, ids.saved].iter().any(|id| id.is_root()) {
            return Err(CouldNot::Failed("a program is never run as root".into()));
        }
        let whose = self.account_by_uid(ids.effective.as_raw())?;
        let whose = whose.ok_or_else(|| CouldNot::Failed(format!("no account has the uid {}", ids.effective)))?;
        self.start(program, &whose)
    }
    fn plain(&self, question: &Plain) -> Result<Ran, CouldNot> {
        let eyes = nix::unistd::geteuid();
        if question.needs_root() && !eyes.is_root() {
            return Err(CouldNot::Denied);
        }
        let whose = self.account_by_uid(eyes.as_raw())?;
        let whose = whose.ok_or_else(|| CouldNot::Failed("these eyes have no account".into()))?;
        for folder in FOLDERS {
            let program = Path::new(folder).join(question.program());
            let arguments = question.arguments();
            match self.start(&Run { program, arguments, input: Vec::new(), time: PLAIN_TIME }, &whose) {
                Err(CouldNot::Absent) => {}
                told => return told,
            }
        }
        Err(CouldNot::Absent)
    }
    fn visit(&self, visit: &Visit) -> Result<Vec<u8>, CouldNot> {
        web::visit(visit)
    }
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }
    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// "There is none" comes as an error from some name services (getpwnam(3), "NOTES on errors").
fn found<T>(answer: nix::Result<Option<T>>) -> Result<Option<T>, CouldNot> {
    match answer {
        Ok(found) => Ok(found),
        Err(Errno::ENOENT | Errno::ESRCH) => Ok(None),
        Err(error) => Err(CouldNot::Failed(format!("the account database: {}", error.desc()))),
    }
}

fn entry(user: User) -> AccountEntry {
    AccountEntry { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw(), home: user.dir, shell: user.shell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::path;
    use crate::{Check, Context, judge};

    /// The cost of one more file goal is measured with this: 1,000 wishes about one round of looking.
    #[test]
    fn a_thousand_paths_are_judged_in_one_round() {
        let dir = std::env::temp_dir().join(format!("checkers-thousand-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let checks = (0..1000).map(|n| {
            let path = dir.join(n.to_string());
            std::fs::write(&path, "hello\nworld\n").unwrap();
            Check::Path(path::Path {
                path: path.to_string_lossy().into_owned(),
                exists: true,
                kind: Some(path::Kind::File),
                owner: Some(User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name),
                contains: vec!["world".into()],
                ..path::Path::default()
            })
        });
        let all = Check::All(checks.collect());
        let begin = std::time::Instant::now();
        let verdict = judge(&all, &Live::new(), &Context::default());
        let took = begin.elapsed();
        std::fs::remove_dir_all(&dir).unwrap();
        assert!(verdict.is_pass(), "{verdict:?}");
        assert_eq!(verdict.evidence().len(), 2000);
        println!("1,000 path checks: {took:?}");
        assert!(took < Duration::from_millis(if cfg!(debug_assertions) { 1500 } else { 150 }), "{took:?}");
    }
}
