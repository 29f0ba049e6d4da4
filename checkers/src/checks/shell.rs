//! What the shell in front of the learner really is: whose it is, how it was entered, and whether its environment belongs to it.
//!
#![doc = include_str!("shell.md")]

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::front::{self, By, Front, Place};
use crate::ground::Ground;
use crate::machine::{Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

/// What is wished of the shell in front of the learner. Only what is named is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Shell {
    /// The account it runs as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How that account was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered: Option<Entered>,
    /// XDG_RUNTIME_DIR is set, and belongs to the account of the shell (or does not).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_runtime_dir: Option<bool>,
    /// The bus that programs started here would use belongs to the account of the shell and can be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_bus: Option<bool>,
}

/// How a shell's account was entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Entered {
    /// A real login: logind has a session of this very account, and the shell is in it.
    Login,
    /// `su` without a login session of its own.
    Su,
    /// `sudo`, likewise.
    Sudo,
}

const RUNTIME_DIR: &str = "XDG_RUNTIME_DIR";

impl Judge for Shell {
    fn eyes(&self) -> Eyes {
        Eyes::Root
    }
    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Shell]
    }
    fn judge(&self, machine: &dyn Machine, context: &Context) -> Verdict {
        let Some(pid) = context.front else { return Verdict::unknown("no lab holds a terminal here") };
        match front::look(machine, pid) {
            Ok(front) => self.compare(&front),
            Err(why) => could_not("the shell in front", &why),
        }
    }
}

impl Shell {
    fn compare(&self, front: &Front) -> Verdict {
        if let Some(hop) = front.hops.iter().find(|hop| matches!(hop.by, By::Elsewhere)) {
            return Verdict::unknown(format!("{} is logged in on another machine", hop.account));
        }
        let mut say = Findings::default();
        let seen = |said: &str| Evidence::new(Source::Process(front.shell), said);
        if let Some(account) = &self.account {
            let found = format!("a shell of {}", front.account);
            say.add(*account == front.account, format!("a shell of {account}"), &found, seen(&found));
            if *account != front.account {
                // How somebody else's shell was entered, and what is around it, was not asked.
                return say.see("id -un").verdict();
            }
        }
        if let Some(wanted) = self.entered {
            let Some(found) = front.entered else {
                return Verdict::unknown("it cannot be told how this shell was entered");
            };
            let session = match &front.session {
                Some((id, uid)) => format!("in session {id} of uid {uid}"),
                None => "in no login session".to_owned(),
            };
            say.add(found == wanted, entered(wanted), entered(found), seen(&session));
        }
        // Without an address no bus is reached, and so not its own; a directory that is unset (as `su -` leaves it) is nobody's.
        for (what, wish, place, unset, see) in [
            (RUNTIME_DIR, self.own_runtime_dir, front.runtime_dir.as_ref(), None, "echo $XDG_RUNTIME_DIR"),
            ("the bus", self.own_bus, front.bus.as_ref(), Some(false), "echo $DBUS_SESSION_BUS_ADDRESS"),
        ] {
            let Some(wanted) = wish else { continue };
            let holds = place.map_or(unset, |place| place.own.into()) == Some(wanted);
            let whose = if wanted { "its own" } else { "another account's" };
            let told = told(what, place);
            say.add(holds, format!("{what} is {whose}"), &told, seen(&told));
            if !holds {
                say = say.see(see);
            }
        }
        if self == &Self::default() {
            return Verdict::unknown("nothing was wished of the shell");
        }
        say.verdict()
    }
}

fn entered(how: Entered) -> &'static str {
    match how {
        Entered::Login => "entered by a login of its own",
        Entered::Su => "entered with su",
        Entered::Sudo => "entered with sudo",
    }
}

fn told(what: &str, place: Option<&Place>) -> String {
    match place {
        None if what == RUNTIME_DIR => format!("{what} is not set, as after `su -` or sudo"),
        None => format!("{what} is not set"),
        Some(Place { path, owner: None, .. }) => format!("{what} is {path}, where its account finds nothing"),
        Some(Place { path, owner: Some(uid), own: false }) => format!("{what} is {path}, which is uid {uid}'s"),
        Some(Place { path, .. }) => format!("{what} is {path}, its own"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    /// lisa's login shell 10 in session 4, `su` 11 in it, and the shell 12 of conuser1 that su started.
    fn machine() -> Recorded {
        let lisa = "XDG_RUNTIME_DIR=/run/user/1000\0DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus\0";
        let mut machine = Recorded::new().account("lisa", 1000).account("conuser1", 1001);
        for (pid, name, parent, uid) in [
            (1, "systemd", 0, 0),
            (9, "sshd-session", 1, 1000),
            (10, "bash", 9, 1000),
            (11, "su", 10, 0),
            (12, "bash", 11, 1001),
        ] {
            let terminal = if pid < 10 { 0 } else { 34817 };
            machine = machine
                .file(format!("/proc/{pid}/stat"), format!("{pid} ({name}) S {parent} {pid} 10 {terminal} 12 0"))
                .file(format!("/proc/{pid}/status"), format!("Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"))
                .file(format!("/proc/{pid}/cgroup"), "0::/user.slice/user-1000.slice/session-4.scope\n")
                .file(format!("/proc/{pid}/cmdline"), format!("{name}\0"))
                .file(format!("/proc/{pid}/environ"), lisa);
        }
        machine
            .directory("/run/user/1000")
            .owned("/run/user/1000", 1000, 1000, 0o700)
            .thing("/run/user/1000/bus", 0o140_666, "", None)
            .owned("/run/user/1000/bus", 1000, 1000, 0o666)
    }
    fn judged(wish: &Shell, front: Option<i32>) -> Verdict {
        wish.judge_in_all_ways(&machine(), &Context { front, ..Context::default() })
    }
    fn wish(account: &str, entered: Entered, own: bool) -> Shell {
        Shell { account: Some(account.into()), entered: Some(entered), own_runtime_dir: Some(own), own_bus: Some(own) }
    }

    #[test]
    fn shell_passes_for_a_login_shell_with_its_own_bus() {
        assert!(judged(&wish("lisa", Entered::Login, true), Some(10)).is_pass());
        assert!(judged(&wish("lisa", Entered::Su, true), Some(10)).is_fail());
    }
    #[test]
    fn shell_fails_as_a_login_where_su_brought_another_account_in() {
        let verdict = judged(&wish("conuser1", Entered::Su, false), Some(12));
        assert!(verdict.is_pass(), "{verdict:?}");
        assert!(judged(&wish("conuser1", Entered::Login, true), Some(12)).is_fail());
        let front = front::look(&machine(), 12).unwrap();
        let hops: Vec<_> = front.hops.iter().map(|hop| (hop.by, hop.account.as_str())).collect();
        assert_eq!(hops, [(By::Ssh, "lisa"), (By::Su, "conuser1")]);
        assert_eq!(front.session, Some(("4".into(), 1000)));
    }
    #[test]
    fn a_shell_of_somebody_else_is_told_in_few_words_and_one_of_the_account_in_the_same_terms() {
        let said = |verdict| match verdict {
            Verdict::Fail { wanted, found, see, .. } => (wanted, found, see.unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        let (wanted, found, see) = said(judged(&wish("conuser1", Entered::Su, false), Some(10)));
        assert_eq!((&*wanted, &*found, &*see), ("a shell of conuser1", "a shell of lisa", "id -un"));
        let own = Shell { own_bus: None, ..wish("conuser1", Entered::Login, true) };
        let (wanted, found, see) = said(judged(&own, Some(12)));
        assert_eq!(wanted, "entered by a login of its own, XDG_RUNTIME_DIR is its own");
        assert_eq!(found, "entered with su, XDG_RUNTIME_DIR is /run/user/1000, which is uid 1000's");
        assert_eq!(see, "echo $XDG_RUNTIME_DIR");
    }
    #[test]
    fn shell_with_no_runtime_directory_at_all_has_neither_its_own_nor_anothers() {
        let machine = machine().file("/proc/12/environ", "HOME=/home/conuser1\0");
        let context = Context { front: Some(12), ..Context::default() };
        for own in [true, false] {
            let wish = Shell { own_runtime_dir: Some(own), ..Shell::default() };
            let Verdict::Fail { found, .. } = wish.judge_in_all_ways(&machine, &context) else { panic!("{own}") };
            assert_eq!(found, "XDG_RUNTIME_DIR is not set, as after `su -` or sudo");
        }
        let wish = Shell { own_bus: Some(false), ..Shell::default() };
        assert!(wish.judge_in_all_ways(&machine, &context).is_pass());
    }
    #[test]
    fn shell_is_unknown_without_terminal_permission_or_wish() {
        assert!(judged(&wish("lisa", Entered::Login, true), None).is_unknown());
        assert!(judged(&Shell::default(), Some(10)).is_unknown());
        let closed = machine().closed("/proc/12/environ", crate::machine::CouldNot::Denied);
        let context = Context { front: Some(12), ..Context::default() };
        assert!(wish("conuser1", Entered::Su, false).judge_in_all_ways(&closed, &context).is_unknown());
    }
    #[test]
    fn a_place_is_looked_at_no_further_than_its_own_account_could() {
        let environ = "XDG_RUNTIME_DIR=/home/conuser1/run/secret\0";
        let machine = machine()
            .file("/proc/12/environ", environ)
            .directory("/home/conuser1")
            .owned("/home/conuser1", 1001, 1001, 0o755)
            .directory("/root/run")
            .directory("/root/run/secret")
            .owned("/root/run", 0, 0, 0o700)
            .owned("/root/run/secret", 1001, 1001, 0o700)
            .link("/home/conuser1/run", "/root/run");
        let place = front::look(&machine, 12).unwrap().runtime_dir.unwrap();
        assert_eq!((place.owner, place.own), (None, false), "through a planted link");
        let closed = machine.file("/proc/12/environ", "XDG_RUNTIME_DIR=/root/run/secret\0");
        let place = front::look(&closed, 12).unwrap().runtime_dir.unwrap();
        assert_eq!((place.owner, place.own), (None, false), "in a closed folder");
    }
    #[test]
    fn a_session_that_run0_opened_is_followed_through_the_terminal_that_it_handed_over() {
        let mut machine = machine();
        for (pid, name, parent, terminal, uid) in [(30, "run0", 10, 34817, 0), (31, "bash", 1, 34819, 1001)] {
            machine = machine
                .file(format!("/proc/{pid}/stat"), format!("{pid} ({name}) S {parent} {pid} {pid} {terminal} {pid} 0"))
                .file(format!("/proc/{pid}/status"), format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n"))
                .file(format!("/proc/{pid}/cgroup"), format!("0::/user.slice/user-{uid}.slice/session-c5.scope\n"))
                .file(format!("/proc/{pid}/environ"), "");
        }
        let machine = machine
            .link("/proc/30/fd/7", "/dev/pts/ptmx")
            .file("/proc/30/fdinfo/7", "pos:\t0\nflags:\t02100402\ntty-index:\t3\n");
        let front = front::look(&machine, 30).unwrap();
        assert_eq!((front.shell, front.account.as_str(), front.entered), (31, "conuser1", Some(Entered::Login)));
    }
    #[test]
    fn ssh_to_this_machine_is_followed_to_the_shell_behind_it() {
        let head = "  sl  local_address rem_address st\n";
        let tcp = format!(
            "{head} 0: 0100007F:C350 0100007F:0016 01 0:0 0:0 0 1000 0 501\n 1: 0100007F:0016 0100007F:C350 01 0:0 0:0 0 0 0 502\n"
        );
        let mut machine = machine();
        for (pid, name, parent, terminal, uid) in
            [(20, "ssh", 10, 34817, 1000), (21, "sshd-session", 1, 0, 1001), (22, "bash", 21, 34818, 1001)]
        {
            machine = machine
                .file(format!("/proc/{pid}/stat"), format!("{pid} ({name}) S {parent} {pid} {pid} {terminal} {pid} 0"))
                .file(format!("/proc/{pid}/status"), format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n"))
                .file(format!("/proc/{pid}/cgroup"), format!("0::/user.slice/user-{uid}.slice/session-5.scope\n"))
                .file(format!("/proc/{pid}/environ"), "");
        }
        let machine = machine
            .file("/proc/20/net/tcp", tcp)
            .link("/proc/20/fd/3", "socket:[501]")
            .link("/proc/21/fd/4", "socket:[502]")
            .directory("/proc/9/fd");
        let front = front::look(&machine, 20).unwrap();
        assert_eq!((front.shell, front.account.as_str(), front.entered), (22, "conuser1", Some(Entered::Login)));
        let hops: Vec<_> = front.hops.iter().map(|hop| (hop.by, hop.account.as_str())).collect();
        assert_eq!(hops, [(By::Ssh, "lisa"), (By::Ssh, "conuser1")]);
    }
}
