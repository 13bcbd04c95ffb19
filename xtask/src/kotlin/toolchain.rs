//! A JDK and Maven: those of the machine, or Debian's.

use std::process::Command;

use anyhow::{Result, bail};

use crate::apt;

/// The oldest JDK that builds the package.
const OLDEST_JAVA: u32 = 17;

/// Makes sure that `java`, `javac` and `mvn` can be started.
pub(crate) fn ensure() -> Result<()> {
    let (has_java, has_maven) = (java_version().is_some_and(|version| version >= OLDEST_JAVA), starts("mvn"));
    if has_java && has_maven {
        return Ok(());
    }
    let mut wanted = Vec::new();
    if !has_java {
        wanted.push("default-jdk-headless");
    }
    if !has_maven {
        wanted.push("maven");
    }
    let needed = format!(
        "a JDK from {OLDEST_JAVA} on (`java`, `javac`) and Maven (`mvn`) are needed for the Kotlin package"
    );
    apt::install(&wanted, &needed)?;
    match java_version() {
        Some(version) if version >= OLDEST_JAVA => Ok(()),
        _ => bail!("the system's JDK is older than {OLDEST_JAVA}: install a newer one"),
    }
}

/// Of the compiler: a machine may have Java to run, and none to build.
fn java_version() -> Option<u32> {
    let output = Command::new("javac").arg("-version").output().ok()?;
    major(&format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// `javac 17.0.15` is 17.
fn major(told: &str) -> Option<u32> {
    told.trim().strip_prefix("javac ")?.split(['.', '-', '+']).next()?.parse().ok()
}

fn starts(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_version_of_a_compiler_is_read() {
        assert_eq!(major("javac 17.0.15\n"), Some(17));
        assert_eq!(major("javac 25-ea\n"), Some(25));
        assert_eq!(major("javac 1.8.0_402"), Some(1));
        assert_eq!(major("no such program"), None);
    }
}
