//! What a web server of this machine answers.
//!
#![doc = include_str!("http.md")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::findings::{Findings, could_not, pattern, quoted};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::http::{Answer, answer, own_addresses, visits};
use crate::facts::ports::{Listener, listeners};
use crate::ground::Ground;
use crate::machine::{CouldNot, Eyes, Machine};
use crate::verdict::{Evidence, Source, Verdict};

/// No table of the kernel's is larger.
const MOST: u64 = 64 << 20;

/// What is wished of an answer. Only what is named is judged; an address and nothing else wishes any answer at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Http {
    /// The address: `http://localhost:8080/index.html`. Only this machine's own are visited.
    pub url: String,
    /// False wishes that no web server answers there. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub answers: bool,
    /// The status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Every one of these texts stands in the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contains: Vec<String>,
    /// Every one of these regular expressions matches somewhere in the body (`^` and `$` are lines).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<String>,
    /// Headers by name, and a regular expression that matches somewhere in the value of each.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// What came of a visit.
enum Met {
    Nobody(Evidence),
    NoHttp(String, Evidence),
    Said(Box<Answer>, Evidence),
}

impl Judge for Http {
    fn eyes(&self) -> Eyes {
        // Who holds a socket is for root alone to see, and has to be known before anybody connects.
        Eyes::Root
    }

    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Sockets]
    }

    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        let met = match self.meet(machine) {
            Ok(met) => met,
            Err(unknown) => return unknown,
        };
        let mut findings = Findings::seen_by(format!("curl -i {}", quoted(&self.url)));
        let say = |answers| if answers { "an answer" } else { "no answer" };
        let wanted = format!("{} from {}", say(self.answers), self.url);
        match met {
            Met::Nobody(evidence) => findings.add(!self.answers, wanted, "nobody listens there", evidence),
            Met::NoHttp(found, evidence) => findings.add(!self.answers, wanted, found, evidence),
            Met::Said(_, evidence) if !self.answers => findings.add(false, wanted, say(true), evidence),
            Met::Said(answer, evidence) => {
                findings.saw(evidence);
                self.judge_answer(&answer, &mut findings);
            }
        }
        findings.verdict()
    }
}

impl Http {
    fn judge_answer(&self, answer: &Answer, findings: &mut Findings) {
        if let Some(status) = self.status {
            findings.wish(answer.status == status, format!("status {status}"), format!("status {}", answer.status));
        }
        for (name, wanted) in &self.headers {
            match pattern(wanted) {
                Ok(regex) => {
                    let values = answer.header(name);
                    let holds = values.iter().any(|value| regex.is_match(value));
                    let found = if values.is_empty() { "none".into() } else { short(&values.join(", ")) };
                    findings.wish(holds, format!("header {name}: {wanted}"), format!("header {name}: {found}"));
                }
                Err(unknown) => findings.unknown(unknown),
            }
        }
        if self.contains.is_empty() && self.matches.is_empty() {
            return;
        }
        if let Some(packed) = answer.header("content-encoding").first().filter(|how| **how != "identity") {
            return findings
                .unknown(Verdict::unknown(format!("the body is packed as {packed}, and was not asked for so")));
        }
        let body = String::from_utf8_lossy(&answer.body);
        let found = format!("a body beginning with `{}`", short(&body));
        for text in &self.contains {
            findings.wish(body.contains(text), format!("`{text}` in the body"), found.clone());
        }
        for text in &self.matches {
            match pattern(text) {
                Ok(regex) => findings.wish(regex.is_match(&body), format!("`{text}` in the body"), found.clone()),
                Err(unknown) => findings.unknown(unknown),
            }
        }
    }

    fn meet(&self, machine: &dyn Machine) -> Result<Met, Verdict> {
        let visits = visits(&self.url).map_err(Verdict::unknown)?;
        let all = table(machine)?;
        let mut nobody = None;
        for visit in visits {
            own(machine, visit.address)?;
            let here = all.iter().find(|one| one.port == visit.address.port() && one.serves(visit.address.ip()));
            let Some(listener) = here else {
                let said = format!("nobody listens at {}", visit.address);
                nobody = Some(Met::Nobody(Evidence::new(Source::Kernel("/proc/net/tcp".into()), said)));
                continue;
            };
            awake(machine, listener)?;
            let place = || Source::Kernel(format!("tcp {}", visit.address));
            let bytes = match machine.visit(&visit) {
                Ok(bytes) => bytes,
                // It went away between the look and the visit.
                Err(CouldNot::Absent) => {
                    nobody = Some(Met::Nobody(Evidence::new(place(), "refuses the connection")));
                    continue;
                }
                Err(why) => return Err(could_not(&self.url, &why)),
            };
            return Ok(match answer(&bytes, true) {
                Ok(Some(answer)) => {
                    let said = format!("status {}, {} bytes", answer.status, answer.body.len());
                    Met::Said(Box::new(answer), Evidence::new(place(), said))
                }
                Ok(None) => Met::NoHttp("an answer that breaks off".into(), Evidence::new(place(), "breaks off")),
                Err(what) => Met::NoHttp(what.clone(), Evidence::new(place(), what)),
            });
        }
        nobody.ok_or_else(|| Verdict::unknown(format!("`{}` is no address", self.url)))
    }
}

fn short(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(100).collect()
}

fn table(machine: &dyn Machine) -> Result<Vec<Listener>, Verdict> {
    let mut all = Vec::new();
    for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
        match machine.read(Path::new(file), MOST) {
            Ok(table) => all.extend(listeners(&String::from_utf8_lossy(&table), true)),
            Err(CouldNot::Absent) if file.ends_with('6') => {}
            Err(why) => return Err(could_not(file, &why)),
        }
    }
    Ok(all)
}

/// Refuses every address but loopback and the machine's own: no lesson makes the lab call elsewhere.
fn own(machine: &dyn Machine, address: SocketAddr) -> Result<(), Verdict> {
    let ip = address.ip();
    if ip.is_loopback() {
        return Ok(());
    }
    let read = |file: &str| match machine.read(Path::new(file), MOST) {
        Ok(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Err(CouldNot::Absent) => Ok(String::new()),
        Err(why) => Err(could_not(file, &why)),
    };
    if own_addresses(&read("/proc/net/fib_trie")?, &read("/proc/net/if_inet6")?).contains(&ip) {
        return Ok(());
    }
    Err(Verdict::unknown(format!("{ip} is no address of this machine, and no other machine is visited")))
}

/// A socket that only a service manager holds starts its service for the first who connects. Looking must not.
fn awake(machine: &dyn Machine, listener: &Listener) -> Result<(), Verdict> {
    let socket = format!("socket:[{}]", listener.inode);
    let processes = machine.list(Path::new("/proc")).map_err(|why| could_not("/proc", &why))?;
    let mut manager = false;
    for process in processes.iter().filter(|name| name.to_str().is_some_and(|name| name.parse::<u32>().is_ok())) {
        let process = Path::new("/proc").join(process);
        let files = process.join("fd");
        let Ok(names) = machine.list(&files) else { continue };
        let holds = names
            .iter()
            .any(|name| machine.read_link(&files.join(name)).is_ok_and(|target| target.as_os_str() == socket.as_str()));
        if !holds {
            continue;
        }
        match machine.read(&process.join("comm"), 64) {
            Ok(name) if name.trim_ascii() == b"systemd" => manager = true,
            _ => return Ok(()),
        }
    }
    let port = listener.port;
    Err(if manager {
        Verdict::Unknown {
            why: format!("on port {port} a socket unit waits, and a visit would start its service"),
            grant: Some("the service behind the socket, started".into()),
        }
    } else {
        Verdict::unknown(format!("it cannot be seen who holds port {port}, so nobody connects to it"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::Recorded;

    fn listening(port: u16) -> String {
        format!(
            "head\n   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 777 1 0 100 0\n"
        )
    }
    fn machine(comm: &str, said: Result<&str, CouldNot>) -> Recorded {
        let visit = visits("http://localhost:8080/x").unwrap().remove(0);
        Recorded::new()
            .file("/proc/net/tcp", listening(8080))
            .link("/proc/41/fd/3", "socket:[777]")
            .file("/proc/41/comm", format!("{comm}\n"))
            .link("/proc/42/fd/3", "socket:[778]")
            .visited(visit, said.map(|text| text.as_bytes().to_vec()))
    }
    fn web() -> Recorded {
        machine("httpd", Ok("HTTP/1.1 200 OK\r\nServer: lab/1\r\nContent-Length: 12\r\n\r\nhello\nworld\n"))
    }
    fn judged(machine: &Recorded, change: impl FnOnce(&mut Http)) -> Verdict {
        let mut check = Http { url: "http://localhost:8080/x".into(), answers: true, ..Http::default() };
        change(&mut check);
        check.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn http_passes_with_status_body_and_header() {
        let verdict = judged(&web(), |h| {
            h.status = Some(200);
            h.contains = vec!["hello".into()];
            h.matches = vec!["^world$".into()];
            h.headers.insert("Server".into(), "^lab/".into());
        });
        let source = Source::Kernel("tcp 127.0.0.1:8080".into());
        assert_eq!(verdict, Verdict::pass(Evidence::new(source, "status 200, 12 bytes")));
        assert!(judged(&web(), |h| (h.url, h.answers) = ("http://localhost:81/".into(), false)).is_pass());
    }

    #[test]
    fn http_fails_with_what_was_answered() {
        let verdict = judged(&web(), |h| {
            h.status = Some(404);
            h.contains = vec!["bye".into()];
            h.headers.insert("Location".into(), "x".into());
        });
        let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, "status 404, header Location: x, `bye` in the body");
        assert_eq!(found, "status 200, header Location: none, a body beginning with `hello`");
        assert_eq!(see.as_deref(), Some("curl -i http://localhost:8080/x"));
        assert!(judged(&web(), |h| h.answers = false).is_fail());
        assert!(judged(&web(), |h| h.url = "http://127.0.0.1:81/".into()).is_fail(), "nobody listens");
        assert!(judged(&machine("sshd", Ok("SSH-2.0-x\r\n")), |_| ()).is_fail());
    }

    #[test]
    fn http_is_unknown_for_other_machines_and_where_a_visit_would_start_something() {
        for url in ["http://192.0.2.1/", "http://example.com/", "https://localhost:8080/", "http://0.0.0.0:8080/"] {
            assert!(judged(&web(), |h| h.url = url.into()).is_unknown(), "{url}");
        }
        let why = |verdict| {
            let Verdict::Unknown { why, .. } = verdict else { panic!("{verdict:?}") };
            why
        };
        assert!(why(judged(&machine("systemd", Err(CouldNot::TimedOut)), |_| ())).contains("would start its service"));
        let hidden = Recorded::new().file("/proc/net/tcp", listening(8080));
        assert!(why(judged(&hidden, |_| ())).contains("who holds port 8080"));
        assert!(judged(&machine("httpd", Err(CouldNot::TimedOut)), |_| ()).is_unknown());
        assert!(judged(&Recorded::new(), |_| ()).is_unknown());
    }

    #[test]
    fn an_address_of_the_machine_s_own_may_be_visited() {
        let trie = "  |-- 10.0.2.15\n     /32 host LOCAL\n";
        let own = web().file("/proc/net/fib_trie", trie);
        assert!(judged(&own, |h| h.url = "http://10.0.2.15/".into()).is_fail(), "it is looked at, and nobody listens");
    }
}
