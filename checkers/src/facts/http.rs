//! The few words of HTTP/1.1 (RFC 9112) that one visit needs: an address, a request, an answer. Pure.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::machine::Visit;

/// No answer of a server has more headers.
const HEADERS: usize = 100;
/// No server sends more answers before its answer.
const INTERIM: usize = 8;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// `200`, `404` …
    pub status: u16,
    /// Names in small letters, and values.
    pub headers: Vec<(String, String)>,
    /// What it is about.
    pub body: Vec<u8>,
}

impl Answer {
    /// The values of a header.
    pub fn header(&self, name: &str) -> Vec<&str> {
        let name = name.to_ascii_lowercase();
        self.headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// What is visited: `http`, an address or `localhost`, a port, a path. The addresses are in the order in which they are tried.
pub fn visits(url: &str) -> Result<Vec<Visit>, String> {
    let rest = url.strip_prefix("http://").ok_or_else(|| format!("`{url}` does not begin with http://"))?;
    let (place, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) || path.contains('#') {
        return Err(format!("`{path}` has characters that a request may not have"));
    }
    let (name, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) => (name, port),
        None => place.find(':').map_or((place, ""), |at| place.split_at(at)),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().map_err(|_| format!("`{port}` is no port"))?,
        None if port.is_empty() => 80,
        None => return Err(format!("`{place}` is no address")),
    };
    let addresses: Vec<IpAddr> = match name.parse() {
        Ok(address) => vec![address],
        Err(_) if name == "localhost" => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        Err(_) => return Err(format!("`{name}` is neither localhost nor an address: no name is looked up")),
    };
    let visit = |address| Visit { address: (address, port).into(), host: place.to_owned(), path: path.clone() };
    Ok(addresses.into_iter().map(visit).collect())
}

/// What is sent. Nothing is accepted that would have to be unpacked.
pub fn request(visit: &Visit) -> String {
    let Visit { host, path, .. } = visit;
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: rootless-lab\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )
}

/// The answer in these bytes; none while more have to come. `ended`: no more will.
pub fn answer(bytes: &[u8], ended: bool) -> Result<Option<Answer>, String> {
    read(bytes, ended, INTERIM)
}

fn read(bytes: &[u8], ended: bool, interim: usize) -> Result<Option<Answer>, String> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if ended => return Err("an answer that breaks off".into()),
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err("something that is no HTTP".into()),
    };
    let status = head.code.unwrap_or_default();
    let headers = head
        .headers
        .iter()
        .map(|header| (header.name.to_ascii_lowercase(), String::from_utf8_lossy(header.value).trim().to_owned()));
    let mut answer = Answer { status, headers: headers.collect(), body: Vec::new() };
    let rest = bytes.get(length..).unwrap_or_default();
    // 1xx: the answer itself comes behind it.
    if (100..200).contains(&status) && status != 101 {
        let Some(left) = interim.checked_sub(1) else { return Err("no end of interim answers".into()) };
        return read(rest, ended, left);
    }
    let broken = || if ended { Err("an answer that breaks off".to_owned()) } else { Ok(None) };
    if matches!(status, 101 | 204 | 304) {
        return Ok(Some(answer));
    }
    if answer.header("transfer-encoding").iter().any(|value| value.to_ascii_lowercase().ends_with("chunked")) {
        return match unchunked(rest)? {
            Some(body) => Ok(Some(Answer { body, ..answer })),
            None => broken(),
        };
    }
    let whole = match answer.header("content-length").first() {
        Some(length) => Some(length.parse::<usize>().map_err(|_| "a length that is no number".to_owned())?),
        None => None,
    };
    match whole {
        Some(length) if rest.len() >= length => answer.body = rest.get(..length).unwrap_or_default().to_vec(),
        None if ended => answer.body = rest.to_vec(),
        Some(_) => return broken(),
        None => return Ok(None),
    }
    Ok(Some(answer))
}

fn unchunked(mut rest: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let mut body = Vec::new();
    loop {
        let (skip, size) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete((skip, size))) => (skip, usize::try_from(size).unwrap_or(usize::MAX)),
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err("a piece of unknown length".into()),
        };
        if size == 0 {
            return Ok(Some(body));
        }
        let Some(piece) = rest.get(skip..).and_then(|rest| rest.get(..size)) else { return Ok(None) };
        body.extend_from_slice(piece);
        let Some(after) = rest.get(skip + size + 2..) else { return Ok(None) };
        rest = after;
    }
}

/// The machine's own addresses: from `/proc/net/fib_trie` (IPv4) and `/proc/net/if_inet6`.
pub fn own_addresses(fib_trie: &str, if_inet6: &str) -> BTreeSet<IpAddr> {
    let mut own = BTreeSet::new();
    let mut last = None;
    for line in fib_trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse::<Ipv4Addr>().ok();
        } else if line.starts_with("/32 host LOCAL") {
            own.extend(last.map(IpAddr::from));
        }
    }
    let six = if_inet6.lines().filter_map(|line| u128::from_str_radix(line.split_whitespace().next()?, 16).ok());
    own.extend(six.map(|bits| IpAddr::from(Ipv6Addr::from(bits))));
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_no_name_is_looked_up() {
        let read =
            |url| visits(url).map(|all| all.iter().map(|v| format!("{} {} {}", v.address, v.host, v.path)).collect());
        let one = |text: &str| Ok(vec![text.to_owned()]);
        assert_eq!(read("http://127.0.0.1:8080/a?b=c"), one("127.0.0.1:8080 127.0.0.1:8080 /a?b=c"));
        assert_eq!(read("http://[::1]:81"), one("[::1]:81 [::1]:81 /"));
        assert_eq!(read("http://10.0.0.1?x"), one("10.0.0.1:80 10.0.0.1 /?x"));
        assert_eq!(read("http://localhost:5000/").unwrap().len(), 2);
        for url in [
            "https://127.0.0.1/",
            "http://example.com/",
            "http://user@127.0.0.1/",
            "http://127.0.0.1:http/",
            "http://127.0.0.1/a b",
            "http://127.0.0.1/\r\nX: y",
            "http://127.0.0.1:99999/",
            "http://[::1]x/",
            "http:///",
            "",
        ] {
            assert!(visits(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_answer_is_whole_by_its_length_its_pieces_or_its_end() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
        let sized = format!("{head}Content-Length: 5\r\n\r\nhello");
        for end in 0..sized.len() {
            assert_eq!(answer(&sized.as_bytes()[..end], false), Ok(None), "{end}");
            assert!(answer(&sized.as_bytes()[..end], true).is_err(), "{end}");
        }
        let whole = answer(sized.as_bytes(), false).unwrap().unwrap();
        assert_eq!(
            (whole.status, whole.header("Content-type"), &whole.body[..]),
            (200, vec!["text/plain"], &b"hello"[..])
        );
        let pieces = format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n");
        assert_eq!(answer(pieces.as_bytes(), false).unwrap().unwrap().body, b"hello world");
        assert_eq!(answer(&pieces.as_bytes()[..pieces.len() - 12], false), Ok(None));
        let open = format!("{head}\r\nhello");
        assert_eq!(answer(open.as_bytes(), false), Ok(None));
        assert_eq!(answer(open.as_bytes(), true).unwrap().unwrap().body, b"hello");
        let late = format!("HTTP/1.1 100 Continue\r\n\r\n{sized}");
        assert_eq!(answer(late.as_bytes(), false).unwrap().unwrap().body, b"hello");
    }

    #[test]
    fn what_is_no_http_is_told_apart_and_nothing_overflows() {
        for bytes in ["SSH-2.0-OpenSSH_10.0\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "\0\0"] {
            assert!(answer(bytes.as_bytes(), true).is_err(), "{bytes}");
        }
        assert!(answer("HTTP/1.1 100 Continue\r\n\r\n".repeat(10_000).as_bytes(), true).is_err());
        let huge = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx";
        assert!(!matches!(answer(huge.as_bytes(), true), Ok(Some(_))));
    }

    #[test]
    fn own_addresses_are_those_that_the_kernel_calls_local() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 10.0.2.0\n        /24 link UNICAST\n     |-- 10.0.2.15\n        /32 host LOCAL\n";
        let six = "00000000000000000000000000000001 01 80 10 80       lo\nfe800000000000000000000000000001 02 40 20 80     eth0\n";
        let own: Vec<String> = own_addresses(trie, six).iter().map(ToString::to_string).collect();
        assert_eq!(own, ["10.0.2.15", "127.0.0.1", "::1", "fe80::1"]);
    }
}
