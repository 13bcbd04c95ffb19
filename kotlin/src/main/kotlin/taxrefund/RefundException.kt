package taxrefund

import java.util.concurrent.CancellationException
import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi

/**
 * Verified: it was not done, and no money moved.
 *
 * @property outcome the same as a value.
 */
public class RefundFailedException internal constructor(public val outcome: Outcome.Failed) :
    TaxRefundException(outcome.reason.code, told(outcome.report, "FAILED", outcome.reason, outcome.nextStep)) {
    /** What to say and do, for people. */
    override fun text(language: Language): String = Advice.of(outcome, language).run { "$title\n$clerk" }
}

/**
 * It may have been done. There is always a stated next step, and it is never a new order number.
 *
 * @property outcome the same as a value; its `open` is what resuming starts from.
 */
public class RefundUnknownException internal constructor(public val outcome: Outcome.Unknown) :
    TaxRefundException(outcome.reason.code, told(outcome.report, "NOT KNOWN", outcome.reason, outcome.nextStep)) {
    /** What to say and do, for people. */
    override fun text(language: Language): String = Advice.of(outcome, language).run { "$title\n$clerk" }
}

/**
 * The coroutine was cancelled while nobody knew how its refund ended.
 *
 * Nothing more is sent, and `client.resume(outcome.open)` goes on with it, in any process. Catch it where the refund's state
 * is to be kept, and throw it on:
 *
 * ```kotlin
 * try {
 *     client.payTaxRefund(request)
 * } catch (cancelled: RefundCancelledException) {
 *     keep(cancelled.outcome.open.text)
 *     throw cancelled
 * }
 * ```
 *
 * Outside of `withTimeout`, which throws an exception of its own, [RefundCancelledException.within] finds it.
 *
 * @property outcome the *unknown* outcome, with the reason `cancelled`.
 */
@OptIn(ExperimentalCoroutinesApi::class)
public class RefundCancelledException internal constructor(public val outcome: Outcome.Unknown) :
    CancellationException(told(outcome.report, "NOT KNOWN", outcome.reason, outcome.nextStep)),
    CopyableThrowable<RefundCancelledException> {
    /** No copy: it is thrown on as it is, with what it carries. */
    override fun createCopy(): RefundCancelledException? = null

    public companion object {
        /** The one that this exception is, was caused by, or came with; `null` when no refund was cut short. */
        @JvmStatic
        public fun within(thrown: Throwable): RefundCancelledException? =
            find(thrown, mutableSetOf())

        private fun find(thrown: Throwable?, seen: MutableSet<Throwable>): RefundCancelledException? {
            if (thrown == null || !seen.add(thrown)) return null
            if (thrown is RefundCancelledException) return thrown
            return find(thrown.cause, seen) ?: thrown.suppressed.firstNotNullOfOrNull { find(it, seen) }
        }
    }
}

private fun told(report: Report, verdict: String, reason: Reason, nextStep: NextStep): String =
    "${report.operation} ${report.key}: $verdict: $reason; next step: $nextStep"
