//! The kernel's tables of sockets (proc(5), /proc/net/tcp and its kin). Pure.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A socket that waits for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The address it is bound to.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// The uid that owns it.
    pub uid: u32,
    /// Its number, by which a process's descriptor names it.
    pub inode: u64,
}

/// The listening sockets in one table. A TCP socket listens in state 0A; a UDP one waits unconnected, in state 07.
pub fn listeners(table: &str, tcp: bool) -> Vec<Listener> {
    let state = if tcp { "0A" } else { "07" };
    let lines = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (address, port) = fields.get(1)?.split_once(':')?;
        if *fields.get(3)? != state {
            return None;
        }
        let port = u16::from_str_radix(port, 16).ok()?;
        let (uid, inode) = (fields.get(7)?.parse().ok()?, fields.get(9)?.parse().ok()?);
        Some(Listener { address: ip(address)?, port, uid, inode })
    });
    lines.collect()
}

/// The kernel prints each 32-bit word in the machine's own byte order.
fn ip(hex: &str) -> Option<IpAddr> {
    let word = |at: usize| Some(u32::from_str_radix(hex.get(at..at + 8)?, 16).ok()?.to_ne_bytes());
    if hex.len() == 8 {
        return Some(Ipv4Addr::from(word(0)?).into());
    }
    let words = [word(0)?, word(8)?, word(16)?, word(24)?];
    let bytes: [u8; 16] = words.concat().try_into().ok()?;
    // A socket of IPv6 that is bound to an address of IPv4 (`::ffff:127.0.0.1`) serves that one and no other.
    Some(Ipv6Addr::from(bytes).to_canonical())
}

impl Listener {
    /// Whether a client that asks for `address` meets this socket. `::` takes IPv4 as well, unless the socket was told not to,
    /// which the table does not show: see [`Self::may_refuse`].
    pub fn serves(&self, address: IpAddr) -> bool {
        match self.address {
            own if own == address => true,
            IpAddr::V4(own) => own.is_unspecified() && address.is_ipv4(),
            IpAddr::V6(own) => own.is_unspecified(),
        }
    }

    /// Whether it serves this address only if it was not told to take IPv6 alone.
    pub fn may_refuse(&self, address: IpAddr) -> bool {
        self.address.is_ipv6() && address.is_ipv4()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From a machine with sshd.
    pub(crate) const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 126909 1 000000007865de5c 100 0 0 10 0\n   1: 0100007F:0016 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0\n";
    const TCP6: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   1: 00000000000000000000000000000000:1388 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 126823 1 0000000014c12757 100 0 0 10 0\n   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   0        0 126823 1 0000000014c12757 100 0 0 10 0\n";

    #[test]
    fn listeners_are_read_from_both_tables() {
        let ssh = Listener { address: "127.0.0.1".parse().unwrap(), port: 22, uid: 1000, inode: 126_909 };
        assert_eq!(listeners(TCP, true), [ssh]);
        let six = listeners(TCP6, true);
        assert_eq!((six[0].address, six[0].port, six[0].uid), ("::".parse().unwrap(), 5000, 100));
        assert_eq!((six[1].address, six[1].port), ("::1".parse().unwrap(), 80));
        assert_eq!(listeners("garbage\nx y z\n", true), []);
    }

    #[test]
    fn an_unspecified_address_serves_every_other() {
        let at = |address: &str| {
            let address = address.parse::<IpAddr>().unwrap();
            let words = |six: Ipv6Addr| {
                six.octets().chunks(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap())).collect::<Vec<_>>()
            };
            let hex = match address {
                IpAddr::V4(four) => format!("{:08X}", u32::from_ne_bytes(four.octets())),
                IpAddr::V6(six) => words(six).iter().map(|word| format!("{word:08X}")).collect(),
            };
            let line = format!("head\n0: {hex}:0001 x 0A x x x 0 0 1\n");
            listeners(&line, true).remove(0)
        };
        for (own, asked, serves) in [
            ("0.0.0.0", "127.0.0.1", true),
            ("::", "10.0.0.1", true),
            ("::ffff:127.0.0.1", "127.0.0.1", true),
            ("::ffff:0.0.0.0", "127.0.0.1", true),
            ("::ffff:127.0.0.1", "::1", false),
            ("::", "::1", true),
            ("0.0.0.0", "::1", false),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "0.0.0.0", false),
            ("::1", "127.0.0.1", false),
        ] {
            assert_eq!(at(own).serves(asked.parse().unwrap()), serves, "{own} {asked}");
        }
    }
}
