package taxrefund

import java.util.concurrent.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.launch
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject
import taxrefund.bridge.NativeCancel
import taxrefund.bridge.NativeJournal

/**
 * The durable record of refunds on this device: a file (SQLite). Give it to a client, and what moves money is on disk before
 * its first byte is sent; after a kill [openRefunds] tells what is left, and `client.resume(entry)` goes on with it.
 *
 * One number is one refund for ever, one form has one refund until that has failed. A second call with the same request joins
 * the one that is running; the same number with other content is a [KeyReusedException].
 *
 * Everything here waits for the disk, on threads of its own. It is safe to share. [close] it when nothing is to be recorded
 * any more; what was recorded is on disk long before.
 */
public class Journal private constructor(
    private val place: String,
    private val native: NativeJournal,
    private val claim: FileClaim?,
) : AutoCloseable {
    /** Refunds of which nobody knows yet how they ended: to be resumed when the app starts, oldest first. */
    public suspend fun openRefunds(): List<JournalEntry> =
        listOf(State.OPEN, State.WAITING, State.UNKNOWN).flatMap { entries(it) }.sortedBy { it.id }

    /** All refunds, or those in one state, oldest first. */
    public suspend fun entries(state: State? = null): List<JournalEntry> = asked {
        val filter = buildJsonObject { state?.let { put("state", it.code) } }.toString()
        val entries = mutableListOf<JournalEntry>()
        do {
            val page = native.page(filter, entries.lastOrNull()?.id ?: 0).map(JournalEntry::of)
            entries += page
        } while (page.isNotEmpty())
        entries
    }

    /** The refund of this account with this key, or `null`. */
    public suspend fun entry(account: Account, key: String): JournalEntry? =
        asked { native.find(account.native, key)?.let(JournalEntry::of) }

    /** How a refund ended, from what is recorded; `null` for one that is not final. Its response is the recorded JSON. */
    public suspend fun outcomeOf(entry: JournalEntry): Outcome<JsonElement>? =
        asked { native.outcome(entry.native) }
            ?.let { outcomeOf(it, JsonElement.serializer(), entry.account) }

    /** How many refunds stand where. */
    public suspend fun counts(): Counts {
        val told = objectOf(asked { native.counts() })
        fun count(name: String) = told.number(name) ?: 0
        return Counts(count("open"), count("waiting"), count("succeeded"), count("failed"), count("unknown"))
    }

    /**
     * Everything that was recorded about a refund, oldest first.
     *
     * @param withEvidence also the provider's answers as they came. **They hold the traveller's data.**
     */
    public suspend fun story(entry: JournalEntry, withEvidence: Boolean = false): List<JournalRecord> {
        val told = asked { native.story(entry.native, withEvidence) }
        val records = WireJson.parseToJsonElement(told) as? JsonArray
        return records.orEmpty().filterIsInstance<JsonObject>().map(::JournalRecord)
    }

    /** Whether nothing recorded was changed or removed. [expected] is a head that was kept elsewhere. */
    public suspend fun verify(expected: String? = null): Verified {
        val told = objectOf(asked { native.verify(expected) })
        val proof = told.member("proof")
        if (proof != null) {
            val (entries, records) = (proof.number("entries") ?: 0) to (proof.number("records") ?: 0)
            return Verified.Whole(entries, records, proof.text("head").orEmpty())
        }
        val broken = told.member("broken") ?: noMembers
        return Verified.Broken(broken.number("seq"), broken.text("key"), broken.text("problem").orEmpty())
    }

    /**
     * Verifies a notification, records it, and settles the refund that it is about; then send its reply.
     *
     * @throws NotificationRefusedException for one that cannot be believed, with the reply to give; it changes nothing. On any
     * other exception send no reply: they try again.
     */
    public suspend fun notify(account: Account, message: Inbound): Merged {
        val nowMs = System.currentTimeMillis()
        val told = objectOf(
            asked { native.notify(account.native, message.path, message.nativeHeaders(), message.body, nowMs.toULong()) },
        )
        val notification = answered(account, message.path, told.member("notification") ?: noMembers, nowMs)
        return Merged((told.member("merged") ?: noMembers).text("merged").orEmpty(), notification)
    }

    /** Seals everything anew. Nothing else may use the file meanwhile; open it with the new key afterwards. */
    public suspend fun rotateKey(old: SealingKey, new: SealingKey): Unit = asked { native.rotateKey(old.bytes, new.bytes) }

    /** Lets the file go. Calls under way go on, and the file is free when the last of them is over. It does not wait. */
    override fun close() {
        native { native.release() }
        claim?.close()
    }

    /** The same methods, for threads that may wait. Never for a coroutine's thread or an app's main thread. */
    public fun blocking(): BlockingJournal = BlockingJournal(this)

    /** Where it is. */
    override fun toString(): String = "Journal($place)"

    /**
     * Runs what pays a refund, on a thread of its own. When the caller is cancelled, the thread still records what it has in
     * the air, and nobody waits for that: what is told then is [givenUp], unless the refund had just ended.
     */
    internal suspend fun recorded(run: (NativeJournal, NativeCancel) -> String, givenUp: () -> String): String {
        val cancel = native { NativeCancel() }
        val done = CompletableDeferred<Result<String>>()
        Threads.scope.launch(Threads.journal) {
            done.complete(runCatching { working { native { run(native, cancel) } } })
        }
        try {
            return done.await().getOrThrow()
        } catch (_: CancellationException) {
            if (done.isCompleted) return done.await().getOrThrow()
            return apart {
                cancel.cancel()
                givenUp()
            }
        }
    }

    private fun <T> working(work: () -> T): T = if (claim == null) work() else claim.during(work)

    /** A recorded refund for whose outcome nobody waits any more. */
    internal fun asItStands(entry: JournalEntry): String = native.outcome(entry.native) ?: buildJsonObject {
        put("outcome", "unknown")
        put("next_step", NextStep.RESUME_LATER.code)
        putJsonObject("reason") {
            put("code", Fault.CANCELLED)
            put("verified", false)
        }
        putJsonObject("report") {
            put("operation", entry.operation)
            put("key", entry.key)
        }
    }.toString()

    private suspend fun <T> asked(question: () -> T): T = apart(Threads.journal, question)

    public companion object {
        /**
         * Opens a journal, or makes it.
         *
         * @param path of the file. Keep it out of backups: a journal that comes back from one has forgotten the refunds since, and would
         * let them be paid anew.
         * @param sealingKey seals whatever is personal: from the first entry or never. Without the key a sealed journal cannot
         * be opened by anybody. `null` leaves the travellers' data readable for whoever has the file.
         * @throws JournalException whose code says what is the matter with the file: locked by another program, sealed with
         * another key, made by a newer version, no journal at all, …
         */
        public suspend fun open(
            path: String,
            sealingKey: SealingKey?,
            options: JournalOptions = JournalOptions(),
        ): Journal = apart(Threads.journal) { opened(path, sealingKey, options) }

        /** The same, for threads that may wait. */
        @JvmStatic
        @JvmOverloads
        public fun openBlocking(
            path: String,
            sealingKey: SealingKey?,
            options: JournalOptions = JournalOptions(),
        ): Journal = opened(path, sealingKey, options)

        private fun opened(path: String, sealingKey: SealingKey?, options: JournalOptions): Journal {
            Library.ready()
            val claim = if (options.isShared || options.isReadOnly) null else FileClaim.of(path)
            try {
                return Journal(path, native { NativeJournal(path, options.json, sealingKey?.bytes) }, claim)
            } catch (problem: TaxRefundException) {
                claim?.close()
                throw problem
            }
        }
    }
}

/**
 * How a journal is opened.
 *
 * @property isShared other processes use the same file. Without it the file is this process's alone: nobody else can open it,
 * and what an earlier process left behind when it was killed is free at once, rather than when its lease of a minute ends.
 * @property owner the name of this process among those that share the file; no two running ones may have the same.
 * @property isReadOnly look only; the file must exist.
 * @property acceptClock open a file that was last written by a clock ahead of this machine's.
 */
public data class JournalOptions @JvmOverloads constructor(
    val isShared: Boolean = false,
    val owner: String? = null,
    val isReadOnly: Boolean = false,
    val acceptClock: Boolean = false,
) {
    internal val json: String
        get() = buildJsonObject {
            put("read_only", isReadOnly)
            put("accept_clock", acceptClock)
            val name = owner ?: ALONE.takeUnless { isShared }
            name?.let { put("owner", it) }
            put("restarted", !isShared && !isReadOnly)
        }.toString()

    private companion object {
        private const val ALONE = "this process alone"
    }
}

/** The methods of [Journal], each of which holds the calling thread until it is done. */
public class BlockingJournal internal constructor(private val journal: Journal) {
    /** See [Journal.openRefunds]. */
    public fun openRefunds(): List<JournalEntry> = waitingFor { journal.openRefunds() }

    /** See [Journal.entries]. */
    @JvmOverloads
    public fun entries(state: State? = null): List<JournalEntry> = waitingFor { journal.entries(state) }

    /** See [Journal.entry]. */
    public fun entry(account: Account, key: String): JournalEntry? = waitingFor { journal.entry(account, key) }

    /** See [Journal.counts]. */
    public fun counts(): Counts = waitingFor { journal.counts() }

    /** See [Journal.verify]. */
    @JvmOverloads
    public fun verify(expected: String? = null): Verified = waitingFor { journal.verify(expected) }

    /** See [Journal.story]. */
    @JvmOverloads
    public fun story(entry: JournalEntry, withEvidence: Boolean = false): List<JournalRecord> =
        waitingFor { journal.story(entry, withEvidence) }

    /** See [Journal.notify]. */
    public fun notify(account: Account, message: Inbound): Merged = waitingFor { journal.notify(account, message) }

    /** See [Journal.rotateKey]. */
    public fun rotateKey(old: SealingKey, new: SealingKey): Unit = waitingFor { journal.rotateKey(old, new) }
}
