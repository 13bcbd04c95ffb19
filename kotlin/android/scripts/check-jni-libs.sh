#!/bin/sh
# Runs make-jni-libs.sh with stand-ins for cargo and the NDK: that it calls what it should, and makes the folders that the AAR
# takes. What it cannot show is that the NDK builds the library.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/ndk/toolchains/llvm/prebuilt/host/bin" "$work/target"
printf '#!/bin/sh\n' > "$work/ndk/toolchains/llvm/prebuilt/host/bin/llvm-ar"
cat > "$work/cargo" <<'CARGO'
#!/bin/sh
set -eu
echo "$*" >> "$STAND_IN/calls"
env | grep '_LINKER=' >> "$STAND_IN/linkers"
for last; do :; done
mkdir -p "$CARGO_TARGET_DIR/$last/phone"
printf '%s' "$last" > "$CARGO_TARGET_DIR/$last/phone/libtaxrefund_native.so"
CARGO
chmod +x "$work/cargo" "$work/ndk/toolchains/llvm/prebuilt/host/bin/llvm-ar"

STAND_IN=$work CARGO=$work/cargo CARGO_TARGET_DIR=$work/target ANDROID_NDK_HOME=$work/ndk \
    sh "$here/make-jni-libs.sh" "$work/jniLibs" > "$work/said"

expect() {
    [ "$(cat "$work/jniLibs/$1/libtaxrefund_native.so")" = "$2" ] || { echo "$1 is not of $2" >&2; exit 1; }
    grep -q -- "--profile phone --target $2\$" "$work/calls" || { echo "$2 was not built for phones" >&2; exit 1; }
}
expect arm64-v8a aarch64-linux-android
expect armeabi-v7a armv7-linux-androideabi
expect x86_64 x86_64-linux-android
expect x86 i686-linux-android
[ "$(wc -l < "$work/calls")" -eq 4 ] || { echo "built more than it should" >&2; exit 1; }
grep -q 'CARGO_TARGET_ARMV7_LINUX_ANDROIDEABI_LINKER=.*/armv7a-linux-androideabi26-clang' "$work/linkers"
echo "the layout and the commands are right"
