package taxrefund

import java.io.IOException
import java.util.concurrent.CompletionStage
import kotlinx.coroutines.future.await
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.withContext

/** The most bytes that an answer's body may have: 1 MiB. */
public const val MAX_BODY_BYTES: Int = 1024 * 1024

/** The most bytes that an answer's headers may have together: 64 KiB. */
public const val MAX_HEADER_BYTES: Int = 64 * 1024

/**
 * Sends a request once.
 *
 * An implementation sends the bytes as they are, follows no redirect, never sends a second time by itself, and lets go of
 * everything when it is cancelled: then the time is up, or nobody waits any more. It is called on a thread that may block.
 */
public fun interface Transport {
    /**
     * One exchange.
     *
     * Throws [TransportFault] when there was no complete answer; anything else that it throws counts as a broken connection.
     */
    public suspend fun send(request: TransportRequest): TransportResponse

    /** A transport for Java, that waits for its answer. */
    public fun interface Blocking {
        /** One exchange. It is interrupted when nobody waits for it any more. */
        @Throws(Exception::class)
        public fun send(request: TransportRequest): TransportResponse
    }

    /** A transport for Java, that gives a future. */
    public fun interface Future {
        /** One exchange. The future is cancelled when nobody waits for it any more. */
        public fun send(request: TransportRequest): CompletionStage<TransportResponse>
    }

    public companion object {
        /** Of one that waits for its answer, on a thread of its own. */
        @JvmStatic
        public fun blocking(transport: Blocking): Transport = Transport { request -> interruptibly { transport.send(request) } }

        /** Of one that gives futures. */
        @JvmStatic
        public fun future(transport: Future): Transport = Transport { request -> transport.send(request).await() }
    }
}

/**
 * A header.
 *
 * @property name its name.
 * @property value its value.
 */
public data class Header(val name: String, val value: String) {
    /** The name; the value may be anything. */
    override fun toString(): String = "Header($name)"
}

/**
 * A request, ready to be sent: nothing of it may be changed, its signature covers bytes.
 *
 * @property method always `POST`.
 * @property url absolute, query string included.
 * @property headers in the order to send them. `host` and `content-length` are the transport's part.
 * @property body byte for byte.
 * @property timeoutMs the exchange must be over after this, the last byte of the answer included; it is cancelled then.
 * @property called which interface this calls: `pay`, `query`, …
 */
public class TransportRequest internal constructor(
    public val method: String,
    public val url: String,
    public val headers: List<Header>,
    public val body: ByteArray,
    public val timeoutMs: Long,
    public val called: String,
) {
    /** Without the query, the headers and the body. */
    override fun toString(): String =
        "TransportRequest($called, ${url.substringBefore('?')}, «${body.size} bytes», timeoutMs=$timeoutMs)"
}

/**
 * An answer as it came; one with any status is an answer.
 *
 * @property status HTTP's, 100 to 999.
 * @property headers as they came: a repeated header twice.
 * @property body byte for byte, transfer encoding removed; at most [MAX_BODY_BYTES].
 */
public class TransportResponse(
    public val status: Int,
    public val headers: List<Header>,
    public val body: ByteArray,
) {
    /** The status and the size. */
    override fun toString(): String = "TransportResponse($status, «${body.size} bytes»)"
}

/**
 * There was no complete answer. For money every kind says the same: it is not known.
 *
 * @property kind what happened.
 * @property detail for engineers; must hold nothing of the request.
 */
public class TransportFault @JvmOverloads constructor(
    public val kind: Kind,
    public val detail: String = "",
) : IOException(if (detail.isEmpty()) kind.code else "${kind.code}: $detail") {
    /**
     * The faults that a transport can tell.
     *
     * @property code the stable name, one of [Fault].
     */
    public enum class Kind(public val code: String) {
        /** Not over in time. */
        TIMEOUT("timeout"),

        /** No connection. */
        CONNECT_FAILED("connect_failed"),

        /** Nobody listens there. */
        REFUSED("refused"),

        /** The connection broke. */
        RESET("reset"),

        /** TLS could not be agreed on, or the certificate is not the provider's. */
        TLS("tls"),

        /** The name has no address. */
        DNS("dns"),

        /** The proxy would not, or could not. */
        PROXY("proxy"),

        /** More bytes than an answer may have. */
        TOO_LARGE("too_large"),

        /** What came is no HTTP answer. */
        MALFORMED("malformed"),
    }
}

/** Blocking work on a thread that may block, which is interrupted when nobody waits for it any more. */
internal suspend fun <T> interruptibly(work: () -> T): T =
    withContext(Threads.hosted) { runInterruptible { work() } }
