package taxrefund

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * How often, and for how long. What is left out is as the providers' documents have it.
 *
 * @property attempts sends of one interface within one phase, 3 to 10; default 5.
 * @property attemptTimeoutMs one exchange, from connecting to the last byte of the answer, in milliseconds; default 15,000.
 * @property deadlineMs the whole call from its first exchange on, waits included, in milliseconds, at most a day; default
 * 300,000. When it ends the outcome is *unknown*.
 * @property sandboxWaitPermille sandbox environment only: waits are this many thousandths of the documented ones.
 */
@Serializable
public data class Policy @JvmOverloads constructor(
    @SerialName("attempts") val attempts: Int? = null,
    @SerialName("attempt_timeout_ms") val attemptTimeoutMs: Long? = null,
    @SerialName("deadline_ms") val deadlineMs: Long? = null,
    @SerialName("sandbox_wait_permille") val sandboxWaitPermille: Int? = null,
) {
    internal val json: String by lazy { WireJson.encodeToString(serializer(), this) }

    internal val patienceMs: Long get() = deadlineMs ?: DEFAULT_DEADLINE_MS
}

private const val DEFAULT_DEADLINE_MS = 300_000L

/**
 * How one call is made.
 *
 * @property policy in place of the client's.
 * @property form the tax refund form's number for the journal, where the request itself does not carry it (Antom).
 * @property secondRefundForForm why a second refund is really meant for a form; the journal keeps it for ever.
 */
public data class CallOptions @JvmOverloads constructor(
    val policy: Policy? = null,
    val form: String? = null,
    val secondRefundForForm: String? = null,
) {
    public companion object {
        /** As the client has it. */
        @JvmField
        public val NONE: CallOptions = CallOptions()
    }
}
