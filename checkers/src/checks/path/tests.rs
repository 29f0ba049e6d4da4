//! Cases of `path`, on recorded machines.

use super::*;
use crate::checks::all_ways::AllWays;
use crate::machine::Recorded;

fn machine() -> Recorded {
    Recorded::new()
        .account("root", 0)
        .account("lisa", 1000)
        .account("conuser1", 1001)
        .group(50, "staff", &["conuser1"])
        .directory("/run/user/1000")
        .owned("/run/user/1000", 1000, 1000, 0o700)
        .directory("/home/conuser1/.config/systemd/user")
        .file("/home/conuser1/note", "one\ntwo\nthree\n")
        .owned("/home/conuser1/note", 1000, 50, 0o660)
        .link("/home/conuser1/link", "note")
        .link("/home/conuser1/dangling", "gone")
}
fn judged(machine: &Recorded, path: &str, change: impl FnOnce(&mut Path)) -> Verdict {
    let mut check = Path { path: path.into(), account: Some("conuser1".into()), exists: true, ..Path::default() };
    change(&mut check);
    check.judge_in_all_ways(machine, &Context::default())
}

#[test]
fn path_passes_when_kind_mode_owner_and_text_are_so() {
    let verdict = judged(&machine(), "/run/user/1000", |p| {
        p.kind = Some(Kind::Directory);
        p.mode = Some("0700".into());
        p.owner = Some("lisa".into());
        p.group = Some("lisa".into());
        p.writable_by = vec!["lisa".into(), "root".into()];
        p.not_writable_by = vec!["conuser1".into()];
    });
    assert!(verdict.is_pass(), "{verdict:?}");
    let verdict = judged(&machine(), "~/link", |p| {
        p.kind = Some(Kind::File);
        p.contains = vec!["two".into()];
        p.matches = vec!["^three$".into()];
        p.text = Some("one\ntwo\nthree\n".into());
        p.writable_by = vec!["conuser1".into()];
    });
    assert!(verdict.is_pass(), "{verdict:?}");
    assert!(judged(&machine(), "~/link", |p| p.kind = Some(Kind::Link)).is_pass());
    assert!(judged(&machine(), "~conuser1/.config/systemd/user", |_| ()).is_pass());
    assert!(judged(&machine(), "~/nothing", |p| p.exists = false).is_pass());
    assert!(judged(&machine(), "/run/user/{uid}", |p| p.exists = false).is_pass());
}

#[test]
fn a_path_below_a_home_is_said_with_the_account_s_name() {
    for (path, said) in [("~/nothing", "something at ~conuser1/nothing"), ("~root/x", "something at ~root/x")] {
        let verdict = judged(&machine(), path, |_| ());
        let Verdict::Fail { wanted, see, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(wanted, said);
        assert_eq!(see, Some(format!("ls -ld {}  # as conuser1", said.rsplit(' ').next().unwrap())));
    }
    let Verdict::Fail { see, .. } = judged(&machine(), "~/no thing", |_| ()) else { panic!() };
    assert_eq!(see.as_deref(), Some("ls -ld '/home/conuser1/no thing'  # as conuser1"));
}

#[test]
fn path_fails_and_says_what_is_there_instead() {
    let verdict = judged(&machine(), "/run/user/1000", |p| {
        p.mode = Some("0755".into());
        p.owner = Some("conuser1".into());
        p.writable_by = vec!["conuser1".into()];
    });
    let Verdict::Fail { wanted, found, see, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(wanted, "mode 0755, owner conuser1, conuser1 may write");
    assert_eq!(found, "mode 0700, owner lisa, conuser1 may not write");
    assert_eq!(see.as_deref(), Some("ls -ld /run/user/1000  # as conuser1"));
    assert!(judged(&machine(), "~/nothing", |p| p.mode = Some("0700".into())).is_fail());
    assert!(judged(&machine(), "~/dangling", |_| ()).is_fail());
    assert!(judged(&machine(), "~/dangling", |p| p.exists = false).is_fail());
    assert!(judged(&machine(), "~/note", |p| p.exists = false).is_fail());
    assert!(judged(&machine(), "~/.config", |p| p.contains = vec!["x".into()]).is_fail());
    assert!(judged(&machine(), "~nobody-here/x", |_| ()).is_fail());
}

#[test]
fn each_wish_of_a_path_is_wrong_by_itself() {
    let note = machine().owned("/home/conuser1/note", 1001, 50, 0o660);
    assert!(judged(&note, "~/note", |p| p.kind = Some(Kind::Directory)).is_fail());
    assert!(judged(&note, "~/note", |p| p.contains = vec!["two".into(), "four".into()]).is_fail());
    assert!(judged(&note, "~/note", |p| p.matches = vec!["^four$".into()]).is_fail());
    assert!(judged(&note, "~/note", |p| p.not_writable_by = vec!["conuser1".into()]).is_fail());
    assert!(judged(&note, "~/note", |p| p.group = Some("conuser1".into())).is_fail());
    let kinds = [(Kind::Socket, 0o140_666), (Kind::Pipe, 0o010_600), (Kind::Device, 0o020_600)];
    for (nth, (_, mode)) in kinds.into_iter().enumerate() {
        let odd = machine().thing("/home/conuser1/odd", mode, String::new(), None);
        for (other, (kind, _)) in kinds.into_iter().enumerate() {
            let verdict = judged(&odd, "~/odd", |p| p.kind = Some(kind));
            assert_eq!((verdict.is_pass(), verdict.is_fail()), (nth == other, nth != other), "{verdict:?}");
        }
        assert!(judged(&odd, "~/odd", |p| p.kind = Some(Kind::File)).is_fail());
    }
}

#[test]
fn path_shows_the_difference_of_two_texts() {
    let verdict = judged(&machine(), "~/note", |p| p.text = Some("one\n2\nthree\n".into()));
    let Verdict::Fail { found, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(found, "--- found\n+++ wanted\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three");
    let long = judged(&machine(), "~/note", |p| p.text = Some("x\n".repeat(100)));
    assert!(matches!(long, Verdict::Fail { found, .. } if found.lines().count() == LINES + 1));
}

#[test]
fn path_is_unknown_where_it_could_not_look() {
    let closed = machine().closed("/run/user/1000", CouldNot::Denied);
    assert!(judged(&closed, "/run/user/1000/libpod", |p| p.exists = false).is_unknown());
    assert!(judged(&closed, "/run/user/1000/libpod", |_| ()).is_unknown());
    let acl = machine().acl("/home/conuser1/note");
    assert!(judged(&acl, "~/note", |p| p.writable_by = vec!["conuser1".into()]).is_unknown());
    assert!(judged(&acl, "~/note", |p| p.owner = Some("lisa".into())).is_pass(), "the list matters to writers only");
    assert!(judged(&machine(), "~/note", |p| p.matches = vec!["(".into()]).is_unknown());
    assert!(judged(&machine(), "~/note", |p| p.mode = Some("rwx".into())).is_unknown());
    assert!(judged(&machine(), "~/note", |p| p.account = None).is_unknown());
    assert!(judged(&machine(), "note", |_| ()).is_unknown());
    let large = machine().file("/big", "x".repeat(1 << 21));
    assert!(judged(&large, "/big", |p| p.contains = vec!["y".into()]).is_unknown());
}

#[test]
fn the_owner_is_known_as_the_containers_of_an_account_number_it() {
    let table = "conuser1:165536:65536\n";
    let at = |uid| machine().file("/etc/subuid", table).owned("/home/conuser1/note", uid, 50, 0o600);
    let wish = |uid| move |p: &mut Path| p.owner_inside = Some(uid);
    assert!(judged(&at(166_535), "~/note", wish(1000)).is_pass());
    assert!(judged(&at(1001), "~/note", wish(0)).is_pass());
    assert!(judged(&at(1001), "~/note", wish(1000)).is_fail());
    let Verdict::Fail { found, .. } = judged(&at(1000), "~/note", wish(1000)) else { panic!("another's is no fail") };
    assert_eq!(found, "owner uid 1000, which is none of theirs");
    let elsewhere = at(166_535).file("/etc/nsswitch.conf", "subid: sss\n");
    assert!(judged(&elsewhere, "~/note", wish(1000)).is_unknown());
    let nobody = |p: &mut Path| {
        p.path = "/home/conuser1/note".into();
        p.account = None;
        p.owner_inside = Some(1000);
    };
    assert!(judged(&at(166_535), "", nobody).is_unknown());
}
