//! The Python interpreters of a machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// The oldest Python that the package supports.
const OLDEST: (u32, u32) = (3, 10);
/// The newest one that is looked for by name.
const NEWEST: (u32, u32) = (3, 19);

/// An interpreter that the wheel can be installed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Interpreter {
    pub(super) program: PathBuf,
    /// `3.11`.
    pub(super) version: String,
    order: (u32, u32),
}

/// One of each supported version, the oldest first.
pub(super) fn found() -> Result<Vec<Interpreter>> {
    let names = (OLDEST.1..=NEWEST.1).map(|minor| PathBuf::from(format!("python3.{minor}")));
    let candidates = ["python3", "python"].into_iter().map(PathBuf::from).chain(names).chain(of_pyenv());
    let mut found: Vec<Interpreter> = Vec::new();
    for interpreter in candidates.filter_map(|program| Interpreter::at(&program)) {
        if found.iter().all(|known| known.order != interpreter.order) {
            found.push(interpreter);
        }
    }
    found.sort_by_key(|interpreter| interpreter.order);
    if found.is_empty() {
        anyhow::bail!("Python 3.10 or newer is needed for the Python package: please install it");
    }
    Ok(found)
}

impl Interpreter {
    /// The one that `python3` starts, or else the newest.
    pub(super) fn default_one() -> Result<Self> {
        match Self::at(Path::new("python3")) {
            Some(interpreter) => Ok(interpreter),
            None => found()?.pop().context("no interpreter"),
        }
    }

    fn at(program: &Path) -> Option<Self> {
        // A build without the global lock has another binary interface.
        const QUESTION: &str = "import sys, sysconfig, venv, ensurepip\n\
                                print(*sys.version_info[:2], sysconfig.get_config_var('Py_GIL_DISABLED') or 0)";
        let output = Command::new(program).args(["-c", QUESTION]).stderr(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
        let mut numbers = text.split_whitespace().map(|number| number.parse::<u32>().ok());
        let order = (numbers.next()??, numbers.next()??);
        let has_lock = numbers.next()?? == 0;
        (order >= OLDEST && has_lock).then(|| Self {
            program: program.to_path_buf(),
            version: format!("{}.{}", order.0, order.1),
            order,
        })
    }
}

/// Those that pyenv has installed, whichever of them it has switched on.
fn of_pyenv() -> Vec<PathBuf> {
    let root = Command::new("pyenv").arg("root").stderr(Stdio::null()).output().ok();
    let Some(root) = root.and_then(|output| String::from_utf8(output.stdout).ok()) else { return Vec::new() };
    let Ok(versions) = std::fs::read_dir(Path::new(root.trim()).join("versions")) else { return Vec::new() };
    versions.flatten().map(|version| version.path().join("bin").join("python3")).collect()
}
