//! What containers.conf(5) says, as far as it says where podman keeps things. Pure but for the reading, which the machine does.

use std::path::{Path, PathBuf};

use crate::machine::{AccountEntry, CouldNot, Machine};

/// A path that a containers.conf sets under this key; the account's own file before the machine's. None where nobody sets it.
pub fn path(machine: &dyn Machine, account: &AccountEntry, key: &str) -> Result<Option<PathBuf>, CouldNot> {
    let own = account.home.join(".config/containers/containers.conf");
    let files = [own.as_path(), Path::new("/etc/containers/containers.conf")];
    for file in files.into_iter().skip(usize::from(account.uid == 0)) {
        match machine.read(file, 1 << 20) {
            Ok(text) => {
                if let Some(found) = value(&String::from_utf8_lossy(&text), key).filter(|path| path.starts_with('/')) {
                    return Ok(Some(found.into()));
                }
            }
            Err(CouldNot::Absent) => {}
            Err(why) => return Err(why),
        }
    }
    Ok(None)
}

/// The last value of a key, whatever its table: each key that is asked for stands in one table only.
fn value(text: &str, key: &str) -> Option<String> {
    let line = |line: &str| {
        let (name, value) = line.split_once('=')?;
        (name.trim() == key).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
    };
    text.lines().filter_map(line).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Recorded;

    #[test]
    fn the_account_s_own_word_comes_before_the_machine_s() {
        let account = |machine: &Recorded| machine.account("a").unwrap().unwrap();
        let etc = Recorded::new()
            .account("a", 1001)
            .file("/etc/containers/containers.conf", "[engine]\nvolume_path = \"/srv/v\"\n");
        assert_eq!(path(&etc, &account(&etc), "volume_path"), Ok(Some("/srv/v".into())));
        let own =
            etc.file("/home/a/.config/containers/containers.conf", "[engine]\n#volume_path='/x'\nvolume_path='/own'\n");
        assert_eq!(path(&own, &account(&own), "volume_path"), Ok(Some("/own".into())));
        assert_eq!(path(&own, &account(&own), "network_config_dir"), Ok(None));
    }
}
