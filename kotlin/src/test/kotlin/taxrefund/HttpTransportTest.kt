package taxrefund

import java.io.InputStream
import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertInstanceOf
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import taxrefund.examples.OkHttpTransport

/** The default transport and the example over OkHttp, for real. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpTransportTest {
    private val sandbox = Sandbox(options = arrayOf("--delay-ms", "3000"))
    private var keys = 0

    @AfterAll
    fun end() = sandbox.close()

    fun transports(): List<Transport> = listOf(HttpTransport(), OkHttpTransport())

    private fun request(url: String, timeoutMs: Long = 5_000) = TransportRequest(
        "POST", url, listOf(Header("content-type", "text/plain"), Header("x-twice", "1")), "body".toByteArray(), timeoutMs, "pay",
    )

    private fun fault(transport: Transport, url: String): TransportFault.Kind =
        assertThrows<TransportFault> { runBlocking { transport.send(request(url)) } }.kind

    @ParameterizedTest
    @MethodSource("transports")
    fun `refunds are paid, whatever the network does`(transport: Transport): Unit = runBlocking {
        for (faults in listOf("none", "lost-answer*2", "reset", "http-502", "half-answer", "redirect", "gzip", "oversized-body", "oversized-headers")) {
            val key = "HTTP${keys++}"
            sandbox.provoke(key, faults)
            assertInstanceOf<Outcome.Succeeded<*>>(sandbox.client(transport = transport).payTaxRefund(refund(key)), faults)
            assertEquals(1, sandbox.paid(key), faults)
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    fun `a slow answer is a timeout`(transport: Transport): Unit = runBlocking {
        val key = "SLOW${keys++}"
        sandbox.provoke(key, "delay*1")
        val policy = Policy(attemptTimeoutMs = 300, sandboxWaitPermille = 1)
        val outcome = sandbox.client(transport = transport, policy = policy).payTaxRefund(refund(key))
        assertEquals("timeout", outcome.report.attempts.first().reason!!.code)
        assertInstanceOf<Outcome.Succeeded<*>>(outcome)
    }

    @ParameterizedTest
    @MethodSource("transports")
    fun `redirects are not followed`(transport: Transport): Unit = runBlocking {
        Gateway { "HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n" }.use { gateway ->
            assertEquals(307, transport.send(request(gateway.url)).status)
            assertEquals(1, gateway.heard.size)
        }
    }

    /** `HttpURLConnection` would send a POST anew here, unless its body is streamed; OkHttp unless it is told not to. */
    @ParameterizedTest
    @MethodSource("transports")
    fun `nothing is sent again by itself when a kept connection breaks`(transport: Transport): Unit = runBlocking {
        val answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok"
        // The second request is heard on the connection of the first one, which closes without an answer.
        Gateway { if (it == 1) answer else null }.use { gateway ->
            assertEquals("ok", String(transport.send(request(gateway.url)).body))
            assertEquals(TransportFault.Kind.RESET, fault(transport, gateway.url))
            assertEquals(2, gateway.heard.size, gateway.heard.toString())
            assertEquals(1, gateway.connections)
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    fun `what goes out is what was signed`(transport: Transport): Unit = runBlocking {
        Gateway { "HTTP/1.1 204 OK\r\nx-a: 1\r\nx-a: 2\r\n\r\n" }.use { gateway ->
            val answer = transport.send(request(gateway.url + "path?a=%20b"))
            assertEquals(listOf("1", "2"), answer.headers.filter { it.name.equals("x-a", ignoreCase = true) }.map { it.value }.sorted())
            val heard = gateway.heard.single().lowercase()
            assertEquals("post /path?a=%20b http/1.1", heard.lines().first())
            assertFalse(heard.contains("gzip"), heard)
            assertEquals("body", heard.substringAfter("\r\n\r\n"))
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    fun `plain HTTP goes to this machine only, and faults have names`(transport: Transport) {
        assertEquals(TransportFault.Kind.CONNECT_FAILED, fault(transport, "http://192.0.2.1/"))
        assertEquals(TransportFault.Kind.CONNECT_FAILED, fault(transport, "ftp://localhost/"))
        val closed = ServerSocket(0).use { it.localPort }
        assertEquals(TransportFault.Kind.REFUSED, fault(transport, "http://127.0.0.1:$closed/"))
        ServerSocket(0, 50, InetAddress.getLoopbackAddress()).use { listener ->
            thread(isDaemon = true) { listener.accept().use { it.getOutputStream().write("no TLS at all\r\n".toByteArray()) } }
            assertEquals(TransportFault.Kind.TLS, fault(transport, "https://127.0.0.1:${listener.localPort}/"))
        }
    }

    /** Answers each request by its number; `null` closes the connection without an answer. */
    private class Gateway(private val answer: (Int) -> String?) : AutoCloseable {
        private val listener = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
        val url = "http://127.0.0.1:${listener.localPort}/"
        val heard = CopyOnWriteArrayList<String>()

        @Volatile
        var connections = 0

        init {
            thread(isDaemon = true) {
                while (!listener.isClosed) serve(runCatching { listener.accept() }.getOrNull() ?: break)
            }
        }

        private fun serve(socket: Socket) {
            connections++
            thread(isDaemon = true) {
                socket.use {
                    while (true) {
                        val request = runCatching { read(socket.getInputStream()) }.getOrNull() ?: break
                        heard += request
                        val told = answer(heard.size) ?: break
                        socket.getOutputStream().write(told.toByteArray())
                        if (!told.contains("keep-alive")) break
                    }
                }
            }
        }

        private fun read(input: InputStream): String? {
            val text = StringBuilder()
            while (!text.endsWith("\r\n\r\nbody")) {
                val byte = input.read()
                if (byte < 0) return null
                text.append(byte.toChar())
            }
            return text.toString()
        }

        override fun close() = listener.close()
    }
}
