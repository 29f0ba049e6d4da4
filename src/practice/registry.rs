//! Gives a machine its own registry: Debian's docker-registry on loopback, with the practice image, as mirror of the real one.
//! Never listens beyond 127.0.0.1 and takes no uploads.

use super::Error;
use super::image::{image, registry_files};
use super::tree::Tree;

/// The names the image answers to, as on the real registry.
const REPOSITORIES: &[&str] = &["ubi8", "ubi8/ubi", "ubi9", "ubi9/ubi"];

/// Where the registry keeps its files, inside.
const STORAGE: &str = "var/lib/rootless-lab-registry";

const SETTINGS: &str = "version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: /var/lib/rootless-lab-registry}
  maintenance: {readonly: {enabled: true}}
http: {addr: '127.0.0.1:5000'}
";

const UNIT: &str = "[Unit]
Description=Practice registry on loopback, mirror of registry.access.redhat.com

[Service]
ExecStart=/usr/bin/docker-registry serve /etc/rootless-lab/registry.yml
DynamicUser=yes
Restart=on-failure

[Install]
WantedBy=multi-user.target
";

/// The short names of the real machine's own list, and the mirror. Podman 3.0 reads aliases from here too.
const MIRROR: &str = "# rootless-lab: what is asked of this registry is answered by the practice registry on loopback.
unqualified-search-registries = [\"registry.access.redhat.com\"]

[[registry]]
prefix = \"registry.access.redhat.com\"
location = \"registry.access.redhat.com\"

[[registry.mirror]]
location = \"127.0.0.1:5000\"
insecure = true

[aliases]
\"ubi8\" = \"registry.access.redhat.com/ubi8\"
\"ubi9\" = \"registry.access.redhat.com/ubi9\"
";

/// Plants the registry where the tree has the programs for it; elsewhere images come from where the tree says.
pub(crate) fn plant(tree: &Tree<'_>) -> Result<(), Error> {
    let program = |name: &str| match tree.bytes(&format!("usr/bin/{name}"))? {
        None => tree.bytes(&format!("bin/{name}")),
        found => Ok(found),
    };
    let (Some(_), Some(bash), Some(busybox)) =
        (program("docker-registry")?, program("bash-static")?, program("busybox")?)
    else {
        return Ok(());
    };
    let image = image(&bash, &busybox, architecture()).map_err(Error::io("build the image of", tree.root))?;
    for (path, bytes) in registry_files(&image, REPOSITORIES, "latest") {
        tree.write(&format!("{STORAGE}/{path}"), bytes, 0o644)?;
    }
    tree.write("etc/rootless-lab/registry.yml", SETTINGS, 0o644)?;
    tree.write("etc/systemd/system/practice-registry.service", UNIT, 0o644)?;
    tree.link("../practice-registry.service", "etc/systemd/system/multi-user.target.wants/practice-registry.service")?;
    tree.write("etc/containers/registries.conf.d/rootless-lab.conf", MIRROR, 0o644)
}

/// This machine's processor, as images name it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
