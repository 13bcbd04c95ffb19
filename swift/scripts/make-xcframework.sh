#!/bin/sh
# Packs the native library for Apple's platforms: build/TaxRefundNative.xcframework, its zip, and the zip's checksum.
#
#     scripts/make-xcframework.sh [OUT]
#
# Needs a Mac with Xcode and the Rust toolchain of rust-toolchain.toml. IPHONEOS_DEPLOYMENT_TARGET and MACOSX_DEPLOYMENT_TARGET are
# those of Package.swift.
set -eu

package=$(cd "$(dirname "$0")/.." && pwd)
repository=$(dirname "$package")
out=${1:-$package/build}
target=${CARGO_TARGET_DIR:-$repository/target}
library=libtaxrefund_native.a
framework=$out/TaxRefundNative.xcframework

export IPHONEOS_DEPLOYMENT_TARGET=16.0
export MACOSX_DEPLOYMENT_TARGET=13.0

# One static library per target, with the profile that phones get.
for triple in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin; do
    rustup target add "$triple"
    (cd "$repository" && cargo rustc --locked -p taxrefund-uniffi --lib --profile phone --target "$triple" --crate-type staticlib)
done

rm -rf "$framework" "$framework.zip" "$framework.zip.checksum" "$out/slices"
mkdir -p "$out/slices/ios" "$out/slices/simulator" "$out/slices/macos"

# An XCFramework holds one library per platform: those of two processors become one.
cp "$target/aarch64-apple-ios/phone/$library" "$out/slices/ios/$library"
lipo -create -output "$out/slices/simulator/$library" \
    "$target/aarch64-apple-ios-sim/phone/$library" "$target/x86_64-apple-ios/phone/$library"
lipo -create -output "$out/slices/macos/$library" \
    "$target/aarch64-apple-darwin/phone/$library" "$target/x86_64-apple-darwin/phone/$library"

# In a folder of its own: two XCFrameworks of one app must not both have Headers/module.modulemap.
headers=$out/slices/headers
mkdir -p "$headers/TaxRefundNative"
cp "$package/Sources/TaxRefundNative/TaxRefundNative.h" "$headers/TaxRefundNative/"
cat > "$headers/TaxRefundNative/module.modulemap" <<'MAP'
module TaxRefundNative {
    header "TaxRefundNative.h"
    export *
}
MAP

xcodebuild -create-xcframework \
    -library "$out/slices/ios/$library" -headers "$headers" \
    -library "$out/slices/simulator/$library" -headers "$headers" \
    -library "$out/slices/macos/$library" -headers "$headers" \
    -output "$framework"
rm -rf "$out/slices"

(cd "$out" && ditto -c -k --keepParent TaxRefundNative.xcframework TaxRefundNative.xcframework.zip)
swift package compute-checksum "$framework.zip" > "$framework.zip.checksum"
echo "$framework.zip $(cat "$framework.zip.checksum")"
