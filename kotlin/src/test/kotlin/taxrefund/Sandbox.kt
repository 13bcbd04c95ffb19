package taxrefund

import java.io.BufferedReader
import java.net.HttpURLConnection
import java.net.URL
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayClient
import taxrefund.alipay.AlipayEnvironment
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipay.PayTaxRefundRequest

/** The gateway simulator, as a program of its own; it ends when it is closed, and with this process. */
class Sandbox(faults: String = "none", vararg options: String) : AutoCloseable {
    private val process: Process
    val url: String
    val credentials: JsonObject

    init {
        val program = System.getenv("TAXREFUND_SANDBOX") ?: error("TAXREFUND_SANDBOX names no program")
        val command = listOf(program, "--exit-with-stdin", "--faults", faults) + options
        process = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val output: BufferedReader = process.inputStream.bufferedReader()
        url = output.readLine() ?: error("the simulator does not start")
        credentials = Json.parseToJsonElement(get("credentials")).jsonObject
    }

    fun alipay(name: String): String = credentials.getValue("alipay").jsonObject.text(name)!!

    /** An account whose key is in this process, unless another one is given. */
    fun account(key: MerchantKey = SoftwareKey(alipay("partner_private_key_pem"), KeyInApp.CAN_BE_EXTRACTED)) = AlipayAccount(
        alipay("app_id"),
        key,
        AlipayPlatform.PublicKey(alipay("platform_public_key_pem")),
        AlipayEnvironment.SANDBOX,
        alipay("gateway_url"),
    )

    /** A client that does not wait as long as the documents say. */
    fun client(
        key: MerchantKey = SoftwareKey(alipay("partner_private_key_pem"), KeyInApp.CAN_BE_EXTRACTED),
        journal: Journal? = null,
        transport: Transport = HttpTransport(),
        policy: Policy = FAST,
        observer: Observer? = null,
    ) = AlipayClient(account(key), journal, transport, policy, observer)

    fun signing(sign: Signer, patienceMs: Long = 15_000) = ExternalKey(alipay("partner_public_key_pem"), sign, patienceMs)

    fun provoke(key: String, faults: String) = post("provoke", """{"key":"$key","faults":"$faults"}""")

    fun paid(key: String): Long = entry(key)?.number("paid_times") ?: 0

    fun entry(key: String): JsonObject? =
        Json.parseToJsonElement(get("ledger")).jsonObject.objects("entries").find { it.text("key") == key }

    fun entries(): List<JsonObject> = Json.parseToJsonElement(get("ledger")).jsonObject.objects("entries")

    fun requests(): JsonArray = Json.parseToJsonElement(get("requests")).jsonArray

    private fun get(page: String): String = URL("$url/sandbox/$page").readText()

    private fun post(page: String, body: String) {
        val connection = URL("$url/sandbox/$page").openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.outputStream.use { it.write(body.toByteArray()) }
        check(connection.responseCode == 200)
    }

    override fun close() {
        process.outputStream.close()
        process.waitFor()
    }

    companion object {
        /** The documented waits in thousandths. */
        val FAST = Policy(sandboxWaitPermille = 1)
    }
}

/** A refund of SGD 100.00. */
fun refund(key: String, minor: Long = 10_000) = PayTaxRefundRequest(
    outOrderNo = key,
    identifyAccountType = "barcode",
    identifyAccountNo = "281234567890123456",
    taxRefundAmount = Money(minor, "SGD"),
    passportNo = "E12345678",
    passportName = "ZHANG SAN",
)
