//! Cases of reading sudoers.

use super::*;
use std::path::Path;

fn asked(text: &str, name: &str, groups: &[&str], target: &str, command: &str) -> Answer {
    let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    let target_uid = if target == "root" { 0 } else { 1002 };
    let who = Who { name, uid: 1001, groups: &groups, host: "lab.example.com", target, target_uid };
    ask(&lines(Path::new("/etc/sudoers"), text), &who, &[command.to_owned()])
}
fn granted(text: &str, command: &str) -> Option<bool> {
    let answer = asked(text, "ada", &["ada", "sudo"], "root", command);
    assert_eq!(answer.open, [], "{text}");
    answer.decided.map(|(_, grants)| grants)
}

#[test]
fn the_common_forms_grant_what_they_say() {
    for (text, command, grants) in [
        ("ada ALL=(ALL:ALL) ALL", "ALL", true),
        ("%sudo\tALL = (ALL) NOPASSWD: ALL", "/bin/anything at all", true),
        ("#1001 ALL=/bin/a", "/bin/a b", true),
        ("ada ALL=(root) /bin/a, /bin/b", "/bin/b", true),
        ("ada lab=/usr/bin/systemctl restart web", "/usr/bin/systemctl restart web", true),
        ("ada ALL=/bin/a \"\"", "/bin/a", true),
        ("ada ALL=/usr/bin/", "/usr/bin/less x", true),
        ("ada ALL=/usr/bin/* -l", "/usr/bin/ls -l", true),
        ("ada ALL=/bin/mount -o user\\=ada\\,ro *", "/bin/mount -o user=ada,ro /mnt x", true),
        (
            "User_Alias OPS = bob, %sudo : NONE = eve\nCmnd_Alias WEB = /bin/a, \\\n  /bin/b\nOPS ALL = WEB",
            "/bin/b",
            true,
        ),
        ("ada ALL=ALL\nada ALL=!/bin/su", "/bin/su", false),
        ("ada ALL=/bin/a, !/bin/a -f", "/bin/a -f", false),
    ] {
        assert_eq!(granted(text, command), Some(grants), "{text} {command}");
    }
}

#[test]
fn a_comment_ends_with_its_line_whatever_it_ends_with() {
    for text in [
        "# the old rule \\\nada ALL=(ALL) ALL",
        "bob ALL=/bin/b # and \\\nada ALL=(ALL) ALL",
        "ada ALL=(ALL) /bin/b, \\\n  /bin/a # \\\nbob ALL=/bin/c",
    ] {
        assert_eq!(granted(text, "/bin/a"), Some(true), "{text}");
    }
}

#[test]
fn a_rule_that_names_nobody_as_whom_means_the_default_one() {
    let rule = |default: &str| format!("Defaults {default}\nada ALL=/bin/a");
    let decided = |text: &str, target: &str| {
        let answer = asked(text, "ada", &[], target, "/bin/a");
        (answer.decided.is_some(), answer.open.len())
    };
    for set in ["runas_default=bob", "env_reset, runas_default = \"bob\"", "runas_default=#1002"] {
        assert_eq!(decided(&rule(set), "root"), (false, 0), "{set}");
        assert_eq!(decided(&rule(set), "bob"), (true, 0), "{set}");
    }
    assert_eq!(
        decided(&(rule("runas_default=bob") + "\nDefaults runas_default=root"), "root"),
        (true, 0),
        "the last one"
    );
    assert_eq!(decided(&rule("!runas_default"), "root"), (false, 1));
    for scope in ["Defaults:ada", "Defaults@lab", "Defaults!/bin/a", "Defaults>root"] {
        let text = format!("{scope} runas_default=bob\nada ALL=/bin/a");
        assert_eq!(decided(&text, "root"), (false, 1), "{scope}");
        assert_eq!(decided(&format!("{scope} runas_default=bob\nada ALL=(root) /bin/a"), "root"), (true, 0), "{scope}");
    }
}

#[test]
fn what_is_about_somebody_or_something_else_grants_nothing() {
    for (text, command) in [
        ("bob ALL=ALL", "/bin/a"),
        ("%wheel ALL=(ALL) ALL", "/bin/a"),
        ("ALL, !ada ALL=ALL", "/bin/a"),
        ("ada other=ALL", "/bin/a"),
        ("ada ALL=(bob) ALL", "/bin/a"),
        ("ada ALL=/bin/a", "ALL"),
        ("ada ALL=/bin/a -l", "/bin/a"),
        ("ada ALL=/bin/a \"\"", "/bin/a -l"),
        ("ada ALL=/usr/*", "/usr/bin/a"),
        ("# ada ALL=ALL", "/bin/a"),
        ("", "/bin/a"),
    ] {
        assert_eq!(granted(text, command), None, "{text} {command}");
    }
    assert!(asked("ada ALL=(bob, eve) ALL", "ada", &[], "bob", "/bin/a").decided.is_some());
    assert!(asked("ada ALL=/bin/a", "ada", &[], "bob", "/bin/a").decided.is_none(), "root unless said");
}

#[test]
fn the_last_rule_decides_about_the_password_too() {
    let text = "%sudo ALL=(ALL) ALL\nada ALL=(ALL) NOPASSWD: /bin/a, PASSWD: /bin/b, /bin/c\n";
    for (command, free) in [("/bin/a", true), ("/bin/b", false), ("/bin/c", false), ("/bin/d", false)] {
        let answer = asked(text, "ada", &["sudo"], "root", command);
        assert_eq!((answer.no_password, answer.decided.is_some()), (free, true), "{command}");
    }
    let place = asked(text, "ada", &["sudo"], "root", "/bin/a").decided.unwrap().0.place();
    assert_eq!(place, "/etc/sudoers:2");
    let but = asked("ada ALL=ALL, !/bin/su", "ada", &[], "root", "ALL").but;
    assert_eq!(but.as_deref(), Some("/bin/su"));
}

#[test]
fn what_is_not_understood_is_kept_only_where_it_may_be_about_the_account() {
    for text in [
        "ada ALL=(ALL) CWD=/tmp /bin/a",
        "ada ALL=sha256:abc /bin/a",
        "ada 10.0.0.0/8=ALL",
        "+ops ALL=ALL",
        "ada ALL=^/bin/.*$",
        "%:windows ALL=ALL",
        "ada lab=/bin/a : other=/bin/b",
        "Defaults !authenticate",
        "nonsense",
    ] {
        assert_eq!(asked(text, "ada", &[], "root", "/bin/a").open.len(), 1, "{text}");
    }
    for text in [
        "bob ALL=(ALL) CWD=/tmp /bin/a",
        "Defaults env_reset, secure_path=\"/bin:/sbin\"",
        "@includedir /etc/sudoers.d",
    ] {
        let lines: Vec<Line> =
            lines(Path::new("/x"), text).into_iter().filter(|l| included(&l.text).is_none()).collect();
        let who = Who { name: "ada", uid: 1, groups: &[], host: "lab", target: "root", target_uid: 0 };
        assert_eq!(ask(&lines, &who, &["/bin/a".to_owned()]).open, [], "{text}");
    }
    assert_eq!(included("#includedir \"/etc/a b\""), Some(("/etc/a b".into(), true)));
    assert_eq!(included("# include this"), None);
}

#[test]
fn a_command_is_meant_by_each_of_its_names() {
    let who = Who { name: "ada", uid: 1, groups: &[], host: "lab", target: "root", target_uid: 0 };
    let names = ["/bin/su".to_owned(), "/usr/bin/su".to_owned()];
    for (text, grants) in
        [("ada ALL=/usr/bin/su", true), ("ada ALL=ALL, !/bin/su", false), ("ada ALL=/usr/bin/*, !/bin/su", false)]
    {
        let answer = ask(&lines(Path::new("/x"), text), &who, &names);
        assert_eq!(answer.decided.map(|(_, grants)| grants), Some(grants), "{text}");
    }
}

#[test]
fn an_alias_that_leads_to_itself_ends() {
    let text = "Cmnd_Alias A = B\nCmnd_Alias B = A\nada ALL=A";
    assert_eq!(asked(text, "ada", &[], "root", "/bin/a").open.len(), 1);
}
