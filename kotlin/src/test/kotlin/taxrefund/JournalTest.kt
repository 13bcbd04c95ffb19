package taxrefund

import java.io.File
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertInstanceOf
import org.junit.jupiter.api.assertThrows

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JournalTest {
    private val sandbox = Sandbox()
    private val key = SealingKey.of(ByteArray(32) { it.toByte() })

    @AfterAll
    fun end() = sandbox.close()

    @Test
    fun `a double tap joins the refund that is running`(): Unit = runBlocking {
        Journal.open(temporaryFile(), key).use { journal ->
            val client = sandbox.client(journal = journal)
            sandbox.provoke("TAP1", "lost-answer*1")
            val outcomes = List(5) { async { client.payTaxRefund(refund("TAP1")) } }.awaitAll()
            val references = outcomes.map { assertInstanceOf<Outcome.Succeeded<*>>(it).reference }.toSet()
            assertEquals(1, references.size)
            assertEquals(1, sandbox.paid("TAP1"))
        }
    }

    @Test
    fun `the same number with other content is refused, and the fields are named`(): Unit = runBlocking {
        Journal.open(temporaryFile(), key).use { journal ->
            val client = sandbox.client(journal = journal)
            client.payTaxRefund(refund("REUSED1")).getOrThrow()
            val thrown = assertThrows<KeyReusedException> {
                runBlocking { client.payTaxRefund(refund("REUSED1", minor = 20_000)) }
            }
            assertEquals(listOf("taxRefundAmount"), thrown.fields)
            assertEquals("REUSED1", thrown.key)
        }
    }

    @Test
    fun `a form has one refund`(): Unit = runBlocking {
        Journal.open(temporaryFile(), key).use { journal ->
            val client = sandbox.client(journal = journal)
            client.payTaxRefund(refund("FORM1").copy(docId = "FORM001")).getOrThrow()
            val thrown = assertThrows<FormTakenException> {
                runBlocking { client.payTaxRefund(refund("FORM2").copy(docId = "FORM001")) }
            }
            assertEquals("FORM1", thrown.key)
            assertEquals(0, sandbox.paid("FORM2"))
        }
    }

    @Test
    fun `a sealed file holds no passport number`(): Unit = runBlocking {
        val path = temporaryFile()
        Journal.open(path, key).use { journal ->
            sandbox.client(journal = journal).payTaxRefund(refund("SEALED1")).getOrThrow()
            val files = File(path).parentFile.listFiles()!!.filter { it.name.startsWith("refunds.db") }
            assertTrue(files.size > 1)
            val content = files.joinToString("") { it.readBytes().toString(Charsets.ISO_8859_1) }
            assertTrue(content.contains("SEALED1"))
            assertFalse(listOf("E12345678", "ZHANG", "281234567890123456").any(content::contains))
        }
        assertEquals("journal_sealing", assertThrows<JournalException> { runBlocking { Journal.open(path, null) } }.code)
    }

    @Test
    fun `what is open after a restart is listed and resumed`(): Unit = runBlocking {
        val path = temporaryFile()
        sandbox.provoke("RESTART1", "lost-answer*every@any")
        Journal.open(path, key).use { journal ->
            val policy = Policy(attempts = 3, sandboxWaitPermille = 1)
            val outcome = sandbox.client(journal = journal, policy = policy).payTaxRefund(refund("RESTART1"))
            assertInstanceOf<Outcome.Unknown>(outcome)
            val wasJournal = sandbox.client(journal = journal).resume(OpenRefund.of(outcome.open.text))
            assertInstanceOf<Outcome.Unknown>(wasJournal)
        }
        sandbox.provoke("RESTART1", "none")
        Journal.open(path, key).use { journal ->
            val client = sandbox.client(journal = journal)
            val entry = journal.openRefunds().single()
            assertEquals("RESTART1", entry.key)
            assertInstanceOf<Outcome.Succeeded<*>>(client.resume(entry))
            assertTrue(journal.openRefunds().isEmpty())
            assertEquals(State.SUCCEEDED, journal.entry(client.account, "RESTART1")!!.state)
            assertEquals(1L, journal.counts().succeeded)
            assertInstanceOf<Outcome.Succeeded<*>>(journal.outcomeOf(journal.entry(client.account, "RESTART1")!!))
            assertInstanceOf<Verified.Whole>(journal.verify())
            assertTrue(journal.story(entry).size > 1)
            assertEquals(1, sandbox.paid("RESTART1"))
        }
    }

    @Test
    fun `nothing is paid past a journal`(): Unit = runBlocking {
        sandbox.provoke("PAST1", "lost-request*every@any")
        val policy = Policy(attempts = 3, sandboxWaitPermille = 1)
        val open = (sandbox.client(policy = policy).payTaxRefund(refund("PAST1")) as Outcome.Unknown).open
        Journal.open(temporaryFile(), key).use { journal ->
            assertThrows<RefundNotFoundException> { runBlocking { sandbox.client(journal = journal).resume(open) } }
            assertNull(journal.entry(sandbox.account(), "PAST1"))
        }
    }

    @Test
    fun `a journal is one process's alone, and is free when it is closed`(): Unit = runBlocking {
        val path = temporaryFile()
        Journal.open(path, key).use {
            assertEquals(ErrorCode.JOURNAL_LOCKED, assertThrows<JournalException> { Journal.openBlocking(path, key) }.code)
        }
        Journal.open(path, key).close()
    }

    @Test
    fun `a sealing key can be changed`(): Unit = runBlocking {
        val path = temporaryFile()
        val other = SealingKey.of(ByteArray(32) { 9 })
        Journal.open(path, key).use { journal ->
            sandbox.client(journal = journal).payTaxRefund(refund("ROTATE1")).getOrThrow()
            journal.rotateKey(key, other)
        }
        Journal.open(path, other).use { assertEquals(1L, it.counts().total) }
        assertThrows<ConfigurationException> { SealingKey.of(ByteArray(31)) }
    }
}
