//! The two tarballs that are published: the package, and its native module for this platform.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sha1::{Digest, Sha1};

use super::addon::{self, Profile};
use super::{files_below, folder, toolchain, workshop};
use crate::process;

/// What the package is made from, below `node`.
const SOURCES: [&str; 3] = ["npm", "scripts", "src"];

pub(super) struct Package {
    pub(super) main: PathBuf,
    pub(super) platform: PathBuf,
    /// What they were made from, in short.
    pub(super) stamp: String,
}

impl Package {
    /// Builds both, unless they are there from just these sources.
    pub(super) fn build(profile: Profile) -> Result<Self> {
        let addon = addon::build(profile)?;
        let triple = addon::triple()?;
        let name = if profile == Profile::Dev { "dev" } else { "release" };
        let place = workshop().join(name);
        let version = env!("CARGO_PKG_VERSION");
        let package = Self {
            main: place.join(format!("taxrefund-{version}.tgz")),
            platform: place.join(format!("taxrefund-{triple}-{version}.tgz")),
            stamp: stamp(&addon)?,
        };
        let built_from = place.join("built-from");
        let is_built = package.main.is_file() && package.platform.is_file();
        if is_built && fs::read_to_string(&built_from).is_ok_and(|before| before == package.stamp) {
            return Ok(package);
        }
        println!("packing the Node package ({name})");
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        fs::create_dir_all(&place)?;
        process::run(&mut toolchain::own_script("build"))?;
        let mut pack = toolchain::own_script("pack");
        pack.args(["--triple", triple, "--addon"]).arg(addon).arg("--out").arg(place);
        process::run(&mut pack)?;
        fs::write(built_from, &package.stamp)?;
        Ok(package)
    }
}

/// The sources' content and the native module's.
fn stamp(addon: &Path) -> Result<String> {
    let (node, root) = (folder(), process::workspace_root());
    let mut files = vec![addon.to_path_buf(), root.join("LICENSE-MIT"), root.join("LICENSE-APACHE")];
    files.extend(
        ["package.json", "package-lock.json", "tsconfig.json", "README.md"].map(|name| node.join(name)),
    );
    for name in SOURCES {
        files.extend(files_below(&node.join(name))?);
    }
    let mut digest = Sha1::new();
    for file in files.iter().filter(|file| file.is_file()) {
        let content = fs::read(file)?;
        digest.update(format!("{} {}\n", file.display(), content.len()));
        digest.update(content);
    }
    Ok(hex::encode(digest.finalize()))
}
