package taxrefund

import kotlinx.coroutines.launch
import taxrefund.bridge.Exchange
import taxrefund.bridge.HostTransport

/**
 * Takes a question of a native thread, and returns: it is answered on another one. When even that fails, the question is let
 * go, which tells whoever asked that nobody will answer.
 */
internal fun answering(question: AutoCloseable, answer: suspend () -> Unit) {
    Threads.scope.launch(Threads.steps) { question.use { answer() } }
}

/** Sends what native threads want sent for one refund. */
internal class AskedTransport(private val transport: Transport, private val teller: Teller) : HostTransport {
    override fun begin(exchange: Exchange) = answering(exchange) {
        when (val heard = exchanged(transport, exchange.request().ours(), teller)) {
            is Heard.Answer -> exchange.answered(heard.response.theirs())
            is Heard.Fault -> exchange.faulted(heard.name, heard.detail)
        }
    }
}
