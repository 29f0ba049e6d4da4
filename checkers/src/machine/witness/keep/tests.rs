//! Cases of what is written down, and what never.

use super::*;

const HASHES: [&str; 4] = [
    "$y$j9T$abcdefghijklmnop$Qnqnb9TM8w/vo9ztBoRDg09Zl4x.Iindhg/.zM6DI//",
    "$6$saltsaltsalt$x49rFN6fV2xUyay4m9XNEOQijhFg17mWn4UOeK7EKX8YYjF8rk3PphDYPR",
    "$5$rounds=6000$saltsalt$8hf8BckaEw99jIAQxiAt8CioBnn.PnxLv.lT9c3UTG4",
    "$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m",
];

/// What is kept of a file at this place in a form.
fn kept(path: &str, text: &str, form: Form) -> Result<String, Left> {
    let answer = contents(Path::new(path), text.as_bytes(), None, form);
    let fact = weighed(Question::Read(Path::new(path).into(), form), answer, &mut |_| true);
    match fact.unwrap().1 {
        Answer::Contents { bytes: Bytes::Text(text), .. } => Ok(text),
        Answer::Left(left) => Err(left),
        other => panic!("{other:?}"),
    }
}

#[test]
fn places_of_secrets_are_left_out_by_whatever_way_they_are_reached() {
    for path in [
        "/etc/shadow",
        "/etc/shadow-",
        "/etc/gshadow",
        "/etc/../etc/./shadow",
        "/proc/self/root/etc/shadow",
        "/proc/1/root/proc/7/root/etc/gshadow-",
        "/etc/security/opasswd",
        "/etc/ssh/ssh_host_ed25519_key",
        "/home/a/.ssh/id_rsa",
        "/home/a/.ssh/work",
        "/home/a/.netrc",
        "/home/a/.config/containers/auth.json",
        "/run/user/1001/containers/auth.json",
        "/home/a/.docker/config.json",
        "/home/a/.local/share/containers/storage/secrets/filedriver/secretsdata.json",
        "/run/secrets/token",
        "/run/credentials/x.service/token",
        "/etc/pki/tls/private/web.key",
        "/proc/sys/net/ipv6/conf/all/stable_secret",
    ] {
        assert_eq!(kept(path, "harmless", Form::Text), Err(Left::Secret), "{path}");
    }
    for path in ["/home/a/.ssh/authorized_keys", "/home/a/.ssh/id_rsa.pub", "/etc/ssh/sshd_config", "/home/a/notes"] {
        assert_eq!(kept(path, "harmless", Form::Text).as_deref(), Ok("harmless"), "{path}");
    }
}

#[test]
fn contents_are_left_out_unless_the_check_is_about_them() {
    assert_eq!(kept("/home/a/notes", "x", Form::Facts), Err(Left::Contents));
    assert_eq!(kept("/home/a/.local/share/containers/storage/db.sql", "x", Form::Facts), Err(Left::Contents));
    assert_eq!(kept("/etc/nsswitch.conf", "x", Form::Facts).as_deref(), Ok("x"));
}

#[test]
fn what_looks_like_a_hash_or_a_key_is_left_out_wherever_it_stands() {
    for hash in HASHES {
        assert_eq!(
            kept("/home/a/copy", &format!("a line\nada:{hash}:20000\n"), Form::Text),
            Err(Left::Secret),
            "{hash}"
        );
        assert_eq!(kept("/home/a/copy", hash, Form::Text), Err(Left::Secret), "{hash}");
    }
    for secret in [
        "ada:abJnggxhB/yWI:20000:0:99999:7:::",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl",
        "-----BEGIN RSA PRIVATE KEY-----",
        r#"{"auths":{"quay.io":{"auth":"YWRhOnBhc3M="}}}"#,
    ] {
        assert_eq!(kept("/home/a/copy", secret, Form::Text), Err(Left::Secret), "{secret}");
    }
    for harmless in ["price: $6$ and $5$", "ada:!:20000:0:99999:7:::", "-----BEGIN CERTIFICATE-----", "$y$ is yescrypt"]
    {
        assert_eq!(kept("/home/a/copy", harmless, Form::Text).as_deref(), Ok(harmless));
    }
    let printed = Answer::Ran { status: Some(0), output: HASHES[0].as_bytes().into(), errors: b"".as_slice().into() };
    let fact = weighed(Question::Account("a".into()), printed, &mut |_| true).unwrap();
    assert_eq!(fact.1, Answer::Left(Left::Secret));
    let odd: Vec<u8> = [&b"\xff"[..], HASHES[1].as_bytes()].concat();
    let fact = weighed(Question::Account("a".into()), Answer::Target(odd.as_slice().into()), &mut |_| true).unwrap();
    assert_eq!(fact.1, Answer::Left(Left::Secret));
    assert_eq!(weighed(Question::Group(HASHES[1].into()), Answer::Has(true), &mut |_| true), None);
}

#[test]
fn a_file_that_sets_a_password_stays_on_the_machine_as_a_whole() {
    let unit = "[Service]\nEnvironment=PODMAN_SYSTEMD_UNIT=%n\nExecStart=/usr/bin/podman start web\n";
    for line in [
        "Environment=DB_PASSWORD=geheim",
        "Environment=\"MODE=x\" \"API_TOKEN=geheim\"",
        "export MYSQL_ROOT_PASSWORD='geheim'",
        "DB_PASSWD=geheim",
    ] {
        assert_eq!(kept("/home/a/.config/x", &format!("{unit}{line}\n"), Form::Text), Err(Left::Secret), "{line}");
        let seen = Evidence::file("/x", format!("no difference\n+{line}"));
        let verdict = Verdict::fail("MODE=x", format!("{line} alone"), seen);
        let clean = format!("{:?}", without_secrets(verdict));
        assert!(!clean.contains("geheim") && clean.contains("MODE=x"), "{clean}");
    }
    for line in
        ["Secret=db-password,type=env", "PasswordAuthentication no", "Environment=DB_PASSWORD=", "# DB_PASSWORD=x"]
    {
        let text = format!("{unit}{line}\n");
        assert_eq!(kept("/home/a/.config/x", &text, Form::Text), Ok(text), "{line}");
    }
}

#[test]
fn of_files_with_facts_beside_secrets_the_facts_are_kept() {
    let environ = "PASSWORD=pw\0XDG_RUNTIME_DIR=/run/user/5\0XDG_RUNTIME_DIR_X=pw\0DBUS_SESSION_BUS_ADDRESS=unix:x\0";
    let expected = "XDG_RUNTIME_DIR=/run/user/5\0DBUS_SESSION_BUS_ADDRESS=unix:x\0";
    for path in ["/proc/7/environ", "/proc/7/task/8/environ", "/proc/self/environ"] {
        assert_eq!(kept(path, environ, Form::Facts).as_deref(), Ok(expected));
    }
    let conmon = "/usr/bin/conmon\0-c\0c8f9\0--exec-command-arg\0pw\0";
    assert_eq!(kept("/proc/7/cmdline", conmon, Form::Facts).as_deref(), Ok("/usr/bin/conmon\0-c\0c8f9\0…\0…\0"));
    assert_eq!(kept("/proc/7/cmdline", "mysql\0-c\0abc\0-ppw\0", Form::Facts).as_deref(), Ok("mysql\0-c\0…\0…\0"));
    let passwd = "ada:abJnggxhB/yWI:1:1:Ada, room 7:/home/ada:/bin/sh\n+\n";
    assert_eq!(kept("/etc/passwd", passwd, Form::Facts).as_deref(), Ok("ada:x:1:1::/home/ada:/bin/sh\n+:\n"));
    let conf = "[containers]\nenv = [\"PASSWORD=pw\"]\n[engine]\nvolume_path = \"/srv\"\n";
    let expected = "[containers]\n[engine]\nvolume_path = \"/srv\"\n";
    assert_eq!(kept("/etc/containers/containers.conf", conf, Form::Facts).as_deref(), Ok(expected));
    let bundle = r#"{"process":{"terminal":true,"args":["sh"],"env":["PASSWORD=pw"]},"root":{"path":"/x"},"annotations":{"a":"pw"}}"#;
    let bundle = kept("/x/overlay-containers/c8/userdata/config.json", bundle, Form::Facts).unwrap();
    assert!(bundle.contains(r#""args":["sh"]"#) && !bundle.contains("pw") && !bundle.contains("env"), "{bundle}");
    let health = r#"{"Status":"healthy","FailingStreak":0,"Log":[{"Start":"a","End":"b","ExitCode":0,"Output":"pw"}]}"#;
    let health = kept("/run/x/healthcheck.log", health, Form::Facts).unwrap();
    assert!(health.contains("healthy") && !health.contains("pw"), "{health}");
    let list =
        r#"{"secrets":{"fe":{"name":"tok","driver":"shell","driverOptions":{"lookup":"echo pw"}}},"idToSecret":{}}"#;
    let list = kept("/home/a/.local/share/containers/storage/secrets/secrets.json", list, Form::Facts).unwrap();
    assert!(list.contains("tok") && !list.contains("pw"), "{list}");
    for path in ["/x/overlay-images/images.json", "/x/secrets/secrets.json", "/x/userdata/config.json"] {
        assert_eq!(kept(path, "[{", Form::Facts), Err(Left::Odd), "{path}");
    }
    let share = "//nas/x /mnt cifs username=ada,password=pw 0 0\n";
    assert_eq!(kept("/etc/fstab", share, Form::Facts), Err(Left::Odd));
    assert!(kept("/etc/fstab", "//nas/x /mnt cifs credentials=/root/nas 0 0\n", Form::Facts).is_ok());
    // Whoever is about the very text of such a file is not served with its facts.
    for path in ["/proc/7/environ", "/proc/7/task/8/cmdline", "/etc/passwd", "/etc/fstab", "/x/userdata/config.json"] {
        assert_eq!(kept(path, "harmless", Form::Text), Err(Left::Secret), "{path}");
    }
    let list = r#"[ {"id": "aa", "flags": {}} ]"#;
    assert_eq!(kept("/x/overlay-containers/containers.json", list, Form::Text).as_deref(), Ok(list));
    assert_eq!(kept("/x/overlay-containers/containers.json", list, Form::Facts).as_deref(), Ok(r#"[{"id":"aa"}]"#));
}

#[test]
fn a_verdict_shows_no_hash_that_a_command_printed() {
    let seen = |said: &str, source: &str| Evidence::new(crate::Source::Command(source.into()), said);
    let verdict = Verdict::Fail {
        wanted: "x".into(),
        found: format!("output ending in `ada:{}`", HASHES[0]),
        evidence: vec![seen(HASHES[1], "cat shadow"), seen("fine", "true"), seen("fine", HASHES[2])],
        see: None,
    };
    let clean = format!("{:?}", without_secrets(verdict));
    assert!(HASHES.iter().all(|hash| !clean.contains(hash)) && clean.contains("fine"), "{clean}");
}
