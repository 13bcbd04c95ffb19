package taxrefund

/** Is told what a client does, on any thread, in the middle of the call. What it throws changes nothing and is dropped. */
public fun interface Observer {
    /** Something happened. */
    public fun happened(event: RefundEvent)
}

/** Something about one call. It holds nothing about the traveller. */
public sealed interface RefundEvent {
    /** `alipay.pay_tax_refund`, … */
    public val operation: String

    /** The idempotency key. */
    public val key: String

    /**
     * A call begins; nothing was sent yet.
     *
     * @property resumed whether it takes up an open refund.
     */
    public data class Began(override val operation: String, override val key: String, val resumed: Boolean) : RefundEvent

    /**
     * A request goes out.
     *
     * @property called which interface: `pay`, `query`, …
     */
    public data class Sending(override val operation: String, override val key: String, val called: String) : RefundEvent

    /**
     * An answer or a fault came back.
     *
     * @property called which interface.
     * @property tookMs how long it took, in milliseconds.
     * @property status the HTTP status; `null` without an answer.
     * @property fault the transport's fault; `null` with an answer.
     * @property thrown the type of what the transport threw, when it was nothing that transports are meant to throw.
     */
    public data class Heard(
        override val operation: String,
        override val key: String,
        val called: String,
        val tookMs: Long,
        val status: Int?,
        val fault: String?,
        val thrown: String?,
    ) : RefundEvent

    /**
     * A wait begins.
     *
     * @property waitMs how long, in milliseconds.
     */
    public data class Waiting(override val operation: String, override val key: String, val waitMs: Long) : RefundEvent

    /**
     * The call is over.
     *
     * @property outcome `succeeded`, `failed` or `unknown`.
     * @property code why; `null` after a success.
     * @property nextStep what must be done now.
     */
    public data class Ended(
        override val operation: String,
        override val key: String,
        val outcome: String,
        val code: String?,
        val nextStep: NextStep,
    ) : RefundEvent
}

/** Tells one call's events. Nothing here ever throws. */
internal class Teller(private val observer: Observer?, private val operation: String, private val key: String) {
    fun began(resumed: Boolean) = tell { RefundEvent.Began(operation, key, resumed) }

    fun sending(called: String) = tell { RefundEvent.Sending(operation, key, called) }

    fun heard(called: String, tookMs: Long, heard: Heard) = tell {
        when (heard) {
            is Heard.Answer -> RefundEvent.Heard(operation, key, called, tookMs, heard.response.status, null, null)
            is Heard.Fault -> RefundEvent.Heard(operation, key, called, tookMs, null, heard.name, heard.thrown)
        }
    }

    fun waiting(waitMs: Long) = tell { RefundEvent.Waiting(operation, key, waitMs) }

    fun ended(outcome: Outcome<*>) = tell {
        when (outcome) {
            is Outcome.Succeeded -> RefundEvent.Ended(operation, key, "succeeded", null, outcome.nextStep)
            is Outcome.Failed -> RefundEvent.Ended(operation, key, "failed", outcome.reason.code, outcome.nextStep)
            is Outcome.Unknown -> RefundEvent.Ended(operation, key, "unknown", outcome.reason.code, outcome.nextStep)
        }
    }

    private inline fun tell(event: () -> RefundEvent) {
        try {
            observer?.happened(event())
        } catch (_: Throwable) {
            // It must not cost a refund.
        }
    }
}
