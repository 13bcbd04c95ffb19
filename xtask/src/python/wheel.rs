//! The wheel, built from the source distribution, so that both are known to be whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::environment::Environment;
use super::interpreter::Interpreter;
use super::{folder, workshop};
use crate::process;

/// How the native module is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// For tests: shares what `cargo test` has compiled.
    Dev,
    /// As it is published.
    Release,
}

/// Builds the wheel, unless the sources are those that it was built from.
pub(super) fn build(profile: Profile) -> Result<PathBuf> {
    let tools = Environment::with(&Interpreter::default_one()?, "build", &["python/requirements-build.txt"])?;
    let name = if profile == Profile::Dev { "dev" } else { "release" };
    let place = workshop().join(name);
    let archive = sdist(&tools, &place)?;
    let (sources, wheels) = (place.join("sources"), place.join("wheels"));
    let built_from = place.join("built-from");
    let content = fs::read(&archive)?;
    if fs::read(&built_from).is_ok_and(|before| before == content)
        && let Ok(wheel) = only_file(&wheels)
    {
        return Ok(wheel);
    }
    for old in [&sources, &wheels] {
        if old.exists() {
            fs::remove_dir_all(old)?;
        }
    }
    fs::create_dir_all(&sources)?;
    process::run_quietly(tools.python(&["-m", "tarfile", "--extract"]).arg(&archive).arg(&sources))?;
    let unpacked = only_file(&sources)?;
    // An archive's files are as old as it says, and cargo takes old files for compiled ones.
    touch(&unpacked)?;
    println!("building the Python package's wheel ({name})");
    let mut maturin = std::process::Command::new(tools.program("maturin"));
    maturin.args([
        "build",
        "--quiet",
        "--profile",
        if profile == Profile::Dev { "dev" } else { "published" },
    ]);
    maturin
        .env("CARGO_TARGET_DIR", process::target_folder())
        .arg("--out")
        .arg(&wheels)
        .current_dir(&unpacked);
    process::run(&mut maturin)?;
    fs::write(built_from, content)?;
    only_file(&wheels)
}

fn sdist(tools: &Environment, place: &Path) -> Result<PathBuf> {
    let out = place.join("sdist");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let mut maturin = std::process::Command::new(tools.program("maturin"));
    process::run_quietly(maturin.arg("sdist").arg("--out").arg(&out).current_dir(folder()))?;
    only_file(&out)
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let mut files = fs::read_dir(folder).with_context(|| folder.display().to_string())?.flatten();
    match (files.next(), files.next()) {
        (Some(file), None) => Ok(file.path()),
        _ => bail!("{} should hold just one file", folder.display()),
    }
}

fn touch(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            touch(&path)?;
        } else {
            File::options().write(true).open(&path)?.set_modified(SystemTime::now())?;
        }
    }
    Ok(())
}
