//! What containers.conf(5) says, as far as it says where podman keeps things. Pure but for the reading, which the machine does.

use std::path::{Path, PathBuf};

use crate::machine::{AccountEntry, CouldNot, Machine};

/// A path that a containers.conf sets under this key of this table; the account's own file before the machine's. None where nobody sets it.
pub fn path(
    machine: &dyn Machine,
    account: &AccountEntry,
    table: &str,
    key: &str,
) -> Result<Option<PathBuf>, CouldNot> {
    let own = account.home.join(".config/containers/containers.conf");
    let files = [own.as_path(), Path::new("/etc/containers/containers.conf")];
    for file in files.into_iter().skip(usize::from(account.uid == 0)) {
        let text = match machine.read(file, 1 << 20) {
            Ok(text) => text,
            Err(CouldNot::Absent) => continue,
            Err(why) => return Err(why),
        };
        let all: toml::Table = read(&text, file)?;
        let found = all.get(table).and_then(|table| table.get(key)?.as_str());
        if let Some(found) = found.filter(|path| path.starts_with('/')) {
            return Ok(Some(found.into()));
        }
    }
    Ok(None)
}

/// A file of podman's settings, which are TOML.
pub(super) fn read<T: serde::de::DeserializeOwned>(text: &[u8], file: &Path) -> Result<T, CouldNot> {
    toml::from_str(&String::from_utf8_lossy(text))
        .map_err(|error| CouldNot::Failed(format!("{} cannot be understood: {}", file.display(), error.message())))
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
        assert_eq!(path(&etc, &account(&etc), "engine", "volume_path"), Ok(Some("/srv/v".into())));
        let own = etc.file(
            "/home/a/.config/containers/containers.conf",
            "[engine]\n#volume_path='/x'\nvolume_path='/own' # mine\n",
        );
        assert_eq!(path(&own, &account(&own), "engine", "volume_path"), Ok(Some("/own".into())));
        assert_eq!(path(&own, &account(&own), "network", "network_config_dir"), Ok(None));
    }
}
