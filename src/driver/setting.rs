//! Who and what there is on the machine, as far as names go: for filling in explanations and for trying silent mistakes. Reads lists
//! of names; what is true of them is the observer's to say.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use checkers::facts::storage;
use checkers::machine::{Live, Machine};
use nix::unistd::{Uid, User};

use crate::mistakes::{Person, Setting, Subjects};

/// No list of names is longer.
const MOST: usize = 200;
/// But that of programs.
const MOST_PROGRAMS: usize = 20_000;
/// Where the programs of a machine stand, whatever a PATH says.
const FOLDERS: [&str; 4] = ["/usr/local/bin", "/usr/bin", "/usr/local/sbin", "/usr/sbin"];

/// The setting in which this account's command ran. Its units are those that these eyes may list.
pub fn setting(account: Option<&str>) -> Setting {
    let live = Live::new();
    let people = people(&live);
    let me = account.and_then(|name| person(&people, name));
    let units = me.as_ref().map(|me| units(&live, me)).unwrap_or_default();
    let listed = FOLDERS.iter().flat_map(|folder| live.list(Path::new(folder)).unwrap_or_default());
    let programs = listed.filter_map(|name| name.into_string().ok()).take(MOST_PROGRAMS).collect();
    Setting { me, people, units, programs, subjects: Subjects::default() }
}

/// The same with everything on disk that a silent mistake of this account could be about.
pub fn setting_of_all(account: &str) -> Setting {
    let live = Live::new();
    let mut setting = setting(Some(account));
    let admin = admin(&live);
    let me = setting.me.clone();
    let admins_home = admin.as_deref().and_then(|name| person(&setting.people, name));
    let mut units = BTreeSet::new();
    for person in me.iter().chain(&admins_home) {
        let home = Path::new(&person.home);
        for folder in [home.to_owned(), home.join(".config/systemd/user")] {
            units.extend(services(&live, &folder, false));
        }
    }
    if let Some(me) = &me {
        units.extend(quadlets(&live, Path::new(&me.home)));
    }
    // Where nobody but an administrator puts files, what is no link was written by hand.
    for folder in ["/etc/systemd/system", "/etc/systemd/user"] {
        units.extend(services(&live, Path::new(folder), true));
    }
    // A container may be another's by mistake, or gone while the unit that is tied to it stands there still.
    let owners = me.iter().chain(&admins_home).map(|person| person.name.as_str()).chain(["root"]);
    let mut containers: BTreeSet<String> = owners.flat_map(|owner| self::containers(&live, owner)).collect();
    containers.extend(units.iter().filter_map(|unit| container_of(unit)));
    setting.subjects = Subjects {
        accounts: vec![account.to_owned()],
        admin,
        units: units.into_iter().take(MOST).collect(),
        containers: containers.into_iter().take(MOST).collect(),
        images: Vec::new(),
    };
    setting
}

/// The account of this process, where it is not root: a command that root explains may have been anybody's.
pub fn own_account() -> Option<String> {
    let uid = Uid::effective();
    User::from_uid(uid).ok().flatten().filter(|_| !uid.is_root()).map(|user| user.name)
}

fn people(live: &Live) -> Vec<Person> {
    let text = live.read(Path::new("/etc/passwd"), 1 << 20).unwrap_or_default();
    let person = |line: &str| {
        let mut fields = line.split(':');
        let (name, uid) = (fields.next()?, fields.nth(1)?.parse().ok()?);
        Some(Person { name: name.to_owned(), uid, home: fields.nth(2)?.to_owned() })
    };
    String::from_utf8_lossy(&text).lines().filter_map(person).collect()
}

/// An account by its name, from the list or from wherever the machine takes its accounts.
fn person(people: &[Person], name: &str) -> Option<Person> {
    let listed = people.iter().find(|person| person.name == name).cloned();
    listed.or_else(|| {
        let user = User::from_name(name).ok().flatten()?;
        Some(Person { name: user.name, uid: user.uid.as_raw(), home: user.dir.display().to_string() })
    })
}

/// The first member of a group that may use sudo.
fn admin(live: &Live) -> Option<String> {
    let text = String::from_utf8_lossy(&live.read(Path::new("/etc/group"), 1 << 20).unwrap_or_default()).into_owned();
    ["sudo", "wheel"].iter().find_map(|group| {
        let line = text.lines().find(|line| line.split(':').next() == Some(group))?;
        line.rsplit(':').next()?.split(',').next().filter(|name| !name.is_empty()).map(str::to_owned)
    })
}

/// The units that the account's user manager could have.
fn units(live: &Live, me: &Person) -> Vec<String> {
    let home = Path::new(&me.home);
    let folders = [
        home.join(".config/systemd/user"),
        PathBuf::from(format!("/run/user/{}/systemd/generator", me.uid)),
        PathBuf::from("/etc/systemd/user"),
        PathBuf::from("/usr/lib/systemd/user"),
    ];
    let mut all: Vec<String> = folders.iter().flat_map(|folder| services(live, folder, false)).collect();
    all.extend(quadlets(live, home));
    all.truncate(MOST);
    all
}

fn services(live: &Live, folder: &Path, no_links: bool) -> Vec<String> {
    let names = live.list(folder).unwrap_or_default().into_iter().filter_map(|name| name.into_string().ok());
    let is_file =
        |name: &String| live.stat(&folder.join(name), false).is_ok_and(|stat| stat.mode & 0o170_000 == 0o100_000);
    names.filter(|name| name.ends_with(".service") && (!no_links || is_file(name))).take(MOST).collect()
}

/// The services that Quadlet files become.
fn quadlets(live: &Live, home: &Path) -> Vec<String> {
    let names = live.list(&home.join(".config/containers/systemd")).unwrap_or_default();
    let service = |name: std::ffi::OsString| Some(format!("{}.service", name.to_str()?.strip_suffix(".container")?));
    names.into_iter().filter_map(service).take(MOST).collect()
}

/// The names of an account's containers, as podman's storage has them, whatever driver it has.
fn containers(live: &Live, account: &str) -> Vec<String> {
    let Ok(Some(account)) = live.account(account) else { return Vec::new() };
    let shelf = storage::root(live, &account).and_then(|root| storage::containers(live, &root));
    let found = shelf.map(|shelf| shelf.found).unwrap_or_default();
    found.into_iter().flat_map(|(stored, _)| stored.names).take(MOST).collect()
}

/// The container that podman names such a unit after.
fn container_of(unit: &str) -> Option<String> {
    let name = unit.strip_suffix(".service")?;
    Some(name.strip_prefix("container-").unwrap_or(name).to_owned())
}
