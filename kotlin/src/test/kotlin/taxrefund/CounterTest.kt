package taxrefund

import java.util.Locale
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertThrows
import taxrefund.alipay.QueryUserInfoRequest

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CounterTest {
    private val sandbox = Sandbox()

    @AfterAll
    fun end() = sandbox.close()

    @Test
    fun `a scanned code becomes the members of a request, and is shown masked`() {
        val code = ScannedCode.parse(" 2812 3456 7890 1234 56 ")
        assertEquals("barcode", code.accountType)
        assertEquals("281234567890123456", code.accountNumber)
        assertFalse("$code ${code.masked}".contains("281234567890123456"))
    }

    @Test
    fun `a passport is no payment code, and is not repeated`() {
        val thrown = assertThrows<ScannedCodeException> { ScannedCode.parse("P<CHNZHANG<<SAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<") }
        assertEquals("scan_passport", thrown.code)
        assertFalse("$thrown ${thrown.text(Language.CHINESE)}".contains("ZHANG"))
        assertTrue(thrown.text(Language.CHINESE).any { it.code > 0x3000 })
    }

    @Test
    fun `an account is confirmed masked, and can be revealed`(): Unit = runBlocking {
        val outcome = sandbox.client().queryUserInfo(QueryUserInfoRequest("barcode", "281234567890123456"))
        val masked = Confirmation.of(outcome.getOrThrow())
        assertTrue(masked.name!!.contains('*') || masked.login!!.contains('*'))
        assertEquals(outcome.getOrThrow().userName, masked.revealed().name)
        assertEquals(Eligibility.Verdict.ELIGIBLE, Eligibility.of(outcome, Language.ENGLISH).verdict)
    }

    @Test
    fun `an account that cannot receive refunds has words for both`(): Unit = runBlocking {
        val outcome = sandbox.client().queryUserInfo(QueryUserInfoRequest("barcode", "281234567890990002"))
        for (language in Language.entries) {
            val eligibility = Eligibility.of(outcome, language)
            assertEquals(Eligibility.Verdict.NOT_ELIGIBLE, eligibility.verdict)
            assertEquals("REAL_NAME_UNCERTIFIED", eligibility.code)
            assertTrue(eligibility.traveller.isNotEmpty() && eligibility.clerk.isNotEmpty())
        }
    }

    @Test
    fun `only a verified failure may be started anew`(): Unit = runBlocking {
        sandbox.provoke("ADVICE2", "failed")
        sandbox.provoke("ADVICE3", "lost-answer*every@any")
        val client = sandbox.client(policy = Policy(attempts = 3, sandboxWaitPermille = 1))
        val outcomes = (1..3).map { client.payTaxRefund(refund("ADVICE$it")) }
        for (language in Language.entries) {
            val advice = outcomes.map { Advice.of(it, language) }
            assertFalse(advice[0].mayStartNew || advice[2].mayStartNew)
            assertTrue(advice[2].mayAskAgain)
            assertEquals(language == Language.CHINESE, advice[0].traveller.any { it.code > 0x3000 })
        }
    }

    @Test
    fun `errors speak the reader's language`() {
        val thrown = assertThrows<ScannedCodeException> { ScannedCode.parse("") }
        val before = Locale.getDefault()
        try {
            Locale.setDefault(Locale.SIMPLIFIED_CHINESE)
            assertTrue(thrown.localizedMessage.any { it.code > 0x3000 }, thrown.localizedMessage)
            Locale.setDefault(Locale.FRANCE)
            assertEquals(thrown.message, thrown.localizedMessage)
        } finally {
            Locale.setDefault(before)
        }
    }

    @Test
    fun `codes and next steps are explained in both languages`() {
        for (language in Language.entries) {
            assertTrue(explain("ACQ.SYSTEM_ERROR", language).isNotEmpty() || explain("timeout", language).isNotEmpty())
            NextStep.entries.forEach { assertTrue(explain(it, language).clerk.isNotEmpty()) }
        }
        assertTrue(explain("no such code").isEmpty())
    }
}
