package taxrefund.android

import com.android.tools.r8.D8
import com.android.tools.r8.R8
import java.io.File
import java.util.concurrent.TimeUnit
import java.util.jar.JarEntry
import java.util.jar.JarOutputStream
import java.util.zip.ZipFile
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir

/** A program that was shrunk by R8 with the rules that apps get. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ShrinkTest {
    private lateinit var place: File
    private lateinit var program: File

    @BeforeAll
    fun packed(@TempDir folder: File) {
        place = folder
        program = File(place, "program.jar")
        jar(program, folderOf(Class.forName("counter.CounterKt")), "counter/")
        jar(File(place, "android.jar"), folderOf(KeystoreSigner::class.java), "taxrefund/android/")
    }

    @Test
    fun `with the rules a shrunk program pays`() {
        val shrunk = shrunk("with", listOf(rules, File(place, "main.pro").apply { writeText(MAIN) }))
        assertTrue(classes(shrunk) * 2 < inputs().sumOf(::classes), "nothing was shrunk: ${classes(shrunk)} classes")
        val (status, output) = ran(shrunk)
        assertEquals(PAID, output)
        assertEquals(0, status)
    }

    @Test
    fun `without them it does not`() {
        val (status, output) = ran(shrunk("without", listOf(File(place, "bare.pro").apply { writeText("$MAIN\n-dontwarn java.awt.**\n") })))
        assertFalse("succeeded" in output, output)
        assertTrue("the native library taxrefund_native" in output, output)
        assertEquals(1, status)
    }

    @Test
    fun `Android's own compiler takes the package and its Android part`() {
        val out = File(place, "dex.zip")
        val libraries = listOf(jarOf("android.content.Context").path, System.getProperty("java.home"))
        compiled(
            D8::class.java,
            listOf("--release", "--min-api", "26", "--output", out.path) + libraries.flatMap { listOf("--lib", it) } +
                (inputs() - program + File(place, "android.jar")).map { it.path },
        )
        assertTrue("classes.dex" in entries(out))
    }

    /** Of the program and all that it needs, one smaller jar. */
    private fun shrunk(name: String, configurations: List<File>): File {
        val out = File(place, "$name.jar")
        compiled(
            R8::class.java,
            listOf("--classfile", "--release", "--lib", System.getProperty("java.home"), "--output", out.path) +
                configurations.flatMap { listOf("--pg-conf", it.path) } + inputs().map { it.path },
        )
        return out
    }

    private fun compiled(by: Class<*>, arguments: List<String>) {
        val (status, output) = run(listOf(java, "-cp", jarOf(by.name).path, by.name) + arguments)
        assertEquals(0, status, output)
    }

    private fun ran(program: File): Pair<Int, String> = Sandbox().use { sandbox ->
        // The native libraries are not R8's business: they come from where they were.
        val libraries = listOf("taxrefund.Journal", "com.sun.jna.Native").map { resourcesOf(jarOf(it)) }
        val path = (listOf(program) + libraries).joinToString(File.pathSeparator)
        run(listOf(java, "-cp", path, "counter.CounterKt", sandbox.url, File(place, "${program.name}.journal").path))
    }

    /** What a jar has besides classes. */
    private fun resourcesOf(jar: File): File {
        val out = File(place, "resources-${jar.name}")
        ZipFile(jar).use { zip ->
            JarOutputStream(out.outputStream()).use { output ->
                for (entry in zip.entries()) {
                    if (entry.isDirectory || !entry.name.endsWith(".so")) continue
                    output.putNextEntry(JarEntry(entry.name))
                    zip.getInputStream(entry).copyTo(output)
                }
            }
        }
        return out
    }

    private fun run(command: List<String>): Pair<Int, String> {
        val output = File.createTempFile("output", ".txt", place)
        val process = ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output).start()
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), "it does not end: $command")
        return process.exitValue() to output.readText()
    }

    private fun inputs() = listOf(program) + listOf(
        "taxrefund.Journal",
        "kotlin.Unit",
        "org.jetbrains.annotations.NotNull",
        "kotlinx.coroutines.Job",
        "kotlinx.serialization.KSerializer",
        "kotlinx.serialization.json.Json",
        "com.sun.jna.Native",
    ).map(::jarOf)

    private companion object {
        private const val MAIN = "-keep class counter.CounterKt { public static void main(java.lang.String[]); }"
        private const val PAID = "succeeded, tax number true, reference true\nsucceeded, tax number true, reference true\nin the journal: 1\n"
        private val java = File(System.getProperty("java.home"), "bin/java").path
        private val rules = File(System.getProperty("taxrefund.android"), "consumer-rules.pro")
    }
}

/** The jar, or the folder, that a class comes from. It is not initialised. */
private fun jarOf(name: String): File =
    File(Class.forName(name, false, ShrinkTest::class.java.classLoader).protectionDomain.codeSource.location.toURI())

private fun folderOf(type: Class<*>): File = jarOf(type.name)

private fun entries(zip: File): List<String> = ZipFile(zip).use { file -> file.entries().toList().map { it.name } }

private fun classes(jar: File): Int = entries(jar).count { it.endsWith(".class") && "META-INF" !in it }

/** The classes below one package. */
private fun jar(out: File, folder: File, below: String) {
    JarOutputStream(out.outputStream()).use { jar ->
        folder.walk().filter { it.isFile }.map { it to it.relativeTo(folder).invariantSeparatorsPath }
            .filter { (_, path) -> path.startsWith(below) }
            .forEach { (file, path) ->
                jar.putNextEntry(JarEntry(path))
                file.inputStream().use { it.copyTo(jar) }
            }
    }
}
