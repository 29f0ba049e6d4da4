//! Podman's command line: which verb, which options. Pure. Podman is not asked for its `--help`: as a fresh account that alone makes
//! `~/.config` and a runtime directory (seen with 5.4).

use super::flags::{Options, Parsed};

/// Letters of `run` and `create`, with their long names.
const LETTERS: &str = "a=attach c=cpu-shares d=detach e=env h=hostname i=interactive l=label m=memory p=publish P=publish-all \
    q=quiet t=tty u=user v=volume w=workdir";
/// Options of `run` and `create` without a value. Every other one takes a value, in the help of 3.0, 4.3 and 5.4 alike.
const PLAIN: &str = "detach disable-content-trust env-host help http-proxy init interactive no-healthcheck no-hostname no-hosts \
    oom-kill-disable passwd privileged publish-all quiet read-only read-only-tmpfs replace rm rmi rootfs sig-proxy tls-verify tty \
    unsetenv-all";
/// Options of `run` and `create` with a value.
const VALUED: &str = "add-host annotation arch attach authfile blkio-weight blkio-weight-device cap-add cap-drop cgroup-conf \
    cgroup-parent cgroupns cgroups chrootdirs cidfile conmon-pidfile cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus \
    cpuset-cpus cpuset-mems decryption-key detach-keys device device-cgroup-rule device-read-bps device-read-iops device-write-bps \
    device-write-iops dns dns-option dns-search entrypoint env env-file env-merge expose gidmap gpus group-add group-entry health-cmd \
    health-interval health-log-destination health-max-log-count health-max-log-size health-on-failure health-retries \
    health-start-period health-startup-cmd health-startup-interval health-startup-retries health-startup-success \
    health-startup-timeout health-timeout hostname hosts-file hostuser image-volume init-path ip ip6 ipc label label-file log-driver \
    log-opt mac-address memory memory-reservation memory-swap memory-swappiness mount name network network-alias oom-score-adj os \
    passwd-entry personality pid pidfile pids-limit platform pod pod-id-file preserve-fd preserve-fds publish pull rdt-class requires \
    restart retry retry-delay sdnotify seccomp-policy secret security-opt shm-size shm-size-systemd stop-signal stop-timeout subgidname \
    subuidname sysctl systemd timeout tmpfs tz uidmap ulimit umask unsetenv user userns uts variant volume volumes-from workdir \
    kernel-memory net dns-opt";
/// Options of `podman` itself with a value.
const GLOBAL: &str = "cgroup-manager config conmon connection c events-backend hooks-dir identity imagestore log-level module \
    network-cmd-path network-config-dir out root runroot runtime runtime-flag ssh storage-driver storage-opt tmpdir url volumepath \
    namespace cpu-profile default-mounts-file registries-conf";
/// Letters, options without and with a value of the other verbs that lessons use.
const OTHERS: [(&str, &str, &str, &str); 5] = [
    (
        "ps",
        "a=all f=filter n=last l=latest p=pod q=quiet s=size w=watch",
        "all external help latest no-trunc noheading ns pod quiet \
        size sync",
        "filter format last sort watch",
    ),
    ("stop", "a=all f=filter i=ignore l=latest t=time", "all help ignore latest", "cidfile filter time"),
    (
        "rm",
        "a=all f=force i=ignore l=latest t=time v=volumes",
        "all depend force help ignore latest volumes",
        "cidfile filter time",
    ),
    (
        "generate systemd",
        "e=env f=files n=name t=time",
        "files help name new no-header template",
        "after container-prefix env format \
        pod-prefix requires restart-policy restart-sec separator start-timeout stop-timeout time wants",
    ),
    (
        "start",
        "a=attach f=filter i=interactive l=latest",
        "all attach help interactive latest sig-proxy",
        "detach-keys filter",
    ),
];

/// The options of a verb of podman; none for a verb that is not in the tables.
pub fn options(verb: &str) -> Option<Options> {
    let verb = verb.strip_prefix("container ").unwrap_or(verb);
    if matches!(verb, "run" | "create") {
        return Some(table(LETTERS, PLAIN, VALUED, true));
    }
    OTHERS
        .iter()
        .find(|(name, ..)| *name == verb)
        .map(|(_, letters, plain, valued)| table(letters, plain, valued, false))
}

fn table(letters: &str, plain: &str, valued: &str, operand_ends: bool) -> Options {
    let mut options = Options { operand_ends, ..Options::default() };
    for (names, takes) in [(plain, false), (valued, true)] {
        for long in names.split_whitespace() {
            let letter = letters.split_whitespace().filter_map(|l| l.split_once('=')).find(|(_, l)| *l == long);
            options.insert(letter.and_then(|(c, _)| c.chars().next()), Some(long.into()), takes);
        }
    }
    options
}

/// One podman command: its verb and what its options say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Podman {
    /// `run`, `start`, `generate systemd` …; `container run` is `run`.
    pub verb: String,
    /// Options and operands of the verb. Empty for a verb that is not in the tables.
    pub parsed: Parsed,
}

/// The words after `podman` with the short form of a command that has two: `container ls` is `ps`, `container run` is `run`.
pub fn in_short(words: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    let at = own_options(&words);
    let is_short = words.get(at).is_none_or(|word| word != "container");
    if !is_short && words.get(at + 1).is_some_and(|word| !word.starts_with('-')) {
        words.remove(at);
        if matches!(words[at].as_str(), "ls" | "list") {
            words[at] = "ps".into();
        }
    }
    words
}

/// How many words are options of podman itself, and their values.
fn own_options(words: &[String]) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|w| w.starts_with('-')) {
        let takes = GLOBAL.split_whitespace().any(|g| g == word.trim_start_matches('-'));
        at += if takes { 2 } else { 1 };
    }
    at
}

/// Reads the words after `podman`.
pub fn read(words: &[String]) -> Option<Podman> {
    let words = &in_short(words);
    let mut at = own_options(words);
    let mut verb = words.get(at)?.clone();
    at += 1;
    if matches!(verb.as_str(), "generate" | "image" | "pod" | "network" | "volume" | "system") {
        let second = words.get(at)?;
        verb = format!("{verb} {second}");
        at += 1;
    }
    let parsed = options(&verb).map(|o| o.read(words.get(at..).unwrap_or_default())).unwrap_or_default();
    Some(Podman { verb, parsed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_the_help_of_podman_3_0_to_5_4() {
        let own = options("run").unwrap();
        for help in [
            include_str!("../../recorded/podman-run-help-3.0.txt"),
            include_str!("../../recorded/podman-run-help-4.3.txt"),
            include_str!("../../recorded/podman-run-help-5.4.txt"),
        ] {
            let help = Options::from_help(help);
            assert!(help.longs.len() > 90, "the help is read");
            for (letter, long) in &help.letters {
                assert_eq!(own.letters.get(letter), Some(long), "-{letter}");
            }
            for long in &help.longs {
                assert!(own.longs.contains(long), "{long} is missing");
                assert_eq!(own.valued.contains(long), help.valued.contains(long), "{long}");
            }
        }
    }

    #[test]
    fn options_of_podman_itself_stand_before_the_verb() {
        let read = |line: &str| read(&line.split(' ').map(str::to_owned).collect::<Vec<_>>()).unwrap();
        let run = read("--log-level debug --remote container run -dt --name c ubi8 -t");
        assert_eq!((run.verb.as_str(), &run.parsed.operands[..]), ("run", &["ubi8".to_owned(), "-t".to_owned()][..]));
        assert!(read("generate systemd --new --name c").parsed.on.contains("new"));
        assert_eq!(read("generate systemd --new --name c").parsed.operands, ["c"]);
        assert!(read("ps -aq").parsed.on.contains("all"));
    }
}
