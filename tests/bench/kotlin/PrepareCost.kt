// Prepares requests for `cargo xtask bench`, which compares what one takes with what a signature takes.
//
// A prepared request is a typed request, made anew, encoded, checked and frozen by the native library, and its flow begun; the
// flow is let go without a signature. Lines of JSON: the set-up first, then `{"requests": N}`, which is answered with
// `{"prepare_us": mean}`; it ends with its input.

package taxrefund.bench

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import taxrefund.KeyInApp
import taxrefund.Money
import taxrefund.SoftwareKey
import taxrefund.WireJson
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipay.PayTaxRefundRequest

fun main() {
    var work: Work? = null
    for (line in System.`in`.bufferedReader().lineSequence()) {
        val asked = Json.parseToJsonElement(line).jsonObject
        val ready = work
        if (ready == null) {
            work = Work(asked)
            println("{}")
        } else {
            println("""{"prepare_us":${ready.prepareMicros(asked.getValue("requests").jsonPrimitive.long)}}""")
        }
    }
}

private class Work(setup: JsonObject) {
    private val account: AlipayAccount
    private val sample: PayTaxRefundRequest

    init {
        val alipay = setup.getValue("alipay").jsonObject
        account = AlipayAccount(
            alipay.getValue("app_id").jsonPrimitive.content,
            SoftwareKey(setup.getValue("merchant_private_key").jsonPrimitive.content, KeyInApp.CAN_BE_EXTRACTED),
            AlipayPlatform.PublicKey(setup.getValue("platform_public_key").jsonPrimitive.content),
        )
        val request = alipay.getValue("request").jsonObject
        sample = WireJson.decodeFromJsonElement(PayTaxRefundRequest.serializer(), request)
    }

    fun prepareMicros(requests: Long): Double {
        val began = System.nanoTime()
        for (number in 0 until requests) {
            val json = WireJson.encodeToString(PayTaxRefundRequest.serializer(), made(number))
            account.native.prepare("alipay.pay_tax_refund", json).use { account.native.begin(it, "{}", 1uL).close() }
        }
        return (System.nanoTime() - began) / 1_000.0 / requests
    }

    /** Another order, and an amount made anew. */
    private fun made(number: Long): PayTaxRefundRequest {
        val amount = sample.taxRefundAmount
        return sample.copy(outOrderNo = "BENCH$number", taxRefundAmount = Money(amount.minor, amount.currency))
    }
}
