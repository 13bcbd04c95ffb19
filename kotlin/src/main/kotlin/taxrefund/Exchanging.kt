package taxrefund

import taxrefund.bridge.NativeHeader
import taxrefund.bridge.NativeRequest
import taxrefund.bridge.NativeResponse

/** What came of one exchange. */
internal sealed interface Heard {
    /** An answer, within the limits. */
    class Answer(val response: TransportResponse) : Heard

    /** None. [thrown]: the type of what transports are not meant to throw. */
    class Fault(val name: String, val detail: String = "", val thrown: String? = null) : Heard
}

/** Sends a request once, by a transport that may do anything; over when the request's time is up. */
internal suspend fun exchanged(transport: Transport, request: TransportRequest, teller: Teller): Heard {
    teller.sending(request.called)
    val began = System.nanoTime()
    val heard = when (val came = hosted(request.timeoutMs) { transport.send(request) }) {
        is Hosted.Gave -> answered(came.value)
        is Hosted.Threw -> came.fault?.let { Heard.Fault(it.kind.code, it.detail.take(DETAIL)) }
            ?: Heard.Fault(Fault.RESET, thrown = came.type)
        Hosted.Late -> Heard.Fault(Fault.TIMEOUT)
    }
    teller.heard(request.called, (System.nanoTime() - began) / NANOS_PER_MS, heard)
    return heard
}

/** What was given by Java may have holes. */
private fun answered(response: TransportResponse): Heard = try {
    withinLimits(response)
} catch (hole: RuntimeException) {
    Heard.Fault(Fault.RESET, thrown = hole.javaClass.name)
}

private fun withinLimits(response: TransportResponse): Heard = when {
    response.status !in STATUSES -> Heard.Fault(Fault.MALFORMED, "no HTTP status")
    response.body.size > MAX_BODY_BYTES -> Heard.Fault(Fault.TOO_LARGE)
    response.headers.sumOf { it.name.length.toLong() + it.value.length + HEADER_MARKS } > MAX_HEADER_BYTES ->
        Heard.Fault(Fault.TOO_LARGE)
    else -> Heard.Answer(response)
}

/** A request that the native library wants sent. */
internal fun NativeRequest.ours(): TransportRequest = TransportRequest(
    method = method,
    url = url,
    headers = headers.map { Header(it.name, it.value) },
    body = body,
    timeoutMs = timeoutMs.coerceAtMost(Long.MAX_VALUE.toULong()).toLong(),
    called = `interface`,
)

/** An answer for the native library. */
internal fun TransportResponse.theirs(): NativeResponse =
    NativeResponse(status.toUShort(), headers.map { NativeHeader(it.name, it.value) }, body)

private val STATUSES = 100..999
private const val DETAIL = 200
private const val HEADER_MARKS = 4
private const val NANOS_PER_MS = 1_000_000
