package taxrefund

import kotlinx.coroutines.withContext
import taxrefund.bridge.NativeEvent
import taxrefund.bridge.NativeFlow
import taxrefund.bridge.NativeStep

/** The driver: does what a flow says, tells it what came of it. It decides nothing about money. */
internal class Drive(
    private val flow: NativeFlow,
    private val transport: Transport,
    private val key: ExternalKey?,
    private val clock: Clock,
    private val teller: Teller,
    private val patienceMs: Long,
) {
    /**
     * The outcome, as JSON. When the coroutine is cancelled meanwhile it is that of a flow that nobody drives any more:
     * *unknown*, unless it had just ended; the same when a clock fails.
     */
    suspend fun toTheEnd(): String {
        var ended: String? = null
        try {
            withContext(Threads.steps) { ended = steps() }
        } catch (_: Throwable) {
            // Cancelled, or a clock that fails: neither may cost the state, nor an outcome that is there already.
        }
        return ended ?: cancelled(flow, clock)
    }

    private suspend fun steps(): String {
        val began = clock.monotonicMs()
        var step = told(NativeEvent.Start)
        while (true) {
            step = when (step) {
                is NativeStep.Done -> return step.outcome
                is NativeStep.Sign -> signed(step.message, began)
                is NativeStep.Send -> told(heard(exchanged(transport, step.request.ours(), teller)))
                is NativeStep.Wait -> woken(step.waitMs.toLong())
            }
        }
    }

    private suspend fun signed(message: ByteArray, began: Long): NativeStep {
        val left = (began + patienceMs - clock.monotonicMs()).coerceAtLeast(0)
        val made = key?.let { key -> hosted(minOf(left, key.patienceMs)) { key.signer.sign(message) } }
        return told(
            when (made) {
                is Hosted.Gave -> NativeEvent.Signed(made.value)
                is Hosted.Threw -> NativeEvent.SigningFailed("the signer threw ${made.type}")
                Hosted.Late -> NativeEvent.SigningFailed("the signer did not answer in time")
                null -> NativeEvent.SigningFailed("there is no signer")
            },
        )
    }

    private suspend fun woken(waitMs: Long): NativeStep {
        teller.waiting(waitMs)
        clock.sleep(waitMs)
        return told(NativeEvent.Woke)
    }

    private fun told(event: NativeEvent): NativeStep =
        native { flow.advance(event, clock.monotonicMs().toULong(), clock.epochMs().toULong()) }
}

/** How a flow ended that nobody drives any more: one that is over says how, also to whoever cancels it. */
internal fun cancelled(flow: NativeFlow, clock: Clock): String {
    // The times only go into the report.
    val (monotonicMs, epochMs) = try {
        clock.monotonicMs() to clock.epochMs()
    } catch (_: Throwable) {
        0L to System.currentTimeMillis()
    }
    val step = native { flow.advance(NativeEvent.Cancel, monotonicMs.toULong(), epochMs.toULong()) }
    return (step as? NativeStep.Done)?.outcome ?: throw InternalException("a flow that goes on although it was cancelled")
}

private fun heard(heard: Heard): NativeEvent = when (heard) {
    is Heard.Answer -> NativeEvent.Answered(heard.response.theirs())
    is Heard.Fault -> NativeEvent.Faulted(heard.name, heard.detail)
}
