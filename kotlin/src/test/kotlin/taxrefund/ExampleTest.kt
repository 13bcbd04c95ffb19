package taxrefund

import com.sun.net.httpserver.HttpServer
import java.io.BufferedReader
import java.io.File
import java.net.InetSocketAddress
import java.net.URL
import java.nio.file.Files
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertInstanceOf
import taxrefund.examples.RemoteSigner

/** The examples, as they are started. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExampleTest {
    private val sandbox = Sandbox()
    private val folder = Files.createTempDirectory("taxrefund-counter").toFile()

    /** Where the programs are: here, unless somebody wants to see what is left of them after shrinking. */
    private val path = System.getProperty("taxrefund.examples").orEmpty().ifEmpty { System.getProperty("java.class.path") }

    init {
        mapOf(
            "app_id" to "app_id",
            "merchant_private_key.pem" to "partner_private_key_pem",
            "alipay_public_key.pem" to "platform_public_key_pem",
            "gateway_url" to "gateway_url",
        ).forEach { (file, credential) -> File(folder, file).writeText(sandbox.alipay(credential)) }
    }

    @AfterAll
    fun end() {
        sandbox.close()
        folder.deleteRecursively()
    }

    private fun started(main: String, vararg arguments: String): Process {
        val java = File(System.getProperty("java.home"), "bin/java").path
        val command = listOf(java, "-cp", path, main) + arguments
        return ProcessBuilder(command).redirectErrorStream(true).start()
    }

    private fun Process.types(line: String) = outputStream.run {
        write("$line\n".toByteArray())
        flush()
    }

    private fun BufferedReader.until(part: String): String {
        val said = StringBuilder()
        while (!said.contains(part)) said.append(readLine() ?: error("ended after: $said")).append('\n')
        return said.toString()
    }

    @Test
    fun `the counter pays, is killed, and goes on`() {
        sandbox.provoke("COUNTER1", "lost-answer*every@any")
        val first = started("taxrefund.examples.CounterKt", folder.path)
        first.inputStream.bufferedReader().run {
            until("currency?")
            first.types("COUNTER1 281234567890123456 100.00 SGD")
            assertFalse(until("yes?").contains("281234567890123456"))
            first.types("yes")
            until("… query")
            first.toHandle().destroyForcibly()
        }
        first.waitFor()
        sandbox.provoke("COUNTER1", "none")
        val second = started("taxrefund.examples.CounterKt", folder.path)
        second.inputStream.bufferedReader().run {
            assertTrue(until("currency?").contains("going on with COUNTER1"))
            second.types("COUNTER2 P<CHNZHANG 100.00 SGD")
            until("currency?")
            second.types("")
            assertTrue(until("today:").contains("1 succeeded, 0 failed, 0 open"))
        }
        assertEquals(0, second.waitFor())
        assertEquals(1, sandbox.paid("COUNTER1"))
    }

    @Test
    fun `the Java program pays`() {
        val program = started("taxrefund.examples.PayOne", folder.path, "JAVAPROGRAM1", "281234567890123456", "12.63", "SGD")
        assertTrue(program.inputStream.bufferedReader().readText().contains("paid under"))
        assertEquals(1, sandbox.paid("JAVAPROGRAM1"))
    }

    @Test
    fun `a server of one's own signs`(): Unit = runBlocking {
        val server = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
        server.createContext("/sign") { exchange ->
            val isCounter = exchange.requestHeaders.getFirst("authorization") == "Bearer counter 7"
            val message = exchange.requestBody.readBytes()
            val signature = Signing.sign(sandbox.alipay("partner_private_key_pem"), message)
            exchange.sendResponseHeaders(if (isCounter) 200 else 403, signature.size.toLong())
            exchange.responseBody.use { it.write(signature) }
        }
        server.start()
        try {
            val address = URL("http://127.0.0.1:${server.address.port}/sign")
            val signed = sandbox.client(sandbox.signing(RemoteSigner(address) { "counter 7" }.signer)).payTaxRefund(refund("REMOTE1"))
            assertInstanceOf<Outcome.Succeeded<*>>(signed)
            val refused = sandbox.client(sandbox.signing(RemoteSigner(address) { "nobody" }.signer)).payTaxRefund(refund("REMOTE2"))
            assertInstanceOf<Outcome.Unknown>(refused)
            assertEquals(listOf(1L, 0L), listOf("REMOTE1", "REMOTE2").map(sandbox::paid))
        } finally {
            server.stop(0)
        }
    }
}
