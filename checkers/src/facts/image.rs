//! Names of container images: when a short name and a full one mean the same. Pure.

/// True when the image `full`, as storage names it, is what `wished` means: the same registry and path where those are given,
/// the same last part, the same tag (`latest` where none is given).
pub fn same_image(wished: &str, full: &str) -> bool {
    let ((wished, wished_tag), (full, full_tag)) = (parts(wished), parts(full));
    let whole_name = wished == full || full.strip_suffix(wished).is_some_and(|before| before.ends_with('/'));
    whole_name && wished_tag == full_tag
}

/// A name without its transport, its tag or digest, and the latter.
fn parts(name: &str) -> (&str, &str) {
    let name = name.strip_prefix("docker://").unwrap_or(name);
    if let Some((name, digest)) = name.split_once('@') {
        return (name, digest);
    }
    match name.rsplit_once(':') {
        // A colon before the last slash belongs to a registry's port.
        Some((before, tag)) if !tag.contains('/') => (before, tag),
        _ => (name, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::same_image;

    #[test]
    fn a_short_name_means_the_latest_of_that_very_name() {
        let ubi8 = "registry.access.redhat.com/ubi8:latest";
        for same in ["ubi8", "ubi8:latest", "registry.access.redhat.com/ubi8", ubi8] {
            assert!(same_image(same, ubi8), "{same}");
        }
        assert!(same_image("ubi8", "docker://registry.access.redhat.com/ubi8"));
        assert!(same_image("ubi8@sha256:1", "quay.io/ubi8@sha256:1") && !same_image("ubi8", "quay.io/ubi8@sha256:1"));
        for other in ["ubi", "bi8", "ubi8:8.10", "ubi8-minimal", "quay.io/ubi8", ""] {
            assert!(!same_image(other, ubi8), "{other}");
        }
        assert!(!same_image("ubi8", "registry.access.redhat.com/ubi8-minimal:latest"));
        assert!(same_image("127.0.0.1:5000/ubi8", "127.0.0.1:5000/ubi8:latest"));
    }
}
