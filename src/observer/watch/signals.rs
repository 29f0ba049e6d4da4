//! What a service manager sends unasked, as far as it is understood: which object speaks, and which signal it is. Its contents are
//! thrown away unread; whoever sends them may be anybody.

/// No head of a message is larger.
const MOST: usize = 64 * 1024;
/// The answer to our greeting is one short line.
const LONGEST_LINE: usize = 512;
/// A signal.
const SIGNAL: u8 = 4;

/// Who wants to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hear {
    /// What happens to a unit of this object path, and what happens to all of them.
    Unit(String),
    /// What happens to scopes and services: there containers live.
    Containers,
    /// What happens to the manager as a whole.
    Manager,
}

impl Hear {
    /// What happens to the unit of this name.
    pub(super) fn unit(name: &str) -> Self {
        let plain = |at: usize, byte: u8| byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit());
        let write = |(at, byte)| if plain(at, byte) { char::from(byte).to_string() } else { format!("_{byte:02x}") };
        Self::Unit(format!(
            "/org/freedesktop/systemd1/unit/{}",
            name.bytes().enumerate().map(write).collect::<String>()
        ))
    }

    /// Whether a signal is meant for it. `UnitNew` and `UnitRemoved` are for nobody: they also come when a unit is only looked at,
    /// because a manager reads a unit's file when it is asked about it, and forgets it again. Units that this one names speak then
    /// too, but never the unit itself: that one speaks only when something happens to it.
    pub(super) fn heeds(&self, signal: &Signal<'_>) -> bool {
        let (Some(path), Some(member)) = (signal.path, signal.member) else { return true };
        let of_all = matches!(member, b"Reloading" | b"UnitFilesChanged" | b"StartupFinished");
        let of_one = member == b"PropertiesChanged";
        match self {
            Self::Unit(own) => of_all || of_one && path == own.as_bytes(),
            Self::Containers => of_one && (path.ends_with(b"_2escope") || path.ends_with(b"_2eservice")),
            Self::Manager => of_all,
        }
    }
}

/// A signal; what cannot be read of it is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signal<'a> {
    pub(super) path: Option<&'a [u8]>,
    pub(super) member: Option<&'a [u8]>,
}

/// One stream of messages.
#[derive(Debug, Default)]
pub(super) struct Signals {
    greeted: bool,
    head: Vec<u8>,
    /// So much of a message's body is still to come.
    body: usize,
}

/// It is no manager that speaks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Babble;

impl Signals {
    /// Takes in what came, and tells of each signal in it.
    pub(super) fn take_in(&mut self, mut bytes: &[u8], mut tell: impl FnMut(&Signal<'_>)) -> Result<(), Babble> {
        while !bytes.is_empty() {
            if self.body > 0 {
                let count = self.body.min(bytes.len());
                self.body -= count;
                bytes = bytes.get(count..).unwrap_or_default();
                continue;
            }
            let wanted = if self.greeted { self.wanted()? } else { self.head.len() + 1 };
            let count = (wanted - self.head.len()).min(bytes.len());
            let (now, later) = bytes.split_at(count);
            self.head.extend_from_slice(now);
            bytes = later;
            if !self.greeted {
                self.greeting()?;
            } else if self.head.len() == wanted && wanted > 16 {
                if self.head.get(1) == Some(&SIGNAL) {
                    tell(&Signal { path: field(&self.head, 1), member: field(&self.head, 3) });
                }
                self.body = number(&self.head, 4).unwrap_or_default();
                self.head.clear();
            }
        }
        Ok(())
    }

    fn greeting(&mut self) -> Result<(), Babble> {
        if self.head.ends_with(b"\r\n") {
            if !self.head.starts_with(b"OK ") {
                return Err(Babble);
            }
            self.greeted = true;
            self.head.clear();
        }
        if self.head.len() > LONGEST_LINE { Err(Babble) } else { Ok(()) }
    }

    /// How long the head is, as far as that is known yet.
    fn wanted(&self) -> Result<usize, Babble> {
        let Some(fields) = number(&self.head, 12) else { return Ok(16) };
        if fields == 0 || fields > MOST || !matches!(self.head.first(), Some(b'l' | b'B')) {
            return Err(Babble);
        }
        Ok(16 + fields.next_multiple_of(8))
    }
}

/// A 32-bit number of a message, in its own byte order.
fn number(message: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = message.get(at..at + 4)?.try_into().ok()?;
    let number = if message.first() == Some(&b'B') { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
    usize::try_from(number).ok()
}

/// A field of a head that is a text: 1 the object's path, 3 the signal's name.
fn field(head: &[u8], wanted: u8) -> Option<&[u8]> {
    let end = (16 + number(head, 12)?).min(head.len());
    let mut at = 16;
    while at < end {
        let (code, kind) = (*head.get(at)?, *head.get(at + 2)?);
        let value = at + 4;
        let (from, length, rest) = match kind {
            b's' | b'o' => (value + 4, number(head, value)?, 1),
            b'g' => (value + 1, usize::from(*head.get(value)?), 1),
            b'u' => (value, 4, 0),
            _ => return None,
        };
        if code == wanted {
            return head.get(from..from.checked_add(length)?);
        }
        at = from.checked_add(length)?.checked_add(rest)?.next_multiple_of(8);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = "/org/freedesktop/systemd1/unit/web1_2eservice";

    fn signal(path: &str, member: &str, body: usize) -> Vec<u8> {
        let mut fields = Vec::new();
        for (code, kind, text) in [(1u8, b'o', path), (3, b's', member), (8, b'g', "so")] {
            while fields.len() % 8 != 0 {
                fields.push(0);
            }
            fields.extend([code, 1, kind, 0]);
            if kind == b'g' {
                fields.push(u8::try_from(text.len()).unwrap());
            } else {
                fields.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            }
            fields.extend(text.as_bytes());
            fields.push(0);
        }
        let mut message = vec![b'l', 4, 0, 1];
        message.extend(u32::try_from(body).unwrap().to_le_bytes());
        message.extend(7u32.to_le_bytes());
        message.extend(u32::try_from(fields.len()).unwrap().to_le_bytes());
        message.extend(fields);
        message.resize(message.len().next_multiple_of(8) + body, 0xff);
        message
    }

    fn greeted() -> Signals {
        let mut signals = Signals::default();
        signals.take_in(b"OK 0123456789abcdef\r\n", |_| panic!("no signal yet")).unwrap();
        signals
    }

    #[test]
    fn signals_are_told_one_by_one_however_they_come_in_pieces() {
        let (properties, new) = (signal(UNIT, "PropertiesChanged", 1000), signal("/x", "UnitNew", 3));
        let mut answer = signal("/x", "PropertiesChanged", 4);
        answer[1] = 2;
        let all = [properties, answer, new].concat();
        for size in [1, 3, 7, 4096] {
            let (mut signals, mut told) = (greeted(), Vec::new());
            for piece in all.chunks(size) {
                let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap().to_vec()).unwrap();
                signals.take_in(piece, |one| told.push((text(one.path), text(one.member)))).unwrap();
            }
            let wanted = [(UNIT, "PropertiesChanged"), ("/x", "UnitNew")].map(|(a, b)| (a.to_owned(), b.to_owned()));
            assert_eq!(told, wanted, "in pieces of {size}");
        }
    }

    #[test]
    fn what_only_comes_of_looking_is_heeded_by_nobody() {
        let heeds = |hear: &Hear, path: &str, member: &str| {
            hear.heeds(&Signal { path: Some(path.as_bytes()), member: Some(member.as_bytes()) })
        };
        let (unit, manager) = (Hear::unit("web1.service"), "/org/freedesktop/systemd1");
        assert_eq!(unit, Hear::Unit(UNIT.into()));
        assert_eq!(Hear::unit("1@a-b.c"), Hear::Unit("/org/freedesktop/systemd1/unit/_31_40a_2db_2ec".into()));
        for hear in [unit.clone(), Hear::Containers, Hear::Manager] {
            assert!(!heeds(&hear, manager, "UnitNew") && !heeds(&hear, manager, "UnitRemoved"));
            // Units that a unit names, while that one is looked at.
            assert!(!heeds(&hear, "/org/freedesktop/systemd1/unit/basic_2etarget", "PropertiesChanged"));
        }
        assert!(heeds(&unit, UNIT, "PropertiesChanged") && heeds(&unit, manager, "Reloading"));
        assert!(!heeds(&unit, "/org/freedesktop/systemd1/unit/other_2eservice", "PropertiesChanged"));
        assert!(heeds(&Hear::Containers, "/org/freedesktop/systemd1/unit/libpod_2dx_2escope", "PropertiesChanged"));
        assert!(
            heeds(&Hear::Manager, manager, "UnitFilesChanged") && !heeds(&Hear::Manager, UNIT, "PropertiesChanged")
        );
        assert!(unit.heeds(&Signal { path: None, member: None }), "what cannot be read may be anything");
    }

    #[test]
    fn nothing_that_a_stranger_says_does_harm() {
        let fed = |mut signals: Signals, bytes: &[u8]| signals.take_in(bytes, |_| ());
        assert_eq!(fed(Signals::default(), b"REJECTED EXTERNAL\r\n"), Err(Babble));
        assert_eq!(fed(Signals::default(), &[b'O'; 1000]), Err(Babble));
        assert_eq!(fed(greeted(), &[0xff; 64]), Err(Babble));
        assert_eq!(fed(greeted(), &[b'l'; 64]), Err(Babble));
        // Every wrong byte in a true message: understood, not understood, or no manager; never an end of ours.
        let message = signal(UNIT, "PropertiesChanged", 8);
        for at in 0..message.len() {
            for wrong in [0, 1, 0x7f, 0xff] {
                let mut changed = message.clone();
                changed[at] = wrong;
                let _ = fed(greeted(), &changed);
            }
        }
    }
}
