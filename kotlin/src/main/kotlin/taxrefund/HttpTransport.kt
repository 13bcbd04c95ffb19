package taxrefund

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.ConnectException
import java.net.HttpRetryException
import java.net.HttpURLConnection
import java.net.MalformedURLException
import java.net.ProtocolException
import java.net.Proxy
import java.net.SocketTimeoutException
import java.net.URL
import java.net.UnknownHostException
import javax.net.ssl.HttpsURLConnection
import javax.net.ssl.SSLException
import javax.net.ssl.SSLSocketFactory
import kotlinx.coroutines.launch
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext

/**
 * The default transport: `HttpURLConnection`, which the JVM and Android have.
 *
 * HTTPS everywhere, plain HTTP to this machine only. It follows no redirects, asks for no compression, and never sends twice
 * by itself: a body of a fixed length is streamed, and what was streamed cannot be repeated (without that, `HttpURLConnection`
 * sends a POST again when a kept connection breaks, see the system property `sun.net.http.retryPost`).
 *
 * @param proxy which one to go through; `null` for the system's own choice.
 * @param sockets makes TLS connections, with authorities of your own for instance; `null` for the system's.
 */
public class HttpTransport @JvmOverloads constructor(
    private val proxy: Proxy? = null,
    private val sockets: SSLSocketFactory? = null,
) : Transport {
    override suspend fun send(request: TransportRequest): TransportResponse {
        val connection = connection(request)
        return withContext(Threads.hosted) {
            suspendCancellableCoroutine { caller ->
                // It cannot be interrupted; without its connection it ends.
                caller.invokeOnCancellation { Threads.scope.launch(Threads.hosted) { connection.disconnect() } }
                caller.resumeWith(runCatching { exchange(connection, request) }.recoverCatching { throw faultOf(it) })
            }
        }
    }

    private fun connection(request: TransportRequest): HttpURLConnection {
        val url = addressed(request.url)
        val connection = (if (proxy == null) url.openConnection() else url.openConnection(proxy)) as HttpURLConnection
        if (sockets != null) (connection as? HttpsURLConnection)?.sslSocketFactory = sockets
        return connection
    }
}

private fun exchange(connection: HttpURLConnection, request: TransportRequest): TransportResponse {
    val timeoutMs = request.timeoutMs.coerceIn(1, Int.MAX_VALUE.toLong()).toInt()
    connection.requestMethod = request.method
    connection.connectTimeout = timeoutMs
    connection.readTimeout = timeoutMs
    connection.instanceFollowRedirects = false
    connection.useCaches = false
    connection.allowUserInteraction = false
    connection.doOutput = true
    for (header in request.headers) connection.setRequestProperty(header.name, header.value)
    connection.setRequestProperty("Accept-Encoding", "identity")
    connection.setFixedLengthStreamingMode(request.body.size)
    connection.outputStream.use { it.write(request.body) }
    val status = try {
        connection.responseCode
    } catch (refused: HttpRetryException) {
        // It wants to send again, with a password; the answer itself is out of reach.
        connection.disconnect()
        return TransportResponse(refused.responseCode(), emptyList(), ByteArray(0))
    }
    if (status < 0) throw TransportFault(TransportFault.Kind.MALFORMED, "no HTTP answer")
    val encoding = connection.contentEncoding
    if (encoding != null && !encoding.equals("identity", ignoreCase = true)) {
        connection.disconnect()
        throw TransportFault(TransportFault.Kind.MALFORMED, "an encoded body")
    }
    val body = (connection.errorStream ?: connection.inputStream).use(::whole)
    return TransportResponse(status, headersOf(connection), body)
}

private fun headersOf(connection: HttpURLConnection): List<Header> =
    // The one without a name is the status line.
    connection.headerFields.filterKeys { it != null }.flatMap { (name, values) -> values.map { Header(name, it.orEmpty()) } }

private fun whole(stream: InputStream): ByteArray {
    val bytes = ByteArrayOutputStream()
    val part = ByteArray(PART)
    while (true) {
        val read = stream.read(part)
        if (read < 0) return bytes.toByteArray()
        bytes.write(part, 0, read)
        if (bytes.size() > MAX_BODY_BYTES) throw TransportFault(TransportFault.Kind.TOO_LARGE)
    }
}

/** Where a request goes. Refuses what it must not go to. */
private fun addressed(address: String): URL {
    val url = try {
        URL(address)
    } catch (_: MalformedURLException) {
        throw TransportFault(TransportFault.Kind.CONNECT_FAILED, "not an address")
    }
    val isOwn = url.host == "localhost" || url.host == "[::1]" || LOOPBACK.matches(url.host)
    if (url.protocol == "https" || (url.protocol == "http" && isOwn)) return url
    throw TransportFault(TransportFault.Kind.CONNECT_FAILED, "plain HTTP goes to this machine only")
}

/** What happened, by the exception's type; its text may hold the address with the request in it. */
private fun faultOf(thrown: Throwable): Throwable = when (thrown) {
    is TransportFault -> thrown
    is SocketTimeoutException -> TransportFault(TransportFault.Kind.TIMEOUT)
    is UnknownHostException -> TransportFault(TransportFault.Kind.DNS)
    is SSLException -> TransportFault(TransportFault.Kind.TLS, thrown.javaClass.simpleName)
    is ConnectException -> TransportFault(TransportFault.Kind.REFUSED)
    is ProtocolException -> TransportFault(TransportFault.Kind.MALFORMED, thrown.javaClass.simpleName)
    is IOException -> TransportFault(TransportFault.Kind.RESET, thrown.javaClass.simpleName)
    else -> thrown
}

private val LOOPBACK = Regex("127(\\.\\d{1,3}){3}")
private const val PART = 8 * 1024
