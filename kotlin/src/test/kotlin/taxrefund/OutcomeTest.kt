package taxrefund

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertInstanceOf
import org.junit.jupiter.api.assertThrows
import taxrefund.alipay.QueryTaxRefundRequest

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutcomeTest {
    private val sandbox = Sandbox()

    @AfterAll
    fun end() = sandbox.close()

    @Test
    fun `a refund succeeds with its reference, and is paid once`(): Unit = runBlocking {
        val outcome = assertInstanceOf<Outcome.Succeeded<*>>(sandbox.client().payTaxRefund(refund("OK1")))
        assertEquals(outcome.getOrThrow(), outcome.response)
        assertEquals("OK1", outcome.report.key)
        assertTrue(outcome.reference!!.isNotEmpty())
        assertEquals(1, sandbox.paid("OK1"))
    }

    @Test
    fun `a lost answer is repeated, and pays once`(): Unit = runBlocking {
        sandbox.provoke("LOST1", "lost-answer*2")
        val outcome = sandbox.client().payTaxRefund(refund("LOST1"))
        assertInstanceOf<Outcome.Succeeded<*>>(outcome)
        assertTrue(outcome.report.attempts.size >= 3)
        assertEquals(1, sandbox.paid("LOST1"))
    }

    @Test
    fun `a verified failure is a value, and an exception for those who want one`(): Unit = runBlocking {
        sandbox.provoke("FAIL1", "failed")
        val outcome = assertInstanceOf<Outcome.Failed>(sandbox.client().payTaxRefund(refund("FAIL1")))
        assertTrue(outcome.reason.verified)
        val thrown = assertThrows<RefundFailedException> { outcome.getOrThrow() }
        assertEquals(outcome, thrown.outcome)
        assertEquals(0, sandbox.paid("FAIL1"))
    }

    @Test
    fun `a refund of which nothing is heard is unknown, and resumed it is known`(): Unit = runBlocking {
        sandbox.provoke("UNKNOWN1", "lost-answer*every@any")
        val client = sandbox.client(policy = Policy(attempts = 3, sandboxWaitPermille = 1))
        val outcome = assertInstanceOf<Outcome.Unknown>(client.payTaxRefund(refund("UNKNOWN1")))
        assertThrows<RefundUnknownException> { outcome.getOrThrow() }
        sandbox.provoke("UNKNOWN1", "none")
        val kept = outcome.open.text
        assertInstanceOf<Outcome.Succeeded<*>>(sandbox.client().resume(OpenRefund.of(kept)))
        assertEquals(1, sandbox.paid("UNKNOWN1"))
    }

    @Test
    fun `everything that is wrong with a request is named at once, and nothing is sent`(): Unit = runBlocking {
        val before = sandbox.requests().size
        val wrong = refund("a-b").copy(nationality = "XX", passportNo = "")
        val thrown = assertThrows<InvalidRequestException> { runBlocking { sandbox.client().payTaxRefund(wrong) } }
        val paths = thrown.violations.map { it.path }
        assertTrue(paths.containsAll(listOf("outOrderNo", "nationality", "passportNo")), paths.toString())
        assertFalse(thrown.toString().contains("ZHANG"))
        assertEquals(before, sandbox.requests().size)
    }

    @Test
    fun `texts show nothing personal`(): Unit = runBlocking {
        val request = refund("TEXT1")
        val outcome = sandbox.client().payTaxRefund(request)
        val shown = listOf(request, outcome, outcome.report, (outcome as Outcome.Succeeded).response).joinToString()
        assertFalse(listOf("281234567890123456", "E12345678", "ZHANG").any(shown::contains), shown)
        assertTrue(shown.contains("SGD 100.00"), shown)
    }

    @Test
    fun `an open refund of another account or protocol is refused`(): Unit = runBlocking {
        sandbox.provoke("OTHER1", "lost-answer*every@any")
        val outcome = sandbox.client(policy = Policy(attempts = 3, sandboxWaitPermille = 1)).payTaxRefund(refund("OTHER1"))
        val open = (outcome as Outcome.Unknown).open
        val changed = OpenRefund.of(open.text.replace(sandbox.alipay("app_id"), "2014072300007148"))
        assertThrows<ConfigurationException> { runBlocking { sandbox.client().resume(changed) } }
        assertThrows<ConfigurationException> { OpenRefund.of("{}") }
        assertFalse(open.toString().contains("28123456"))
    }

    @Test
    fun `a query reads`(): Unit = runBlocking {
        sandbox.client().payTaxRefund(refund("READ1")).getOrThrow()
        val read = sandbox.client().queryTaxRefund(QueryTaxRefundRequest("READ1")).getOrThrow()
        assertEquals("READ1", read.outOrderNo)
    }
}
