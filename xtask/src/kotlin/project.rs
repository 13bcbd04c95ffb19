//! The Maven project, built below cargo's target folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{surefire, toolchain};
use crate::process::{self, Tally};
use crate::uniffi::{self, Profile};

/// The package with a native library beside it.
pub(crate) struct Project {
    /// Maven's build products.
    pub(crate) build: PathBuf,
    /// Folder with the native library, by JNA's name of the platform.
    pub(crate) native: PathBuf,
}

impl Project {
    /// Toolchain, native library and simulator are there.
    pub(crate) fn ready(profile: Profile) -> Result<Self> {
        toolchain::ensure()?;
        let folder = process::target_folder().join("kotlin");
        let native = folder.join(match profile {
            Profile::Dev => "native",
            Profile::Phone => "native-phone",
        });
        let library = uniffi::library(profile)?;
        let platform = native.join(platform()?);
        fs::create_dir_all(&platform)?;
        if let Some(name) = library.file_name() {
            copied(&library, &platform.join(name))?;
        }
        process::run(&mut process::cargo(&["build", "--quiet", "-p", "taxrefund-sandbox"]))?;
        Ok(Self { build: folder.join("build"), native })
    }

    /// The package, its tests and their programs are compiled too.
    pub(crate) fn built(profile: Profile) -> Result<Self> {
        let project = Self::ready(profile)?;
        process::run_quietly(project.maven(&["-q", "process-test-classes"])?.arg("-DskipTests"))?;
        Ok(project)
    }

    /// Runs the tests, with these options of Maven.
    pub(crate) fn tested(&self, options: &[&str]) -> Result<Tally> {
        process::run_counting(self.maven(&["test"])?.args(options), surefire::counts)
    }

    /// A program of the package's tests, without Maven.
    pub(crate) fn java(&self, main: &str) -> Result<Command> {
        let list = self.build.join("classpath.txt");
        let jars = fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
        let folders = [self.build.join("classes"), self.build.join("test-classes"), self.native.clone()];
        let parts = folders.into_iter().chain(env::split_paths(jars.trim()));
        let mut command = Command::new("java");
        command.arg("-cp").arg(env::join_paths(parts)?).arg(main);
        Ok(command)
    }

    /// Maven, in the project.
    pub(crate) fn maven(&self, goals: &[&str]) -> Result<Command> {
        let define = |name: &str, value: &Path| format!("-D{name}={}", value.display());
        let sandbox = process::target_folder().join("debug").join(format!("taxrefund-sandbox{}", env::consts::EXE_SUFFIX));
        let mut command = Command::new("mvn");
        command.current_dir(process::workspace_root().join("kotlin")).args(["-B", "-ntp"]);
        command.args(goals).args([
            define("taxrefund.build", &std::path::absolute(&self.build)?),
            define("taxrefund.native", &std::path::absolute(&self.native)?),
            define("taxrefund.sandbox", &std::path::absolute(sandbox)?),
        ]);
        Ok(command)
    }
}

/// As JNA names this machine.
fn platform() -> Result<String> {
    let system = match env::consts::OS {
        "linux" => "linux",
        "macos" => "darwin",
        other => bail!("the Kotlin package is not built on {other} here"),
    };
    let machine = match env::consts::ARCH {
        "x86_64" => "x86-64",
        other => other,
    };
    Ok(format!("{system}-{machine}"))
}

/// Left alone when it is the same already: Maven would do everything anew.
fn copied(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| from.display().to_string())?;
    if fs::read(to).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    // A library that is in use is replaced, never written over.
    let beside = to.with_extension("new");
    fs::write(&beside, bytes)?;
    fs::rename(&beside, to).with_context(|| to.display().to_string())
}
