//! One visit to a server of this machine: connects, asks, reads until the answer is whole, all before one deadline. Never decides where to go.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::facts::http;
use crate::machine::{CouldNot, Visit};

/// How long a visit may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// No answer is read further.
const MOST: usize = 512 << 10;

/// What the server sends back.
pub(super) fn visit(visit: &Visit) -> Result<Vec<u8>, CouldNot> {
    let until = Instant::now() + PATIENCE;
    let left = || {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(CouldNot::TimedOut) } else { Ok(left) }
    };
    let mut stream = TcpStream::connect_timeout(&visit.address, PATIENCE).map_err(|e| could_not(&e))?;
    stream.set_write_timeout(Some(left()?)).map_err(|e| could_not(&e))?;
    stream.write_all(http::request(visit).as_bytes()).map_err(|e| could_not(&e))?;
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        stream.set_read_timeout(Some(left()?)).map_err(|e| could_not(&e))?;
        match stream.read(&mut piece) {
            Ok(0) => return Ok(bytes),
            Ok(count) => bytes.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // What was sent before a hard end counts.
            Err(error) if error.kind() == ErrorKind::ConnectionReset && !bytes.is_empty() => return Ok(bytes),
            Err(error) => return Err(could_not(&error)),
        }
        if bytes.len() > MOST {
            return Err(CouldNot::TooLarge);
        }
        if !matches!(http::answer(&bytes, false), Ok(None)) {
            return Ok(bytes);
        }
    }
}

fn could_not(error: &std::io::Error) -> CouldNot {
    match error.kind() {
        ErrorKind::ConnectionRefused => CouldNot::Absent,
        ErrorKind::TimedOut | ErrorKind::WouldBlock => CouldNot::TimedOut,
        _ => CouldNot::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn served(said: &'static str, stay: bool) -> Result<Vec<u8>, CouldNot> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 1024];
            let count = stream.read(&mut asked).unwrap();
            stream.write_all(said.as_bytes()).unwrap();
            // One that stays would keep the line open; it goes when we do.
            while stay && stream.read(&mut [0; 8]).is_ok_and(|count| count > 0) {}
            String::from_utf8_lossy(&asked[..count]).into_owned()
        });
        let answer = visit(&Visit { address, host: address.to_string(), path: "/x".into() });
        assert!(server.join().unwrap().starts_with("GET /x HTTP/1.1\r\nHost: 127.0.0.1:"));
        answer
    }

    #[test]
    fn a_whole_answer_needs_no_end_of_the_line() {
        let said = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(served(said, true).unwrap(), said.as_bytes());
        let said = "HTTP/1.0 200 OK\r\n\r\nhi";
        assert_eq!(served(said, false).unwrap(), said.as_bytes());
    }

    #[test]
    fn nobody_there_is_an_answer_and_silence_is_none() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let nobody = Visit { address: free, host: "x".into(), path: "/".into() };
        assert_eq!(visit(&nobody), Err(CouldNot::Absent));
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let visit_to = Visit { address: silent.local_addr().unwrap(), ..nobody };
        assert_eq!(visit(&visit_to), Err(CouldNot::TimedOut));
    }
}
