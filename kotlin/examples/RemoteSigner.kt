package taxrefund.examples

import java.net.HttpURLConnection
import java.net.URL
import taxrefund.Signer

/**
 * Has a server of one's own sign: the merchant's key stays there, and the server decides what it signs for whom. Copy it into
 * your app.
 *
 * The server takes the bytes as the body of a POST, with the counter's own credentials, and answers with the signature. It sees
 * the request, so it can check amounts and daily limits before it signs.
 */
class RemoteSigner(private val address: URL, private val credentials: () -> String) {
    /** For an `ExternalKey`. It is called on a thread that may block, and its signature is checked before anything is sent. */
    val signer: Signer = Signer.blocking { message ->
        val connection = address.openConnection() as HttpURLConnection
        connection.connectTimeout = TIMEOUT_MS
        connection.readTimeout = TIMEOUT_MS
        connection.instanceFollowRedirects = false
        connection.doOutput = true
        connection.requestMethod = "POST"
        connection.setRequestProperty("authorization", "Bearer ${credentials()}")
        connection.setFixedLengthStreamingMode(message.size)
        connection.outputStream.use { it.write(message) }
        check(connection.responseCode == HttpURLConnection.HTTP_OK) { "the signing server refused" }
        connection.inputStream.use { it.readBytes() }
    }

    private companion object {
        const val TIMEOUT_MS = 5_000
    }
}
