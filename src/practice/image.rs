//! A small container image and how a registry keeps it on disk, both as bytes. Never runs podman and never touches a file.

use std::io::{self, Write};

use flate2::{Compression, GzBuilder};
use serde_json::json;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

/// The commands of busybox that the image has links for: enough to look round in a container.
const APPLETS: &[&str] = &[
    "[",
    "awk",
    "basename",
    "cat",
    "chmod",
    "chown",
    "cmp",
    "cp",
    "cut",
    "date",
    "df",
    "diff",
    "dirname",
    "du",
    "echo",
    "egrep",
    "env",
    "expr",
    "false",
    "fgrep",
    "find",
    "fold",
    "free",
    "grep",
    "groups",
    "gunzip",
    "gzip",
    "head",
    "hostname",
    "id",
    "ip",
    "kill",
    "less",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mknod",
    "mktemp",
    "more",
    "mount",
    "mv",
    "nl",
    "nproc",
    "od",
    "paste",
    "pidof",
    "ping",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "rev",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "sha256sum",
    "sha512sum",
    "shuf",
    "sleep",
    "sort",
    "stat",
    "stty",
    "sync",
    "tac",
    "tail",
    "tar",
    "tee",
    "test",
    "timeout",
    "top",
    "touch",
    "tr",
    "true",
    "truncate",
    "tty",
    "uname",
    "uniq",
    "unlink",
    "uptime",
    "vi",
    "watch",
    "wc",
    "wget",
    "which",
    "whoami",
    "xargs",
    "yes",
    "zcat",
];

/// Says what it is to whoever looks inside.
const OS_RELEASE: &str = "NAME=\"rootless-lab practice image\"\n\
    ID=rootless-lab-practice\n\
    PRETTY_NAME=\"rootless-lab practice image (bash and busybox from Debian; stands in for ubi8)\"\n";

/// An image of one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Image {
    layer: Vec<u8>,
    config: Vec<u8>,
    manifest: Vec<u8>,
}

/// Makes the image from the two static programs. The same programs give the same bytes.
pub(crate) fn image(bash: &[u8], busybox: &[u8], architecture: &str) -> io::Result<Image> {
    let plain = layer(bash, busybox)?;
    let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::default());
    packed.write_all(&plain)?;
    let layer = packed.finish()?;
    let config = serde_json::to_vec(&json!({
        "architecture": architecture,
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": {
            "Cmd": ["/bin/bash"],
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=oci"],
            "Labels": {"org.opencontainers.image.title": "rootless-lab practice image"},
        },
        "rootfs": {"type": "layers", "diff_ids": [digest(&plain)]},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "rootless-lab practice create"}],
    }))?;
    let manifest = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": config.len(),
            "digest": digest(&config),
        },
        "layers": [{
            "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "size": layer.len(),
            "digest": digest(&layer),
        }],
    }))?;
    Ok(Image { layer, config, manifest })
}

/// The files of a registry that holds this image under these names, as paths below its storage directory.
pub(crate) fn registry_files(image: &Image, repositories: &[&str], tag: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for blob in [&image.layer, &image.config, &image.manifest] {
        let hex = hex(blob);
        files.push((format!("docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]), blob.clone()));
    }
    for repository in repositories {
        let home = format!("docker/registry/v2/repositories/{repository}");
        let mut link = |place: String, to: &[u8]| files.push((format!("{home}/{place}/link"), digest(to).into_bytes()));
        link(format!("_layers/sha256/{}", hex(&image.layer)), &image.layer);
        link(format!("_layers/sha256/{}", hex(&image.config)), &image.config);
        let manifest = hex(&image.manifest);
        link(format!("_manifests/revisions/sha256/{manifest}"), &image.manifest);
        link(format!("_manifests/tags/{tag}/current"), &image.manifest);
        link(format!("_manifests/tags/{tag}/index/sha256/{manifest}"), &image.manifest);
    }
    files
}

/// The layer's tar file.
fn layer(bash: &[u8], busybox: &[u8]) -> io::Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    for (path, mode) in [
        ("dev/", 0o755),
        ("etc/", 0o755),
        ("home/", 0o755),
        ("proc/", 0o555),
        ("root/", 0o700),
        ("run/", 0o755),
        ("sys/", 0o555),
        ("tmp/", 0o1777),
        ("usr/", 0o755),
        ("usr/bin/", 0o755),
        ("usr/sbin/", 0o755),
        ("var/", 0o755),
        ("var/tmp/", 0o1777),
    ] {
        tar.append_data(&mut header(EntryType::Directory, mode, 0), path, io::empty())?;
    }
    for (path, to) in [("bin", "usr/bin"), ("sbin", "usr/sbin"), ("usr/bin/sh", "bash")] {
        tar.append_link(&mut header(EntryType::Symlink, 0o777, 0), path, to)?;
    }
    for (path, mode, bytes) in [
        ("etc/os-release", 0o644, OS_RELEASE.as_bytes()),
        (
            "etc/passwd",
            0o644,
            b"root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n".as_slice(),
        ),
        ("etc/group", 0o644, b"root:x:0:\nnobody:x:65534:\n".as_slice()),
        ("usr/bin/bash", 0o755, bash),
        ("usr/bin/busybox", 0o755, busybox),
    ] {
        tar.append_data(&mut header(EntryType::Regular, mode, bytes.len() as u64), path, bytes)?;
    }
    for applet in APPLETS {
        tar.append_link(&mut header(EntryType::Symlink, 0o777, 0), format!("usr/bin/{applet}"), "busybox")?;
    }
    tar.into_inner()
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(size);
    header
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read;

    use super::*;

    #[test]
    fn the_same_programs_give_the_same_bytes() {
        assert_eq!(image(b"bash", b"busybox", "amd64").unwrap(), image(b"bash", b"busybox", "amd64").unwrap());
        assert_ne!(image(b"bash", b"busybox", "amd64").unwrap(), image(b"bash2", b"busybox", "amd64").unwrap());
    }

    #[test]
    fn the_layer_holds_a_bash_that_runs_and_says_what_it_is() {
        let image = image(b"the bash", b"the busybox", "amd64").unwrap();
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(image.layer.as_slice()));
        let mut seen = BTreeMap::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            seen.insert(entry.path().unwrap().display().to_string(), (entry.header().mode().unwrap(), text));
        }
        assert_eq!(seen["usr/bin/bash"], (0o755, "the bash".to_owned()));
        assert_eq!(seen["tmp/"].0, 0o1777);
        assert!(seen["etc/os-release"].1.contains("stands in for ubi8"));
        assert!(seen.contains_key("usr/bin/ls"));
    }

    #[test]
    fn every_link_of_the_registry_leads_to_a_blob() {
        let image = image(b"bash", b"busybox", "amd64").unwrap();
        let files: BTreeMap<String, Vec<u8>> =
            registry_files(&image, &["ubi8", "ubi8/ubi"], "latest").into_iter().collect();
        let links: Vec<_> = files.iter().filter(|(path, _)| path.ends_with("/link")).collect();
        assert_eq!(links.len(), 10);
        for (path, link) in links {
            let link = String::from_utf8(link.clone()).unwrap();
            let hex = link.strip_prefix("sha256:").unwrap();
            let blob = format!("docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]);
            assert_eq!(super::hex(&files[&blob]), hex, "{path}");
        }
        assert!(files.contains_key("docker/registry/v2/repositories/ubi8/ubi/_manifests/tags/latest/current/link"));
    }
}
