package counter

import java.net.URL
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import taxrefund.ExternalKey
import taxrefund.Journal
import taxrefund.KeyInApp
import taxrefund.Money
import taxrefund.Outcome
import taxrefund.Policy
import taxrefund.SealingKey
import taxrefund.Signer
import taxrefund.Signing
import taxrefund.SoftwareKey
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayClient
import taxrefund.alipay.AlipayEnvironment
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipay.PayTaxRefundRequest

/**
 * A little of everything that an app does, to be shrunk and run: a refund through the journal with a signer of the host's, which
 * native threads call back, and one without. Arguments: the simulator's address, the journal's file.
 */
fun main(arguments: Array<String>) = runBlocking {
    val (url, file) = arguments
    val known = Json.parseToJsonElement(URL("$url/sandbox/credentials").readText()).jsonObject.getValue("alipay").jsonObject
    fun credential(name: String) = known.getValue(name).jsonPrimitive.content
    val privateKey = credential("partner_private_key_pem")
    val signer = Signer { message -> Signing.sign(privateKey, message) }
    val keys = listOf(
        ExternalKey(credential("partner_public_key_pem"), signer),
        SoftwareKey(privateKey, KeyInApp.CAN_BE_EXTRACTED),
    )
    Journal.open(file, SealingKey.of(ByteArray(32) { 7 })).use { journal ->
        keys.forEachIndexed { number, key ->
            val account = AlipayAccount(
                credential("app_id"),
                key,
                AlipayPlatform.PublicKey(credential("platform_public_key_pem")),
                AlipayEnvironment.SANDBOX,
                credential("gateway_url"),
            )
            val client = AlipayClient(account, journal.takeIf { number == 0 }, policy = Policy(attempts = 3, sandboxWaitPermille = 1))
            val request = PayTaxRefundRequest(
                outOrderNo = "SHRUNK$number",
                identifyAccountType = "barcode",
                identifyAccountNo = "281234567890123456",
                taxRefundAmount = Money.parse("10.00", "EUR"),
            )
            when (val outcome = client.payTaxRefund(request)) {
                is Outcome.Succeeded -> println("succeeded, tax number ${outcome.response.taxNo != null}, reference ${outcome.reference != null}")
                is Outcome.Failed -> println("failed: ${outcome.reason}")
                is Outcome.Unknown -> println("unknown: ${outcome.reason}")
            }
        }
        println("in the journal: ${journal.counts().succeeded}")
    }
}
