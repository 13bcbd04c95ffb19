package taxrefund

import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch

/**
 * Holds the calling thread until the outcome is there. An interrupt cancels: the outcome is *unknown* then, and the thread
 * stays interrupted.
 */
internal fun <R> waiting(work: suspend () -> Outcome<R>): Outcome<R> = waitingFor(outcome(work))

/** The same for what has no outcome. */
internal fun <T> waitingFor(work: suspend () -> T): T {
    val done = CompletableFuture<Result<T>>()
    val job = started { done.complete(runCatching { work() }) }
    var wasInterrupted = false
    while (true) {
        try {
            return done.get().getOrThrow()
        } catch (_: InterruptedException) {
            wasInterrupted = true
            job.cancel()
        } finally {
            if (wasInterrupted && done.isDone) Thread.currentThread().interrupt()
        }
    }
}

/** A future of an outcome. Cancelling it cancels the call, and it ends with the outcome all the same: an *unknown* one. */
internal fun <R> future(work: suspend () -> Outcome<R>): CompletableFuture<Outcome<R>> = futureOf(outcome(work))

/** The same for what has no outcome. */
internal fun <T> futureOf(work: suspend () -> T): CompletableFuture<T> {
    val future = Cancellable<T>()
    future.job = started {
        runCatching { work() }.fold(future::complete, future::completeExceptionally)
    }
    return future
}

private class Cancellable<T> : CompletableFuture<T>() {
    @Volatile
    lateinit var job: Job

    override fun cancel(mayInterruptIfRunning: Boolean): Boolean {
        val isFirst = !isDone
        job.cancel()
        return isFirst
    }
}

/** Whoever waits for a value is told of the cancelled refund by a value too. */
private fun <R> outcome(work: suspend () -> Outcome<R>): suspend () -> Outcome<R> = {
    try {
        work()
    } catch (cancelled: RefundCancelledException) {
        cancelled.outcome
    }
}

/** It begins, whatever happens: a call that was cancelled before says what became of it too. */
@OptIn(DelicateCoroutinesApi::class)
private fun started(work: suspend () -> Unit): Job =
    Threads.scope.launch(Threads.steps, CoroutineStart.ATOMIC) { work() }
