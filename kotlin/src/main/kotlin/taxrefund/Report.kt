package taxrefund

import java.time.Instant
import java.util.Base64
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull

/**
 * Why: a provider's code, or our word for a fault. As text it is the codes, and whether they are verified.
 *
 * @property code the gateway's `code`, a `resultCode`, or a fault such as `timeout`; [explain] knows it.
 * @property subCode the gateway's `sub_code`.
 * @property message the provider's own text, for engineers. It may repeat parts of the request, so [toString] leaves it out.
 * @property verified whether a verified answer said so.
 */
public class Reason internal constructor(
    public val code: String,
    public val subCode: String?,
    public val message: String?,
    public val verified: Boolean,
) {
    /** `40004 INVALID_PARAMETER`, `timeout (not verified)`. */
    override fun toString(): String {
        val codes = if (subCode.isNullOrEmpty()) code else "$code $subCode"
        return if (verified) codes else "$codes (not verified)"
    }
}

/**
 * One send and what came of it.
 *
 * @property operation which interface was called: `pay`, `query`, …
 * @property sentAt by the driver's clock.
 * @property tookMs until its answer, or its fault, in milliseconds.
 * @property reason what was answered, when it was no success.
 */
public class Attempt internal constructor(
    public val operation: String,
    public val sentAt: Instant,
    public val tookMs: Long,
    public val reason: Reason?,
) {
    override fun toString(): String =
        described("Attempt", "operation" to operation, "sentAt" to sentAt, "tookMs" to tookMs, "reason" to reason)
}

/**
 * Something unusual about a request that did not stop it: it was sent as given.
 *
 * @property path where, in Kotlin's names.
 * @property rule the rule's stable name.
 * @property message the rule in words.
 */
public data class Warning(val path: String, val rule: String, val message: String)

/**
 * Bytes received, kept as proof. **They may hold personal data**, so [toString] leaves them out.
 *
 * @property status the HTTP status.
 * @property verified whether the signature over exactly these bytes was good.
 * @property headers the signature header, for the protocols that sign by header, with the time it covers.
 * @property body as received, at most 64 KiB of it.
 * @property isTruncated whether the body was longer than what is kept.
 */
public class Evidence internal constructor(
    public val status: Int,
    public val verified: Boolean,
    public val headers: List<Header>,
    public val body: ByteArray,
    public val isTruncated: Boolean,
) {
    override fun toString(): String = "Evidence(status=$status, verified=$verified, body=«${body.size} bytes»)"
}

/**
 * What was sent and heard of one refund.
 *
 * @property operation the operation's name: `alipay.pay_tax_refund`.
 * @property key the idempotency key.
 * @property attempts every send of this run, oldest first.
 * @property warnings what is unusual about the request.
 * @property slowDown the provider asked for a lower call rate; whoever paces this account should slow down.
 * @property evidence the bytes that decided, or the last ones received.
 */
public class Report internal constructor(
    public val operation: String,
    public val key: String,
    public val attempts: List<Attempt>,
    public val warnings: List<Warning>,
    public val slowDown: Boolean,
    public val evidence: Evidence?,
) {
    override fun toString(): String =
        described("Report", "operation" to operation, "key" to key, "attempts" to attempts.size, "warnings" to warnings)
}

internal fun reasonOf(told: JsonObject): Reason =
    Reason(told.text("code").orEmpty(), told.text("sub_code"), told.text("message"), told.flag("verified"))

internal fun reportOf(told: JsonObject): Report = Report(
    operation = told.text("operation").orEmpty(),
    key = told.text("key").orEmpty(),
    attempts = told.objects("attempts").map(::attemptOf),
    warnings = warningsOf(told),
    slowDown = told.flag("slow_down"),
    evidence = told.member("evidence")?.let(::evidenceOf),
)

internal fun warningsOf(told: JsonObject): List<Warning> = told.objects("warnings").map {
    Warning(kotlinPath(it.text("path").orEmpty()), it.text("rule").orEmpty(), it.text("message").orEmpty())
}

private fun attemptOf(told: JsonObject): Attempt = Attempt(
    operation = told.text("interface").orEmpty(),
    sentAt = Instant.ofEpochMilli(told.number("sent_at_ms") ?: 0),
    tookMs = told.number("took_ms") ?: 0,
    reason = told.member("reason")?.let(::reasonOf),
)

private fun evidenceOf(told: JsonObject): Evidence = Evidence(
    status = (told.number("status") ?: 0).toInt(),
    verified = told.flag("verified"),
    headers = told.list("headers").filterIsInstance<JsonArray>().filter { it.size == 2 }.map { (name, value) ->
        Header((name as? JsonPrimitive)?.contentOrNull.orEmpty(), (value as? JsonPrimitive)?.contentOrNull.orEmpty())
    },
    body = try {
        Base64.getDecoder().decode(told.text("body").orEmpty())
    } catch (_: IllegalArgumentException) {
        ByteArray(0)
    },
    isTruncated = told.flag("truncated"),
)
