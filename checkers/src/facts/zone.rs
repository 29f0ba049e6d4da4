//! Zones and services of firewalld, as its files have them (firewalld.zone(5), firewalld.service(5)). Pure.

/// A zone, or a service: what it lets in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// Everything is let in.
    pub all: bool,
    /// The services by name.
    pub services: Vec<String>,
    /// Ports: the first, the last, the protocol.
    pub ports: Vec<(u16, u16, String)>,
    /// It has rules that let more in than that.
    pub gives: bool,
    /// It has rules that turn away what it lets in, or send it elsewhere.
    pub takes: bool,
}

/// Reads a file; none for what is no XML of firewalld's.
pub fn read(text: &str) -> Option<Zone> {
    let document = roxmltree::Document::parse(text).ok()?;
    let root = document.root_element();
    let mut zone = Zone { all: root.attribute("target") == Some("ACCEPT"), ..Zone::default() };
    for part in root.children().filter(roxmltree::Node::is_element) {
        match part.tag_name().name() {
            "service" => zone.services.extend(part.attribute("name").map(str::to_owned)),
            "port" => {
                let (port, protocol) = (part.attribute("port")?, part.attribute("protocol")?);
                let (first, last) = port.split_once('-').unwrap_or((port, port));
                zone.ports.push((first.parse().ok()?, last.parse().ok()?, protocol.to_owned()));
            }
            "rule" => {
                let has = |action: &str| part.children().any(|one| one.has_tag_name(action));
                let moves = has("forward-port");
                zone.gives |= moves || has("accept");
                zone.takes |= moves || has("reject") || has("drop");
            }
            "protocol" | "source-port" | "include" => zone.gives = true,
            "forward-port" => (zone.gives, zone.takes) = (true, true),
            _ => {}
        }
    }
    Some(zone)
}

impl Zone {
    /// Whether a port is among its own.
    pub fn has(&self, protocol: &str, port: u16) -> bool {
        self.ports.iter().any(|(first, last, of)| of == protocol && (*first..=*last).contains(&port))
    }
}

/// The zone that is meant where none is named, by firewalld.conf(5).
pub fn default_zone(config: &str) -> String {
    let named = config.lines().filter_map(|line| line.trim().strip_prefix("DefaultZone=")).next_back();
    named.map(str::trim).filter(|name| !name.is_empty()).unwrap_or("public").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_its_services_and_ports() {
        let text = r#"<?xml version="1.0" encoding="utf-8"?>
<zone><short>Public</short><service name="ssh"/><port port="8080-8090" protocol="tcp"/><port protocol="udp" port="53"/></zone>"#;
        let zone = read(text).unwrap();
        assert_eq!(zone.services, ["ssh"]);
        assert!(
            zone.has("tcp", 8085)
                && zone.has("udp", 53)
                && !zone.has("udp", 8085)
                && !zone.all
                && !zone.gives
                && !zone.takes
        );
        assert!(
            read("<zone target=\"ACCEPT\"><rule><drop/></rule></zone>")
                .is_some_and(|zone| zone.all && zone.takes && !zone.gives)
        );
        assert_eq!(read("no xml"), None);
        assert_eq!(read("<zone><port port=\"x\" protocol=\"tcp\"/></zone>"), None);
        assert_eq!(default_zone("# x\nDefaultZone=dmz\n"), "dmz");
        assert_eq!(default_zone(""), "public");
    }
}
