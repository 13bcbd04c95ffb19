package taxrefund

import java.nio.charset.StandardCharsets
import kotlinx.coroutines.withContext
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import taxrefund.bridge.NativeHeader

/**
 * A message as it arrived.
 *
 * @property path the path and query at which it arrived, which Alipay+ and Antom sign; the outer one behind a proxy that
 * changes paths. The open gateway needs none.
 * @property headers all of them.
 * @property body the raw bytes, never what a framework has parsed and written again.
 */
public class Inbound(public val path: String, public val headers: List<Header>, public val body: ByteArray) {
    internal fun nativeHeaders(): List<NativeHeader> = headers.map { NativeHeader(it.name, it.value) }

    override fun toString(): String = "Inbound(${path.substringBefore('?')}, «${body.size} bytes»)"
}

/**
 * What to send back, exactly.
 *
 * @property status the HTTP status.
 * @property headers in their order.
 * @property body byte for byte.
 */
public class Reply internal constructor(public val status: Int, public val headers: List<Header>, public val body: ByteArray) {
    override fun toString(): String = "Reply($status, «${body.size} bytes»)"
}

/**
 * A verified notification. As text it shows nothing personal.
 *
 * @property protocol `alipay`, `alipay_plus` or `antom`.
 * @property id the gateway's `notify_id`: the same in every redelivery.
 * @property kind the gateway's `notify_type`, Antom's `notifyType`.
 * @property key the idempotency key of the refund that it is about.
 * @property reference the provider's own number.
 * @property settlement `succeeded` or `failed`; `null` when it says nothing final.
 * @property code the provider's code.
 * @property amount the refund's amount, where the message carries one: compare it with your own record.
 * @property fields everything that it carried. It may hold personal data.
 * @property reply send exactly this back, once the notification is safely recorded.
 */
public class Notification internal constructor(told: JsonObject, public val reply: Reply) {
    public val protocol: String = told.text("protocol").orEmpty()
    public val id: String? = told.text("id")
    public val kind: String? = told.text("kind")
    public val key: String? = told.text("key")
    public val reference: String? = told.text("reference")
    public val settlement: String? = told.text("settlement")
    public val code: String? = told.text("code")
    public val amount: Amount? = told.member("amount")?.let { WireJson.decodeFromJsonElement(Amount.serializer(), it) }
    public val fields: JsonObject = told.member("fields") ?: noMembers

    override fun toString(): String =
        described("Notification", "protocol" to protocol, "kind" to kind, "key" to key, "settlement" to settlement)
}

/**
 * What a notification changed in a journal. It is on disk: its reply may be sent.
 *
 * @property kind `settled`: an open refund has ended. `unchanged`: nothing new. `conflict`: it contradicts a final state, a
 * person must look. `again`: it came before. `stranger`: the journal has no such refund, a person must look.
 * @property notification what was received, with the reply to send.
 */
public class Merged internal constructor(public val kind: String, public val notification: Notification) {
    /** Whether a person must look. */
    public val needsSomebody: Boolean get() = kind == "conflict" || kind == "stranger"

    override fun toString(): String = "Merged($kind, $notification)"
}

internal suspend fun verified(account: Account, message: Inbound, nowMs: Long): Notification {
    val told = apart {
        account.native.notification(message.path, message.nativeHeaders(), message.body, nowMs.toULong())
    }
    return answered(account, message.path, objectOf(told), nowMs)
}

/** A notification with its reply, which an external signer may have to sign. */
internal suspend fun answered(account: Account, path: String, told: JsonObject, nowMs: Long): Notification {
    val reply = (told.member("reply") ?: noMembers)
    val key = account.external ?: return Notification(told, replyOf(reply))
    val message = apart { account.native.replyToSign(path, reply.toString(), nowMs.toULong()) }
        ?: return Notification(told, replyOf(reply))
    val made = withContext(Threads.steps) { hosted(key.patienceMs) { key.signer.sign(message) } }
    val signature = (made as? Hosted.Gave)?.value
        ?: throw ConfigurationException(ErrorCode.SIGNER_FAILED, "signer: the reply could not be signed", "signer")
    val signed = apart { account.native.signedReply(path, reply.toString(), nowMs.toULong(), signature) }
    return Notification(told, replyOf(objectOf(signed)))
}

internal fun replyOf(told: JsonObject): Reply = Reply(
    status = (told.number("status") ?: BAD_REQUEST).toInt(),
    headers = told.list("headers").filterIsInstance<JsonArray>().filter { it.size == 2 }.map { (name, value) ->
        Header((name as? JsonPrimitive)?.contentOrNull.orEmpty(), (value as? JsonPrimitive)?.contentOrNull.orEmpty())
    },
    body = told.text("body").orEmpty().toByteArray(StandardCharsets.UTF_8),
)

private const val BAD_REQUEST = 400L
