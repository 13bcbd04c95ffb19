// The Kotlin shim of the conformance runner: one case per line in, one answer per line out.
//
// What is asked, and how, says the runner: `cargo xtask conformance`. Flows are scripted below the public face, which knows no
// virtual time beyond that of a whole call.

package taxrefund.conformance

import java.io.File
import java.net.URLDecoder
import java.net.URLEncoder
import java.nio.charset.Charset
import java.security.MessageDigest
import java.util.Base64
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import kotlinx.serialization.json.put
import taxrefund.Account
import taxrefund.AnswerRefusedException
import taxrefund.Header
import taxrefund.Inbound
import taxrefund.KeyInApp
import taxrefund.NotificationRefusedException
import taxrefund.PlatformKey
import taxrefund.Signing
import taxrefund.SoftwareKey
import taxrefund.TransportResponse
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipayplus.AlipayPlusAccount
import taxrefund.antom.AntomAccount
import taxrefund.bridge.NativeEvent
import taxrefund.bridge.NativeHeader
import taxrefund.bridge.NativePrepared
import taxrefund.bridge.NativeResponse
import taxrefund.bridge.NativeStep
import taxrefund.verified

private const val NOW_MS = 1_795_395_723_123
private const val DAY_MS = 24L * 60 * 60 * 1000

// Verification needs no merchant's key, but an account has one.
private val stranger: String by lazy {
    val vectors = File(System.getenv("TAXREFUND_REPOSITORY"), "tests/vectors/alipay-plus.json")
    val keys = Json.parseToJsonElement(vectors.readText()).jsonObject.getValue("keys").jsonObject
    keys.getValue("stranger").jsonObject.text("private_pkcs8_pem")
}

fun main() {
    val output = System.out.bufferedWriter()
    System.`in`.bufferedReader().forEachLine { line ->
        val answer = try {
            answer(Json.parseToJsonElement(line).jsonObject)
        } catch (thrown: Exception) {
            buildJsonObject { put("error", "${thrown.javaClass.simpleName}: ${thrown.message}") }
        }
        output.write("$answer\n")
        output.flush()
    }
}

private fun answer(asked: JsonObject): JsonObject = when (val op = asked.text("op")) {
    "sign_form" -> signForm(asked)
    "verify_form_answer" -> verifyFormAnswer(asked)
    "verify_form_notification" -> verifyFormNotification(asked)
    "sign_header" -> signHeader(asked)
    "verify_header_answer" -> verifyHeaderAnswer(asked)
    "verify_header_notification" -> verdict { notification(caller(asked), asked.text("path"), asked.headers(), asked.bytes("body_hex")) }
    "certificate_serials" -> buildJsonObject {
        put("app", Signing.certificateSerial(asked.text("app_cert")))
        put("alipay", Signing.certificateSerial(asked.text("alipay_cert")))
        put("root", Signing.rootSerial(asked.text("root_bundle")))
    }
    "flow" -> flow(asked)
    else -> buildJsonObject { put("error", "what is $op?") }
}

private fun signForm(asked: JsonObject): JsonObject {
    val parameters = asked.getValue("params").jsonObject.mapValues { (_, value) -> value.jsonPrimitive.content }
    val toSign = Signing.formStringToSign(parameters, asked.text("charset"))
    val signature = Signing.sign(asked.text("private_key"), toSign, asked.text("sign_type"))
    return buildJsonObject {
        put("to_sign_hex", hex(toSign))
        put("signature", Base64.getEncoder().encodeToString(signature))
    }
}

private fun verifyFormAnswer(asked: JsonObject): JsonObject {
    val (method, body) = asked.text("method") to asked.bytes("body_hex")
    val cut = try {
        Signing.cutOut(method, body, asked.text("charset"))
    } catch (refused: AnswerRefusedException) {
        return refusal(refused.code)
    }
    val signed = body.copyOfRange(cut.start, cut.end)
    val verdict = verdict { gateway(asked, "2014072300007148").verifyAnswer(method, TransportResponse(200, emptyList(), body)) }
    val isRefusal = verdict["reason"]?.jsonPrimitive?.content == "unsigned" && isRefusal(signed)
    val told = if (isRefusal) buildJsonObject { put("verdict", "unsigned") } else verdict
    return JsonObject(told + mapOf("root" to JsonPrimitive(cut.root), "signed_hex" to JsonPrimitive(hex(signed))))
}

private fun verifyFormNotification(asked: JsonObject): JsonObject {
    val body = asked.text("body").toByteArray()
    val fields = parameters(asked.text("body"))
    val account = gateway(asked, fields["app_id"].orEmpty())
    val notification = try {
        runBlocking { verified(account, Inbound("", emptyList(), body), NOW_MS) }
    } catch (refused: NotificationRefusedException) {
        return refusal(refused.code)
    }
    val signature = Base64.getDecoder().decode(fields["sign"])
    for (rule in listOf("V1", "V2")) {
        val form = Signing.formStringToVerify(body, rule)
        val covered = form.toVerify.toByteArray(Charset.forName(form.parameters["charset"] ?: "utf-8"))
        if (!Signing.verify(asked.text("public_key"), covered, signature, asked.text("sign_type"))) continue
        return buildJsonObject {
            put("verdict", "verified")
            put("rule", rule.lowercase())
            put("to_verify_hex", hex(covered))
            put("reply", String(notification.reply.body))
        }
    }
    return buildJsonObject { put("error", "accepted, though neither rule fits") }
}

private fun signHeader(asked: JsonObject): JsonObject {
    val toSign =
        Signing.headerStringToSign(asked.text("path"), asked.text("client_id"), asked.text("time"), asked.bytes("body_hex"))
    val signature = Signing.sign(asked.text("private_key"), toSign)
    val text = Base64.getEncoder().encodeToString(signature)
    return buildJsonObject {
        put("to_sign_hex", hex(toSign))
        put("signature", text)
        put("encoded", URLEncoder.encode(text, "UTF-8"))
        put("header", Signing.writeSignatureHeader(signature, asked.text("key_version").toInt()))
    }
}

private fun verifyHeaderAnswer(asked: JsonObject): JsonObject {
    val status = (asked["status"] as? JsonPrimitive)?.takeUnless { it is JsonNull }?.int ?: 200
    val answer = TransportResponse(status, asked.headers(), asked.bytes("body_hex"))
    return verdict { caller(asked).verifyAnswer(asked.text("path"), answer) }
}

private fun notification(account: Account, path: String, headers: List<Header>, body: ByteArray) =
    runBlocking { verified(account, Inbound(path, headers, body), System.currentTimeMillis()) }

/** A scripted provider, virtual time. */
private fun flow(asked: JsonObject): JsonObject {
    val account = profile(asked.getValue("profile").jsonObject)
    val prepared = account.native.prepare(asked.text("operation"), asked.getValue("request").toString())
    // Scripts are about decisions: no deadline cuts them short.
    val policy = buildJsonObject {
        put("attempts", (asked["attempts"] as? JsonPrimitive)?.int ?: 5)
        put("deadline_ms", DAY_MS)
    }
    val seed = (asked["seed"] as? JsonPrimitive)?.long ?: 0
    val flow = account.native.begin(prepared, policy.toString(), seed.toULong())
    val answers = asked.getValue("answers").jsonArray.iterator()
    val told = Told()
    var passedMs = 0L
    fun advance(event: NativeEvent) = flow.advance(event, passedMs.toULong(), (NOW_MS + passedMs).toULong())
    var step = advance(NativeEvent.Start)
    while (true) {
        step = when (val now = step) {
            is NativeStep.Done -> return told.json(Json.parseToJsonElement(now.outcome).jsonObject)
            is NativeStep.Sign -> error("asked for a signature though it has the key")
            is NativeStep.Wait -> {
                passedMs += now.waitMs.toLong()
                told.waitedMs += now.waitMs.toLong()
                advance(NativeEvent.Woke)
            }
            is NativeStep.Send -> {
                if (!told.sends(now.request.`interface`, now.request.body, prepared)) {
                    return buildJsonObject { put("error", "${now.request.`interface`}: the frozen content is not what is sent") }
                }
                if (!answers.hasNext()) return told.json(null)
                val answer = answers.next().jsonObject
                val fault = answer["fault"]
                if (fault != null) advance(NativeEvent.Faulted(fault.jsonPrimitive.content, "")) else advance(answered(answer))
            }
        }
    }
}

private fun answered(answer: JsonObject): NativeEvent {
    val headers = answer.headers().map { NativeHeader(it.name, it.value) }
    val status = answer.getValue("status").jsonPrimitive.int
    return NativeEvent.Answered(NativeResponse(status.toUShort(), headers, answer.bytes("body_hex")))
}

/** What is told of a flow. */
private class Told {
    var waitedMs = 0L
    private val sent = mutableListOf<JsonElement>()
    private val waitsS = mutableListOf<JsonElement>()

    /** `false` when something else than the frozen content is sent. */
    fun sends(called: String, body: ByteArray, prepared: NativePrepared): Boolean {
        if (sent.isNotEmpty()) waitsS += JsonPrimitive(waitedMs / 1000.0)
        waitedMs = 0
        val content = prepared.business(called)
        sent += buildJsonObject {
            put("interface", called)
            put("business_sha256", hex(MessageDigest.getInstance("SHA-256").digest(content.toByteArray())))
        }
        return carries(String(body), content)
    }

    fun json(outcome: JsonObject?): JsonObject = buildJsonObject {
        fun text(from: JsonObject?, name: String) = put(name, (from?.get(name) as? JsonPrimitive)?.contentOrNull)
        put("sent", JsonArray(sent))
        put("waits_s", JsonArray(waitsS))
        text(outcome, "outcome")
        put("next_step", outcome?.let { (it["next_step"] as? JsonPrimitive)?.contentOrNull ?: "none" })
        text(outcome?.get("reason") as? JsonObject, "code")
        text(outcome, "reference")
        put("exhausted_answers", outcome == null)
    }
}

/** Whether a request carries exactly this content: as its body, or within a form. */
private fun carries(body: String, content: String): Boolean {
    if (body == content) return true
    val given = parameters(body)
    if (given.keys == setOf("biz_content")) return given["biz_content"] == content
    return given == Json.parseToJsonElement(content).jsonObject.mapValues { (_, value) -> value.jsonPrimitive.content }
}

/** A failure's code, in an answer that carries no signature. */
private fun isRefusal(content: ByteArray): Boolean = try {
    val code = Json.parseToJsonElement(String(content)).jsonObject["code"] as? JsonPrimitive
    code != null && code.isString && code.content != "10000"
} catch (_: IllegalArgumentException) {
    false
}

private inline fun verdict(verify: () -> Unit): JsonObject = try {
    verify()
    buildJsonObject { put("verdict", "verified") }
} catch (refused: AnswerRefusedException) {
    refusal(refused.code)
} catch (refused: NotificationRefusedException) {
    refusal(refused.code)
}

private fun refusal(reason: String) = buildJsonObject {
    put("verdict", "refused")
    put("reason", reason)
}

private fun gateway(asked: JsonObject, appId: String): AlipayAccount {
    val certificate = (asked["certificates"] as? JsonObject)?.get("alipay_cert_pem")?.jsonPrimitive?.contentOrNull
    // Application certificate and root bundle name themselves in requests only.
    val platform = when (certificate) {
        null -> AlipayPlatform.PublicKey(asked.text("public_key"))
        else -> AlipayPlatform.Certificates(certificate, listOf(certificate), certificate)
    }
    val signType = (asked["sign_type"] as? JsonPrimitive)?.contentOrNull
    val charset = (asked["charset"] as? JsonPrimitive)?.contentOrNull
    return AlipayAccount(appId, key(stranger), platform, charset = charset, signType = signType)
}

private fun caller(asked: JsonObject) =
    AlipayPlusAccount(asked.text("client_id"), key(stranger), listOf(PlatformKey(asked.text("public_key"))))

private fun profile(profile: JsonObject): Account {
    val (protocol, key) = profile.text("protocol") to key(profile.text("private_key"))
    val clientId = (profile["client_id"] as? JsonPrimitive)?.contentOrNull
    val platform = profile.text("public_key")
    if (protocol.startsWith("alipay") && clientId.isNullOrEmpty()) {
        return AlipayAccount(profile.text("app_id"), key, AlipayPlatform.PublicKey(platform))
    }
    val keys = listOf(PlatformKey(platform))
    return if (protocol == "antom") AntomAccount(clientId!!, key, keys) else AlipayPlusAccount(clientId!!, key, keys)
}

private fun key(pem: String) = SoftwareKey(pem, KeyInApp.CAN_BE_EXTRACTED)

private fun parameters(form: String): Map<String, String> = form.split('&').filter(String::isNotEmpty).associate { pair ->
    val (name, value) = pair.split('=', limit = 2) + if ('=' in pair) emptyList() else listOf("")
    URLDecoder.decode(name, "UTF-8") to URLDecoder.decode(value, "UTF-8")
}

private fun JsonObject.text(name: String): String = getValue(name).jsonPrimitive.content

private fun JsonObject.bytes(name: String): ByteArray =
    text(name).chunked(2).map { it.toInt(16).toByte() }.toByteArray()

private fun JsonObject.headers(): List<Header> =
    (get("headers") as? JsonObject).orEmpty().map { (name, value) -> Header(name, value.jsonPrimitive.content) }

private fun hex(bytes: ByteArray): String = bytes.joinToString("") { "%02x".format(it) }
