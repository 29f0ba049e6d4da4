//! An image in the storage of an account. Podman is never started.
//!
#![doc = include_str!("image.md")]

use serde::{Deserialize, Serialize};

use super::findings::{account, could_not};
use crate::catalogue::Judge;
use crate::context::Context;
use crate::facts::{image::same_image, storage};
use crate::ground::Ground;
use crate::machine::{Eyes, Machine};
use crate::verdict::{Evidence, Verdict};

/// What is wished of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Image {
    /// The account in whose storage to look.
    pub account: String,
    /// The image, by its short name (`ubi8`) or in full.
    pub name: String,
    /// False wishes that it is not there. True unless said.
    #[serde(default = "crate::checks::yes")]
    pub exists: bool,
}

impl Judge for Image {
    fn eyes(&self) -> Eyes {
        Eyes::Account(self.account.clone())
    }
    fn rests_on(&self) -> Vec<Ground> {
        vec![Ground::Containers(self.account.clone()), Ground::Accounts]
    }
    fn judge(&self, machine: &dyn Machine, _: &Context) -> Verdict {
        self.look(machine).unwrap_or_else(|unknown| unknown)
    }
}

impl Image {
    fn look(&self, machine: &dyn Machine) -> Result<Verdict, Verdict> {
        let entry = account(machine, &self.account)?;
        let what = format!("the image storage of {}", self.account);
        let shelf = storage::root(machine, &entry).and_then(|root| storage::images(machine, &root));
        let shelf = shelf.map_err(|why| could_not(&what, &why))?;
        let names: Vec<&str> =
            shelf.found.iter().flat_map(|(one, _)| one.names.iter().flatten()).map(String::as_str).collect();
        let there = names.iter().find(|name| same_image(&self.name, name));
        let said = if names.is_empty() { "no images".to_owned() } else { names.join(", ") };
        let evidence: Vec<_> = shelf.looked.iter().map(|path| Evidence::file(path, &said)).collect();
        if there.is_some() == self.exists {
            return Ok(Verdict::Pass { evidence, remember: Default::default() });
        }
        let wanted = format!("{} {}", if self.exists { "the image" } else { "no image" }, self.name);
        Ok(Verdict::Fail { wanted, found: said, evidence, see: Some("podman images".into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::all_ways::AllWays;
    use crate::machine::{CouldNot, Recorded};

    const STORAGE: &str = "/home/conuser1/.local/share/containers/storage";

    fn with(json: &str) -> Recorded {
        Recorded::new().account("conuser1", 1001).file(format!("{STORAGE}/overlay-images/images.json"), json)
    }
    fn judged(machine: &Recorded, name: &str, exists: bool) -> Verdict {
        Image { account: "conuser1".into(), name: name.into(), exists }.judge_in_all_ways(machine, &Context::default())
    }

    #[test]
    fn image_passes_by_its_short_name() {
        let machine = with(r#"[{"id":"de17","names":["registry.access.redhat.com/ubi8:latest"]},{"id":"ee"}]"#);
        assert!(judged(&machine, "ubi8", true).is_pass());
        assert!(judged(&machine, "ubi", true).is_fail());
        assert!(judged(&machine, "ubi8", false).is_fail());
    }
    #[test]
    fn image_fails_for_an_account_without_storage() {
        let none = Recorded::new().account("conuser1", 1001);
        assert!(judged(&none, "ubi8", true).is_fail());
        assert!(judged(&none, "ubi8", false).is_pass());
    }
    #[test]
    fn image_is_unknown_in_storage_that_cannot_be_read() {
        assert!(judged(&with("{"), "ubi8", false).is_unknown());
        assert!(judged(&with("[]").closed("/home/conuser1", CouldNot::Denied), "ubi8", false).is_unknown());
    }
}
