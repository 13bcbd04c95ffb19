#!/bin/sh
# Builds the native library as it goes into apps, for every processor that Android runs on, and puts it where the AAR takes it
# from. Needs the NDK (ANDROID_NDK_HOME) and Rust's targets; run it in any folder.
#
#   kotlin/android/scripts/make-jni-libs.sh [FOLDER]     default: kotlin/android/src/main/jniLibs
set -eu

android=$(cd "$(dirname "$0")/.." && pwd)
root=$(cd "$android/../.." && pwd)
out=${1:-$android/src/main/jniLibs}
cargo=${CARGO:-cargo}
# The oldest Android that the package runs on.
api=26

: "${ANDROID_NDK_HOME:?must name the folder of the NDK}"
tools=$(echo "$ANDROID_NDK_HOME"/toolchains/llvm/prebuilt/*/bin)
[ -x "$tools/llvm-ar" ] || { echo "no NDK in $ANDROID_NDK_HOME" >&2; exit 1; }

# The name that Android has for a processor, Rust's, and that of the NDK's compiler.
build() {
    abi=$1 target=$2 compiler=$tools/$3$api-clang
    name=$(echo "$target" | tr 'a-z-' 'A-Z_')
    lower=$(echo "$target" | tr '-' '_')
    env "CARGO_TARGET_${name}_LINKER=$compiler" "CC_$lower=$compiler" "AR_$lower=$tools/llvm-ar" \
        RUSTFLAGS="-C link-arg=-Wl,-z,max-page-size=16384" \
        "$cargo" build --manifest-path "$root/Cargo.toml" -p taxrefund-uniffi --profile phone --target "$target"
    mkdir -p "$out/$abi"
    cp "${CARGO_TARGET_DIR:-$root/target}/$target/phone/libtaxrefund_native.so" "$out/$abi/"
    echo "$abi: $(wc -c < "$out/$abi/libtaxrefund_native.so") bytes"
}

build arm64-v8a aarch64-linux-android aarch64-linux-android
build armeabi-v7a armv7-linux-androideabi armv7a-linux-androideabi
build x86_64 x86_64-linux-android x86_64-linux-android
build x86 i686-linux-android i686-linux-android
