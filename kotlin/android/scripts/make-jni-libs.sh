#!/usr/bin/env bash
# Builds the native library for Android's processors and checks each one.
#
#   ANDROID_NDK_HOME=... kotlin/android/scripts/make-jni-libs.sh [abi...]
#   kotlin/android/scripts/make-jni-libs.sh --check FILE ABI      only checks a library; LLVM_READELF names the tool when there is no NDK
#
# abi: arm64-v8a, armeabi-v7a, x86_64, x86; all of them by default. They go to kotlin/android/src/main/jniLibs/<abi>/.
# OUT: another folder. CARGO: another cargo. CARGO_TARGET_DIR: as cargo knows it.
set -euo pipefail

api=26
page=16384
library=libtaxrefund_native.so
# Any function that the Kotlin sources call: the package cannot do without it.
symbol=ffi_taxrefund_native_uniffi_contract_version
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
out=${OUT:-$here/../src/main/jniLibs}
cargo=${CARGO:-cargo}

fail() {
    echo "make-jni-libs: $*" >&2
    exit 1
}

# Sets rust, clang, class and machine for an ABI.
know() {
    case $1 in
        arm64-v8a) rust=aarch64-linux-android clang=aarch64-linux-android class=ELF64 machine=AArch64 ;;
        armeabi-v7a) rust=armv7-linux-androideabi clang=armv7a-linux-androideabi class=ELF32 machine=ARM ;;
        x86_64) rust=x86_64-linux-android clang=x86_64-linux-android class=ELF64 machine='Advanced Micro Devices X86-64' ;;
        x86) rust=i686-linux-android clang=i686-linux-android class=ELF32 machine='Intel 80386' ;;
        *) fail "there is no ABI $1: arm64-v8a, armeabi-v7a, x86_64, x86" ;;
    esac
}

# The NDK's folder of tools for this machine.
find_tools() {
    [ -n "${ANDROID_NDK_HOME:-}" ] || fail "ANDROID_NDK_HOME is not set: it must name the folder of an Android NDK, r27 or later"
    [ -d "$ANDROID_NDK_HOME" ] || fail "there is no folder $ANDROID_NDK_HOME (ANDROID_NDK_HOME)"
    local host
    case $(uname -s) in
        Linux) host=linux-x86_64 ;;
        Darwin) host=darwin-x86_64 ;;
        *) fail "no NDK is known for $(uname -s): run this on Linux or macOS" ;;
    esac
    tools=$ANDROID_NDK_HOME/toolchains/llvm/prebuilt/$host/bin
    [ -d "$tools" ] || fail "$ANDROID_NDK_HOME is no NDK: it has no folder toolchains/llvm/prebuilt/$host/bin"
    readelf=$(tool llvm-readelf)
}

tool() {
    [ -x "$tools/$1" ] || fail "the NDK has no $1: install another one, r27 or later (looked in $tools)"
    echo "$tools/$1"
}

check() {
    local file=$1 abi=$2 header loads symbols
    know "$abi"
    [ -s "$file" ] || fail "$abi: there is no $file"
    header=$("$readelf" -h "$file") || fail "$abi: $file is no ELF file"
    grep -Eq "Class: +$class\$" <<<"$header" || fail "$abi: $file is not $class"
    grep -Eq "Machine: +$machine\$" <<<"$header" || fail "$abi: $file is not for $machine"
    grep -Eq 'Type: +DYN' <<<"$header" || fail "$abi: $file is no shared library"
    loads=$("$readelf" -W -l "$file" | awk '$1 == "LOAD" { print $NF }')
    [ -n "$loads" ] || fail "$abi: $file has nothing to load"
    local align
    for align in $loads; do
        ((align >= page)) || fail "$abi: $file is aligned to $align, and devices with pages of 16 KB want 0x4000"
    done
    symbols=$("$readelf" -W --dyn-syms "$file")
    grep -Eq "GLOBAL +(DEFAULT|PROTECTED) +[0-9]+ $symbol\$" <<<"$symbols" || fail "$abi: $file does not export $symbol"
    echo "$abi: $(($(wc -c <"$file"))) bytes, $class, $machine, aligned to $page"
}

build() {
    local abi=$1 name upper target cc ar
    know "$abi"
    cc=$(tool "$clang$api-clang")
    ar=$(tool llvm-ar)
    name=${rust//-/_}
    upper=$(tr '[:lower:]' '[:upper:]' <<<"$name")
    target=${CARGO_TARGET_DIR:-$root/target}
    # Nothing unwinds through SQLite, the only C in it. Every ABI is aligned alike: it costs little, and Google Play asks for it.
    (
        cd "$root"
        env "CC_$name=$cc" "AR_$name=$ar" \
            "CFLAGS_$name=-fno-asynchronous-unwind-tables -fno-unwind-tables" \
            "CARGO_TARGET_${upper}_LINKER=$cc" "CARGO_TARGET_${upper}_AR=$ar" \
            "CARGO_TARGET_${upper}_RUSTFLAGS=-C link-arg=-Wl,-z,max-page-size=$page" \
            "$cargo" build --locked -p taxrefund-uniffi --profile phone --target "$rust"
    ) || fail "$abi: cargo could not build it"
    local built
    built=$(cd "$root" && cd "$target" && pwd)/$rust/phone/$library
    check "$built" "$abi"
    mkdir -p "$out/$abi"
    cp "$built" "$out/$abi/$library"
}

if [ "${1:-}" = --check ]; then
    [ $# -eq 3 ] || fail "--check wants a file and an ABI"
    if [ -n "${LLVM_READELF:-}" ]; then readelf=$LLVM_READELF; else find_tools; fi
    check "$2" "$3"
    exit
fi

[ $# -gt 0 ] || set -- arm64-v8a armeabi-v7a x86_64 x86
find_tools
command -v "$cargo" >/dev/null || fail "there is no $cargo: install Rust (rustup)"
# All at once, before anything is built.
missing=
if command -v rustup >/dev/null; then
    installed=$(cd "$root" && rustup target list --installed)
    for abi in "$@"; do
        know "$abi"
        grep -qx "$rust" <<<"$installed" || missing+=" $rust"
    done
fi
[ -z "$missing" ] || fail "Rust has no standard library for$missing: run \`rustup target add$missing\` in $root"
for abi in "$@"; do build "$abi"; done
