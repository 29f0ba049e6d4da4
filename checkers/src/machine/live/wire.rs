//! One open connection to a bus or to a manager's own socket: sends questions, takes their answers in any order. Never waits without an end.
//!
//! zbus makes and reads the messages. The stream is our own because zbus (5.19 panics, 6.2 refuses) cannot take the answers of
//! systemd's private socket, which name their sender `org.freedesktop.systemd1`, and because a plain blocking stream needs no thread.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, connect as connect_to, socket};
use zbus::Message;
use zbus::message::Type;
use zbus::wire::serialized::{Context, Data};
use zbus::wire::{DynamicDeserialize, DynamicType, Endian, OwnedVariant, Variant};

/// An answer larger than this is no answer to any of our questions.
const MOST: usize = 4 << 20;

/// An open connection.
pub(crate) struct Wire {
    stream: UnixStream,
    patience: Duration,
    /// What came and was not taken yet.
    come: VecDeque<u8>,
    owes: Owes,
}

/// What has to pass before the first question.
enum Owes {
    /// Its word that we are welcome, and then our hello.
    Hello,
    /// Its word that we are welcome.
    Welcome,
    Nothing,
}

/// What came back: the body of an answer, or the name and text of an error.
pub(crate) enum Reply {
    Body { bytes: Vec<u8>, signature: String, endian: Endian },
    Error { name: String, text: String },
}

impl Wire {
    /// Connects and says who we are, by the socket's own credentials. Whether that is believed is read before the first question.
    pub(crate) fn open(path: &Path, is_bus: bool, patience: Duration) -> io::Result<Self> {
        let mut stream = connect(path, patience)?;
        let uid: String = nix::unistd::geteuid().to_string().bytes().map(|digit| format!("{digit:02x}")).collect();
        // All in one, as systemd's own clients do: systemd waits for ever when BEGIN and a question reach it together.
        stream.write_all(format!("\0AUTH EXTERNAL {uid}\r\nBEGIN\r\n").as_bytes())?;
        let owes = if is_bus { Owes::Hello } else { Owes::Welcome };
        Ok(Self { stream, patience, come: VecDeque::new(), owes })
    }

    /// Reads that we are welcome. On a bus, says hello.
    fn greet(&mut self) -> io::Result<()> {
        let until = Instant::now() + self.patience;
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            self.take(&mut byte, until)?;
            line.extend(byte);
            if line.len() > 512 {
                return Err(ErrorKind::InvalidData.into());
            }
        }
        if !line.starts_with(b"OK ") {
            return Err(ErrorKind::PermissionDenied.into());
        }
        if matches!(std::mem::replace(&mut self.owes, Owes::Nothing), Owes::Hello) {
            let hello =
                question(Some("org.freedesktop.DBus"), "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", &());
            self.ask(&[hello.map_err(io::Error::other)?])?;
        }
        Ok(())
    }

    /// Sends all questions at once; their answers in the questions' order.
    pub(crate) fn ask(&mut self, questions: &[Message]) -> io::Result<Vec<Reply>> {
        if !matches!(self.owes, Owes::Nothing) {
            self.greet()?;
        }
        let bytes: Vec<u8> = questions.iter().flat_map(|question| question.data().bytes().iter().copied()).collect();
        self.stream.write_all(&bytes)?;
        let until = Instant::now() + self.patience;
        let mut replies: Vec<Option<Reply>> = questions.iter().map(|_| None).collect();
        while replies.iter().any(Option::is_none) {
            let (answers, reply) = self.next(until)?;
            let place = questions.iter().position(|one| one.primary_header().serial_num().get() == answers);
            if let Some(slot) = place.and_then(|place| replies.get_mut(place)) {
                *slot = Some(reply);
            }
        }
        Ok(replies.into_iter().flatten().collect())
    }

    /// The next message: the serial it answers (zero for a signal), and what it says.
    fn next(&mut self, until: Instant) -> io::Result<(u32, Reply)> {
        type Head = (u8, u8, u8, u8, u32, u32, Vec<(u8, OwnedVariant)>);
        let mut bytes = vec![0; 16];
        self.take(&mut bytes, until)?;
        let endian = if bytes[0] == b'B' { Endian::Big } else { Endian::Little };
        let number = |at: usize| {
            let four = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            (if endian == Endian::Big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }) as usize
        };
        let (body, fields) = (number(4), number(12));
        let head = 16 + fields.next_multiple_of(8);
        if body > MOST || fields > MOST {
            return Err(ErrorKind::InvalidData.into());
        }
        bytes.resize(head, 0);
        self.take(&mut bytes[16..], until)?;
        let mut content = vec![0; body];
        self.take(&mut content, until)?;
        let data = Data::new(bytes, Context::new(endian, 0));
        let (parts, _): (Head, usize) = data.deserialize().map_err(io::Error::other)?;
        let (mut answers, mut signature, mut error) = (0, String::new(), String::new());
        for (code, value) in parts.6 {
            match (code, &*value) {
                (4, Variant::Str(name)) => error = name.to_string(),
                (5, Variant::U32(serial)) => answers = *serial,
                (8, Variant::Signature(form)) => signature = form.to_string_no_parens(),
                _ => {}
            }
        }
        if parts.1 == Type::Error as u8 {
            let said = Reply::Body { bytes: content, signature, endian }.read::<String>().unwrap_or_default();
            return Ok((answers, Reply::Error { name: error, text: said }));
        }
        Ok((answers, Reply::Body { bytes: content, signature, endian }))
    }

    /// As many bytes as there is room for here, unless `until` comes first.
    fn take(&mut self, into: &mut [u8], until: Instant) -> io::Result<()> {
        while self.come.len() < into.len() {
            self.more(until)?;
        }
        self.come.read_exact(into)
    }

    /// At least one byte more, unless `until` comes first. Answers that came together are read together.
    fn more(&mut self, until: Instant) -> io::Result<()> {
        let mut bytes = [0; 8192];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(count) => {
                    self.come.extend(&bytes[..count]);
                    return Ok(());
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(ErrorKind::TimedOut.into()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Reply {
    /// The body as a value of this type; none when it has another form, or is an error.
    pub(crate) fn read<T: for<'d> DynamicDeserialize<'d>>(self) -> Option<T> {
        let Self::Body { bytes, signature, endian } = self else { return None };
        let data = Data::new(bytes, Context::new(endian, 0));
        data.deserialize_for_dynamic_signature(signature.as_str()).ok().map(|(value, _)| value)
    }
}

/// Connects in time: a socket that nobody accepts from, with a full queue, would hold a plain connect for ever.
fn connect(path: &Path, patience: Duration) -> io::Result<UnixStream> {
    let socket = socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC, None)?;
    let stream = UnixStream::from(socket);
    stream.set_write_timeout(Some(patience))?;
    match connect_to(stream.as_raw_fd(), &UnixAddr::new(path)?) {
        Ok(()) => Ok(stream),
        Err(Errno::EAGAIN) => Err(ErrorKind::TimedOut.into()),
        Err(error) => Err(error.into()),
    }
}

/// A call of a method, to be sent.
pub(crate) fn question(
    service: Option<&str>,
    path: &str,
    interface: &str,
    method: &str,
    body: &(impl serde::Serialize + DynamicType),
) -> zbus::Result<Message> {
    let call = Message::method_call(path, method).interface(interface);
    match service {
        Some(service) => call.destination(service),
        None => call,
    }
    .build(body)
}
