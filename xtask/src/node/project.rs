//! Clean projects, with the package installed from its tarballs as its users have it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::package::Package;
use super::{files_below, folder, toolchain, workshop};
use crate::process;

/// A folder with `node_modules`.
pub(crate) struct Project {
    place: PathBuf,
}

impl Project {
    /// Makes it anew, unless just these tarballs are installed there.
    pub(super) fn with(name: &str, package: &Package) -> Result<Self> {
        let project = Self { place: workshop().join("projects").join(name) };
        let place = &project.place;
        let stamp = place.join("installed-from");
        if fs::read_to_string(&stamp).is_ok_and(|there| there == package.stamp) {
            return Ok(project);
        }
        if place.exists() {
            fs::remove_dir_all(place)?;
        }
        fs::create_dir_all(place)?;
        fs::write(place.join("package.json"), "{ \"name\": \"project\", \"private\": true }\n")?;
        let mut install = toolchain::npm();
        // Offline: no registry is asked for the packages of other platforms, which may not be ours there.
        install.args(["install", "--offline", "--omit=optional", "--ignore-scripts", "--no-save"]);
        install.args(["--no-package-lock", "--no-audit", "--no-fund"]);
        process::run_quietly(install.arg(&package.main).arg(&package.platform).current_dir(place))?;
        fs::write(stamp, &package.stamp)?;
        Ok(project)
    }

    /// One with what a lock file names, and nothing of ours.
    pub(super) fn from_lock(name: &str, manifests: &Path) -> Result<Self> {
        let project = Self { place: workshop().join("projects").join(name) };
        fs::create_dir_all(&project.place)?;
        for name in ["package.json", "package-lock.json"] {
            fs::copy(manifests.join(name), project.place.join(name))
                .with_context(|| manifests.join(name).display().to_string())?;
        }
        toolchain::install(&project.place)?;
        Ok(project)
    }

    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// A command of Node's, run here.
    pub(crate) fn node<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = toolchain::node();
        command.args(args).current_dir(&self.place).env("TAXREFUND_REPOSITORY", process::workspace_root());
        command
    }

    /// Puts a program here, where it finds the package by its name.
    pub(crate) fn take(&self, program: &Path) -> Result<PathBuf> {
        let name = program.file_name().context("a program has a name")?;
        let there = self.place.join(name);
        fs::copy(program, &there).with_context(|| program.display().to_string())?;
        Ok(there)
    }

    /// Compiled tests and examples, with a way to what is not public: into the installed package.
    pub(super) fn take_in(&self, from: &Path, folders: &[&str]) -> Result<()> {
        for folder in folders {
            let there = self.place.join(folder);
            if there.exists() {
                fs::remove_dir_all(&there)?;
            }
            if from.join(folder).exists() {
                copy(&from.join(folder), &there)?;
            }
        }
        link(&self.place.join("node_modules/taxrefund/dist"), &self.place.join("src"))
    }

    /// A whole project of a user's, over this one.
    pub(super) fn take_over(&self, from: &Path) -> Result<()> {
        copy(from, &self.place)
    }

    /// What the tests need beside the package; the package itself needs nothing.
    pub(super) fn link_development_packages(&self) -> Result<()> {
        let manifest: Value = serde_json::from_str(&fs::read_to_string(folder().join("package.json"))?)?;
        let names = manifest["devDependencies"].as_object().context("devDependencies")?;
        names.keys().try_for_each(|name| self.link_package(name))
    }

    pub(super) fn link_types(&self) -> Result<()> {
        self.link_package("@types/node")
    }

    fn link_package(&self, name: &str) -> Result<()> {
        link(&folder().join("node_modules").join(name), &self.place.join("node_modules").join(name))
    }

    /// Every test that was taken in.
    pub(super) fn test_run(&self) -> Result<Command> {
        let mut command = self.node(&["--test", "--test-reporter=spec"]);
        let mut files = Vec::new();
        for folder in ["test", "examples"].map(|name| self.place.join(name)) {
            if folder.exists() {
                files.extend(files_below(&folder)?);
            }
        }
        files.retain(|file| is_test(file));
        if files.is_empty() {
            bail!("there are no tests of the Node package");
        }
        for file in files {
            command.arg(file.strip_prefix(&self.place)?);
        }
        Ok(command)
    }

    /// The programs right in `examples`, each of which ends by itself.
    pub(super) fn examples(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.place.join("examples"))? {
            let path = entry?.path();
            let is_program = path.extension().is_some_and(|kind| kind == "js" || kind == "mjs");
            if path.is_file() && is_program && !is_test(&path) {
                names.push(path.strip_prefix(&self.place)?.to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }
}

fn is_test(file: &Path) -> bool {
    let name = file.to_string_lossy();
    name.ends_with(".test.js") || name.ends_with(".test.mjs")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let there = to.join(file.strip_prefix(from)?);
        if let Some(folder) = there.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &there).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn link(to: &Path, at: &Path) -> Result<()> {
    if at.symlink_metadata().is_ok() {
        return Ok(());
    }
    if let Some(folder) = at.parent() {
        fs::create_dir_all(folder)?;
    }
    #[cfg(windows)]
    let linked = std::os::windows::fs::symlink_dir(to, at);
    #[cfg(not(windows))]
    let linked = std::os::unix::fs::symlink(to, at);
    linked.with_context(|| at.display().to_string())
}
