//! THE list of checks, one line each. What a check means stands in its own file under `checks/`.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::checks::{
    account, auto_update, command, container, cron, firewall, group, healthcheck, host_name, http, image, journal,
    linger, manager, mount, network, package, password, path, pod, port, program, quadlet, secret, selinux, session,
    shell, sudo_rule, sysctl, time_zone, timer, unit, unit_file, volume,
};
use crate::context::Context;
use crate::ground::Ground;
use crate::machine::{Eyes, Machine};
use crate::time::Span;
use crate::verdict::Verdict;

/// What every check can do.
pub trait Judge {
    /// Whose eyes are needed to see it.
    fn eyes(&self) -> Eyes;
    /// What the verdict rests on: nothing else of the machine may change it.
    fn rests_on(&self) -> Vec<Ground>;
    /// What stands in this file is what it is about, so the text may be kept as evidence. Of other files only facts are.
    fn is_about_text(&self, _: &Path) -> bool {
        false
    }
    /// Looks, and says what was seen. Never changes the machine.
    fn judge(&self, machine: &dyn Machine, context: &Context) -> Verdict;
}

macro_rules! catalogue {
    ($( $variant:ident($module:ident) = $name:literal ),+ $(,)?) => {
        /// A wish about the machine: one check, or several combined. In YAML a map with one key.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Check {
            $(
                #[doc = concat!("See [`", stringify!($module), "`](crate::checks::", stringify!($module), ").")]
                #[serde(rename = $name)]
                $variant($module::$variant),
            )+
            /// Every one of these.
            All(Vec<Check>),
            /// At least one of these.
            Any(Vec<Check>),
            /// The opposite. Unknown stays unknown.
            Not(Box<Check>),
            /// Becomes true before the time is over.
            Within(Timed),
            /// Is true, and stays so for that time.
            For(Timed),
        }

        $(
            impl From<$module::$variant> for Check {
                fn from(check: $module::$variant) -> Self {
                    Self::$variant(check)
                }
            }
        )+

        impl Check {
            /// Every single check by name, with its page of documentation, in the order of the catalogue.
            pub const PAGES: &'static [(&'static str, &'static str)] =
                &[$( ($name, include_str!(concat!("checks/", stringify!($module), ".md"))) ),+];

            /// The page about the words that combine checks.
            pub const COMBINE: &'static str = include_str!("combine.md");

            /// The single checks that it is made of, in their order; itself where it is no combination.
            pub fn singles(&self) -> Vec<&Check> {
                match self {
                    Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::singles).collect(),
                    Self::Not(part) => part.singles(),
                    Self::Within(timed) | Self::For(timed) => timed.check.singles(),
                    single => vec![single],
                }
            }

            /// The single check behind this wish; none for a combination.
            pub fn single(&self) -> Option<&dyn Judge> {
                match self {
                    $( Self::$variant(check) => Some(check), )+
                    _ => None,
                }
            }
        }
    };
}

catalogue! {
    Account(account) = "account",
    Password(password) = "password",
    Group(group) = "group",
    Package(package) = "package",
    Path(path) = "path",
    UnitFile(unit_file) = "unit-file",
    Unit(unit) = "unit",
    Timer(timer) = "timer",
    Manager(manager) = "manager",
    Linger(linger) = "linger",
    Session(session) = "session",
    Shell(shell) = "shell",
    Container(container) = "container",
    Image(image) = "image",
    Command(command) = "command",
    Port(port) = "port",
    Http(http) = "http",
    Firewall(firewall) = "firewall",
    Cron(cron) = "cron",
    Journal(journal) = "journal",
    SudoRule(sudo_rule) = "sudo-rule",
    Selinux(selinux) = "selinux",
    Sysctl(sysctl) = "sysctl",
    Mount(mount) = "mount",
    HostName(host_name) = "host-name",
    TimeZone(time_zone) = "time-zone",
    Program(program) = "program",
    Quadlet(quadlet) = "quadlet",
    Volume(volume) = "volume",
    Network(network) = "network",
    Secret(secret) = "secret",
    Pod(pod) = "pod",
    Healthcheck(healthcheck) = "healthcheck",
    AutoUpdate(auto_update) = "auto-update",
}

/// A wish with a length of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Timed {
    /// How long: `500ms`, `10s`, `2m`.
    pub time: Span,
    /// What.
    pub check: Box<Check>,
}
