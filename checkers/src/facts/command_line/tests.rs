//! Cases of reading a command line.

use super::*;

fn words(line: &str) -> Vec<Vec<String>> {
    read(line).into_iter().map(|s| s.words).collect()
}

#[test]
fn the_table_of_lines() {
    let table: &[(&str, &[&[&str]])] = &[
        ("podman run -dt --name c ubi8", &[&["podman", "run", "-dt", "--name", "c", "ubi8"]]),
        ("echo conuser1 | sudo passwd --stdin conuser1", &[&["echo", "conuser1"], &["passwd", "--stdin", "conuser1"]]),
        ("cd /tmp && ls -l; true", &[&["cd", "/tmp"], &["ls", "-l"], &["true"]]),
        ("A=1 B='x y' sudo -u lisa -- env -i C=2 podman ps", &[&["podman", "ps"]]),
        ("podman generate systemd c > ~/.config/c.service 2>&1", &[&["podman", "generate", "systemd", "c"]]),
        ("echo \"a \\\"b\\\" $HOME\" 'c;d' e\\ f", &[&["echo", "a \"b\" $HOME", "c;d", "e f"]]),
        ("ls $(podman ps -q; true) `x`", &[&["ls", "$(podman ps -q; true)", "`x`"]]),
        ("cat <<E >f\npodman run x\nE\nls", &[&["cat"], &["ls"]]),
        ("# podman run", &[]),
        ("", &[]),
        ("a &>b; ( c | d ) &", &[&["a"], &["c"], &["d"]]),
        ("if true; then podman ps; fi", &[&["true"], &["podman", "ps"], &["fi"]]),
        ("sudo -i", &[&["sudo", "-i"]]),
        ("podman \\\n  ps", &[&["podman", "ps"]]),
        ("echo \"open", &[&["echo", "open"]]),
    ];
    for (line, expected) in table {
        assert_eq!(words(line), *expected, "{line}");
    }
}

#[test]
fn a_line_s_status_is_not_every_command_s() {
    use StatusIs::{Its, ItsWhenZero, Nothing};
    for (line, statuses) in [
        ("a", vec![Its]),
        ("a; b", vec![Nothing, Its]),
        ("a | b", vec![Nothing, Its]),
        ("a && b", vec![Nothing, ItsWhenZero]),
        ("a || b", vec![Nothing, Nothing]),
        ("a &", vec![Nothing]),
        ("! a", vec![Nothing]),
        ("sudo a > b", vec![Its]),
    ] {
        assert_eq!(read(line).iter().map(|s| s.status).collect::<Vec<_>>(), statuses, "{line}");
    }
}

#[test]
fn sudo_makes_somebody_else_of_whoever_types() {
    for (line, by) in [
        ("podman ps", None),
        ("sudo podman ps", Some("root")),
        ("sudo -u lisa podman ps", Some("lisa")),
        ("sudo -nu lisa podman ps", Some("lisa")),
        ("sudo --user=lisa podman ps", Some("lisa")),
        ("sudo --user lisa env A=1 podman ps", Some("lisa")),
        ("env -u lisa podman ps", None),
        ("sudo -i", None),
    ] {
        let last = read(line).pop().unwrap();
        assert_eq!(last.by.as_deref(), by, "{line}");
    }
}
