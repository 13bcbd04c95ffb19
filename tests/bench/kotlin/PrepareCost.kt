// Prepares requests, as often as it is asked to: from typed values to the frozen bytes, or on to the bytes that are to be signed.
//
// `cargo xtask bench` speaks with it in lines of JSON: the set-up first, which is answered with {}, then
// {"requests": N, "begun": false}, which is answered with the processor time of one, {"prepare_us": …}. It reaches below the
// public face, where preparing and sending are two things.

package taxrefund.bench

import java.lang.management.ManagementFactory
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import taxrefund.ExternalKey
import taxrefund.Money
import taxrefund.Signer
import taxrefund.WireJson
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipay.PayTaxRefundRequest
import taxrefund.bridge.NativeEvent
import taxrefund.bridge.NativeStep

fun main() {
    val setup = Json.parseToJsonElement(readln()).jsonObject
    fun key(name: String) = setup.getValue(name).jsonPrimitive.content
    val elsewhere = ExternalKey(key("merchant_public_key"), Signer { ByteArray(0) })
    val account = AlipayAccount("2014072300007148", elsewhere, AlipayPlatform.PublicKey(key("platform_public_key")))
    println("{}")
    var number = 0
    while (true) {
        val turn = Json.parseToJsonElement(readlnOrNull() ?: break).jsonObject
        val (requests, begun) = turn.getValue("requests").jsonPrimitive.int to turn.getValue("begun").jsonPrimitive.boolean
        val began = threadNanos()
        repeat(requests) { prepare(account, number++, begun) }
        println("""{"prepare_us":${(threadNanos() - began) / 1e3 / requests}}""")
    }
}

private fun prepare(account: AlipayAccount, number: Int, begun: Boolean) {
    val request = PayTaxRefundRequest(
        outOrderNo = "ORDER$number",
        identifyAccountType = "barcode",
        identifyAccountNo = "281234567890123456",
        taxRefundAmount = Money(10_000, "SGD"),
        docId = "SG26112300001",
        nationality = "CN",
        passportNo = "E12345678",
        passportName = "ZHANG SAN",
    )
    val json = WireJson.encodeToString(PayTaxRefundRequest.serializer(), request)
    account.native.prepare("alipay.pay_tax_refund", json).use { prepared ->
        if (!begun) return
        account.native.begin(prepared, "{}", 1uL).use { flow ->
            check(flow.advance(NativeEvent.Start, 0uL, 1_795_395_723_123uL) is NativeStep.Sign)
        }
    }
}

private fun threadNanos(): Long = ManagementFactory.getThreadMXBean().currentThreadCpuTime
