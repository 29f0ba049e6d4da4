//! A TCP or UDP port of the machine that somebody listens on.
//!
#![doc = include_str!("port.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::ports::{Listener, listeners};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

/// No table of sockets is larger.
const MOST: u64 = 64 << 20;

/// What is wished of a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Port {
    /// The port's number.
    pub number: u16,
    /// The protocol. TCP unless said.
    #[serde(default)]
    pub protocol: Protocol,
    /// Somebody listens. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub listening: bool,
    /// The address listened on: `127.0.0.1`, `::`, `0.0.0.0`. Any unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<std::net::IpAddr>,
    /// The account that owns the socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
}

impl Judge for Port {
    fn eyes(&self) -> Eyes {
        Eyes::Anyone
    }

    fn rests_on(&self) -> Vec<Ground> {
        let accounts = self.owner.as_ref().map(|_| Ground::Accounts);
        accounts.into_iter().chain([Ground::Sockets]).collect()
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let protocol = if self.protocol == Protocol::Tcp { "tcp" } else { "udp" };
        let see = format!("ss -ln{} 'sport = :{}'", &protocol[..1], self.number);
        let uid = match self.owner.as_deref().map(|name| (name, machine.account(name))) {
            None => None,
            Some((_, Ok(Some(account)))) => Some(account.uid),
            Some((name, Ok(None))) => {
                let evidence = Evidence::file("/etc/passwd", format!("no entry {name}"));
                return Verdict::fail(format!("an account {name}"), format!("no account {name}"), evidence);
            }
            Some((name, Err(why))) => return could_not(format_args!("account {name}"), &why),
        };
        let mut findings = Findings::default();
        let mut here: Vec<Listener> = Vec::new();
        for file in [format!("/proc/net/{protocol}"), format!("/proc/net/{protocol}6")] {
            let table = match machine.read(Path::new(&file), MOST) {
                Ok(table) => table,
                // A kernel without IPv6 has no such table.
                Err(CouldNot::Absent) if file.ends_with('6') => continue,
                Err(why) => return could_not(&file, &why),
            };
            let all = listeners(&String::from_utf8_lossy(&table), self.protocol == Protocol::Tcp);
            let of_port: Vec<Listener> = all.into_iter().filter(|l| l.port == self.number).collect();
            let said = if of_port.is_empty() { format!("nobody on port {}", self.number) } else { words(&of_port) };
            findings.saw(Evidence::new(Source::Kernel(file), said));
            here.extend(of_port);
        }
        let meets: Vec<&Listener> = here.iter().filter(|l| uid.is_none_or(|uid| uid == l.uid)).collect();
        let meets: Vec<&Listener> =
            meets.into_iter().filter(|l| self.address.is_none_or(|address| l.serves(address))).collect();
        let doubtful = |l: &&Listener| self.address.is_some_and(|address| l.may_refuse(address));
        // Beside a socket of IPv4 on the same port, one on `::` can only be one that takes none.
        let beside = here.iter().any(|l| l.address.is_ipv4());
        if !beside && let Some(one) = meets.iter().find(|l| doubtful(l)) {
            return Verdict::unknown(format!(
                "{} may take IPv4 or not, which the kernel's table does not say",
                words(&[(**one).clone()])
            ));
        }
        let fits = meets.iter().any(|l| !doubtful(l));
        let mut what = format!("{protocol} port {}", self.number);
        what.extend(self.address.map(|address| format!(" at {address}")));
        what.extend(self.owner.as_ref().map(|owner| format!(" of {owner}")));
        let say = |listening| if listening { format!("somebody on {what}") } else { format!("nobody on {what}") };
        let found = if here.is_empty() || self.listening == fits { say(fits) } else { words(&here) };
        findings.wish(fits == self.listening, say(self.listening), found);
        findings.see(see).verdict()
    }
}

fn words(listeners: &[Listener]) -> String {
    let each = listeners.iter().map(|l| format!("{} port {} of uid {}", l.address, l.port, l.uid));
    each.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn line(address: &str, state: &str, uid: u32) -> String {
        format!(
            "   0: {address} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  {uid}        0 1 1 0 100 0\n"
        )
    }
    fn machine() -> Recorded {
        let tcp = line("0100007F:1388", "0A", 1001) + &line("0100007F:0050", "01", 1001);
        let tcp6 = line("00000000000000000000000000000000:0016", "0A", 0);
        Recorded::new()
            .account("root", 0)
            .account("conuser1", 1001)
            .file("/proc/net/tcp", format!("head\n{tcp}"))
            .file("/proc/net/tcp6", format!("head\n{tcp6}"))
            .file("/proc/net/udp", format!("head\n{}", line("00000000:0035", "07", 0)))
    }
    fn judged(machine: &Recorded, number: u16, change: impl FnOnce(&mut Port)) -> Verdict {
        let mut check = Port { number, protocol: Protocol::Tcp, listening: true, address: None, owner: None };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn port_passes_when_somebody_listens_there() {
        assert!(judged(&machine(), 5000, |_| ()).is_pass());
        assert!(judged(&machine(), 5000, |p| p.owner = Some("conuser1".into())).is_pass());
        assert!(judged(&machine(), 22, |p| p.address = "::1".parse().ok()).is_pass());
        assert!(judged(&machine(), 53, |p| p.protocol = Protocol::Udp).is_pass());
        assert!(judged(&machine(), 80, |p| p.listening = false).is_pass(), "a connection is no listener");
    }

    #[test]
    fn port_fails_when_nobody_or_somebody_else_listens() {
        assert!(judged(&machine(), 80, |_| ()).is_fail());
        assert!(judged(&machine(), 5000, |p| p.listening = false).is_fail());
        assert!(judged(&machine(), 5000, |p| p.address = "10.0.0.1".parse().ok()).is_fail());
        let verdict = judged(&machine(), 5000, |p| p.owner = Some("root".into()));
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "somebody on tcp port 5000 of root");
        assert_eq!(found, "127.0.0.1 port 5000 of uid 1001");
        assert_eq!(see.as_deref(), Some("ss -lnt 'sport = :5000'"));
    }

    #[test]
    fn a_socket_on_every_address_of_ipv6_may_or_may_not_be_met_by_ipv4() {
        for listening in [true, false] {
            let verdict = judged(&machine(), 22, |p| (p.address, p.listening) = ("127.0.0.1".parse().ok(), listening));
            let Verdict::Unknown { why, .. } = verdict else { panic!("{verdict:?}") };
            assert!(why.contains("IPv4"), "{why}");
        }
        let both = machine().file("/proc/net/tcp", format!("head\n{}", line("00000000:0016", "0A", 0)));
        assert!(
            judged(&both, 22, |p| p.address = "127.0.0.1".parse().ok()).is_pass(),
            "there is one for IPv4 beside it"
        );
        let elsewhere = machine().file("/proc/net/tcp", format!("head\n{}", line("0200007F:0016", "0A", 0)));
        let here = |p: &mut Port| p.address = "127.0.0.1".parse().ok();
        assert!(judged(&elsewhere, 22, here).is_fail(), "beside one for IPv4 it takes none");
        let other = |p: &mut Port| (p.address, p.owner) = ("127.0.0.1".parse().ok(), Some("conuser1".into()));
        assert!(judged(&machine(), 22, other).is_fail(), "whatever it takes, it is root's");
        let mapped = line("0000000000000000FFFF00000100007F:1F90", "0A", 1001);
        let mapped = machine().file("/proc/net/tcp6", format!("head\n{mapped}"));
        assert!(judged(&mapped, 8080, |p| p.address = "127.0.0.1".parse().ok()).is_pass());
    }

    #[test]
    fn port_is_unknown_without_the_kernel_s_table() {
        assert!(judged(&Recorded::new(), 22, |_| ()).is_unknown());
        let closed = machine().closed("/proc/net/tcp6", CouldNot::Denied);
        assert!(judged(&closed, 5000, |_| ()).is_unknown());
    }
}
