//! Asks systemd and logind over D-Bus. Never starts anything: a user manager is asked through its own socket, because a
//! mere connect to `/run/user/UID/bus` starts a bus daemon where none runs yet (seen on systemd 257 with a lingering account).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zbus::Message;
use zbus::wire::{DynamicDeserialize, OwnedObjectPath, OwnedVariant, Variant};

use super::wire::{Reply, Wire, question};
use crate::machine::{Bus, CouldNot, LoginSession, Value};

/// How long one question, or one connection, may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// The system bus's well-known socket; its daemon runs wherever systemd does.
const SYSTEM_BUS: &str = "/run/dbus/system_bus_socket";

const SYSTEMD: &str = "org.freedesktop.systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const MANAGER_PATH: &str = "/org/freedesktop/systemd1";
const LOGIN: &str = "org.freedesktop.login1";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";

/// The connections, made when first needed and kept.
#[derive(Default)]
pub(crate) struct Buses {
    open: Arc<Mutex<BTreeMap<Bus, Wire>>>,
    /// Who was waited for in vain. In one look nobody is waited for twice: a manager that hangs would cost its time at each question.
    silent: RefCell<BTreeSet<Bus>>,
}

impl std::fmt::Debug for Buses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Buses")
    }
}

impl Buses {
    /// For another look, over the connections that are open already.
    pub(crate) fn again(&self) -> Buses {
        Buses { open: Arc::clone(&self.open), ..Buses::default() }
    }

    /// Connects, and does not wait for the welcome. Why it cannot is told to whoever asks.
    pub(crate) fn expect(&self, bus: &Bus) {
        let Ok(mut open) = self.open.lock() else { return };
        if open.contains_key(bus) {
            return;
        }
        if let Ok(wire) = connected(bus).map_err(|error| self.cannot(&error, bus)) {
            open.insert(bus.clone(), wire);
        }
    }

    /// Properties of a unit, each asked for by name, all on their way at once. One that this systemd or this kind of unit
    /// does not have is missing in the answer.
    pub(crate) fn unit(&self, bus: &Bus, unit: &str, properties: &[&str]) -> Result<BTreeMap<String, Value>, CouldNot> {
        let mut replies = self.of_unit(bus, unit, &path_of(unit), properties)?;
        let mut of_itself =
            properties.iter().zip(&replies).filter(|(property, _)| **property != "FileState").peekable();
        if of_itself.peek().is_some() && of_itself.all(|(_, reply)| matches!(reply, Reply::Error { .. })) {
            // Nothing was told there: LoadUnit says why, or where to ask.
            let load = question(service_of(bus), MANAGER_PATH, MANAGER, "LoadUnit", &(unit,)).map_err(odd)?;
            let path = self.one::<OwnedObjectPath>(bus, load)?;
            replies = self.of_unit(bus, unit, path.as_str(), properties)?;
        }
        let mut found = BTreeMap::new();
        for (property, reply) in properties.iter().zip(replies) {
            let value = match *property {
                "FileState" => read::<String>(reply).map(Value::Text),
                _ => value(reply),
            };
            match value {
                Ok(value) => drop(found.insert((*property).to_owned(), value)),
                Err(CouldNot::Absent) => {}
                Err(why) => return Err(why),
            }
        }
        Ok(found)
    }

    fn of_unit(&self, bus: &Bus, unit: &str, path: &str, properties: &[&str]) -> Result<Vec<Reply>, CouldNot> {
        let service = service_of(bus);
        let questions = properties.iter().map(|property| match *property {
            "FileState" => question(service, MANAGER_PATH, MANAGER, "GetUnitFileState", &(unit,)).map_err(odd),
            property => get(service, path, interface_of(unit, property), property),
        });
        self.all(bus, questions.collect::<Result<_, _>>()?)
    }

    /// A property of a service manager.
    pub(crate) fn manager(&self, bus: &Bus, property: &str) -> Result<Value, CouldNot> {
        self.property(bus, get(service_of(bus), MANAGER_PATH, MANAGER, property)?)
    }

    /// A property of an account as logind knows it; `CouldNot::Absent` when it does not know the account.
    pub(crate) fn login(&self, uid: u32, property: &str) -> Result<Value, CouldNot> {
        self.property(&Bus::System, get(Some(LOGIN), &user_path(uid), "org.freedesktop.login1.User", property)?)
    }

    /// The sessions that logind knows of an account; none when it does not know the account.
    pub(crate) fn sessions(&self, uid: u32) -> Result<Vec<LoginSession>, CouldNot> {
        let list = get(Some(LOGIN), &user_path(uid), "org.freedesktop.login1.User", "Sessions")?;
        let list = match self.one::<OwnedVariant>(&Bus::System, list) {
            Err(CouldNot::Absent) => return Ok(Vec::new()),
            list => Vec::<(String, OwnedObjectPath)>::try_from(list?).map_err(odd)?,
        };
        let found = list.into_iter().map(|(id, path)| self.session(id, path.as_str()));
        // A session may end between the list and the question: it is no session then.
        found.filter(|one| !matches!(one, Err(CouldNot::Absent))).collect()
    }

    fn session(&self, id: String, path: &str) -> Result<LoginSession, CouldNot> {
        let asked = ["Class", "Service", "State"];
        let questions = asked.map(|property| get(Some(LOGIN), path, "org.freedesktop.login1.Session", property));
        let replies = self.all(&Bus::System, questions.into_iter().collect::<Result<_, _>>()?)?;
        let values = replies.into_iter().map(value).collect::<Result<Vec<_>, _>>()?;
        let [Value::Text(class), Value::Text(service), Value::Text(state)] = values.as_slice() else {
            return Err(odd(format!("{values:?}")));
        };
        Ok(LoginSession { id, class: class.clone(), service: service.clone(), state: state.clone() })
    }

    fn property(&self, bus: &Bus, question: Message) -> Result<Value, CouldNot> {
        self.all(bus, vec![question])?.pop().map_or(Err(CouldNot::Absent), value)
    }

    fn one<T: for<'d> DynamicDeserialize<'d>>(&self, bus: &Bus, question: Message) -> Result<T, CouldNot> {
        self.all(bus, vec![question])?.pop().map_or(Err(CouldNot::Absent), read)
    }

    /// Over the open connection, or a new one; a connection that broke (the manager was started again) is made anew once.
    fn all(&self, bus: &Bus, questions: Vec<Message>) -> Result<Vec<Reply>, CouldNot> {
        if self.silent.borrow().contains(bus) {
            return Err(CouldNot::TimedOut);
        }
        let Ok(mut open) = self.open.lock() else { return Err(odd("a question before this one broke off")) };
        if let Some(mut wire) = open.remove(bus) {
            match wire.ask(&questions) {
                Ok(replies) => {
                    open.insert(bus.clone(), wire);
                    return Ok(replies);
                }
                Err(error) if error.kind() == ErrorKind::TimedOut => return Err(self.cannot(&error, bus)),
                Err(_) => {}
            }
        }
        let mut wire = connected(bus).map_err(|error| self.cannot(&error, bus))?;
        let replies = wire.ask(&questions).map_err(|error| self.cannot(&error, bus))?;
        open.insert(bus.clone(), wire);
        Ok(replies)
    }

    /// Why it cannot be asked, kept for the rest of this look when it was waited for.
    fn cannot(&self, error: &io::Error, bus: &Bus) -> CouldNot {
        let why = cannot(error, bus);
        if why == CouldNot::TimedOut {
            self.silent.borrow_mut().insert(bus.clone());
        }
        why
    }
}

fn connected(bus: &Bus) -> io::Result<Wire> {
    let (path, is_bus) = match bus {
        Bus::System => (PathBuf::from(SYSTEM_BUS), true),
        Bus::User(uid) => (format!("/run/user/{uid}/systemd/private").into(), false),
    };
    Wire::open(&path, is_bus, PATIENCE)
}

/// On a manager's own socket there is nobody else to name.
fn service_of(bus: &Bus) -> Option<&'static str> {
    matches!(bus, Bus::System).then_some(SYSTEMD)
}

/// Where a manager answers for a unit: there it reads the file of one that is not in memory, as it does for `systemctl show`. Every byte but
/// letters and digits is written in hexadecimal, and so is a digit that comes first (sd_bus_path_encode(3)).
fn path_of(unit: &str) -> String {
    let letter = |(at, byte): (usize, u8)| match byte {
        b'0'..=b'9' if at > 0 => char::from(byte).to_string(),
        byte if byte.is_ascii_alphabetic() => char::from(byte).to_string(),
        byte => format!("_{byte:02x}"),
    };
    format!("{MANAGER_PATH}/unit/{}", unit.bytes().enumerate().map(letter).collect::<String>())
}

fn user_path(uid: u32) -> String {
    format!("/org/freedesktop/login1/user/_{uid}")
}

fn get(service: Option<&str>, path: &str, interface: &str, property: &str) -> Result<Message, CouldNot> {
    question(service, path, PROPERTIES, "Get", &(interface, property)).map_err(odd)
}

/// The interface that has a property: that of services or timers, or that of all units.
fn interface_of(unit: &str, property: &str) -> &'static str {
    const OF_SERVICES: [&str; 5] = ["MainPID", "ExecMainPID", "NRestarts", "Result", "Type"];
    const OF_TIMERS: [&str; 4] = ["TimersCalendar", "NextElapseUSecRealtime", "NextElapseUSecMonotonic", "Unit"];
    if OF_TIMERS.contains(&property) && unit.ends_with(".timer") {
        return "org.freedesktop.systemd1.Timer";
    }
    if OF_SERVICES.contains(&property) && unit.ends_with(".service") {
        "org.freedesktop.systemd1.Service"
    } else {
        "org.freedesktop.systemd1.Unit"
    }
}

fn value(reply: Reply) -> Result<Value, CouldNot> {
    let value = read::<OwnedVariant>(reply)?;
    value_of(&value).ok_or_else(|| odd("a kind of value nobody asked for"))
}

fn read<T: for<'d> DynamicDeserialize<'d>>(reply: Reply) -> Result<T, CouldNot> {
    match reply {
        Reply::Error { name, text } => Err(refused(&name, text)),
        body => body.read().ok_or_else(|| odd("another type than documented")),
    }
}

fn value_of(value: &Variant<'_>) -> Option<Value> {
    Some(match value {
        Variant::Str(text) => Value::Text(text.to_string()),
        Variant::ObjectPath(path) => Value::Text(path.to_string()),
        Variant::Bool(yes) => Value::Bool(*yes),
        Variant::U8(n) => Value::Number((*n).into()),
        Variant::U16(n) => Value::Number((*n).into()),
        Variant::U32(n) => Value::Number((*n).into()),
        Variant::U64(n) => Value::Number(*n),
        Variant::I32(n) => Value::Number(u64::try_from(*n).ok()?),
        Variant::I64(n) => Value::Number(u64::try_from(*n).ok()?),
        Variant::Array(list) if list.element_signature() == "y" => {
            // InvocationID is sixteen bytes; everybody writes it in hexadecimal.
            let hex =
                list.iter().map(|one| if let Variant::U8(byte) = one { format!("{byte:02x}") } else { String::new() });
            Value::Text(hex.collect())
        }
        Variant::Array(list) => {
            let texts =
                list.iter().map(|one| if let Some(Value::Text(text)) = value_of(one) { Some(text) } else { None });
            Value::Texts(texts.collect::<Option<_>>()?)
        }
        // A record, such as one event of a timer: its words with tabs between them.
        Variant::Structure(record) => {
            let words = record.fields().iter().map(|one| match value_of(one)? {
                Value::Text(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
            Value::Text(words.collect::<Option<Vec<_>>>()?.join("\t"))
        }
        _ => return None,
    })
}

fn odd(error: impl std::fmt::Display) -> CouldNot {
    CouldNot::Failed(format!("an answer that cannot be read: {error}"))
}

fn cannot(error: &io::Error, bus: &Bus) -> CouldNot {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => CouldNot::TimedOut,
        ErrorKind::PermissionDenied => CouldNot::Denied,
        _ => CouldNot::NoBus(bus.to_string()),
    }
}

fn refused(name: &str, text: String) -> CouldNot {
    match name.rsplit('.').next().unwrap_or_default() {
        "NoSuchUnit" | "NoSuchUnitFile" | "UnknownObject" | "UnknownProperty" | "UnknownInterface" | "NoSuchUser"
        | "NoSuchSession" | "FileNotFound" => CouldNot::Absent,
        "AccessDenied" => CouldNot::Denied,
        "NoReply" | "Timeout" | "TimedOut" => CouldNot::TimedOut,
        // GetUnitFileState answers with the plain errno where there is no unit file.
        _ if text.contains("No such file or directory") => CouldNot::Absent,
        _ => CouldNot::Failed(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_bus_that_is_not_there_is_no_answer() {
        let error = Wire::open(Path::new("/no/such/bus"), true, PATIENCE).err().unwrap();
        assert_eq!(cannot(&error, &Bus::System), CouldNot::NoBus("the system bus".into()));
    }

    #[test]
    fn a_bus_that_never_answers_times_out() {
        let path = std::env::temp_dir().join(format!("silent-bus-{}", std::process::id()));
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let error = Wire::open(&path, true, Duration::from_millis(50)).unwrap().ask(&[]).err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(cannot(&error.unwrap(), &Bus::System), CouldNot::TimedOut);
    }

    #[test]
    fn a_bus_whose_queue_is_full_times_out() {
        use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket};
        use std::os::fd::AsRawFd;
        let path = std::env::temp_dir().join(format!("full-bus-{}", std::process::id()));
        let full = socket(AddressFamily::Unix, SockType::Stream, SockFlag::empty(), None).unwrap();
        bind(full.as_raw_fd(), &UnixAddr::new(&path).unwrap()).unwrap();
        listen(&full, Backlog::new(0).unwrap()).unwrap();
        let waits = std::os::unix::net::UnixStream::connect(&path).unwrap();
        let error = Wire::open(&path, true, Duration::from_millis(50)).err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(cannot(&error.unwrap(), &Bus::System), CouldNot::TimedOut);
        drop(waits);
    }

    #[test]
    fn who_was_waited_for_in_vain_is_not_waited_for_again_in_this_look_but_in_the_next_one() {
        // There is no such manager, so that whoever asks anew is told so.
        let nobody = Bus::User(4_294_967_290);
        let path = std::env::temp_dir().join(format!("hung-bus-{}", std::process::id()));
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        let silent = Wire::open(&path, false, Duration::from_millis(50)).unwrap();
        std::fs::remove_file(&path).unwrap();
        let buses = Buses::default();
        buses.open.lock().unwrap().insert(nobody.clone(), silent);
        for _ in 0..2 {
            assert_eq!(buses.manager(&nobody, "Version"), Err(CouldNot::TimedOut));
        }
        let other = Bus::User(4_294_967_291);
        assert_eq!(buses.manager(&other, "Version"), Err(CouldNot::NoBus(other.to_string())));
        assert_eq!(buses.again().manager(&nobody, "Version"), Err(CouldNot::NoBus(nobody.to_string())));
    }

    #[test]
    fn what_the_manager_does_not_know_is_absent_and_what_it_refuses_is_denied() {
        let said = |name: &str, text: &str| refused(name, text.into());
        assert_eq!(said("org.freedesktop.systemd1.NoSuchUnit", ""), CouldNot::Absent);
        assert_eq!(said("System.Error.ENOENT", "No such file or directory"), CouldNot::Absent);
        assert_eq!(said("org.freedesktop.DBus.Error.AccessDenied", ""), CouldNot::Denied);
        assert_eq!(said("org.freedesktop.DBus.Error.NoReply", ""), CouldNot::TimedOut);
        assert_eq!(said("x.y.Z", "boom"), CouldNot::Failed("boom".into()));
    }

    #[test]
    fn a_unit_is_asked_for_at_the_path_that_its_name_makes() {
        assert_eq!(
            path_of("rootless-container.service"),
            format!("{MANAGER_PATH}/unit/rootless_2dcontainer_2eservice")
        );
        assert_eq!(path_of("7.mount"), format!("{MANAGER_PATH}/unit/_37_2emount"));
        assert_eq!(path_of("a7\\x2dü@1.path"), format!("{MANAGER_PATH}/unit/a7_5cx2d_c3_bc_401_2epath"));
    }

    #[test]
    fn values_keep_their_meaning() {
        assert_eq!(value_of(&Variant::from("active")), Some(Value::Text("active".into())));
        assert_eq!(value_of(&Variant::from(7u32)), Some(Value::Number(7)));
        assert_eq!(value_of(&Variant::from(vec![0x0au8, 0xff])), Some(Value::Text("0aff".into())));
        assert_eq!(value_of(&Variant::from(vec!["a", "b"])), Some(Value::Texts(vec!["a".into(), "b".into()])));
        let record = Variant::from(("OnCalendar", "*-*-* 02:00:00", 7u64));
        assert_eq!(value_of(&record), Some(Value::Text("OnCalendar\t*-*-* 02:00:00\t7".into())));
        assert_eq!(value_of(&Variant::from(1.5f64)), None);
    }
}
