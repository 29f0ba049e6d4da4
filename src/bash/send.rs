//! A line's way into bash: through the terminal's own line editing where that takes it whole, around it where not.

use std::io;
use std::time::{Duration, Instant};

use nix::sys::termios::SpecialCharacterIndices as Key;

use super::model::{Error, failed};
use super::pty::{bare, echo_of};
use super::session::Bash;

/// The longest line the terminal's own line editing takes, with room to spare.
const CANONICAL: usize = 4000;

impl Bash {
    /// Sends one line, newline included; gives the echo to expect.
    pub(super) fn send_line(&mut self, line: &[u8]) -> Result<Vec<u8>, Error> {
        if self.editing {
            // bash's readline takes it as a paste: no key in it has a meaning of its own.
            self.write_all(&[b"\x1b[200~", &line[..line.len() - 1], b"\x1b[201~\r"].concat())?;
            return Ok(Vec::new());
        }
        let modes = self.pty.modes().map_err(failed("ask the terminal"))?;
        let body = &line[..line.len() - 1];
        let keys = [
            Key::VERASE,
            Key::VKILL,
            Key::VEOF,
            Key::VEOL,
            Key::VEOL2,
            Key::VINTR,
            Key::VQUIT,
            Key::VSUSP,
            Key::VSTART,
        ]
        .map(|key| modes.control_chars[key as usize]);
        let special = |byte: &u8| (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f || keys.contains(byte);
        if line.len() <= CANONICAL && !body.iter().any(special) {
            self.write_all(line)?;
            return Ok(echo_of(line, &modes));
        }
        // Around the line editing: all but the newline goes to bash as it is, then the terminal is as before.
        self.pty.set_modes(&bare(&modes)).map_err(failed("set the terminal"))?;
        let mut rest = body;
        let deadline = Instant::now() + Duration::from_secs(5);
        while (!rest.is_empty() || self.pty.waiting() > 0) && Instant::now() < deadline {
            match self.pty.write(&rest[..rest.len().min(2048)]) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => break,
            }
            if rest.is_empty() || self.pty.waiting() > 2048 {
                // bash reads; there is no event for "the queue is empty".
                std::thread::sleep(Duration::from_micros(100));
            }
        }
        self.pty.set_modes(&modes).map_err(failed("set the terminal"))?;
        self.write_all(b"\n")?;
        Ok(echo_of(b"\n", &modes))
    }
}
