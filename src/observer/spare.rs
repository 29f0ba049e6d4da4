//! A process that stands ready to look as an account and is told as which when it is needed: it is nobody's until then, so that it
//! stands in no account's way.

use std::io::stdin;

use nix::unistd::{Uid, User};

use super::line;
use super::rights::become_small;
use super::serve::serve_as;

/// No account's name is longer, nor its place in a line.
const MOST: usize = 1024;

/// Waits for the name of an account, a line, and serves as that one. Ends where no name comes. For `observer --account-follows`.
pub fn serve_when_named() -> Result<(), String> {
    become_small()?;
    // The first look at the accounts of the machine loads what knows them; here nobody waits for that.
    let _ = User::from_uid(Uid::from_raw(u32::MAX - 1));
    let mut line = Vec::new();
    let mut byte = [0];
    // One byte at a time: what follows the line is the next one's to read.
    while line.len() < MOST {
        match nix::unistd::read(stdin(), &mut byte).map_err(|error| error.to_string())? {
            0 => return Ok(()),
            _ if byte == *b"\n" => return serve_as(&line::read::<String>(&line)?),
            _ => line.extend(byte),
        }
    }
    Err("the name of an account is too long".into())
}
