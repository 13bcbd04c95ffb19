package taxrefund

import java.util.concurrent.CompletableFuture

/** What the clients of all protocols can. */
public abstract class RefundClient internal constructor(internal val calls: Calls) {
    /** Whose account it is. */
    public val account: Account get() = calls.account

    /**
     * Goes on with an open refund: it begins by asking what became of it, and ends as its own call would have ended.
     *
     * @throws ConfigurationException for one of another protocol or account.
     * @throws RefundNotFoundException when this client's journal does not have it: none is paid past the journal.
     */
    public suspend fun resume(open: OpenRefund, options: CallOptions = CallOptions.NONE): Outcome<*> =
        calls.resume(open, options)

    /**
     * The same for an entry of this client's journal.
     *
     * @throws ConfigurationException for one of another protocol or account, and when this client has no journal.
     */
    public suspend fun resume(entry: JournalEntry, options: CallOptions = CallOptions.NONE): Outcome<*> =
        calls.resume(entry, options)

    /**
     * Verifies an inbound message on its raw bytes, and gives it with the reply to send.
     *
     * @throws NotificationRefusedException for one that cannot be believed; it carries the reply to send then.
     */
    public suspend fun notification(message: Inbound): Notification = verified(account, message, calls.clock.epochMs())

    /** Whose it is; no keys. */
    override fun toString(): String = "${javaClass.simpleName}(${account.name}, ${account.environment})"
}

/** The methods that all blocking clients have. */
public abstract class BlockingClient internal constructor(private val all: RefundClient) {
    /** See [RefundClient.resume]. */
    @JvmOverloads
    public fun resume(open: OpenRefund, options: CallOptions = CallOptions.NONE): Outcome<*> =
        waiting { all.resume(open, options) }

    /** See [RefundClient.resume]. */
    @JvmOverloads
    public fun resume(entry: JournalEntry, options: CallOptions = CallOptions.NONE): Outcome<*> =
        waiting { all.resume(entry, options) }

    /** See [RefundClient.notification]. */
    public fun notification(message: Inbound): Notification = waitingFor { all.notification(message) }
}

/** The methods that all clients with futures have. */
public abstract class FutureClient internal constructor(private val all: RefundClient) {
    /** See [RefundClient.resume]. */
    @JvmOverloads
    public fun resume(open: OpenRefund, options: CallOptions = CallOptions.NONE): CompletableFuture<Outcome<*>> =
        future { all.resume(open, options) }

    /** See [RefundClient.resume]. */
    @JvmOverloads
    public fun resume(entry: JournalEntry, options: CallOptions = CallOptions.NONE): CompletableFuture<Outcome<*>> =
        future { all.resume(entry, options) }

    /** See [RefundClient.notification]. */
    public fun notification(message: Inbound): CompletableFuture<Notification> = futureOf { all.notification(message) }
}
