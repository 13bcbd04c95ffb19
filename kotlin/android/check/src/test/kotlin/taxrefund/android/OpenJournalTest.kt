package taxrefund.android

import java.io.File
import java.security.ProviderException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import taxrefund.android.SealingKeyLostException.Why

class OpenJournalTest {
    private val device = Device()
    private val folder = File(device.noBackup, "taxrefund/refunds")
    private val alias = "taxrefund.journal.refunds"

    @BeforeEach
    fun aNewDevice() = FakeKeystore.reset()

    @AfterEach
    fun done() = device.close()

    @Test
    fun `a journal lies where no backup looks, and opens again after the process ended`() = runBlocking {
        repeat(3) { openJournal(device.context).use { assertEquals(0, it.counts().open) } }
        assertTrue(File(folder, "journal.db").length() > 0)
        assertEquals(setOf(alias), FakeKeystore.entries.keys)
    }

    @Test
    fun `a lost key is told, and none takes its place while the journal is there`() {
        val harms = mapOf<Why, () -> Unit>(
            Why.NOT_IN_THE_KEYSTORE to { FakeKeystore.delete(alias) },
            Why.INVALIDATED to { FakeKeystore.invalidated += alias },
            Why.FILE_MISSING to { check(File(folder, "journal.db.key").delete()) },
            Why.FILE_DAMAGED to { File(folder, "journal.db.key").let { it.writeBytes(it.readBytes().apply { this[20]++ }) } },
        )
        for ((why, harm) in harms) {
            FakeKeystore.reset()
            folder.deleteRecursively()
            opened()
            harm()
            val before = state()
            repeat(2) {
                val lost = assertThrows(SealingKeyLostException::class.java, ::opened, why.name)
                assertEquals(why, lost.why)
                assertEquals(folder, lost.folder)
            }
            assertEquals(before, state(), why.name)

            // What the text says to do.
            assertTrue(folder.renameTo(File(device.noBackup, "lost-$why")))
            opened()
        }
    }

    @Test
    fun `a truncated or strange file is no key`() {
        opened()
        for (bytes in listOf(ByteArray(0), ByteArray(60), ByteArray(61) { 9 })) {
            File(folder, "journal.db.key").writeBytes(bytes)
            assertEquals(Why.FILE_DAMAGED, assertThrows(SealingKeyLostException::class.java, ::opened).why)
        }
    }

    @Test
    fun `a keystore that cannot answer just now loses nothing`() {
        opened()
        val before = state()
        FakeKeystore.isLocked = true
        assertThrows(DeviceLockedException::class.java, ::opened)
        FakeKeystore.isLocked = false
        FakeKeystore.failure = ProviderException("secret words")
        val failed = assertThrows(KeystoreFailedException::class.java, ::opened)
        assertFalse("secret" in failed.stackTraceToString())
        assertEquals(before, state())
        opened()
    }

    @Test
    fun `a first start that was killed half-way begins again`() {
        // The keystore has a key already, its file was not written.
        wrappingKey(alias)
        opened()
        // A key was written, the journal was not; then the keystore lost it: nothing was sealed with it.
        File(folder, "journal.db").delete()
        File(folder, "journal.db-wal").delete()
        FakeKeystore.delete(alias)
        opened()
        assertFalse(File(folder, "journal.db.key.new").exists())
    }

    @Test
    fun `two first calls at once have one key`() = runBlocking {
        val key = KeystoreSealingKey(File(folder, "journal.db"), alias)
        List(8) { async { key.open() } }.awaitAll()
        opened()
    }

    @Test
    fun `two journals have two keys`() = runBlocking {
        openJournal(device.context, "one").close()
        openJournal(device.context, "two").close()
        assertEquals(setOf("taxrefund.journal.one", "taxrefund.journal.two"), FakeKeystore.entries.keys)
        assertThrows(IllegalArgumentException::class.java) { runBlocking { openJournal(device.context, "../one") } }
        Unit
    }

    private fun opened() = runBlocking { openJournal(device.context).close() }

    /** The keys of the keystore and the key file. */
    private fun state(): List<Any?> = listOf(
        FakeKeystore.entries.toMap(),
        File(folder, "journal.db.key").takeIf { it.exists() }?.readBytes()?.toList(),
    )
}
