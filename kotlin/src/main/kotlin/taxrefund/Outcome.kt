package taxrefund

/**
 * How an operation ended: succeeded, failed or unknown. They are never mixed up.
 *
 * ```kotlin
 * when (val outcome = client.payTaxRefund(request)) {
 *     is Outcome.Succeeded -> outcome.response
 *     is Outcome.Failed -> outcome.nextStep          // verified: no money moved
 *     is Outcome.Unknown -> keep(outcome.open.text)  // money may have moved: resume it, never start it anew
 * }
 * ```
 *
 * As text it shows nothing personal.
 */
public sealed interface Outcome<out R> {
    /** What must be done now. */
    public val nextStep: NextStep

    /** What was sent and heard. */
    public val report: Report

    /**
     * The response of a success; everything else is thrown.
     *
     * @throws RefundFailedException when it failed.
     * @throws RefundUnknownException when it is unknown.
     */
    public fun getOrThrow(): R

    /**
     * Verified: it was done.
     *
     * @property response the verified answer.
     * @property reference the provider's own number of the refund; keep it.
     */
    public class Succeeded<out R> internal constructor(
        public val response: R,
        public val reference: String?,
        override val report: Report,
        override val json: String,
    ) : Outcome<R>, Ended {
        override val nextStep: NextStep get() = NextStep.NONE

        override fun getOrThrow(): R = response

        override fun toString(): String =
            described("Succeeded", "operation" to report.operation, "key" to report.key, "reference" to reference)
    }

    /**
     * Verified: it was not done, and no money moved.
     *
     * @property reason why.
     */
    public class Failed internal constructor(
        public val reason: Reason,
        override val nextStep: NextStep,
        override val report: Report,
        override val json: String,
    ) : Outcome<Nothing>, Ended {
        override fun getOrThrow(): Nothing = throw RefundFailedException(this)

        override fun toString(): String = described(
            "Failed", "operation" to report.operation, "key" to report.key, "reason" to reason, "nextStep" to nextStep,
        )
    }

    /**
     * It may have been done. There is always a stated next step, and it is never a new order number.
     *
     * @property reason why nobody knows.
     * @property open what resuming starts from; keep its text.
     */
    public class Unknown internal constructor(
        public val reason: Reason,
        override val nextStep: NextStep,
        public val open: OpenRefund,
        override val report: Report,
        override val json: String,
    ) : Outcome<Nothing>, Ended {
        override fun getOrThrow(): Nothing = throw RefundUnknownException(this)

        override fun toString(): String = described(
            "Unknown", "operation" to report.operation, "key" to report.key, "reason" to reason, "nextStep" to nextStep,
        )
    }
}

/** What every outcome keeps: itself, as the native library told it. */
internal interface Ended {
    val json: String
}

/** As the native library told it. */
internal val Outcome<*>.asTold: String get() = (this as Ended).json
