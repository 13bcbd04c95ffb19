//! Virtual environments, made once for what they hold.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::interpreter::Interpreter;
use super::workshop;
use crate::process;

/// A virtual environment with the packages of some requirements files.
pub(crate) struct Environment {
    place: PathBuf,
}

impl Environment {
    /// Makes it, unless it is there with just these requirements; their files are named from the workspace's root.
    pub(super) fn with(interpreter: &Interpreter, name: &str, requirements: &[&str]) -> Result<Self> {
        let place = workshop().join(format!("{name}-{}", interpreter.version));
        let files: Vec<PathBuf> =
            requirements.iter().map(|name| process::workspace_root().join(name)).collect();
        let mut wanted = String::new();
        for file in &files {
            wanted += &fs::read_to_string(file).with_context(|| file.display().to_string())?;
        }
        let environment = Self { place };
        let stamp = environment.place.join("requirements");
        if fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
            return Ok(environment);
        }
        println!("making a Python {} environment: {}", interpreter.version, environment.place.display());
        let mut made = Command::new(&interpreter.program);
        process::run_quietly(made.args(["-m", "venv", "--clear"]).arg(&environment.place))?;
        if !files.is_empty() {
            let mut install = environment.pip();
            for file in &files {
                install.arg("-r").arg(file);
            }
            process::run_quietly(&mut install)?;
        }
        fs::write(stamp, wanted)?;
        Ok(environment)
    }

    /// Installs a wheel, whatever was there under its name; its dependencies are its own affair: it has none.
    pub(super) fn install(&self, wheel: &Path) -> Result<()> {
        let stamp = self.place.join("wheel");
        let built = format!("{} {:?}", wheel.display(), fs::metadata(wheel)?.modified()?);
        if fs::read_to_string(&stamp).is_ok_and(|there| there == built) {
            return Ok(());
        }
        process::run_quietly(self.pip().args(["--force-reinstall", "--no-deps"]).arg(wheel))?;
        Ok(fs::write(stamp, built)?)
    }

    /// A command of its interpreter.
    pub(crate) fn python(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.program("python"));
        command.args(args);
        command
    }

    /// A program that is installed in it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        let folder = if cfg!(windows) { "Scripts" } else { "bin" };
        self.place.join(folder).join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    fn pip(&self) -> Command {
        self.python(&["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
    }
}
