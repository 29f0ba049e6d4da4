//! The rules of nftables as `nft -j list ruleset` writes them (libnftables-json(5)): what becomes of a new IPv4 connection from another
//! machine to a port of this one. Pure. Where that depends on more than the port, the answer says so.

use std::collections::BTreeSet;

use serde_json::Value;

/// What becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Every chain on its way lets it in.
    In,
    /// The chain named here turns it away.
    Out(String),
    /// It depends on what is not known of it; the chain that decides is named.
    Depends(String),
}

/// What a chain can do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Accept,
    Drop,
    /// Nothing: it goes on behind the chain.
    Through,
}

/// Whether a rule is about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    No,
    Maybe,
}

/// No chain leads through more chains: the kernel allows sixteen.
const DEPTH: usize = 16;

/// Follows a new connection by `tcp` or `udp` to a port. None for a text that is no ruleset.
pub fn fate(json: &str, protocol: &str, port: u16) -> Option<Fate> {
    let all: Value = serde_json::from_str(json).ok()?;
    let all = all.get("nftables")?.as_array()?;
    let way = Way { all, protocol, port };
    let mut depends = None;
    for chain in all.iter().filter_map(|one| one.get("chain")) {
        let hook = text(chain, "hook");
        if !["prerouting", "input", "ingress"].contains(&hook)
            || ["ip6", "arp", "bridge"].contains(&text(chain, "family"))
        {
            continue;
        }
        let name = format!("{} {} {}", text(chain, "family"), text(chain, "table"), text(chain, "name"));
        let mut ends = way.chain(chain, 0);
        if ends.remove(&End::Through) {
            ends.insert(if text(chain, "policy") == "drop" { End::Drop } else { End::Accept });
        }
        if !ends.contains(&End::Accept) {
            return Some(Fate::Out(name));
        }
        if ends.contains(&End::Drop) {
            depends.get_or_insert(name);
        }
    }
    Some(depends.map_or(Fate::In, Fate::Depends))
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn anything() -> BTreeSet<End> {
    BTreeSet::from([End::Accept, End::Drop, End::Through])
}

struct Way<'r> {
    all: &'r [Value],
    protocol: &'r str,
    port: u16,
}

impl Way<'_> {
    fn chain(&self, chain: &Value, depth: usize) -> BTreeSet<End> {
        if depth > DEPTH {
            return anything();
        }
        let own = |rule: &&Value| {
            text(rule, "chain") == text(chain, "name")
                && ["family", "table"].iter().all(|key| text(rule, key) == text(chain, key))
        };
        let mut ends = BTreeSet::new();
        for rule in self.all.iter().filter_map(|one| one.get("rule")).filter(own) {
            let (fit, leads, goes) = self.rule(rule, chain, depth);
            if fit == Fit::No {
                continue;
            }
            ends.extend(leads.iter().filter(|end| **end != End::Through || goes));
            let through = leads.contains(&End::Through) && !goes;
            if fit == Fit::Yes && !through {
                return ends;
            }
        }
        ends.insert(End::Through);
        ends
    }

    /// Whether it is about the connection, where it leads then, and whether `Through` means out of this chain (`return`, `goto`).
    fn rule(&self, rule: &Value, chain: &Value, depth: usize) -> (Fit, BTreeSet<End>, bool) {
        let mut fit = Fit::Yes;
        for part in rule.get("expr").and_then(Value::as_array).into_iter().flatten() {
            let Some((key, value)) = part.as_object().and_then(|part| part.iter().next()) else { continue };
            match key.as_str() {
                "match" => match self.matches(value, chain) {
                    Fit::No => return (Fit::No, BTreeSet::new(), false),
                    Fit::Maybe => fit = Fit::Maybe,
                    Fit::Yes => {}
                },
                "accept" => return (fit, [End::Accept].into(), false),
                "drop" | "reject" => return (fit, [End::Drop].into(), false),
                "return" => return (fit, [End::Through].into(), true),
                "jump" | "goto" => {
                    let same = |one: &&Value| {
                        text(one, "name") == text(value, "target")
                            && ["family", "table"].iter().all(|key| text(one, key) == text(chain, key))
                    };
                    let target = self.all.iter().filter_map(|one| one.get("chain")).find(same);
                    let ends = target.map_or_else(anything, |target| self.chain(target, depth + 1));
                    return (fit, ends, key == "goto");
                }
                "counter" | "log" | "comment" | "mangle" | "notrack" | "set" | "flow" => {}
                "limit" | "quota" | "ct count" => fit = Fit::Maybe,
                // Maps of verdicts, other addresses, queues and what newer kernels know: anything may come of it.
                _ => return (Fit::Maybe, [End::Accept, End::Drop].into(), false),
            }
        }
        (fit, [End::Through].into(), false)
    }

    fn matches(&self, part: &Value, chain: &Value) -> Fit {
        let (Some(left), Some(right)) = (part.get("left"), part.get("right")) else { return Fit::Maybe };
        let op = text(part, "op");
        let found = if let Some(payload) = left.get("payload") {
            let (protocol, field) = (text(payload, "protocol"), text(payload, "field"));
            match (protocol, field) {
                ("tcp" | "udp", _) if protocol != self.protocol => return Fit::No,
                ("ip6" | "icmp" | "icmpv6" | "sctp" | "dccp", _) => return Fit::No,
                ("tcp" | "udp" | "th", "dport") => return self.number(op, right, chain),
                ("ip", "protocol") => self.holds(right, &[self.protocol], chain),
                _ => Fit::Maybe,
            }
        } else if let Some(meta) = left.get("meta") {
            match text(meta, "key") {
                "l4proto" => self.holds(right, &[self.protocol], chain),
                "nfproto" => self.holds(right, &["ipv4"], chain),
                "protocol" => self.holds(right, &["ip"], chain),
                // It comes from another machine, by an interface that is not named here.
                "iif" | "iifname" if right == "lo" => Fit::No,
                _ => Fit::Maybe,
            }
        } else if let Some(ct) = left.get("ct") {
            match text(ct, "key") {
                "state" => self.holds(right, &["new"], chain),
                "status" if right == "dnat" => Fit::No,
                _ => Fit::Maybe,
            }
        } else {
            Fit::Maybe
        };
        match (op, found) {
            ("==" | "in", found) => found,
            ("!=", Fit::Yes) => Fit::No,
            ("!=", Fit::No) => Fit::Yes,
            _ => Fit::Maybe,
        }
    }

    /// The words on the right of a match: one, several, or a set by its name.
    fn words<'v>(&'v self, right: &'v Value, chain: &Value) -> Option<Vec<&'v Value>> {
        match right {
            Value::Array(list) => Some(list.iter().collect()),
            Value::Object(map) if map.contains_key("set") => {
                map.get("set")?.as_array().map(|list| list.iter().collect())
            }
            Value::String(name) if name.starts_with('@') => {
                let own = |set: &&Value| {
                    Some(text(set, "name")) == name.strip_prefix('@')
                        && ["family", "table"].iter().all(|key| text(set, key) == text(chain, key))
                };
                let set = self.all.iter().filter_map(|one| one.get("set")).find(own)?;
                Some(set.get("elem").and_then(Value::as_array).into_iter().flatten().collect())
            }
            one => Some(vec![one]),
        }
    }

    fn holds(&self, right: &Value, wanted: &[&str], chain: &Value) -> Fit {
        let Some(words) = self.words(right, chain) else { return Fit::Maybe };
        if words.iter().any(|word| !word.is_string()) {
            return Fit::Maybe;
        }
        if words.iter().filter_map(|word| word.as_str()).any(|word| wanted.contains(&word)) {
            Fit::Yes
        } else {
            Fit::No
        }
    }

    fn number(&self, op: &str, right: &Value, chain: &Value) -> Fit {
        let port = u64::from(self.port);
        let is = |holds: bool| if holds { Fit::Yes } else { Fit::No };
        if let ("<" | ">" | "<=" | ">=", Some(limit)) = (op, right.as_u64()) {
            return is(match op {
                "<" => port < limit,
                ">" => port > limit,
                "<=" => port <= limit,
                _ => port >= limit,
            });
        }
        let Some(words) = self.words(right, chain) else { return Fit::Maybe };
        let mut found = false;
        for word in words {
            let ends = word.get("range").and_then(Value::as_array);
            let ends = ends.map(|ends| ends.iter().filter_map(Value::as_u64).collect::<Vec<_>>());
            match (word.as_u64(), ends.as_deref()) {
                (Some(one), _) => found |= one == port,
                (None, Some([first, last])) => found |= (*first..=*last).contains(&port),
                _ => return Fit::Maybe,
            }
        }
        match op {
            "==" | "in" => is(found),
            "!=" => is(!found),
            _ => Fit::Maybe,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Said by nft 1.0.6: ssh and 8000-8010 are let in, web by a jump, 5432 from one network, the rest is turned away.
    const RULES: &str = include_str!("../../recorded/nft-1.0.6-ruleset.json");

    #[test]
    fn a_connection_is_followed_through_sets_ranges_and_jumps() {
        let out = || Fate::Out("inet filter input".into());
        for (protocol, port, wanted) in [
            ("tcp", 22, Fate::In),
            ("tcp", 8005, Fate::In),
            ("tcp", 8011, out()),
            ("udp", 53, Fate::In),
            ("tcp", 53, out()),
            ("tcp", 80, Fate::In),
            ("tcp", 9000, out()),
            ("tcp", 3000, Fate::In),
            ("tcp", 3001, out()),
            ("udp", 3000, out()),
            ("tcp", 5432, Fate::Depends("inet filter input".into())),
        ] {
            assert_eq!(fate(RULES, protocol, port), Some(wanted), "{protocol} {port}");
        }
    }

    fn rules(parts: &str) -> String {
        let head = r#"{"chain":{"family":"inet","table":"t","name":"input","type":"filter","hook":"input","prio":0,"policy":"accept"}}"#;
        format!(r#"{{"nftables":[{head}{parts}]}}"#)
    }
    fn rule(expr: &str) -> String {
        format!(r#",{{"rule":{{"family":"inet","table":"t","chain":"input","expr":[{expr}]}}}}"#)
    }

    #[test]
    fn what_is_not_understood_leaves_the_answer_open_only_where_it_matters() {
        let dport = r#"{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":"@web"}}"#;
        let named = r#",{"set":{"family":"inet","table":"t","name":"web","elem":[80,443]}}"#;
        let drop = r#"{"drop":null}"#;
        let set = rules(&(named.to_owned() + &rule(&format!("{dport},{drop}"))));
        assert_eq!(fate(&set, "tcp", 443), Some(Fate::Out("inet t input".into())));
        assert_eq!(fate(&set, "tcp", 22), Some(Fate::In));
        let odd = rules(&rule(r#"{"vmap":{"key":1,"data":2}}"#));
        assert!(matches!(fate(&odd, "tcp", 22), Some(Fate::Depends(_))));
        let from = r#"{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"10.0.0.1"}}"#;
        assert!(matches!(fate(&rules(&rule(&format!("{from},{drop}"))), "tcp", 22), Some(Fate::Depends(_))));
        assert_eq!(fate(&rules(&rule(&format!(r#"{from},{{"accept":null}}"#))), "tcp", 22), Some(Fate::In));
        assert_eq!(fate(&rules(""), "tcp", 22), Some(Fate::In));
        assert_eq!(fate(r#"{"nftables":[]}"#, "tcp", 22), Some(Fate::In));
        assert_eq!(fate("{}", "tcp", 22), None);
        let round = r#",{"rule":{"family":"inet","table":"t","chain":"input","expr":[{"jump":{"target":"input"}}]}}"#;
        assert!(fate(&rules(round), "tcp", 22).is_some(), "an endless way ends");
    }
}
