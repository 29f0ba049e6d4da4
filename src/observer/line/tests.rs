//! Cases of lines over a pipe.

use super::*;
use std::io::Write;
use std::time::Duration;

#[test]
fn lines_come_whole_and_one_by_one_and_silence_has_an_end() {
    let (from, mut to) = std::io::pipe().unwrap();
    let mut lines = Lines::new(from, MOST);
    let soon = || Instant::now() + Duration::from_millis(30);
    to.write_all(b"one\ntwo\nthr").unwrap();
    assert_eq!(lines.next(soon()).unwrap().unwrap(), b"one");
    assert_eq!(lines.next(soon()).unwrap().unwrap(), b"two");
    assert_eq!(lines.next(soon()).unwrap_err().kind(), ErrorKind::TimedOut);
    drop(to);
    assert!(lines.next(soon()).unwrap().is_none());
}

#[test]
fn a_line_without_end_is_refused() {
    let (from, mut to) = std::io::pipe().unwrap();
    let writer = std::thread::spawn(move || to.write_all(&vec![b'x'; MOST + 20000]).is_ok());
    let error = Lines::new(from, MOST).next(Instant::now() + Duration::from_secs(5)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    let _ = writer.join();
}
