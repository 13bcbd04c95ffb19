#!/usr/bin/env bash
# Checks the Android part on a machine without Android's SDK: compiles it against Android's own classes, runs its tests in a plain JVM,
# shrinks a program with R8 and runs that. Needs cargo, a JDK (17 or later), Maven and Maven Central.
#
#   kotlin/android/scripts/check.sh [further arguments for the last Maven run, such as -Dtest=ShrinkTest]
#
# BUILD: where what is built goes; below cargo's target folder by default.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
cd "$root"
target=$(mkdir -p "${CARGO_TARGET_DIR:-target}" && cd "${CARGO_TARGET_DIR:-target}" && pwd)
build=${BUILD:-$target/kotlin-android}
case $(uname -sm) in
    'Linux x86_64') platform=linux-x86-64 library=libtaxrefund_native.so ;;
    'Linux aarch64') platform=linux-aarch64 library=libtaxrefund_native.so ;;
    'Darwin arm64') platform=darwin-aarch64 library=libtaxrefund_native.dylib ;;
    'Darwin x86_64') platform=darwin-x86-64 library=libtaxrefund_native.dylib ;;
    *) echo "check: this runs on Linux and macOS, on x86-64 and ARM64" >&2 && exit 1 ;;
esac
command -v mvn >/dev/null || { echo "check: there is no mvn: install Maven" >&2; exit 1; }

# One after the other: features of one would end up in the other.
"${CARGO:-cargo}" build --quiet -p taxrefund-sandbox
"${CARGO:-cargo}" build --quiet -p taxrefund-uniffi
mkdir -p "$build/native/$platform"
cp "$target/debug/$library" "$build/native/$platform/"
cp "$target/debug/taxrefund-sandbox" "$build/"

mvn --batch-mode --quiet -f kotlin/pom.xml package -Dmaven.test.skip=true \
    "-Dtaxrefund.build=$build/main" "-Dtaxrefund.native=$build/native"
mvn --batch-mode -f kotlin/android/check/pom.xml test \
    "-Dtaxrefund.build=$build" "-Dtaxrefund.sandbox=$build/taxrefund-sandbox" "$@"
