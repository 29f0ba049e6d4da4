//! Who had this process started, and what is not judged for that one: a rule in sudoers that lets somebody start the observer must not
//! become a way into other accounts. Runs nothing.

use std::collections::{BTreeMap, BTreeSet};

use checkers::catalogue::Judge;
use checkers::checks::sudo_rule::SudoRule;
use checkers::machine::{CouldNot, Machine};
use checkers::{Check, Context, Verdict};

/// No account's password is compared with more words for one who came through sudo.
const MOST_GUESSES: usize = 5;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// root, who needs nobody's leave.
    Root,
    /// An account that sudo let through, by its uid; none where sudo names no uid.
    Other(Option<u32>),
}

/// Who asks, and which passwords that one has tried.
#[derive(Debug)]
pub(super) struct Asker {
    who: Who,
    tried: BTreeMap<String, BTreeSet<String>>,
}

impl Default for Asker {
    /// root.
    fn default() -> Self {
        Self { who: Who::Root, tried: BTreeMap::new() }
    }
}

impl Asker {
    /// Whoever sudo says it is; root where it was not sudo. To be asked before the environment is given up.
    pub(super) fn of_this_process() -> Self {
        Self::named(std::env::var("SUDO_UID").ok().as_deref())
    }

    fn named(uid: Option<&str>) -> Self {
        let who = match uid.map(str::parse) {
            None | Some(Ok(0)) => Who::Root,
            Some(uid) => Who::Other(uid.ok()),
        };
        Self { who, ..Self::default() }
    }

    /// Why this is not judged for this asker. None where it may be.
    pub(super) fn refused(&mut self, check: &Check, machine: &dyn Machine) -> Option<Verdict> {
        let Who::Other(uid) = self.who else { return None };
        let (what, account) = match check {
            Check::Program(program) => ("a check program is not run", &program.account),
            Check::Password(wish) if wish.is.is_some() => ("a password is not compared", &wish.account),
            _ => return None,
        };
        let is_password = matches!(check, Check::Password(_));
        // Who knows a password is more than who may act as the account: root can see its hash anyway.
        let needed = if is_password { "root" } else { account };
        match may_become(machine, uid, needed) {
            Ok(None) => {}
            Ok(Some(name)) => {
                return Some(Verdict::Unknown {
                    why: format!("{what} for {name}, who may not become {needed} through sudo"),
                    grant: Some(format!("allow {name} in sudoers to run everything as {needed}, or ask as root")),
                });
            }
            Err(why) => return Some(Verdict::unknown(format!("{what}: nobody can tell for whom: {why}"))),
        }
        let Check::Password(wish) = check else { return None };
        let tried = self.tried.entry(wish.account.clone()).or_default();
        let word = wish.is.as_ref()?;
        if !tried.contains(word) && tried.len() >= MOST_GUESSES {
            return Some(Verdict::unknown(format!(
                "{MOST_GUESSES} passwords of {account} were compared already, and no more are: leave the lab and start it again"
            )));
        }
        tried.insert(word.clone());
        None
    }
}

/// Nothing where the asker is that account, or could be by the rules of sudo; else the asker's name.
fn may_become(machine: &dyn Machine, uid: Option<u32>, account: &str) -> Result<Option<String>, CouldNot> {
    let nobody = || CouldNot::Failed("sudo names nobody".into());
    let asker = machine.account_by_uid(uid.ok_or_else(nobody)?)?.ok_or_else(nobody)?;
    let same = machine.account(account)?.is_some_and(|entry| entry.uid == asker.uid);
    let rule = |target: &str| {
        let target = target.to_owned();
        let rule = SudoRule { account: asker.name.clone(), runs: "ALL".into(), target, password: None, granted: true };
        rule.judge(machine, &Context::default()).is_pass()
    };
    Ok(if same || rule("root") || rule(account) { None } else { Some(asker.name.clone()) })
}

#[cfg(test)]
mod tests {
    use checkers::machine::Recorded;

    use super::*;

    const RULES: &str =
        "ada ALL=(root) NOPASSWD: /usr/local/bin/rootless-lab observer\nada ALL=(eve) ALL\n%sudo ALL=(ALL:ALL) ALL\n";

    fn machine() -> Recorded {
        Recorded::new()
            .account("root", 0)
            .account("ada", 1001)
            .account("bob", 1002)
            .account("eve", 1003)
            .group(27, "sudo", &["bob"])
            .file("/proc/sys/kernel/hostname", "lab\n")
            .file("/etc/sudoers", RULES)
    }

    fn program(account: &str) -> Check {
        serde_json::from_value(serde_json::json!({"program": {"file": "/x", "as": account}})).unwrap()
    }

    fn password(word: &str) -> Check {
        serde_json::from_value(serde_json::json!({"password": {"account": "eve", "is": word}})).unwrap()
    }

    fn why(uid: &str, check: &Check) -> Option<String> {
        match Asker::named(Some(uid)).refused(check, &machine())? {
            Verdict::Unknown { why, .. } => Some(why),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_program_runs_only_as_one_who_the_asker_is_or_could_become() {
        assert_eq!(why("1001", &program("ada")), None);
        assert_eq!(why("1001", &program("eve")), None, "a rule lets ada do everything as eve");
        let refused = why("1001", &program("bob")).unwrap();
        assert_eq!(refused, "a check program is not run for ada, who may not become bob through sudo");
        assert!(why("1003", &program("ada")).is_some());
        assert_eq!(why("1002", &program("eve")), None, "who may do everything as root may become anyone");
        assert_eq!(why("0", &program("bob")), None);
        assert_eq!(Asker::named(None).refused(&program("bob"), &machine()), None, "root needs no sudo");
        for nobody in ["4242", "", "ada", "-1"] {
            assert!(why(nobody, &program("ada")).unwrap().contains("sudo names nobody"), "{nobody}");
        }
        let closed = machine().closed("/etc/sudoers", CouldNot::Denied);
        assert!(
            Asker::named(Some("1002")).refused(&program("eve"), &closed).is_some(),
            "what is not known is not leave"
        );
    }

    #[test]
    fn a_password_is_compared_a_few_times_and_only_for_one_who_could_see_its_hash() {
        assert!(why("1001", &password("x")).unwrap().contains("may not become root"));
        assert!(why("1003", &password("x")).is_some(), "nor one's own, by whatever runs as oneself");
        let plain = serde_json::from_value(serde_json::json!({"password": {"account": "eve", "set": true}})).unwrap();
        assert_eq!(why("1001", &plain), None, "that one is set says nothing of which");
        let mut bob = Asker::named(Some("1002"));
        let mut ask = |word: &str| bob.refused(&password(word), &machine()).is_some();
        for _ in 0..3 {
            assert!(
                !["a", "b", "c", "d", "e"].into_iter().any(&mut ask),
                "the same goals may be judged again and again"
            );
        }
        assert!(ask("f"));
        assert!(!ask("a"));
        let mut root = Asker::default();
        assert!((0..99).all(|word| root.refused(&password(&word.to_string()), &machine()).is_none()));
    }
}
