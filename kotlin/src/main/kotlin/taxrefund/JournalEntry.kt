package taxrefund

import java.time.Instant
import kotlinx.serialization.json.JsonObject
import taxrefund.bridge.NativeEntry

/** Where an entry of a journal stands. */
public enum class State(
    /** The stable name. */
    public val code: String,
) {
    /** To be sent, or being sent. */
    OPEN("open"),

    /** Not known yet; asked about again by whoever resumes it. */
    WAITING("waiting"),

    /** Final: verified success. */
    SUCCEEDED("succeeded"),

    /** Final: verified, no money moved. */
    FAILED("failed"),

    /** Not known; its next step says what somebody must do. */
    UNKNOWN("unknown"),
    ;

    /** Whether it never changes again. */
    public val isFinal: Boolean get() = this == SUCCEEDED || this == FAILED

    internal companion object {
        /** A state of another version is none that is known. */
        fun of(code: String?): State = entries.find { it.code == code } ?: UNKNOWN
    }
}

/**
 * One refund as the journal has it. It holds no personal data.
 *
 * @property operation such as `alipay.pay_tax_refund`.
 * @property key the idempotency key: taken for ever, per protocol and account.
 * @property account the app id or client id.
 * @property protocol `alipay`, `alipay_plus` or `antom`.
 * @property form the number of the tax refund form, where one is known.
 * @property amount what is to be paid.
 * @property state where it stands.
 * @property code the latest code or fault.
 * @property nextStep what to do now; `null` while it is open, or has succeeded.
 * @property reference the provider's own number.
 * @property attempts sends so far, of every interface.
 * @property isBegun whether something may have been sent.
 * @property isConflicting a verified message contradicts what is recorded: a person must look.
 * @property createdAt when it was recorded.
 * @property updatedAt when something was last recorded about it.
 */
public class JournalEntry internal constructor(internal val native: NativeEntry, told: JsonObject) {
    public val operation: String = told.text("operation").orEmpty()
    public val key: String = told.text("key").orEmpty()
    public val account: String = told.text("account").orEmpty()
    public val protocol: String = told.text("protocol").orEmpty()
    public val form: String? = told.text("form")
    public val amount: Amount? = told.member("amount")?.let { WireJson.decodeFromJsonElement(Amount.serializer(), it) }
    public val state: State = State.of(told.text("state"))
    public val code: String? = told.text("code")
    public val nextStep: NextStep? = told.text("next_step")?.let(NextStep::of)
    public val reference: String? = told.text("reference")
    public val attempts: Long = told.number("attempts") ?: 0
    public val isBegun: Boolean = told.flag("begun")
    public val isConflicting: Boolean = told.flag("conflict")
    public val createdAt: Instant = Instant.ofEpochMilli(told.number("created_ms") ?: 0)
    public val updatedAt: Instant = Instant.ofEpochMilli(told.number("updated_ms") ?: 0)

    internal val id: Long = told.number("id") ?: 0

    override fun toString(): String = described(
        "JournalEntry", "operation" to operation, "key" to key, "state" to state, "code" to code, "nextStep" to nextStep,
        "reference" to reference,
    )

    internal companion object {
        fun of(native: NativeEntry): JournalEntry = JournalEntry(native, objectOf(native { native.json() }))
    }
}

/**
 * How many refunds stand where.
 *
 * @property open to be sent, or being sent.
 * @property waiting not known yet.
 * @property succeeded final.
 * @property failed final, no money moved.
 * @property unknown waiting for somebody.
 */
public data class Counts(val open: Long, val waiting: Long, val succeeded: Long, val failed: Long, val unknown: Long) {
    /** All of them. */
    val total: Long get() = open + waiting + succeeded + failed + unknown
}

/**
 * One link of the chain: something that happened to a refund.
 *
 * @property seq its number in the chain.
 * @property kind `submitted`, `attempt`, `ended`, `late`, `notification` or `reopened`.
 * @property at when.
 * @property content what it says; nothing personal.
 * @property evidence the provider's answer as it came, where it was asked for. **It may hold personal data.**
 */
public class JournalRecord internal constructor(told: JsonObject) {
    public val seq: Long = told.number("seq") ?: 0
    public val kind: String = told.text("kind").orEmpty()
    public val at: Instant = Instant.ofEpochMilli(told.number("at_ms") ?: 0)
    public val content: JsonObject = told.member("content") ?: noMembers
    public val evidence: JsonObject? = told.member("evidence")

    override fun toString(): String = "JournalRecord($seq, $kind, $at)"
}

/** Whether a journal is as it was written. */
public sealed interface Verified {
    /**
     * It is whole.
     *
     * @property entries how many refunds.
     * @property records how many records.
     * @property head the end of the chain: keep it elsewhere, and give it to the next check.
     */
    public data class Whole(val entries: Long, val records: Long, val head: String) : Verified

    /**
     * It is not: the first thing that is not as it was written.
     *
     * @property seq the record's number, where it is about one.
     * @property key the refund, where it is about one.
     * @property problem what is wrong.
     */
    public data class Broken(val seq: Long?, val key: String?, val problem: String) : Verified
}
