// What the README shows; a test compares the two.

package taxrefund

import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayClient
import taxrefund.alipay.AlipayEnvironment
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipay.PayTaxRefundRequest
import taxrefund.alipay.PayTaxRefundResponse

suspend fun payOne(client: AlipayClient, order: String, scanned: String): String {
    val code = ScannedCode.parse(scanned)
    val request = PayTaxRefundRequest(
        outOrderNo = order, // yours: one per refund, never used again
        identifyAccountType = code.accountType,
        identifyAccountNo = code.accountNumber,
        taxRefundAmount = Money.parse("100.00", "SGD"),
    )
    return when (val outcome = client.payTaxRefund(request)) {
        is Outcome.Succeeded -> "paid under ${outcome.reference}"
        is Outcome.Failed -> "not paid: ${outcome.reason}; ${Advice.of(outcome).clerk}"
        is Outcome.Unknown -> "not known: ${outcome.reason}; ${Advice.of(outcome).clerk}"
    }
}

fun clientOf(journal: Journal, publicKey: String, alipayKey: String, signer: Signer): AlipayClient {
    val account = AlipayAccount(
        appId = "2014072300007148",
        key = ExternalKey(publicKey, signer),
        platform = AlipayPlatform.PublicKey(alipayKey),
        environment = AlipayEnvironment.SANDBOX,
    )
    return AlipayClient(account, journal)
}

suspend fun begin(path: String, key: SealingKey, clientOf: (Journal) -> AlipayClient): AlipayClient {
    val journal = Journal.open(path, key)
    val client = clientOf(journal)
    for (entry in journal.openRefunds()) client.resume(entry) // what an earlier life left behind
    return client
}

suspend fun payAndKeep(client: AlipayClient, request: PayTaxRefundRequest, keep: (String) -> Unit): Outcome<PayTaxRefundResponse> =
    try {
        client.payTaxRefund(request)
    } catch (cancelled: RefundCancelledException) {
        keep(cancelled.outcome.open.text)
        throw cancelled
    }
