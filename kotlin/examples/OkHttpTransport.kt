package taxrefund.examples

import java.io.IOException
import java.net.ConnectException
import java.net.InetAddress
import java.net.SocketTimeoutException
import java.net.UnknownHostException
import java.util.concurrent.TimeUnit
import javax.net.ssl.SSLException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.suspendCancellableCoroutine
import okhttp3.Call
import okhttp3.Callback
import okhttp3.HttpUrl.Companion.toHttpUrlOrNull
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.RequestBody.Companion.toRequestBody
import okhttp3.Response
import okio.Buffer
import taxrefund.Header
import taxrefund.MAX_BODY_BYTES
import taxrefund.Transport
import taxrefund.TransportFault
import taxrefund.TransportFault.Kind
import taxrefund.TransportRequest
import taxrefund.TransportResponse

/** Sends requests with an app's own OkHttp client, with its connections, proxy, pins and authorities. Copy it into your app. */
class OkHttpTransport(client: OkHttpClient = OkHttpClient()) : Transport {
    /** Nothing is sent twice, and no redirect is followed. */
    private val client = client.newBuilder()
        .retryOnConnectionFailure(false)
        .followRedirects(false)
        .followSslRedirects(false)
        .cache(null)
        .build()

    override suspend fun send(request: TransportRequest): TransportResponse {
        val call = client.newBuilder()
            .callTimeout(request.timeoutMs, TimeUnit.MILLISECONDS)
            .connectTimeout(request.timeoutMs, TimeUnit.MILLISECONDS)
            .readTimeout(request.timeoutMs, TimeUnit.MILLISECONDS)
            .build()
            .newCall(asked(request))
        return suspendCancellableCoroutine { caller ->
            caller.invokeOnCancellation { call.cancel() }
            call.enqueue(object : Callback {
                override fun onResponse(call: Call, response: Response) {
                    val answer = runCatching { response.use(::answered) }
                    answer.fold(caller::resume) { caller.resumeWithException(faultOf(it)) }
                }

                override fun onFailure(call: Call, e: IOException) = caller.resumeWithException(faultOf(e))
            })
        }
    }
}

private fun asked(request: TransportRequest): Request {
    val url = request.url.toHttpUrlOrNull() ?: throw TransportFault(Kind.CONNECT_FAILED, "not an address")
    val isOwn = url.host == "localhost" || runCatching { InetAddress.getByName(url.host).isLoopbackAddress }.getOrDefault(false)
    if (!url.isHttps && !isOwn) throw TransportFault(Kind.CONNECT_FAILED, "plain HTTP goes to this machine only")
    return Request.Builder()
        .url(url)
        .method(request.method, once(request.body))
        .apply { request.headers.forEach { header(it.name, it.value) } }
        // Else OkHttp asks for gzip, and only the bytes that were signed are of use.
        .header("accept-encoding", "identity")
        .build()
}

/** OkHttp repeats some requests (408, 503) unless the body says that it cannot be sent again. */
private fun once(bytes: ByteArray): RequestBody {
    val body = bytes.toRequestBody()
    return object : RequestBody() {
        override fun contentType() = null

        override fun contentLength() = body.contentLength()

        override fun isOneShot() = true

        override fun writeTo(sink: okio.BufferedSink) = body.writeTo(sink)
    }
}

private fun answered(response: Response): TransportResponse {
    if (response.header("content-encoding") != null) throw TransportFault(Kind.MALFORMED, "an encoded body")
    val body = Buffer()
    response.body?.source()?.let { source ->
        while (source.read(body, PART) >= 0) if (body.size > MAX_BODY_BYTES) throw TransportFault(Kind.TOO_LARGE)
    }
    return TransportResponse(response.code, response.headers.map { (name, value) -> Header(name, value) }, body.readByteArray())
}

private fun faultOf(thrown: Throwable): Throwable = when (thrown) {
    is TransportFault -> thrown
    is SocketTimeoutException -> TransportFault(Kind.TIMEOUT)
    is UnknownHostException -> TransportFault(Kind.DNS)
    is SSLException -> TransportFault(Kind.TLS, thrown.javaClass.simpleName)
    is ConnectException -> TransportFault(Kind.REFUSED)
    is java.io.InterruptedIOException -> TransportFault(Kind.TIMEOUT)
    is IOException -> TransportFault(Kind.RESET, thrown.javaClass.simpleName)
    else -> thrown
}

private const val PART = 8L * 1024
