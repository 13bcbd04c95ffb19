package taxrefund

import java.util.concurrent.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertInstanceOf
import org.junit.jupiter.api.assertThrows

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CancelTest {
    private val sandbox = Sandbox()

    @AfterAll
    fun end() = sandbox.close()

    /** Pays, is cancelled when [signal] says so, and goes on: one payment, whatever was in the air. */
    private fun cancelled(key: String, client: RefundClient, signal: Job, call: suspend () -> Outcome<*>): Unit = runBlocking {
        var carried: RefundCancelledException? = null
        val paying = launch(start = CoroutineStart.UNDISPATCHED) {
            try {
                call()
            } catch (cancelled: RefundCancelledException) {
                carried = cancelled
                throw cancelled
            }
        }
        signal.join()
        paying.cancelAndJoin()
        val open = carried!!.outcome.open
        assertEquals("cancelled", carried!!.outcome.reason.code)
        assertSame(null, carried!!.createCopy())
        assertInstanceOf<Outcome.Succeeded<*>>(client.resume(OpenRefund.of(open.text)))
        assertEquals(1, sandbox.paid(key))
    }

    @Test
    fun `cancelled while it sends, it is unknown and can be resumed`() {
        val sending = CompletableDeferred<Unit>()
        val http = HttpTransport()
        val client = sandbox.client(transport = { request ->
            http.send(request)
            sending.complete(Unit)
            awaitCancellation()
        })
        cancelled("SEND1", sandbox.client(), sending) { client.payTaxRefund(refund("SEND1")) }
    }

    @Test
    fun `cancelled while it waits, it is unknown and can be resumed`() {
        val waiting = CompletableDeferred<Unit>()
        sandbox.provoke("WAIT1", "lost-answer*1")
        val client = sandbox.client(policy = Policy(), observer = { if (it is RefundEvent.Waiting) waiting.complete(Unit) })
        cancelled("WAIT1", sandbox.client(), waiting) { client.payTaxRefund(refund("WAIT1")) }
    }

    @Test
    fun `cancelled while it signs, nothing was sent and it can be resumed`() {
        val signing = CompletableDeferred<Unit>()
        val client = sandbox.client(key = sandbox.signing({
            signing.complete(Unit)
            awaitCancellation()
        }))
        cancelled("SIGN1", sandbox.client(), signing) { client.payTaxRefund(refund("SIGN1")) }
    }

    @Test
    fun `cancelled before it began, it is unknown and can be resumed`(): Unit = runBlocking {
        var carried: RefundCancelledException? = null
        val paying = launch(start = CoroutineStart.UNDISPATCHED) {
            try {
                awaitCancellation()
            } catch (_: CancellationException) {
                try {
                    sandbox.client().payTaxRefund(refund("BEFORE1"))
                } catch (cancelled: RefundCancelledException) {
                    carried = cancelled
                }
            }
        }
        paying.cancelAndJoin()
        assertEquals(0, sandbox.paid("BEFORE1"))
        assertInstanceOf<Outcome.Succeeded<*>>(sandbox.client().resume(carried!!.outcome.open))
        assertEquals(1, sandbox.paid("BEFORE1"))
    }

    @Test
    fun `a timeout around a call still has the open refund`(): Unit = runBlocking {
        val client = sandbox.client(transport = { awaitCancellation() })
        val thrown = assertThrows<TimeoutCancellationException> {
            runBlocking { withTimeout(200) { client.payTaxRefund(refund("TIMEOUT1")) } }
        }
        val carried = RefundCancelledException.within(thrown)
        assertNotNull(carried)
        assertInstanceOf<Outcome.Succeeded<*>>(sandbox.client().resume(carried!!.outcome.open))
        assertEquals(1, sandbox.paid("TIMEOUT1"))
    }

    @Test
    fun `stack-trace recovery does not lose what a cancelled call carries`(): Unit = runBlocking {
        val open = CompletableDeferred<Unit>()
        val client = sandbox.client(transport = {
            open.complete(Unit)
            awaitCancellation()
        })
        val paying = async { runCatching { client.payTaxRefund(refund("COPY1")) } }
        open.await()
        paying.cancel()
        val thrown = assertThrows<CancellationException> { runBlocking { paying.await() } }
        assertNotNull(RefundCancelledException.within(thrown))
    }

    @Test
    fun `a client with a journal lets a cancelled refund go, and pays it once`(): Unit = runBlocking {
        val file = temporaryFile()
        Journal.open(file, null).use { journal ->
            val sending = CompletableDeferred<Unit>()
            val stuck = sandbox.client(journal = journal, transport = {
                sending.complete(Unit)
                awaitCancellation()
            }, policy = Policy(attemptTimeoutMs = 300, sandboxWaitPermille = 1))
            cancelled("JOURNAL1", sandbox.client(journal = journal), sending) { stuck.payTaxRefund(refund("JOURNAL1")) }
        }
    }
}
