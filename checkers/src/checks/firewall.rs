//! Whether the firewall lets other machines reach a port or service: by the kernel's rules now, and by firewalld's files after a boot.
//!
#![doc = include_str!("firewall.md")]

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, words};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::ruleset::{Fate, fate};
use crate::facts::zone::{self, Zone, default_zone};
use crate::ground::Ground;
use crate::machine::{Bus, CouldNot, Eyes, Machine, Plain};
use crate::verdict::{Evidence, Source, Verdict};

/// The administrator's own folder, and the one that comes with firewalld.
const OWN: &str = "/etc/firewalld";
const GIVEN: &str = "/usr/lib/firewalld";
const MODULES: &str = "/proc/modules";
/// No file that is read here is larger.
const MOST: u64 = 4 << 20;

/// What is wished of the firewall about a port, or about a service of firewalld.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Firewall {
    /// The port and its protocol: `8080/tcp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// The service, by firewalld's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Other machines reach it now, or do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<bool>,
    /// By firewalld's permanent configuration they do, or do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_boot: Option<bool>,
    /// The zone of firewalld whose permanent configuration is meant. The default zone unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl Judge for Firewall {
    fn eyes(&self) -> Eyes {
        Eyes::Root
    }

    fn rests_on(&self) -> Vec<Ground> {
        // The kernel tells nobody, and the folder is closed to all but root.
        vec![Ground::Untold]
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Firewall {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let what = match (&self.port, &self.service) {
            (Some(port), None) => port.clone(),
            (None, Some(service)) => format!("service {service}"),
            _ => return Err(Verdict::unknown("either a port or a service is named, and not both")),
        };
        let mut say = Findings::seen_by(match self.now {
            Some(_) => "sudo nft list ruleset".to_owned(),
            None => "sudo firewall-cmd --permanent --list-all".to_owned(),
        });
        if let Some(wanted) = self.now {
            let (is, evidence) = self.is_now(machine)?;
            let phrase = |is| format!("{what} {}", if is { "let in" } else { "not let in" });
            say.add(is == wanted, phrase(wanted), phrase(is), evidence);
        }
        if let Some(wanted) = self.after_boot {
            let (is, evidence) = self.is_permanent(machine)?;
            let phrase = |is| format!("{what} {} after a boot", if is { "let in" } else { "not let in" });
            say.add(is == wanted, phrase(wanted), phrase(is), evidence);
        }
        Ok(say.verdict())
    }

    /// The ports that are meant. A service's are those of firewalld's file about it.
    fn ports(&self, machine: &dyn Machine) -> Result<Vec<(u16, String)>, Verdict> {
        if let Some(port) = &self.port {
            return Ok(vec![port_of(port)?]);
        }
        let service = self.service.as_deref().unwrap_or_default();
        let (zone, _) = file(machine, "services", service)?.ok_or_else(|| Verdict::Unknown {
            why: format!("firewalld has no file that says which ports the service {service} has"),
            grant: Some("a port instead of a service in the wish".into()),
        })?;
        if zone.gives || zone.ports.is_empty() || zone.ports.iter().any(|(first, last, _)| first != last) {
            return Err(Verdict::unknown(format!("the service {service} is more than single ports")));
        }
        Ok(zone.ports.into_iter().map(|(port, _, protocol)| (port, protocol)).collect())
    }

    fn is_now(&self, machine: &dyn Machine) -> Result<(bool, Evidence), Verdict> {
        let ports = self.ports(machine)?;
        older_rules(machine)?;
        if !may_list(machine)? {
            let said = "nf_tables is not loaded, so there are no rules";
            return Ok((true, Evidence::new(Source::Kernel(MODULES.into()), said)));
        }
        let ran = machine.plain(&Plain::Ruleset).map_err(|why| match why {
            CouldNot::Absent => Verdict::Unknown {
                why: "this machine has no nft, so the kernel's rules cannot be seen".into(),
                grant: Some("the package nftables".into()),
            },
            why => could_not("the kernel's rules", &why),
        })?;
        let json = String::from_utf8_lossy(&ran.output);
        let (mut all, mut said) = (true, Vec::new());
        for (port, protocol) in ports {
            match fate(&json, &protocol, port).filter(|_| ran.status == Some(0)) {
                Some(Fate::In) => said.push(format!("{port}/{protocol} is let in")),
                Some(Fate::Out(chain)) => {
                    all = false;
                    said.push(format!("{port}/{protocol} is turned away by {chain}"));
                }
                Some(Fate::Depends(chain)) => {
                    let why = format!("whether {port}/{protocol} is let in depends on more than the port, in {chain}");
                    return Err(Verdict::unknown(why));
                }
                None => {
                    let errors = String::from_utf8_lossy(&ran.errors);
                    let said: String =
                        errors.lines().next().unwrap_or("nothing that can be read").chars().take(200).collect();
                    return Err(Verdict::unknown(format!("nft said {said}")));
                }
            }
        }
        Ok((all, Evidence::new(Source::Plain(Plain::Ruleset.line()), said.join(", "))))
    }

    fn is_permanent(&self, machine: &dyn Machine) -> Result<(bool, Evidence), Verdict> {
        let name = match &self.zone {
            Some(zone) => zone.clone(),
            None => {
                let config = Path::new(OWN).join("firewalld.conf");
                match machine.read(&config, MOST) {
                    Ok(text) => default_zone(&String::from_utf8_lossy(&text)),
                    Err(CouldNot::Absent) => default_zone(""),
                    Err(why) => return Err(could_not(config.display(), &why)),
                }
            }
        };
        let (zone, path) = file(machine, "zones", &name)?.ok_or_else(|| Verdict::Unknown {
            why: format!(
                "firewalld has no zone {name} on this machine; what holds after a boot is not known without it"
            ),
            grant: Some("firewalld".into()),
        })?;
        let ports =
            zone.ports.iter().map(
                |(first, last, of)| {
                    if first == last { format!("{first}/{of}") } else { format!("{first}-{last}/{of}") }
                },
            );
        let listed: Vec<String> = zone.services.iter().cloned().chain(ports).collect();
        let evidence = Evidence::file(
            path,
            format!("zone {name}: {}", if listed.is_empty() { "nothing".into() } else { listed.join(" ") }),
        );
        is_enabled(machine)?;
        let mut is = zone.all || self.service.as_ref().is_some_and(|service| zone.services.contains(service));
        if let (Some(port), false) = (&self.port, is) {
            let (port, protocol) = port_of(port)?;
            is = zone.has(&protocol, port);
            for service in &zone.services {
                is |= file(machine, "services", service)?.is_some_and(|(service, _)| service.has(&protocol, port));
            }
        }
        if (is && zone.takes) || (!is && zone.gives) {
            return Err(Verdict::unknown(format!("the zone {name} has rules that are not read here")));
        }
        Ok((is, evidence))
    }
}

/// Its files hold after a boot only where it is started then.
fn is_enabled(machine: &dyn Machine) -> Result<(), Verdict> {
    const UNIT: &str = "firewalld.service";
    let values = match machine.unit(&Bus::System, UNIT, &["FileState"]) {
        Err(CouldNot::Absent) => Default::default(),
        values => values.map_err(|why| could_not(UNIT, &why))?,
    };
    let state = values.get("FileState").map(words).filter(|state| !state.is_empty());
    if state.as_deref() == Some("enabled") {
        return Ok(());
    }
    let state = state.unwrap_or_else(|| "not installed".into());
    Err(Verdict::Unknown {
        why: format!("{UNIT} is {state}, so it is not started at a boot, and its zones say nothing of what holds then"),
        grant: Some("sudo systemctl enable firewalld".into()),
    })
}

fn port_of(text: &str) -> Result<(u16, String), Verdict> {
    let read = text.split_once('/').and_then(|(port, protocol)| Some((port.parse().ok()?, protocol.to_owned())));
    let read = read.filter(|(_, protocol)| ["tcp", "udp"].contains(&protocol.as_str()));
    read.ok_or_else(|| Verdict::unknown(format!("`{text}` is no port with its protocol, such as 8080/tcp")))
}

/// A zone or service: the administrator's file, else the given one.
fn file(machine: &dyn Machine, kind: &str, name: &str) -> Result<Option<(Zone, std::path::PathBuf)>, Verdict> {
    if name.is_empty() || name.contains(['/', '\0']) || name.starts_with('.') {
        return Err(Verdict::unknown(format!("`{name}` is no name of firewalld's")));
    }
    for folder in [OWN, GIVEN] {
        let path = Path::new(folder).join(kind).join(format!("{name}.xml"));
        match machine.read(&path, MOST) {
            Ok(text) => {
                let zone = zone::read(&String::from_utf8_lossy(&text));
                let zone = zone.ok_or_else(|| Verdict::unknown(format!("{} is not understood", path.display())))?;
                return Ok(Some((zone, path)));
            }
            Err(CouldNot::Absent) => {}
            Err(why) => return Err(could_not(path.display(), &why)),
        }
    }
    Ok(None)
}

/// Rules of the older kind, which nft does not list.
fn older_rules(machine: &dyn Machine) -> Result<(), Verdict> {
    match machine.read(Path::new("/proc/net/ip_tables_names"), MOST) {
        Ok(names) if names.trim_ascii().is_empty() => Ok(()),
        Ok(_) => Err(Verdict::unknown("rules of iptables' older kind are in force, which are not read here")),
        Err(CouldNot::Absent) => Ok(()),
        Err(why) => Err(could_not("/proc/net/ip_tables_names", &why)),
    }
}

/// Whether the kernel can be asked for its rules without loading a module for that: it is built in, or there already. False where it is
/// neither, so that there can be no rules.
fn may_list(machine: &dyn Machine) -> Result<bool, Verdict> {
    let loaded = match machine.read(Path::new(MODULES), MOST) {
        Ok(text) => String::from_utf8_lossy(&text).lines().any(|line| line.starts_with("nf_tables ")),
        // A kernel without modules loads none.
        Err(CouldNot::Absent) => return Ok(true),
        Err(why) => return Err(could_not(MODULES, &why)),
    };
    if loaded {
        return Ok(true);
    }
    let release = machine
        .read(Path::new("/proc/sys/kernel/osrelease"), 256)
        .map_err(|why| could_not("the kernel's release", &why))?;
    let release = String::from_utf8_lossy(&release).trim().to_owned();
    match machine.read(&Path::new("/lib/modules").join(release).join("modules.builtin"), MOST) {
        Ok(text) => Ok(String::from_utf8_lossy(&text).lines().any(|line| line.ends_with("/nf_tables.ko"))),
        Err(_) => Err(Verdict::unknown("it is not known whether nf_tables is in the kernel, and asking could load it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::{Ran, Recorded, Value};

    fn machine() -> Recorded {
        let rules = include_str!("../../recorded/nft-1.0.6-ruleset.json");
        let ran = Ran { status: Some(0), output: rules.into(), errors: Vec::new() };
        Recorded::new()
            .plain(Plain::Ruleset, Ok(ran))
            .unit(Bus::System, "firewalld.service", &[("FileState", Value::Text("enabled".into()))])
            .file("/etc/firewalld/firewalld.conf", "DefaultZone=lab\n")
            .file(
                "/etc/firewalld/zones/lab.xml",
                r#"<zone><service name="http"/><port port="8080" protocol="tcp"/></zone>"#,
            )
            .file("/usr/lib/firewalld/zones/lab.xml", r#"<zone><service name="ssh"/></zone>"#)
            .file("/usr/lib/firewalld/zones/open.xml", r#"<zone target="ACCEPT"/>"#)
            .file("/usr/lib/firewalld/zones/rich.xml", "<zone><rule><accept/></rule></zone>")
            .file("/usr/lib/firewalld/services/http.xml", r#"<service><port protocol="tcp" port="80"/></service>"#)
    }
    fn judged(machine: &Recorded, what: &str, change: impl FnOnce(&mut Firewall)) -> Verdict {
        let mut check = Firewall::default();
        if what.contains('/') {
            check.port = Some(what.into())
        } else {
            check.service = Some(what.into())
        }
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn firewall_passes_by_the_rules_in_force_and_by_the_permanent_zone() {
        let verdict = judged(&machine(), "http", |f| (f.now, f.after_boot) = (Some(true), Some(true)));
        assert!(verdict.is_pass() && verdict.evidence().len() == 2, "{verdict:?}");
        assert!(judged(&machine(), "80/tcp", |f| f.after_boot = Some(true)).is_pass(), "by its service");
        assert!(judged(&machine(), "8080/tcp", |f| f.after_boot = Some(true)).is_pass());
        assert!(
            judged(&machine(), "ssh", |f| f.after_boot = Some(false)).is_pass(),
            "the own file hides the given one"
        );
        assert!(judged(&machine(), "1/udp", |f| (f.after_boot, f.zone) = (Some(true), Some("open".into()))).is_pass());
        assert!(judged(&machine(), "8080/tcp", |f| f.now = Some(false)).is_pass());
        let without = Recorded::new()
            .file(MODULES, "ext4 1 0 - Live\n")
            .file("/proc/sys/kernel/osrelease", "6.1\n")
            .file("/lib/modules/6.1/modules.builtin", "kernel/fs/x.ko\n");
        assert!(judged(&without, "80/tcp", |f| f.now = Some(true)).is_pass());
    }

    #[test]
    fn firewall_fails_with_the_chain_or_the_zone() {
        let verdict = judged(&machine(), "8080/tcp", |f| f.now = Some(true));
        let Verdict::Fail { wanted, found, evidence, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!((wanted.as_str(), found.as_str()), ("8080/tcp let in", "8080/tcp not let in"));
        assert_eq!(evidence[0].said, "8080/tcp is turned away by inet filter input");
        let verdict = judged(&machine(), "443/tcp", |f| f.after_boot = Some(true));
        let Verdict::Fail { evidence, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(evidence, [Evidence::file("/etc/firewalld/zones/lab.xml", "zone lab: http 8080/tcp")]);
        assert!(judged(&machine(), "22/tcp", |f| f.now = Some(false)).is_fail());
    }

    #[test]
    fn rules_beside_a_port_may_take_away_and_give() {
        let with = |rule: &str| {
            let zone = format!(r#"<zone><port port="8080" protocol="tcp"/>{rule}</zone>"#);
            machine().file("/etc/firewalld/zones/lab.xml", zone)
        };
        let after = |rule: &str, port: &str| {
            let verdicts = [true, false].map(|wished| judged(&with(rule), port, |f| f.after_boot = Some(wished)));
            let word = |verdict: &Verdict| {
                if verdict.is_unknown() {
                    "unknown"
                } else if verdict.is_pass() {
                    "pass"
                } else {
                    "fail"
                }
            };
            verdicts.each_ref().map(word)
        };
        for (rule, of_8080, of_9090) in [
            ("<rule><port port='8080' protocol='tcp'/><reject/></rule>", ["unknown"; 2], ["fail", "pass"]),
            ("<rule family='ipv4'><drop/></rule>", ["unknown"; 2], ["fail", "pass"]),
            ("<rule><port port='9090' protocol='tcp'/><accept/></rule>", ["pass", "fail"], ["unknown"; 2]),
            ("<rule><port port='9090' protocol='tcp'/><log/></rule>", ["pass", "fail"], ["fail", "pass"]),
            ("<protocol value='tcp'/>", ["pass", "fail"], ["unknown"; 2]),
            ("<source-port port='68' protocol='udp'/>", ["pass", "fail"], ["unknown"; 2]),
            ("<forward-port port='8080' protocol='tcp' to-port='80'/>", ["unknown"; 2], ["unknown"; 2]),
        ] {
            assert_eq!((after(rule, "8080/tcp"), after(rule, "9090/tcp")), (of_8080, of_9090), "{rule}");
        }
        let open = machine().file("/etc/firewalld/zones/lab.xml", "<zone target='ACCEPT'><rule><drop/></rule></zone>");
        assert!(judged(&open, "1/tcp", |f| f.after_boot = Some(true)).is_unknown());
    }

    #[test]
    fn nothing_holds_after_a_boot_by_a_firewalld_that_is_not_started() {
        for state in ["disabled", "masked", "enabled-runtime", "static"] {
            let properties = [("FileState", Value::Text(state.into()))];
            let idle = machine().unit(Bus::System, "firewalld.service", &properties);
            for wished in [true, false] {
                let Verdict::Unknown { why, grant } = judged(&idle, "8080/tcp", |f| f.after_boot = Some(wished)) else {
                    panic!("{state}")
                };
                assert!(why.contains(state), "{why}");
                assert_eq!(grant.as_deref(), Some("sudo systemctl enable firewalld"));
            }
        }
        let deaf = machine().without_bus(Bus::System);
        assert!(judged(&deaf, "8080/tcp", |f| f.after_boot = Some(true)).is_unknown());
    }

    #[test]
    fn firewall_is_unknown_without_a_firewall_to_ask_and_says_what_would_help() {
        let verdict = judged(&Recorded::new(), "80/tcp", |f| f.now = Some(true));
        assert!(
            matches!(&verdict, Verdict::Unknown { grant: Some(grant), .. } if grant == "the package nftables"),
            "{verdict:?}"
        );
        let verdict = judged(&Recorded::new(), "80/tcp", |f| f.after_boot = Some(true));
        assert!(matches!(&verdict, Verdict::Unknown { grant: Some(grant), .. } if grant == "firewalld"), "{verdict:?}");
        assert!(judged(&machine(), "5432/tcp", |f| f.now = Some(true)).is_unknown());
        assert!(
            judged(&machine(), "1/tcp", |f| (f.after_boot, f.zone) = (Some(true), Some("rich".into()))).is_unknown()
        );
        assert!(
            judged(&machine().file("/proc/net/ip_tables_names", "filter\n"), "22/tcp", |f| f.now = Some(true))
                .is_unknown()
        );
        assert!(judged(&machine().file(MODULES, "ext4 1 0 - Live\n"), "22/tcp", |f| f.now = Some(true)).is_unknown());
        for what in ["80", "80/icmp", "../x"] {
            assert!(judged(&machine(), what, |f| f.now = Some(true)).is_unknown(), "{what}");
        }
        assert!(judged(&machine(), "80/tcp", |_| ()).is_unknown(), "nothing is wished");
    }
}
