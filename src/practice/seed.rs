//! What a machine has beyond its base tree: accounts, keys, names, sshd's and podman's settings. Made once; `reset` comes back to it.
//! Asks the tree how it does things and changes only what is there; assumes no distribution.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::groups::Groups;
use super::machines::remove_tree;
use super::private::{bind, overlay, privately};
use super::record::Made;
use super::tree::{Tree, feed, run};
use super::{Account, Error, parts, program, registry};

/// Units that have nothing to do in a machine without a console or a network, or that fail in any container.
const MASKED: &[&str] = &[
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "console-getty.service",
    "dnf-makecache.timer",
    "docker-registry.service",
    "man-db.timer",
    "systemd-modules-load.service",
    "systemd-networkd-wait-online.service",
    "NetworkManager-wait-online.service",
];

/// Rootless podman may mount a container's `/proc` only where some `/proc` without covers is mounted already, and nspawn covers files in
/// the machine's own (really since 257.13 and 260, systemd pull request 40833). So there is a second one, in a closed folder.
const WHOLE_PROC: &str = "[Unit]\n\
    Description=rootless-lab: a /proc without covers, so that containers of accounts can have theirs\n\
    [Mount]\n\
    What=proc\n\
    Where=/run/practice/proc\n\
    Type=proc\n\
    Options=nosuid,nodev,noexec\n\
    DirectoryMode=0700\n";
/// The folder for a lab's own socket, and the closed one: systemd 262 gives the mount's mode to the inner folder only.
const FOLDERS: &str = "d /run/rootless-lab 1777 root root -\nd /run/practice 0700 root root -\n";

/// Makes a machine's directory `home` on this base, all but its record.
pub(crate) fn plant(base: &Path, home: &Path, name: &str, made: &Made) -> Result<(), Error> {
    for directory in ["seed", "seed-work", "seed-home", "root", "dev", "program"] {
        let path = home.join(directory);
        fs::create_dir_all(&path).map_err(Error::io("make", &path))?;
    }
    // a seed is an overlay's upper part: its top directory's mode becomes that of the machine's `/`
    for (directory, mode) in [("", 0o700), ("seed", 0o755), ("seed-home", 0o755)] {
        let path = home.join(directory);
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(Error::io("close", &path))?;
    }
    let root = home.join("root");
    let groups = Groups::of(name, &home.join("seed"));
    groups.make()?;
    let planted = privately(|| {
        overlay(&[base], &home.join("seed"), &home.join("seed-work"), &root)?;
        let tree = Tree { root: &root, groups: &groups };
        names(&tree, name)?;
        tree.directory("home", 0o755)?;
        bind(&home.join("seed-home"), &root.join("home"))?;
        accounts(&tree, &made.accounts)?;
        logins(&tree, home, name, made)?;
        containers(&tree, made)?;
        services(&tree)
    });
    let removed = groups.remove();
    planted.and(removed)?;
    remove_tree(&home.join("seed-work"))?;
    parts::make(home)?;
    parts::place(home)
}

/// Host name, machine id, name look-ups, the lab's own marks.
fn names(tree: &Tree<'_>, name: &str) -> Result<(), Error> {
    // empty: systemd makes one at the first boot of each fresh machine
    tree.write("etc/machine-id", "", 0o444)?;
    tree.write("etc/hostname", format!("{name}\n"), 0o644)?;
    // sudo looks its host up, and must not wait for a name server that is not there
    tree.write(
        "etc/hosts",
        format!("127.0.0.1 localhost\n127.0.1.1 {name}\n::1 localhost ip6-localhost ip6-loopback\n"),
        0o644,
    )?;
    tree.remove("etc/resolv.conf")?;
    tree.write(
        "etc/resolv.conf",
        "# no network but loopback: every look-up is refused at once\nnameserver 127.0.0.1\n",
        0o644,
    )?;
    tree.write("etc/locale.conf", "LANG=C.UTF-8\n", 0o644)?;
    tree.write("etc/default/locale", "LANG=C.UTF-8\n", 0o644)?;
    tree.write("etc/rootless-lab/lab-host", "This machine is disposable: the lab may run here.\n", 0o644)?;
    tree.write("etc/tmpfiles.d/rootless-lab.conf", FOLDERS, 0o644)?;
    program::link(tree)
}

/// The accounts, and how `useradd` behaves in the document the lesson follows: it makes a home and gives bash.
fn accounts(tree: &Tree<'_>, accounts: &[Account]) -> Result<(), Error> {
    let set = |text: &str, key: &str, line: &str| {
        let mut kept: Vec<&str> = text.lines().filter(|old| old.split([' ', '\t', '=']).next() != Some(key)).collect();
        kept.push(line);
        kept.join("\n") + "\n"
    };
    let login = tree.read("etc/login.defs")?.or(tree.read("usr/etc/login.defs")?).unwrap_or_default();
    tree.write("etc/login.defs", set(&login, "CREATE_HOME", "CREATE_HOME yes"), 0o644)?;
    let useradd = tree.read("etc/default/useradd")?.unwrap_or_default();
    tree.write("etc/default/useradd", set(&useradd, "SHELL", "SHELL=/bin/bash"), 0o644)?;
    for account in accounts {
        run(tree.inside(&["useradd", "-m", "-s", "/bin/bash", "--", &account.name]))?;
        if let Some(password) = &account.password {
            feed(tree.inside(&["chpasswd"]), &format!("{}:{password}\n", account.name))?;
        }
        if account.sudo && tree.root.join("etc/sudoers").exists() {
            tree.directory("etc/sudoers.d", 0o750)?;
            let rule = format!("{} ALL=(ALL:ALL) NOPASSWD: ALL\n", account.name);
            tree.write(&format!("etc/sudoers.d/{}", account.name), &rule, 0o440)?;
        }
    }
    Ok(())
}

/// sshd on loopback: passwords for the learner, a key of the machine's own for us, the machine's host key known inside and to us.
fn logins(tree: &Tree<'_>, home: &Path, name: &str, made: &Made) -> Result<(), Error> {
    if !tree.root.join("usr/sbin/sshd").exists() {
        return Ok(());
    }
    let key = home.join("key");
    run(Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "rootless-lab practice", "-f"])
        .arg(&key))?;
    let public = home.join("key.pub");
    let public = fs::read_to_string(&public).map_err(Error::io("read", &public))?;
    // root's own place, outside every home: no account of the machine can change who is let in, and no home looks touched
    tree.write("etc/ssh/practice-keys", &public, 0o644)?;
    for old in tree.list("etc/ssh")?.iter().filter(|file| file.starts_with("ssh_host_")) {
        tree.remove(&format!("etc/ssh/{old}"))?;
    }
    let host_key = tree.root.join("etc/ssh/ssh_host_ed25519_key");
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&host_key))?;
    let known = tree.read("etc/ssh/ssh_host_ed25519_key.pub")?.unwrap_or_default();
    // known inside from the start: `ssh conuser1@localhost` asks for the password and nothing else
    let port = made.ssh_port;
    tree.write(
        "etc/ssh/ssh_known_hosts",
        format!("localhost,127.0.0.1,::1,{name},[localhost]:{port},[127.0.0.1]:{port} {known}"),
        0o644,
    )?;
    let ours = home.join("known_hosts");
    fs::write(&ours, format!("rootless-lab-{name} {known}")).map_err(Error::io("write", &ours))?;
    let settings = format!(
        "# rootless-lab: loopback only\nPort {port}\nListenAddress 127.0.0.1\nListenAddress ::1\nHostKey /etc/ssh/ssh_host_ed25519_key\n\
         PasswordAuthentication yes\nPermitRootLogin no\nUseDNS no\n\
         AuthorizedKeysFile /etc/ssh/practice-keys .ssh/authorized_keys\n"
    );
    // sshd takes the first value of each setting, so ours stands before all others
    let sshd = tree.read("etc/ssh/sshd_config")?.or(tree.read("usr/etc/ssh/sshd_config")?).unwrap_or_default();
    tree.write("etc/ssh/sshd_config", format!("{settings}\n{sshd}"), 0o600)?;
    // A tree need not start it by itself; whether it does so by a socket is all the same, for it is the same port.
    for unit in ["ssh.service", "sshd.service"] {
        let (file, own) = (format!("usr/lib/systemd/system/{unit}"), format!("etc/systemd/system/{unit}"));
        if tree.root.join(&file).is_file() {
            if fs::read_link(tree.root.join(&own)).is_ok_and(|to| to == Path::new("/dev/null")) {
                tree.remove(&own)?;
            }
            tree.link(&format!("/{file}"), &format!("etc/systemd/system/multi-user.target.wants/{unit}"))?;
            break;
        }
    }
    if port != 22 {
        let client = tree.read("etc/ssh/ssh_config")?.unwrap_or_default();
        tree.write(
            "etc/ssh/ssh_config",
            format!("Host localhost 127.0.0.1\n    Port {port}\nHost *\n{client}"),
            0o644,
        )?;
    }
    Ok(())
}

/// Podman's settings, and the registry.
fn containers(tree: &Tree<'_>, made: &Made) -> Result<(), Error> {
    if !host_has_pids_controller() {
        // podman 3.0 reads this file only, not containers.conf.d
        let settings =
            "# The host's control groups give no pids controller to a machine.\n[containers]\npids_limit = 0\n";
        tree.write("etc/containers/containers.conf", settings, 0o644)?;
    }
    if host_has_old_groups() && podman_leaves_its_unit(tree) {
        tree.write("etc/systemd/system/user@.service.d/rootless-lab.conf", stay_in_unit(tree, &made.accounts)?, 0o644)?;
    }
    tree.write("etc/systemd/system/run-practice-proc.mount", WHOLE_PROC, 0o644)?;
    tree.link("../run-practice-proc.mount", "etc/systemd/system/local-fs.target.wants/run-practice-proc.mount")?;
    if made.online { Ok(()) } else { registry::plant(tree) }
}

/// Podman before 5.3 takes a host's control groups of version 1 for its own, finds that it does not own their root and moves itself
/// into a scope, out of its unit; systemd then sees the service end (containers/podman issue 23990). So the account whose manager
/// starts is given the machine's topmost group: the directory alone, not the files in it, so it can make groups there and move
/// nothing. Only one account at a time can have it; those that were there from the start never take it.
///
/// A bus address that does not answer would keep podman in its unit as well, but its pause process too, and a restart of the unit
/// would kill that.
fn stay_in_unit(tree: &Tree<'_>, accounts: &[Account]) -> Result<String, Error> {
    let passwd = tree.read("etc/passwd")?.unwrap_or_default();
    let uid = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        accounts.iter().any(|account| account.name == name).then(|| fields.nth(1).map(str::to_owned)).flatten()
    };
    let uids: Vec<String> = passwd.lines().filter_map(uid).collect();
    Ok(format!(
        "# rootless-lab: this host has control groups of version 1 as well, and this podman would leave its unit.\n[Service]\n\
         ExecStartPre=+/bin/sh -c 'case \" {} \" in *\" %i \"*) ;; *) chown %i /sys/fs/cgroup ;; esac'\n",
        uids.join(" ")
    ))
}

/// Whether the host has control groups of version 1 too: `/proc/self/cgroup` then shows them in every machine.
fn host_has_old_groups() -> bool {
    fs::read_to_string("/proc/self/cgroup").unwrap_or_default().lines().any(|line| !line.starts_with("0::"))
}

/// Whether the tree's podman is older than 5.3.
fn podman_leaves_its_unit(tree: &Tree<'_>) -> bool {
    let Ok(output) = tree.inside(&["podman", "--version"]).stdin(Stdio::null()).output() else { return false };
    older_than_5_3(&String::from_utf8_lossy(&output.stdout))
}

fn older_than_5_3(said: &str) -> bool {
    let numbers =
        said.split_whitespace().last().unwrap_or_default().split('.').map_while(|part| part.parse::<u32>().ok());
    let numbers: Vec<u32> = numbers.collect();
    !numbers.is_empty() && numbers < vec![5, 3]
}

/// Whether the host gives the pids controller to control groups of version 2.
fn host_has_pids_controller() -> bool {
    ["/sys/fs/cgroup/cgroup.controllers", "/sys/fs/cgroup/unified/cgroup.controllers"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .any(|names| names.split_whitespace().any(|name| name == "pids"))
}

/// Switches off what would fail or wait for nothing.
fn services(tree: &Tree<'_>) -> Result<(), Error> {
    for unit in MASKED {
        tree.link("/dev/null", &format!("etc/systemd/system/{unit}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_podman_before_5_3_leaves_its_unit() {
        for (said, older) in
            [("podman version 3.0.1\n", true), ("podman version 4.3.1", true), ("podman version 5.2.9", true)]
        {
            assert_eq!(older_than_5_3(said), older, "{said}");
        }
        for said in
            ["podman version 5.3.0", "podman version 5.4.2", "podman version 6.0.0-dev", "", "podman: not found"]
        {
            assert!(!older_than_5_3(said), "{said}");
        }
    }
}
