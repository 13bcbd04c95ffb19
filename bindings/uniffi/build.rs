//! Links the library of an app (profile `phone`) small: code that is twice there is kept once, relocations are packed.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|there| there == value);
    if !is("OPT_LEVEL", "z") {
        return;
    }
    // Only where the linker is LLVM's: the NDK's, and Rust's own on x86-64 Linux.
    let relocations = if is("CARGO_CFG_TARGET_OS", "android") {
        // What Android 8 can read.
        "--pack-dyn-relocs=android"
    } else if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ARCH", "x86_64") {
        // With the mark by which the C library knows that they are meant.
        "-z,pack-relative-relocs"
    } else {
        return;
    };
    println!("cargo:rustc-cdylib-link-arg=-Wl,--icf=all");
    println!("cargo:rustc-cdylib-link-arg=-Wl,{relocations}");
}
