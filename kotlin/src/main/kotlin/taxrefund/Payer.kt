package taxrefund

import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import taxrefund.bridge.NativeCancel
import taxrefund.bridge.NativeClient
import taxrefund.bridge.NativeJournal
import taxrefund.bridge.NativePrepared

/** Has a journal pay one refund, over the host's transport. */
internal class Payer(
    private val account: Account,
    private val transport: Transport,
    private val teller: Teller,
    private val policy: Policy,
    private val seed: Long?,
) {
    fun run(journal: NativeJournal, prepared: NativePrepared, options: CallOptions, cancel: NativeCancel): String {
        val extras = buildJsonObject {
            options.form?.let { put("form", it) }
            options.secondRefundForForm?.let { put("second_refund_for_form", it) }
        }
        return client().use { journal.run(it, prepared, extras.toString(), cancel) }
    }

    fun resume(journal: NativeJournal, entry: JournalEntry, cancel: NativeCancel): String =
        client().use { journal.resume(it, entry.native, cancel) }

    private fun client(): NativeClient =
        NativeClient(account.native, AskedTransport(transport, teller), policy.json, seed?.toULong())
}
