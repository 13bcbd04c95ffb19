//! The manifests under `node`: in the workspace's version, and each platform's package as its name says.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::{addon, folder};

pub(super) fn check() -> Result<()> {
    let package = read(&folder())?;
    let mut wrong =
        differences("node/package.json", &package, &[("version", json!(env!("CARGO_PKG_VERSION")))]);
    let mut triples = Vec::new();
    for entry in fs::read_dir(folder().join("npm"))? {
        let entry = entry?;
        let triple = entry.file_name().to_string_lossy().into_owned();
        let manifest = read(&entry.path())?;
        wrong.extend(differences(
            &format!("node/npm/{triple}/package.json"),
            &manifest,
            &of_platform(&triple, &package),
        ));
        triples.push(triple);
    }
    let here = addon::triple()?;
    if !triples.iter().any(|triple| triple == here) {
        wrong.push(format!("node/npm has no package for {here}"));
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("; "));
    }
    Ok(())
}

/// What a platform's manifest must say: `linux-x64-gnu` is operating system, processor and C library.
fn of_platform(triple: &str, package: &Value) -> Vec<(&'static str, Value)> {
    let mut parts = triple.split('-');
    let (os, cpu, abi) = (parts.next(), parts.next(), parts.next());
    let libc = match (os, abi) {
        (Some("linux"), Some("musl")) => json!(["musl"]),
        (Some("linux"), _) => json!(["glibc"]),
        _ => Value::Null,
    };
    vec![
        ("name", json!(format!("taxrefund-{triple}"))),
        ("version", package["version"].clone()),
        ("license", package["license"].clone()),
        ("engines", package["engines"].clone()),
        ("os", json!([os])),
        ("cpu", json!([cpu])),
        ("libc", libc),
        ("main", json!("taxrefund.node")),
    ]
}

fn differences(file: &str, manifest: &Value, expected: &[(&str, Value)]) -> Vec<String> {
    let differing = expected.iter().filter(|(name, value)| manifest[*name] != *value);
    differing
        .map(|(name, value)| format!("{file}: \"{name}\" should be {value}, and is {}", manifest[*name]))
        .collect()
}

fn read(folder: &Path) -> Result<Value> {
    let file = folder.join("package.json");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    serde_json::from_str(&text).with_context(|| file.display().to_string())
}
