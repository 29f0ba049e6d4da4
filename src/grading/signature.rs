//! An instructor's signature over an attempt as it was collected: its record's head, and every other file by its digest. Says that since then
//! nothing was changed, and nothing about the time before.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, KeypairBytes};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use crate::exam::{Chain, Folder, FolderError, Head, Reading, digest, foreign};
use crate::store;

const FILE: &str = "signature";
const VERSION: u32 = 1;
/// Before what is signed, so that no signature made for something else is taken for one of these.
const PURPOSE: &[u8] = b"rootless-lab attempt 1\n";
/// What grows or changes with each line, is written by whoever looks, or is the signature itself.
const APART: &[&str] = &["record.jsonl", "head", "lock", FILE];

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(VerifyingKey);

/// Why there is no key or no signature.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It holds no ed25519 key of this kind.
    #[error("{} holds no ed25519 key in PEM of the kind that is needed", .0.display())]
    NoKey(PathBuf),
    /// Somebody else could read it.
    #[error("{} can be read by others than its owner", .0.display())]
    Open(PathBuf),
    /// There is no randomness.
    #[error("no random numbers: {0}")]
    Random(String),
    /// The attempt cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The attempt is not what was written: it would be vouched for as it is.
    #[error("the attempt is not what was written")]
    Broken,
}

/// A signature, as it lies in an attempt's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Signature {
    version: u32,
    statement: Statement,
    /// Hexadecimal.
    key: String,
    /// Hexadecimal.
    signature: String,
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Statement {
    /// The signer's clock: microseconds since 1970.
    at: i64,
    n: u64,
    hash: String,
    files: BTreeMap<String, String>,
}

/// How an attempt stands with a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Signed {
    /// It is what that key signed.
    #[error("good, made at {at} µs since 1970 over {lines} lines")]
    Good {
        /// When, by the signer's clock.
        at: i64,
        /// Of the record.
        lines: u64,
    },
    /// It is what that key signed, and lines were appended since.
    #[error("good over the first {lines} lines; {more} {} appended since, and nobody signed that", if *more == 1 { "was" } else { "were" })]
    GoneOn {
        /// Lines that are signed.
        lines: u64,
        /// Lines that are not.
        more: u64,
    },
    /// There is none.
    #[error("there is none")]
    None,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// Another key made it.
    #[error("another key made it")]
    OtherKey,
    /// That key did not make it, or what it says was changed.
    #[error("it is forged or was changed")]
    Forged,
    /// The record is not the one that was signed.
    #[error("the record is not the one that was signed")]
    OtherRecord,
    /// Files are not those that were signed.
    #[error("not as they were signed: {}", .0.join(", "))]
    OtherFiles(Vec<String>),
}

/// Makes a key pair: `path` for its owner alone, and the public key beside it with `.pub`. Replaces nothing.
pub fn make_key(path: &Path) -> Result<PathBuf, KeyError> {
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|error| KeyError::Random(error.to_string()))?;
    let key = SigningKey::from_bytes(&seed);
    seed.fill(0);
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    let public = PathBuf::from(name);
    let odd = |_| KeyError::NoKey(path.to_owned());
    // With the public key in it, openssl would not read it.
    let private_text = KeypairBytes { secret_key: key.to_bytes(), public_key: None }.to_pkcs8_pem(LineEnding::LF);
    let private_text = private_text.map_err(|_| KeyError::NoKey(path.to_owned()))?;
    let public_text = key.verifying_key().to_public_key_pem(LineEnding::LF).map_err(odd)?;
    new_file(path, 0o600, private_text.as_bytes())?;
    if let Err(error) = new_file(&public, 0o644, public_text.as_bytes()) {
        // Half a pair would only be in the way of the next try.
        let _ = fs::remove_file(path);
        return Err(error);
    }
    Ok(public)
}

fn new_file(path: &Path, mode: u32, text: &[u8]) -> Result<(), KeyError> {
    let mut open = OpenOptions::new();
    let written = open.write(true).create_new(true).mode(mode).open(path).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()
    });
    written.map_err(|source| KeyError::File { path: path.to_owned(), source })
}

impl Key {
    /// Reads a public key, or that of a private one.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = fs::read_to_string(path).map_err(|source| KeyError::File { path: path.to_owned(), source })?;
        let private = || SigningKey::from_pkcs8_pem(&text).ok().map(|key| key.verifying_key());
        let key = VerifyingKey::from_public_key_pem(&text).ok().or_else(private);
        key.map(Self).ok_or_else(|| KeyError::NoKey(path.to_owned()))
    }
}

/// Signs an attempt as it lies there. One that is broken is refused.
pub fn sign(path: &Path, key: &Path) -> Result<Head, KeyError> {
    let secret = private(key)?;
    if super::inspect(path, None).is_broken() {
        return Err(KeyError::Broken);
    }
    let head = Folder::at(path).read()?.chain.head();
    let at = Reading::now().map_or(0, |now| now.wall);
    let file = |source| KeyError::File { path: path.to_owned(), source };
    let statement = Statement { at, n: head.n, hash: head.hash.clone(), files: files(path).map_err(file)? };
    let signature = secret.sign(&statement.bytes());
    let signature = Signature {
        version: VERSION,
        statement,
        key: hex(secret.verifying_key().as_bytes()),
        signature: hex(&signature.to_bytes()),
    };
    let text = serde_json::to_vec_pretty(&signature).map_err(|error| file(error.into()))?;
    store::write_whole(&path.join(FILE), &text).map_err(file)?;
    Ok(head)
}

fn private(path: &Path) -> Result<SigningKey, KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let file = |source| KeyError::File { path: path.to_owned(), source };
    let mut opened = File::open(path).map_err(file)?;
    if opened.metadata().map_err(file)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open(path.to_owned()));
    }
    let mut text = String::new();
    opened.read_to_string(&mut text).map_err(file)?;
    SigningKey::from_pkcs8_pem(&text).map_err(|_| KeyError::NoKey(path.to_owned()))
}

impl Statement {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = PURPOSE.to_vec();
        // Its fields stand in a fixed order, and maps are sorted.
        bytes.extend(serde_json::to_vec(self).unwrap_or_default());
        bytes
    }
}

impl Signature {
    /// How the folder stands with this key.
    pub(super) fn check(path: &Path, key: &Key, chain: &Chain) -> Signed {
        let text = match foreign::read(&path.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Signed::None,
            Err(error) => return Signed::Unreadable(error.to_string()),
        };
        let read: Self = match serde_json::from_slice(&text) {
            Ok(read) => read,
            Err(error) => return Signed::Unreadable(error.to_string()),
        };
        if read.version != VERSION {
            return Signed::Unreadable(format!("it is of form {}, and this program knows {VERSION}", read.version));
        }
        if read.key != hex(key.0.as_bytes()) {
            return Signed::OtherKey;
        }
        let signature = unhex(&read.signature).and_then(|bytes| ed25519_dalek::Signature::from_slice(&bytes).ok());
        let is_true = |signature| key.0.verify_strict(&read.statement.bytes(), &signature).is_ok();
        if !signature.is_some_and(is_true) {
            return Signed::Forged;
        }
        let Statement { at, n, hash, files: then } = read.statement;
        if chain.against(&Head { n, hash }).is_some() {
            return Signed::OtherRecord;
        }
        let more = chain.head().n.saturating_sub(n);
        let now = files(path).unwrap_or_default();
        // A later grade brings a file of its own; what was there must be as it was.
        let names = then.keys().chain(now.keys().filter(|_| more == 0));
        let mut other: Vec<String> = names.filter(|name| then.get(*name) != now.get(*name)).cloned().collect();
        other.sort();
        other.dedup();
        match (other.is_empty(), more) {
            (false, _) => Signed::OtherFiles(other),
            (true, 0) => Signed::Good { at, lines: n },
            (true, more) => Signed::GoneOn { lines: n, more },
        }
    }
}

/// Every file that is signed by its digest. Links and pipes are not followed, and count by their being there.
fn files(path: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(path.join(&below))? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            let text = name.to_string_lossy().into_owned();
            let kind = entry.file_type()?;
            if APART.contains(&text.as_str()) {
                continue;
            }
            if kind.is_dir() {
                folders.push(name);
            } else if kind.is_file() {
                found.insert(text, digest(&foreign::read(&entry.path())?));
            } else {
                found.insert(text, "not a file".into());
            }
        }
    }
    Ok(found)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests;
