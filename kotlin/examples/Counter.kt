package taxrefund.examples

import java.io.File
import java.security.SecureRandom
import kotlin.system.exitProcess
import kotlinx.coroutines.runBlocking
import taxrefund.Advice
import taxrefund.Confirmation
import taxrefund.Eligibility
import taxrefund.Journal
import taxrefund.KeyInApp
import taxrefund.Language
import taxrefund.Money
import taxrefund.Outcome
import taxrefund.Policy
import taxrefund.RefundCancelledException
import taxrefund.RefundEvent
import taxrefund.ScannedCode
import taxrefund.SealingKey
import taxrefund.SoftwareKey
import taxrefund.TaxRefundException
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayClient
import taxrefund.alipay.AlipayEnvironment
import taxrefund.alipay.AlipayPlatform
import taxrefund.alipay.PayTaxRefundRequest
import taxrefund.alipay.QueryUserInfoRequest

/**
 * A refund counter on the command line. What an app scans is typed here.
 *
 *     counter FOLDER
 *
 * FOLDER holds `app_id`, `merchant_private_key.pem`, `alipay_public_key.pem` and `gateway_url`, and gets the journal and its
 * sealing key. Each line typed is `<order number> <the traveller's code> <amount> <currency>`; an empty one ends the day.
 * Kill it whenever you like: started again it first goes on with what was open.
 *
 * An app has neither of the two keys in a file: see `kotlin/android`.
 */
fun main(args: Array<String>): Unit = runBlocking {
    val folder = File(args.firstOrNull() ?: "counter")
    val language = if (System.getenv("COUNTER_LANGUAGE") == "zh") Language.CHINESE else Language.ENGLISH
    Journal.open(File(folder, "refunds.db").path, sealingKey(folder)).use { journal ->
        val policy = Policy(sandboxWaitPermille = 1)
        val client = AlipayClient(account(folder), journal, policy = policy, observer = { event ->
            if (event is RefundEvent.Sending) println("  … ${event.called}")
        })
        for (entry in journal.openRefunds()) {
            println("going on with ${entry.key}")
            tell(client.resume(entry), language)
        }
        val counter = Counter(client, language)
        while (true) {
            println("order, code, amount, currency?")
            val line = readlnOrNull()?.takeIf(String::isNotBlank) ?: break
            try {
                counter.serve(line.trim().split(' '))
            } catch (problem: TaxRefundException) {
                println(problem.text(language))
            }
        }
        val counts = journal.counts()
        println("today: ${counts.succeeded} succeeded, ${counts.failed} failed, ${counts.total - counts.succeeded - counts.failed} open")
    }
    exitProcess(0)
}

private class Counter(private val client: AlipayClient, private val language: Language) {
    suspend fun serve(typed: List<String>) {
        if (typed.size != 4) return println("four words, please")
        val (order, scanned, amount, currency) = typed
        val code = ScannedCode.parse(scanned)
        println("${code.accountType} ${code.masked}")
        val asked = client.queryUserInfo(QueryUserInfoRequest(code.accountType, code.accountNumber))
        val eligibility = Eligibility.of(asked, language)
        println("${eligibility.title}: ${eligibility.traveller}")
        if (eligibility.verdict != Eligibility.Verdict.ELIGIBLE) return println(eligibility.clerk)
        val account = Confirmation.of(asked.getOrThrow())
        println("${account.name.orEmpty()} ${account.login.orEmpty()}: yes?")
        if (readlnOrNull() != "yes") return println("nothing was paid")
        val request = PayTaxRefundRequest(
            outOrderNo = order,
            identifyAccountType = code.accountType,
            identifyAccountNo = code.accountNumber,
            taxRefundAmount = Money.parse(amount, currency),
        )
        try {
            tell(client.payTaxRefund(request), language)
        } catch (cancelled: RefundCancelledException) {
            tell(cancelled.outcome, language)
            throw cancelled
        }
    }
}

private fun tell(outcome: Outcome<*>, language: Language) {
    val advice = Advice.of(outcome, language)
    println("${outcome.report.key}: ${advice.title}")
    println("  ${advice.traveller}")
    println("  ${advice.clerk}")
}

private fun account(folder: File): AlipayAccount {
    fun content(name: String) = File(folder, name).readText().trim()
    return AlipayAccount(
        content("app_id"),
        SoftwareKey(content("merchant_private_key.pem"), KeyInApp.CAN_BE_EXTRACTED),
        AlipayPlatform.PublicKey(content("alipay_public_key.pem")),
        AlipayEnvironment.SANDBOX,
        content("gateway_url"),
    )
}

/** Made at the first start. */
private fun sealingKey(folder: File): SealingKey {
    val file = File(folder, "sealing.key")
    if (!file.exists()) file.writeBytes(ByteArray(32).also(SecureRandom()::nextBytes))
    return SealingKey.of(file.readBytes())
}
