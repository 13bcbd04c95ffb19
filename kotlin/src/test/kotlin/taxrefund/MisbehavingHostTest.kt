package taxrefund

import kotlin.concurrent.thread
import kotlin.coroutines.resume
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertInstanceOf

/** Transports and signers may do anything: the outcome is typed, nothing unsigned is sent, nobody's text is shown. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MisbehavingHostTest {
    private val sandbox = Sandbox()
    private val secret = "ZHANG SAN E12345678"
    private var keys = 0

    @AfterAll
    fun end() = sandbox.close()

    /** Through a flow, and through a journal. */
    private fun bothWays(call: suspend (journal: Journal?, key: String) -> Unit): Unit = runBlocking {
        call(null, "HOST${keys++}")
        Journal.open(temporaryFile(), null).use { call(it, "HOST${keys++}") }
    }

    private fun unknown(outcome: Outcome<*>): Outcome.Unknown {
        val unknown = assertInstanceOf<Outcome.Unknown>(outcome)
        val shown = "$outcome ${unknown.reason.message} ${RefundUnknownException(unknown)} ${unknown.report}"
        assertFalse(shown.contains("ZHANG") || shown.contains("E12345678") || shown.contains("at taxrefund"), shown)
        return unknown
    }

    private fun transport(transport: Transport): Unit = bothWays { journal, key ->
        val policy = Policy(attempts = 3, attemptTimeoutMs = 100, sandboxWaitPermille = 1)
        unknown(sandbox.client(journal = journal, transport = transport, policy = policy).payTaxRefund(refund(key)))
        assertEquals(0, sandbox.paid(key))
    }

    private fun signer(patienceMs: Long = 15_000, sign: suspend (ByteArray) -> ByteArray): Unit = bothWays { journal, key ->
        val before = sandbox.requests().size
        val client = sandbox.client(sandbox.signing(sign, patienceMs), journal, policy = Policy(attempts = 3, sandboxWaitPermille = 1))
        unknown(client.payTaxRefund(refund(key)))
        assertEquals(before, sandbox.requests().size)
        assertEquals(0, sandbox.paid(key))
    }

    @Test
    fun `a transport that throws`() = transport { throw IllegalStateException(secret) }

    @Test
    fun `a transport that throws an error of the machine`() = transport { throw StackOverflowError(secret) }

    @Test
    fun `a transport that throws a failed assertion`() = transport { throw AssertionError(secret) }

    @Test
    fun `a transport that is cancelled by itself`() = transport { throw java.util.concurrent.CancellationException(secret) }

    @Test
    fun `a transport that never answers`() = transport { awaitCancellation() }

    @Test
    fun `a transport that blocks its thread`() = transport {
        Thread.sleep(1_000)
        error(secret)
    }

    @Test
    fun `a transport that answers too much`() = transport { TransportResponse(200, emptyList(), ByteArray(MAX_BODY_BYTES + 1)) }

    @Test
    fun `a transport with endless headers`() =
        transport { TransportResponse(200, List(70_000) { Header("a", "b") }, ByteArray(0)) }

    @Test
    fun `a transport with a status that is none`() = transport { TransportResponse(-1, emptyList(), ByteArray(0)) }

    @Test
    fun `an answer that is none of the provider's`() = transport { TransportResponse(200, emptyList(), secret.toByteArray()) }

    @Test
    fun `a transport that calls back twice`() = transport {
        suspendCancellableCoroutine { caller ->
            caller.resume(TransportResponse(500, emptyList(), ByteArray(0)))
            caller.resume(TransportResponse(500, emptyList(), ByteArray(0)))
        }
    }

    @Test
    fun `a signer that throws`() = signer { throw IllegalStateException(secret) }

    @Test
    fun `a signer that throws an error of the machine`() = signer { throw NoClassDefFoundError(secret) }

    @Test
    fun `a signer that gives a wrong signature`() = signer { ByteArray(256) { 7 } }

    @Test
    fun `a signer that gives nothing`() = signer { ByteArray(0) }

    @Test
    fun `a signer that signs something else`() = signer {
        Signing.sign(sandbox.alipay("partner_private_key_pem"), "else".toByteArray())
    }

    @Test
    fun `a signer with another key`() = signer { Signing.sign(sandbox.alipay("platform_private_key_pem"), it) }

    @Test
    fun `a signer that never answers`() = signer(patienceMs = 100) { awaitCancellation() }

    @Test
    fun `a signer that is late`() = signer(patienceMs = 50) {
        delay(400)
        Signing.sign(sandbox.alipay("partner_private_key_pem"), it)
    }

    @Test
    fun `a signer that answers from another thread is a signer`(): Unit = bothWays { journal, key ->
        val key1 = sandbox.alipay("partner_private_key_pem")
        val signer = sandbox.signing({ message ->
            suspendCancellableCoroutine { caller -> thread { caller.resume(Signing.sign(key1, message)) } }
        })
        assertInstanceOf<Outcome.Succeeded<*>>(sandbox.client(signer, journal).payTaxRefund(refund(key)))
        assertEquals(1, sandbox.paid(key))
    }

    @Test
    fun `an observer that throws changes nothing`(): Unit = bothWays { journal, key ->
        val client = sandbox.client(journal = journal, observer = { throw LinkageError(secret) })
        assertInstanceOf<Outcome.Succeeded<*>>(client.payTaxRefund(refund(key)))
    }

    @Test
    fun `a clock that throws does not cost the state`(): Unit = runBlocking {
        val broken = object : Clock by Clock.SYSTEM {
            override fun epochMs(): Long = throw IllegalStateException(secret)
        }
        val client = taxrefund.alipay.AlipayClient(sandbox.account(), clock = broken, policy = Sandbox.FAST)
        val outcome = unknown(client.payTaxRefund(refund("CLOCK1")))
        assertInstanceOf<Outcome.Succeeded<*>>(sandbox.client().resume(outcome.open))
    }
}
