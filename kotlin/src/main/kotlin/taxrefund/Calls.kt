package taxrefund

import java.util.concurrent.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.isActive
import kotlinx.coroutines.withContext
import kotlinx.serialization.KSerializer
import kotlinx.serialization.json.JsonObject
import taxrefund.bridge.NativeFlow
import taxrefund.bridge.NativePrepared

/** What a client does: prepares a request, drives its flow or has the journal do it, and tells the outcome. */
internal class Calls(
    val account: Account,
    private val journal: Journal?,
    private val transport: Transport,
    private val policy: Policy,
    private val observer: Observer?,
    val clock: Clock,
    private val seed: Long?,
    private val operations: List<Operation<*, *>>,
) {
    init {
        if (journal != null && clock !== Clock.SYSTEM) {
            throw ConfigurationException("clock", "a journal goes by the machine's own time; give a clock or a journal")
        }
    }

    /** A whole call. What is wrong with the request is thrown before anything is recorded or sent. */
    suspend fun <Q : Any, R : Any> call(operation: Operation<Q, R>, request: Q, options: CallOptions): Outcome<R> {
        if (journal == null) refuseForms(options)
        val policy = options.policy ?: policy
        val prepared = apart { prepared(operation, request) }
        prepared.use {
            val key = apart { prepared.facts() }.key
            if (journal == null || operation.effect == Effect.READS) {
                val flow = apart { account.native.begin(prepared, policy.json, seed?.toULong()) }
                return driven(operation.name, operation.response, flow, key, policy, isResumed = false)
            }
            val teller = Teller(observer, operation.name, key)
            teller.began(resumed = false)
            // Whoever has given up before it begins records nothing.
            if (!currentCoroutineContext().isActive) {
                val told = apart { withoutState(prepared) }
                return ended(teller, outcomeOf(told, operation.response, account.name))
            }
            val payer = Payer(account, transport, teller, policy, seed)
            val told = journal.recorded(
                run = { native, cancel -> payer.run(native, prepared, options, cancel) },
                givenUp = { withoutState(prepared) },
            )
            return ended(teller, outcomeOf(told, operation.response, account.name))
        }
    }

    /** Takes an open refund up again: it begins by asking what became of it. */
    suspend fun resume(open: OpenRefund, options: CallOptions): Outcome<*> {
        val operation = operations.find { it.name == open.operation } ?: throw ofAnotherProtocol()
        val policy = options.policy ?: policy
        val known = open.account
        if (known != null && known != account.name) throw ofAnotherAccount(known)
        // Whose state it is, is checked here, also when the journal goes on with the refund.
        val flow = if (known != null) null else apart { account.native.resume(open.text, policy.json, seed?.toULong()) }
        if (journal == null || operation.effect == Effect.READS) {
            flow ?: throw notFound("only its journal can resume the refund ${open.key}", open.key)
            return driven(operation.name, operation.response, flow, open.key, policy, isResumed = true)
        }
        flow?.close()
        val entry = journal.entry(account, open.key) ?: throw notFound(
            "the journal has no refund ${open.key}, and none is paid past it: make the same call again, or resume it with " +
                "a client without a journal if it was begun by one",
            open.key,
        )
        return resume(entry, options)
    }

    /** Takes a recorded refund up again. */
    suspend fun resume(entry: JournalEntry, options: CallOptions): Outcome<*> {
        val journal = journal ?: throw ConfigurationException("journal", "this client has none, and entries are a journal's")
        val operation = operations.find { it.name == entry.operation } ?: throw ofAnotherProtocol()
        if (entry.account != account.name) throw ofAnotherAccount(entry.account)
        val teller = Teller(observer, entry.operation, entry.key)
        teller.began(resumed = true)
        val payer = Payer(account, transport, teller, options.policy ?: policy, seed)
        val told = journal.recorded(
            run = { native, cancel -> payer.resume(native, entry, cancel) },
            givenUp = { journal.asItStands(entry) },
        )
        return ended(teller, outcomeOf(told, operation.response, account.name))
    }

    private fun <Q : Any> prepared(operation: Operation<Q, *>, request: Q): NativePrepared =
        account.native.prepare(operation.name, WireJson.encodeToString(operation.request, request))

    private suspend fun <R : Any> driven(
        operation: String,
        response: KSerializer<R>,
        flow: NativeFlow,
        key: String,
        policy: Policy,
        isResumed: Boolean,
    ): Outcome<R> = flow.use {
        val teller = Teller(observer, operation, key)
        teller.began(isResumed)
        val told = Drive(flow, transport, account.external, clock, teller, policy.patienceMs).toTheEnd()
        ended(teller, outcomeOf(told, response, account.name))
    }

    /** A cancelled coroutine hears of an *unknown* outcome by an exception; what is known it is told all the same. */
    private suspend fun <R> ended(teller: Teller, outcome: Outcome<R>): Outcome<R> {
        teller.ended(outcome)
        if (outcome !is Outcome.Unknown || currentCoroutineContext().isActive) return outcome
        val cancelled = RefundCancelledException(outcome)
        attach(cancelled)
        throw cancelled
    }

    /** A call of a journal that was cancelled. Without a state: resumed from one, the refund would be paid past the journal. */
    private fun withoutState(prepared: NativePrepared): String {
        val told = account.native.begin(prepared, policy.json, seed?.toULong()).use { cancelled(it, clock) }
        return JsonObject(objectOf(told) - "resume").toString()
    }

    private fun refuseForms(options: CallOptions) {
        val message = "needs a journal, which remembers the refunds of each form"
        if (options.form != null) throw ConfigurationException("options.form", message)
        if (options.secondRefundForForm != null) throw ConfigurationException("options.secondRefundForForm", message)
    }

    private fun ofAnotherProtocol() = ConfigurationException(
        ErrorCode.STATE_UNREADABLE, "open: belongs to an operation of another protocol", "open",
    )

    private fun ofAnotherAccount(other: String) = ConfigurationException(
        ErrorCode.STATE_OTHER_ACCOUNT, "open: belongs to the account $other, this one is ${account.name}", "open",
    )

    private fun notFound(message: String, key: String) =
        RefundNotFoundException(ErrorCode.REFUND_NOT_FOUND, message, key)
}

/**
 * A short native call, not on the caller's thread, which may be an app's main one. A cancelled caller hears its result too:
 * what was made must not be lost.
 */
internal suspend fun <T> apart(threads: CoroutineDispatcher = Threads.steps, call: () -> T): T {
    var result: Result<T>? = null
    try {
        withContext(NonCancellable + threads) { result = runCatching { native(call) } }
    } catch (_: CancellationException) {
        // On the way back; it ran to its end all the same.
    }
    return (result ?: runCatching { native(call) }).getOrThrow()
}

/** What cancels the coroutine may be thrown in its place (`withTimeout` does so): the outcome goes with it. */
private suspend fun attach(cancelled: RefundCancelledException) {
    try {
        currentCoroutineContext().ensureActive()
    } catch (cause: CancellationException) {
        cause.addSuppressed(cancelled)
    }
}
