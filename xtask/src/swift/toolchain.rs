//! Swift 6: the machine's own, or a Debian root folder that has it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{apt, process};

/// The oldest Swift that the package is written for.
const OLDEST: u32 = 6;
/// The folder among the tools, and Debian's release.
const ROOT: &str = "debian-13-swift";
const RELEASE: &str = "trixie";
/// What Swift needs beside itself.
const BASE: &str = "ca-certificates,libc6-dev,libstdc++-14-dev,gcc,git";
/// Its last file: without it the root is half made.
const STAMP: &str = ".made-by-taxrefund";

/// Enters the root: what is mounted is seen by this command alone, and gone with it. Without /proc Swift finds no libraries.
const ENTER: &str = r#"# Written by `cargo xtask`: runs a command in a folder of a root: ROOT FOLDER PLACE... -- COMMAND...
set -e
root=$1 work=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; shift; done
shift
exec chroot "$root" sh -c 'cd "$0" && exec "$@"' "$work" "$@"
"#;

/// Where Swift comes from.
pub(super) enum Toolchain {
    Own,
    Root {
        folder: PathBuf,
        /// [`ENTER`].
        enter: PathBuf,
    },
}

impl Toolchain {
    /// Finds Swift, or makes a root that has it.
    pub(super) fn ready() -> Result<Self> {
        if cfg!(target_os = "macos") {
            bail!(
                "on macOS the Swift package takes its native library from an XCFramework: run \
                 swift/scripts/make-xcframework.sh, then `swift test` in swift/"
            );
        }
        if own_version().is_some_and(|version| version >= OLDEST) {
            return Ok(Self::Own);
        }
        let root = process::tools_folder()?.join(ROOT);
        let toolchain = Self::in_root(root)?;
        if let Self::Root { folder, .. } = &toolchain
            && !folder.join(STAMP).is_file()
        {
            toolchain.make(folder)?;
        }
        Ok(toolchain)
    }

    fn in_root(folder: PathBuf) -> Result<Self> {
        let workshop = process::target_folder().join("swift");
        fs::create_dir_all(&workshop).with_context(|| workshop.display().to_string())?;
        let enter = workshop.join("in-root.sh");
        fs::write(&enter, ENTER).with_context(|| enter.display().to_string())?;
        Ok(Self::Root { folder, enter })
    }

    /// A program, in a folder. The repository and the target folder are at their usual places.
    pub(super) fn command(&self, folder: &Path, program: impl AsRef<OsStr>) -> Command {
        let mut command = match self {
            Self::Own => Command::new(program),
            Self::Root { folder: root, enter } => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "--pid", "--fork", "--kill-child", "sh"]).arg(enter);
                command.arg(root).arg(folder);
                command.arg(process::workspace_root()).arg(process::target_folder()).arg("--").arg(program);
                command
            }
        };
        command.current_dir(folder);
        command
    }

    /// Takes a minute, and 3 GB.
    fn make(&self, root: &Path) -> Result<()> {
        const NEEDED: &str = "Swift 6.0 or newer is needed for the Swift package: please install it";
        if !apt::is_possible() {
            bail!("{NEEDED} (as root on Debian and its kin this program makes a root folder that has it)");
        }
        println!("Swift 6 is not installed: making a Debian root that has it, in {}", root.display());
        if root.exists() {
            fs::remove_dir_all(root).with_context(|| format!("cannot remove {}", root.display()))?;
        }
        fs::create_dir_all(root).with_context(|| root.display().to_string())?;
        if !Path::new("/usr/sbin/debootstrap").is_file() {
            apt::install(&["debootstrap"], NEEDED)?;
        }
        // It mounts /proc there: seen by it alone, so that nothing is left mounted in a root that is removed.
        let mut bootstrap = Command::new("unshare");
        bootstrap
            .args(["--mount", "debootstrap", "--variant=minbase", &format!("--include={BASE}"), RELEASE])
            .arg(root)
            .args(mirror());
        process::run_quietly(&mut bootstrap)?;
        let mut install = self.command(&process::workspace_root(), "apt-get");
        install.env("DEBIAN_FRONTEND", "noninteractive");
        process::run_quietly(install.args(["install", "--yes", "--no-install-recommends", "swiftlang"]))?;
        process::run_quietly(self.command(&process::workspace_root(), "swift").arg("--version"))?;
        fs::write(root.join(STAMP), "").context("cannot finish the root")
    }

    /// The documentation's compiler, which is not on the search path everywhere.
    pub(super) fn docc(&self) -> &'static str {
        match self {
            Self::Own => "docc",
            Self::Root { .. } => "/usr/libexec/swift/bin/docc",
        }
    }
}

fn own_version() -> Option<u32> {
    let output = Command::new("swift").arg("--version").stderr(Stdio::null()).output().ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

/// Of `Swift version 6.0.3 (swift-6.0.3-RELEASE)`, on some machines with words before it.
fn major(text: &str) -> Option<u32> {
    text.split_once("Swift version ")?.1.split('.').next()?.parse().ok()
}

/// From where this machine has its own packages; debootstrap knows one too.
fn mirror() -> Option<String> {
    let folder = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten().flatten();
    let mut files: Vec<_> = folder.map(|entry| entry.path()).collect();
    files.sort();
    files.insert(0, PathBuf::from("/etc/apt/sources.list"));
    let texts = files.iter().filter_map(|file| fs::read_to_string(file).ok());
    texts.into_iter().find_map(|text| mirror_in(&text))
}

/// The first address of Debian's own archive, in either of apt's formats.
fn mirror_in(sources: &str) -> Option<String> {
    let lines = sources.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let mut words = lines
        .filter(|line| line.starts_with("deb ") || line.starts_with("URIs:"))
        .flat_map(str::split_whitespace);
    words
        .find(|word| word.starts_with("http") && word.trim_end_matches('/').ends_with("/debian"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_whatever_stands_before_it() {
        assert_eq!(major("Swift version 6.0.3 (swift-6.0.3-RELEASE)\nTarget: x"), Some(6));
        assert_eq!(major("swift-driver version: 1.115 Apple Swift version 6.1.2 (swiftlang)"), Some(6));
        assert_eq!(major("no such thing"), None);
    }

    #[test]
    fn the_mirror_is_that_of_the_machine_in_either_format() {
        let new =
            "Types: deb\n# http://old.example/debian\nURIs: http://mirror.example/debian\nSuites: bookworm";
        assert_eq!(mirror_in(new).as_deref(), Some("http://mirror.example/debian"));
        let old =
            "deb https://packages.example/apt main\ndeb [arch=amd64] http://a.example/debian/ bookworm main";
        assert_eq!(mirror_in(old).as_deref(), Some("http://a.example/debian/"));
        assert_eq!(mirror_in("deb http://security.example/debian-security x main"), None);
    }
}
