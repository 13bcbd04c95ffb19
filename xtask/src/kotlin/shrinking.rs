//! The rules for shrinkers, tried: R8 shrinks the package with its examples, and the examples' tests run what is left.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::project::Project;
use crate::process;

const R8: &str = "9.5.28";

/// What goes into an app with the package.
const RUNTIME: [&str; 5] =
    ["annotations-", "jna-", "kotlin-stdlib-", "kotlinx-coroutines-core", "kotlinx-serialization-"];

/// Shrinks, and runs what is left.
pub(crate) fn tried(project: &Project) -> Result<()> {
    let folder = project.build.join("shrunken");
    fs::create_dir_all(&folder)?;
    let folder = std::path::absolute(folder)?;
    let artifact = format!("-Dartifact=com.android.tools:r8:{R8}");
    let into = format!("-DoutputDirectory={}", folder.display());
    process::run_quietly(project.maven(&["-q", "dependency:copy"])?.args([artifact, into]))?;
    let (app, shrunken) = (folder.join("app.jar"), folder.join("shrunken.jar"));
    let mut jar = Command::new("jar");
    jar.arg("--create").arg("--file").arg(&app);
    for (part, packages) in
        [("classes", "taxrefund"), ("classes", "META-INF"), ("test-classes", "taxrefund/examples")]
    {
        jar.arg("-C").arg(project.build.join(part)).arg(packages);
    }
    process::run_quietly(&mut jar)?;
    let rules = process::workspace_root().join("kotlin").join("android");
    let mut shrink = Command::new("java");
    shrink.arg("-cp").arg(folder.join(format!("r8-{R8}.jar"))).args([
        "com.android.tools.r8.R8",
        "--classfile",
        "--release",
    ]);
    shrink.arg("--lib").arg(java_home()?);
    shrink.arg("--pg-conf").arg(rules.join("consumer-rules.pro"));
    shrink.arg("--pg-conf").arg(rules.join("scripts").join("examples.pro"));
    shrink.arg("--output").arg(&shrunken).arg(&app).args(runtime(project)?);
    process::run_quietly(&mut shrink)?;
    let path = env::join_paths([shrunken, std::path::absolute(&project.native)?])?;
    let Some(path) = path.to_str() else { bail!("a path that is no text") };
    let examples = format!("-Dtaxrefund.examples={path}");
    process::run_quietly(project.maven(&["-q", "surefire:test"])?.args(["-Dtest=ExampleTest", &examples]))
}

fn runtime(project: &Project) -> Result<Vec<PathBuf>> {
    let jars = fs::read_to_string(project.build.join("classpath.txt"))?;
    let is_wanted = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        RUNTIME.iter().any(|start| name.starts_with(start))
    };
    Ok(env::split_paths(jars.trim()).filter(is_wanted).collect())
}

/// Where the classes of Java itself are.
fn java_home() -> Result<String> {
    let output = Command::new("java").args(["-XshowSettings:properties", "-version"]).output()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let home = told.lines().find_map(|line| line.trim().strip_prefix("java.home = "));
    Ok(home.context("java does not say where it is")?.to_owned())
}
