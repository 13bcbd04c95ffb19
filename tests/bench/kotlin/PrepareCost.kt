// What one prepared request costs across the boundary, against one signature: medians of rounds taken in turns.
//
// A prepared request is: a typed request, made new, encoded, checked and frozen by the native library, and its flow begun; the
// flow is let go without a signature. A signature is the core's own, over a message of the usual length; the key is parsed once
// in the account, so it is measured as the flow's first step, which signs, without what comes before it.

package taxrefund.bench

import taxrefund.KeyInApp
import taxrefund.Money
import taxrefund.SoftwareKey
import taxrefund.WireJson
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipay.PayTaxRefundRequest
import taxrefund.bridge.NativeEvent
import taxrefund.bridge.NativeFlow
import taxrefund.bridge.NativeStep

private const val WARM_UP = 3_000
private const val ROUNDS = 60
private const val TIMES = 100

/** Arguments: the files with the merchant's private and the platform's public key. Prints one line of JSON. */
fun main(args: Array<String>) {
    val (own, platform) = args.map { java.io.File(it).readText() }
    val account =
        AlipayAccount("2014072300007148", SoftwareKey(own, KeyInApp.CAN_BE_EXTRACTED), AlipayPlatform.PublicKey(platform))
    var number = 0

    fun begun(): NativeFlow {
        val request = PayTaxRefundRequest(
            outOrderNo = "BENCH${number++}",
            identifyAccountType = "barcode",
            identifyAccountNo = "281234567890123456",
            taxRefundAmount = Money(10_000, "SGD"),
            passportNo = "E12345678",
            docId = "SG20261123",
        )
        val json = WireJson.encodeToString(PayTaxRefundRequest.serializer(), request)
        return account.native.prepare("alipay.pay_tax_refund", json).use { account.native.begin(it, "{}", 1uL) }
    }

    fun prepareNanos(): Double {
        val began = System.nanoTime()
        repeat(TIMES) { begun().close() }
        return (System.nanoTime() - began).toDouble() / TIMES
    }

    fun signNanos(): Double {
        val flows = List(TIMES) { begun() }
        val began = System.nanoTime()
        for (flow in flows) check(flow.advance(NativeEvent.Start, 0uL, 1_795_395_723_000uL) is NativeStep.Send)
        val took = (System.nanoTime() - began).toDouble() / TIMES
        flows.forEach(NativeFlow::close)
        return took
    }

    repeat(WARM_UP / TIMES) {
        prepareNanos()
        signNanos()
    }
    val rounds = List(ROUNDS) { prepareNanos() to signNanos() }
    val (prepare, sign) = median(rounds.map { it.first }) to median(rounds.map { it.second })
    println("""{"prepare_us":${prepare / 1000},"sign_us":${sign / 1000},"ratio":${prepare / sign}}""")
}

private fun median(values: List<Double>): Double = values.sorted()[values.size / 2]
