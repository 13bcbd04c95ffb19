package taxrefund

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull

/** Where things run. Whatever can block has threads that nothing else waits for. */
internal object Threads {
    private const val HOSTED = 64
    private const val JOURNAL = 64

    /** Transports and signers of the host, which may block for ever. */
    val hosted: CoroutineDispatcher = Dispatchers.IO.limitedParallelism(HOSTED)

    /** Calls of the journal, which block while a refund is paid. */
    val journal: CoroutineDispatcher = Dispatchers.IO.limitedParallelism(JOURNAL)

    /** Steps of flows, which sign and verify. */
    val steps: CoroutineDispatcher = Dispatchers.Default

    /** Work that nobody waits for any more goes on in here, and fails in here. */
    val scope = CoroutineScope(SupervisorJob() + CoroutineExceptionHandler { _, _ -> })
}

/** What came of work of the host, which may do anything. */
internal sealed interface Hosted<out T> {
    /** It gave something. */
    class Gave<T>(val value: T) : Hosted<T>

    /** It threw something. What it was is known by its type alone: its text may hold anything. */
    class Threw(val fault: TransportFault?, val type: String) : Hosted<Nothing>

    /** It has not answered in time. */
    object Late : Hosted<Nothing>
}

/**
 * Waits for work of the host, but not longer than this, and not when the caller is cancelled. Whatever it does later is heard
 * by nobody. The caller's own delays must be real ones: call it from [Threads.steps].
 */
internal suspend fun <T : Any> hosted(patienceMs: Long, work: suspend () -> T): Hosted<T> {
    val answer = CompletableDeferred<Hosted<T>>()
    val job = Threads.scope.launch(Threads.hosted) {
        answer.complete(
            try {
                // Java may give nothing, whatever the type says.
                val given: T? = work()
                if (given == null) Hosted.Threw(null, "nothing") else Hosted.Gave(given)
            } catch (thrown: Throwable) {
                Hosted.Threw(thrown as? TransportFault, typeOf(thrown))
            },
        )
    }
    try {
        return withTimeoutOrNull(patienceMs) { answer.await() } ?: Hosted.Late
    } finally {
        job.cancel()
    }
}

private fun typeOf(thrown: Throwable): String = thrown.javaClass.name
