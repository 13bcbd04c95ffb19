package taxrefund

import java.io.File
import kotlin.system.exitProcess
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import taxrefund.alipay.AlipayAccount
import taxrefund.alipay.AlipayClient
import taxrefund.alipay.AlipayEnvironment
import taxrefund.alipay.AlipayPlatform

/**
 * A counter that may be killed at any moment. It takes up what is open, then pays new refunds, and says what it does.
 *
 * Arguments: the journal's file, the file with the account, a prefix for its order numbers, the first number, how many, or
 * `resume` to only take up what is open.
 */
object KillChild {
    @JvmStatic
    fun main(args: Array<String>): Unit = runBlocking {
        val (path, accountFile, prefix, first, count) = args
        val account = account(File(accountFile).readLines())
        say("opening")
        Journal.open(path, SealingKey.of(ByteArray(32) { 5 })).use { journal ->
            val policy = Policy(attempts = 10, attemptTimeoutMs = 2_000, sandboxWaitPermille = 1)
            val client = AlipayClient(account, journal, policy = policy, observer = { say("event") })
            say("open")
            var open = journal.openRefunds()
            // What is not known yet after that is left for the next life, as a counter would leave it.
            repeat(3) {
                for (entry in open) told(entry.key, client.resume(entry))
                open = journal.openRefunds()
            }
            val numbers = first.toInt() until first.toInt() + count.toInt()
            // Two at the counter at the same time.
            for (two in numbers.chunked(2)) {
                two.map { number ->
                    val key = "$prefix$number"
                    async {
                        say("paying $key")
                        told(key, client.payTaxRefund(refund(key)))
                    }
                }.awaitAll()
            }
        }
        say("end")
        exitProcess(0)
    }

    private fun told(key: String, outcome: Outcome<*>) {
        val word = when (outcome) {
            is Outcome.Succeeded -> "succeeded"
            is Outcome.Failed -> "failed"
            is Outcome.Unknown -> "unknown"
        }
        say("outcome $key $word")
    }

    private fun account(lines: List<String>): AlipayAccount = AlipayAccount(
        lines[0],
        SoftwareKey(lines[1].replace("\\n", "\n"), KeyInApp.CAN_BE_EXTRACTED),
        AlipayPlatform.PublicKey(lines[2].replace("\\n", "\n")),
        AlipayEnvironment.SANDBOX,
        lines[3],
    )

    /** One write for a line: half of one is never seen. */
    @Synchronized
    private fun say(line: String) {
        System.out.write("$line\n".toByteArray())
        System.out.flush()
    }
}
