package taxrefund

import java.io.File
import java.nio.file.Files
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import java.util.jar.JarOutputStream
import java.util.zip.ZipEntry
import kotlin.random.Random
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/**
 * A counter is killed at any moment, started again, and goes on: every refund is paid once, and nothing that it said about one
 * is other than the ledger has it.
 */
class KillTest {
    private val kills = Integer.getInteger("taxrefund.kills", 40)
    private val seed = java.lang.Long.getLong("taxrefund.kill.seed", 20_261_123)
    private val folder = Files.createTempDirectory("taxrefund-kills").toFile()
    private val killed = AtomicInteger()
    private val archive = Archive(folder)

    @Test
    fun `whenever the counter is killed, every refund is paid once`() {
        // It leaves the classes for all others.
        Counter(COUNTERS).live(kills = 0)
        val began = System.nanoTime()
        val counters = Executors.newFixedThreadPool(COUNTERS)
        val lives = List(COUNTERS) { number -> counters.submit<Tally> { Counter(number).live(kills / COUNTERS + kills % COUNTERS * (1 - number)) } }
        counters.shutdown()
        val sum = lives.map { it.get() }
        val seconds = (System.nanoTime() - began) / 1_000_000_000
        println(
            "kills: ${killed.get()}, refunds: ${sum.sumOf { it.refunds }}, paid once: ${sum.sumOf { it.paid }}, " +
                "failed: ${sum.sumOf { it.failed }}, at ${sum.flatMap { it.moments.keys }.toSortedSet().map { moment ->
                    "$moment ${sum.sumOf { it.moments[moment] ?: 0 }}"
                }}, seconds: $seconds",
        )
        assertTrue(killed.get() >= kills)
        folder.deleteRecursively()
    }

    private class Tally(val refunds: Int, val paid: Int, val failed: Int, val moments: Map<String, Int>)

    /** One counter with its own journal and its own gateway. */
    private inner class Counter(private val number: Int) {
        private val random = Random(seed + number)
        private val home = File(folder, "counter$number").apply { mkdirs() }
        private val said = mutableMapOf<String, MutableSet<String>>()
        private val moments = mutableMapOf<String, Int>()
        private var next = 0

        fun live(kills: Int): Tally = Sandbox(FAULTS, "--delay-ms", "150", "--seed", "${seed + number}").use { sandbox ->
            val account = File(home, "account")
            account.writeText(
                listOf("app_id", "partner_private_key_pem", "platform_public_key_pem", "gateway_url")
                    .joinToString("\n") { sandbox.alipay(it).replace("\n", "\\n") },
            )
            var left = kills
            while (left > 0) if (life(account, REFUNDS, random.nextInt(MOST_EVENTS))) left--
            // In peace, until nothing is open.
            life(account, REFUNDS, null)
            repeat(2) { life(account, 0, null) }
            compared(sandbox)
        }

        /** Whether it was killed; one that was too quick for that was not. */
        private fun life(account: File, refunds: Int, events: Int?): Boolean {
            val first = next
            next += refunds
            val child = archive.start(
                KillChild::class.java.name, File(home, "refunds.db").path, account.path, "C$number", "$first", "$refunds",
            )
            val pause = random.nextLong(MOST_NANOS)
            var seen = 0
            var moment = "starting"
            var wasKilled = false
            child.inputStream.bufferedReader().forEachLine { line ->
                val words = line.split(' ')
                if (words[0] == "outcome") said.getOrPut(words[1], ::mutableSetOf) += words[2]
                moment = words[0]
                if (events != null && seen++ == events) {
                    val until = System.nanoTime() + pause
                    while (System.nanoTime() < until) Thread.onSpinWait()
                    if (child.isAlive) {
                        // Its output stays readable: what it had said counts.
                        child.toHandle().destroyForcibly()
                        wasKilled = true
                        moments.merge(moment, 1, Int::plus)
                    }
                }
            }
            child.waitFor(60, TimeUnit.SECONDS)
            if (wasKilled) killed.incrementAndGet()
            else assertEquals(0, child.exitValue(), "a counter that nobody killed must end well")
            return wasKilled
        }

        private fun compared(sandbox: Sandbox): Tally {
            val ledger = sandbox.entries().associateBy { it.text("key")!! }
            val path = File(home, "refunds.db").path
            val entries = Journal.openBlocking(path, SealingKey.of(ByteArray(32) { 5 })).use { journal ->
                assertTrue(journal.blocking().verify() is Verified.Whole)
                journal.blocking().entries()
            }
            var (paid, failed) = 0 to 0
            for (entry in entries) {
                val times = ledger[entry.key]?.number("paid_times") ?: 0
                val context = "${entry.key} is ${entry.state}, was said to be ${said[entry.key]}, was paid $times times (seed $seed)"
                when (entry.state) {
                    State.SUCCEEDED -> { assertEquals(1, times, context); paid++ }
                    State.FAILED -> { assertEquals(0, times, context); failed++ }
                    else -> throw AssertionError("still open: $context")
                }
                val words = said[entry.key].orEmpty() - "unknown"
                assertTrue(words.isEmpty() || words == setOf(entry.state.code), context)
            }
            // Nothing was sent that the journal does not have.
            assertEquals(emptySet<String>(), ledger.keys - entries.map { it.key }.toSet())
            assertTrue(said.keys.all { key -> entries.any { it.key == key } })
            return Tally(entries.size, paid, failed, moments)
        }
    }

    private companion object {
        const val COUNTERS = 2
        const val REFUNDS = 4
        /** Lines after which a life is over: some hit the opening of the journal, some come after the last refund. */
        const val MOST_EVENTS = 26
        const val MOST_NANOS = 4_000_000L
        const val FAULTS = "20=lost-answer;10=reset;10=lost-request;5=http-502;5=delay;5=half-answer;10=failed;5=in-process;30=none"
    }
}

/** Starts JVMs quickly: classes come from an archive that the first one leaves, and nothing is compiled for speed. */
private class Archive(private val folder: File) {
    private val file = File(folder, "classes.jsa")
    private val classPath = jarsOnly(System.getProperty("java.class.path"))
    private val library =
        File(System.getProperty("taxrefund.native"), "linux-x86-64/libtaxrefund_native.so").takeIf(File::exists)

    fun start(main: String, vararg arguments: String): Process {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val archived = if (file.exists()) "-XX:SharedArchiveFile=$file" else "-XX:ArchiveClassesAtExit=$file"
        val command = listOf(java, archived) + OPTIONS + ofLibrary() + listOf("-cp", classPath, main) + arguments
        return ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
    }

    /** Else every life would unpack it anew, and a killed one leave it behind. */
    private fun ofLibrary(): List<String> =
        listOfNotNull(library?.let { "-Duniffi.component.taxrefund_native.libraryOverride=$it" })

    /** Classes in folders cannot be archived. */
    private fun jarsOnly(path: String): String = path.split(File.pathSeparator).map(::File).mapIndexed { at, part ->
        if (!part.isDirectory) return@mapIndexed part
        File(folder, "part$at.jar").also { jar ->
            JarOutputStream(jar.outputStream()).use { out ->
                for (source in part.walk().filter { it.name.endsWith(".class") }) {
                    out.putNextEntry(ZipEntry(source.relativeTo(part).invariantSeparatorsPath))
                    source.inputStream().use { it.copyTo(out) }
                }
            }
        }
    }.joinToString(File.pathSeparator)

    private companion object {
        val OPTIONS = listOf("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-Xshare:auto", "-Xlog:disable")
    }
}
