package taxrefund.android

import java.io.File
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** `make-jni-libs.sh` with stand-ins for cargo, rustup and the NDK: which commands it gives, what it puts where, what it refuses. */
class JniLibsScriptTest {
    @TempDir
    lateinit var place: File

    private val log get() = File(place, "log").takeIf { it.exists() }?.readText().orEmpty()
    private val out get() = File(place, "jniLibs")

    @BeforeEach
    fun standIns() {
        val tools = "ndk/toolchains/llvm/prebuilt/linux-x86_64/bin"
        TARGETS.values.forEach { executable("$tools/${it.clang}26-clang", "exit 0") }
        executable("$tools/llvm-ar", "exit 0")
        // What a "library" is, is written in it.
        executable("$tools/llvm-readelf", """cat "${'$'}{@: -1}"""")
        executable("bin/rustup", TARGETS.values.joinToString("\n") { "echo ${it.rust}" })
        executable(
            "bin/cargo",
            """
            echo "cargo ${'$'}*" >>"$place/log"
            env | grep -E '^(CC|AR|CFLAGS|CARGO_TARGET)_' | sort >>"$place/log"
            target=${'$'}{@: -1}
            mkdir -p "${'$'}CARGO_TARGET_DIR/${'$'}target/phone"
            cp "$place/elf-${'$'}target" "${'$'}CARGO_TARGET_DIR/${'$'}target/phone/libtaxrefund_native.so"
            """.trimIndent(),
        )
        TARGETS.values.forEach { File(place, "elf-${it.rust}").writeText(elf(it)) }
    }

    @Test
    fun `every ABI is built by its own compiler, aligned for big pages, and put in its place`() {
        val (status, output) = script()
        assertEquals(0, status, output)
        assertEquals(TARGETS.keys, out.list()?.toSet())
        for ((abi, target) in TARGETS) {
            assertTrue(File(out, "$abi/libtaxrefund_native.so").length() > 0)
            assertTrue("cargo build --locked -p taxrefund-uniffi --profile phone --target ${target.rust}\n" in log)
            val name = target.rust.replace('-', '_')
            assertTrue(Regex("CC_$name=.*/${target.clang}26-clang\n").containsMatchIn(log), log)
            assertTrue("CFLAGS_$name=-fno-asynchronous-unwind-tables -fno-unwind-tables\n" in log)
            assertTrue(Regex("CARGO_TARGET_${name.uppercase()}_LINKER=.*/${target.clang}26-clang\n").containsMatchIn(log))
            assertTrue("CARGO_TARGET_${name.uppercase()}_RUSTFLAGS=-C link-arg=-Wl,-z,max-page-size=16384\n" in log)
            assertTrue(Regex("$abi: \\d+ bytes, ${target.width}").containsMatchIn(output), output)
        }
    }

    @Test
    fun `one ABI can be built alone`() {
        assertEquals(0, script("x86_64").first)
        assertEquals(listOf("x86_64"), out.list()?.toList())
    }

    @Test
    fun `a library that devices would not load is not put there`() {
        val good = elf(TARGETS.getValue("arm64-v8a"))
        val harms = mapOf(
            "aligned to 0x1000" to good.replace("0x4000", "0x1000"),
            "is not for AArch64" to good.replace("AArch64", "Advanced Micro Devices X86-64"),
            "is not ELF64" to good.replace("ELF64", "ELF32"),
            "is no shared library" to good.replace("DYN", "EXEC"),
            "does not export ffi_taxrefund_native_uniffi_contract_version" to good.replace("GLOBAL", "LOCAL"),
            "nothing to load" to good.replace("LOAD", "NOTE"),
        )
        for ((complaint, elf) in harms) {
            File(place, "elf-aarch64-linux-android").writeText(elf)
            val (status, output) = script("arm64-v8a")
            assertEquals(1, status, output)
            assertTrue(complaint in output, output)
            assertFalse(out.exists())
        }
    }

    @Test
    fun `what is missing is named, before anything is built`() {
        executable("bin/rustup", "echo aarch64-linux-android")
        val complaints = listOf(
            script() to "rustup target add armv7-linux-androideabi x86_64-linux-android i686-linux-android",
            script(ndk = null) to "ANDROID_NDK_HOME is not set",
            script(ndk = "nowhere") to "there is no folder",
            script(ndk = "bin") to "is no NDK",
            script("mips") to "there is no ABI mips",
        )
        File(place, "ndk/toolchains/llvm/prebuilt/linux-x86_64/bin/llvm-readelf").delete()
        for ((ran, complaint) in complaints + (script() to "the NDK has no llvm-readelf")) {
            assertEquals(1, ran.first, ran.second)
            assertTrue(complaint in ran.second, ran.second)
        }
        assertEquals("", log)
    }

    private fun script(vararg abis: String, ndk: String? = "ndk"): Pair<Int, String> {
        val script = File(System.getProperty("taxrefund.android"), "scripts/make-jni-libs.sh")
        val builder = ProcessBuilder(listOf("bash", script.path) + abis).redirectErrorStream(true)
        builder.environment().apply {
            keys.removeAll { it.startsWith("CARGO") || it == "LLVM_READELF" }
            put("PATH", "$place/bin:${System.getenv("PATH")}")
            put("OUT", out.path)
            put("CARGO_TARGET_DIR", File(place, "target").path)
            if (ndk == null) remove("ANDROID_NDK_HOME") else put("ANDROID_NDK_HOME", File(place, ndk).path)
        }
        val process = builder.start()
        val output = process.inputStream.bufferedReader().readText()
        return process.waitFor() to output
    }

    private fun executable(path: String, text: String) {
        val file = File(place, path)
        file.parentFile.mkdirs()
        file.writeText("#!/usr/bin/env bash\n$text\n")
        file.setExecutable(true)
    }

    private class Target(val rust: String, val clang: String, val width: String, val machine: String)

    private companion object {
        val TARGETS = mapOf(
            "arm64-v8a" to Target("aarch64-linux-android", "aarch64-linux-android", "ELF64", "AArch64"),
            "armeabi-v7a" to Target("armv7-linux-androideabi", "armv7a-linux-androideabi", "ELF32", "ARM"),
            "x86_64" to Target("x86_64-linux-android", "x86_64-linux-android", "ELF64", "Advanced Micro Devices X86-64"),
            "x86" to Target("i686-linux-android", "i686-linux-android", "ELF32", "Intel 80386"),
        )

        /** What llvm-readelf shows of a good one. */
        fun elf(target: Target) = """
            |  Class:                             ${target.width}
            |  Type:                              DYN (Shared object file)
            |  Machine:                           ${target.machine}
            |  LOAD           0x000000 0x0000000000000000 0x0000000000000000 0x0251e4 0x0251e4 R   0x4000
            |  LOAD           0x0251f0 0x00000000000291f0 0x00000000000291f0 0x0b5d80 0x0b5d80 R E 0x4000
            |    12: 0000000000061740     8 FUNC    GLOBAL DEFAULT   15 ffi_taxrefund_native_uniffi_contract_version
            |
        """.trimMargin()
    }
}
