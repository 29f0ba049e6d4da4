//! What a service manager sends unasked, as far as it is understood: whether a message is worth a look. Its contents are thrown away
//! unread; whoever sends them may be anybody.

/// No head of a message is larger.
const MOST: usize = 64 * 1024;
/// The answer to our greeting is one short line.
const LONGEST_LINE: usize = 512;
/// A signal.
const SIGNAL: u8 = 4;
/// These come when a unit is only looked at: a manager reads a unit's file when it is asked about it, and forgets it again. What
/// really happens to a unit is told by other signals.
const OF_LOOKING: [&[u8]; 2] = [b"UnitNew", b"UnitRemoved"];

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
    /// Takes in what came; whether anything in it is worth a look.
    pub(super) fn take_in(&mut self, mut bytes: &[u8]) -> Result<bool, Babble> {
        let mut stirred = false;
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
                stirred |= is_news(&self.head);
                self.body = number(&self.head, 4).unwrap_or_default();
                self.head.clear();
            }
        }
        Ok(stirred)
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

/// A signal that tells of more than our own looking. What cannot be read is one too: a look more does no harm.
fn is_news(head: &[u8]) -> bool {
    head.get(1) == Some(&SIGNAL) && member(head).is_none_or(|member| !OF_LOOKING.contains(&member))
}

/// The name of the signal: field 3.
fn member(head: &[u8]) -> Option<&[u8]> {
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
        if code == 3 {
            return head.get(from..from.checked_add(length)?);
        }
        at = from.checked_add(length)?.checked_add(rest)?.next_multiple_of(8);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(member: &str, body: usize) -> Vec<u8> {
        let mut fields = Vec::new();
        for (code, kind, text) in [(1u8, b'o', "/org/freedesktop/systemd1"), (3, b's', member), (8, b'g', "so")] {
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

    #[test]
    fn a_unit_that_is_only_looked_at_is_no_news_and_anything_else_is() {
        for size in [1, 3, 7, 4096] {
            let mut signals = Signals::default();
            let mut feed =
                |bytes: &[u8]| bytes.chunks(size).fold(false, |news, chunk| signals.take_in(chunk).unwrap() || news);
            assert!(!feed(b"OK 0123456789abcdef\r\n"));
            assert!(!feed(&[signal("UnitNew", 40), signal("UnitRemoved", 0)].concat()), "{size}");
            assert!(feed(&signal("PropertiesChanged", 1000)), "{size}");
            assert!(!feed(&signal("UnitNew", 3)));
            assert!(feed(&signal("Reloading", 4)));
            let mut answer = signal("PropertiesChanged", 4);
            answer[1] = 2;
            assert!(!feed(&answer), "an answer is no signal");
        }
    }

    #[test]
    fn nothing_that_a_stranger_says_does_harm() {
        assert_eq!(Signals::default().take_in(b"REJECTED EXTERNAL\r\n"), Err(Babble));
        assert_eq!(Signals::default().take_in(&[b'O'; 1000]), Err(Babble));
        let greeted = || {
            let mut signals = Signals::default();
            assert_eq!(signals.take_in(b"OK 1\r\n"), Ok(false));
            signals
        };
        assert_eq!(greeted().take_in(&[0xff; 64]), Err(Babble));
        assert_eq!(greeted().take_in(&[b'l'; 64]), Err(Babble));
        // Every wrong byte in a true message: understood, worth a look, or no manager; never an end of ours.
        let message = signal("PropertiesChanged", 8);
        for at in 0..message.len() {
            for wrong in [0, 1, 0x7f, 0xff] {
                let mut changed = message.clone();
                changed[at] = wrong;
                let _ = greeted().take_in(&changed);
            }
        }
    }
}
