//! A folder with a Package.swift, built with the native library.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::toolchain::Toolchain;
use crate::process;
use crate::uniffi::{self, Profile};

pub(super) struct Package {
    toolchain: Toolchain,
    /// From the repository's root.
    folder: &'static str,
    /// Of the native library.
    library: PathBuf,
    /// Where SwiftPM builds: below cargo's own target folder.
    scratch: PathBuf,
}

impl Package {
    /// Makes sure of the toolchain and the native library.
    pub(super) fn of(folder: &'static str, profile: Profile) -> Result<Self> {
        let toolchain = Toolchain::ready()?;
        let library = uniffi::library(profile)?;
        let library = library.parent().context("a library is in a folder")?.to_path_buf();
        let scratch = process::target_folder().join("swift").join(folder.replace('/', "-"));
        fs::create_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
        Ok(Self { toolchain, folder, library, scratch })
    }

    /// A subcommand of SwiftPM's, in the package's folder.
    pub(super) fn swift(&self, args: &[&str]) -> Command {
        let mut command = self.toolchain.command(&process::workspace_root().join(self.folder), "swift");
        let (subcommand, args) = args.split_first().map_or(("build", args), |(first, rest)| (*first, rest));
        command.arg(subcommand).arg("--scratch-path").arg(&self.scratch);
        // The linker's own, so that a package that depends on this one needs no unsafe flags.
        command.arg("-Xlinker").arg(format!("-L{}", self.library.display()));
        command.arg("-Xlinker").arg(format!("-rpath={}", self.library.display()));
        command.args(args);
        command
    }

    /// A tool of the toolchain's, in the repository's root.
    pub(super) fn tool(&self, name: &str) -> Command {
        self.toolchain.command(&process::workspace_root(), name)
    }

    /// A program, in the package's folder.
    pub(super) fn run(&self, program: &Path) -> Command {
        self.toolchain.command(&process::workspace_root().join(self.folder), program)
    }

    /// What SwiftPM builds.
    pub(super) fn program(&self, configuration: &str, name: impl AsRef<OsStr>) -> PathBuf {
        self.scratch.join(configuration).join(name.as_ref())
    }

    /// Builds the documentation; a link that leads nowhere is an error.
    pub(super) fn documentation(&self) -> Result<()> {
        let graphs = self.scratch.join("symbol-graphs");
        if graphs.exists() {
            fs::remove_dir_all(&graphs)?;
        }
        fs::create_dir_all(&graphs)?;
        let folder = graphs.display().to_string();
        process::run_quietly(&mut self.swift(&[
            "build",
            "--target",
            "TaxRefund",
            "-Xswiftc",
            "-emit-symbol-graph",
            "-Xswiftc",
            "-emit-symbol-graph-dir",
            "-Xswiftc",
            &folder,
        ]))?;
        // Of the package's dependencies only what is public here.
        for graph in fs::read_dir(&graphs)? {
            let path = graph?.path();
            if path.file_name().is_none_or(|name| name != "TaxRefund.symbols.json") {
                fs::remove_file(path)?;
            }
        }
        let catalogue = process::workspace_root().join("swift/Sources/TaxRefund/TaxRefund.docc");
        let mut docc = self.toolchain.command(&process::workspace_root(), self.toolchain.docc());
        docc.arg("convert").arg(catalogue).arg("--additional-symbol-graph-dir").arg(&graphs);
        docc.args(["--fallback-display-name", "TaxRefund", "--fallback-bundle-identifier", "taxrefund"]);
        docc.arg("--warnings-as-errors").arg("--output-path").arg(self.scratch.join("documentation"));
        process::run(&mut docc)
    }
}
