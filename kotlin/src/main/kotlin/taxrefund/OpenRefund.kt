package taxrefund

import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

/**
 * A refund of which nobody knows yet how it ended: what `client.resume` goes on with, in any process.
 *
 * Keep [text], and make it anew with `OpenRefund.of(text)`. **The text holds the request and with it the traveller's data**:
 * keep it as carefully as the request. [toString] shows nothing of it. A refund of a client with a journal need not be kept:
 * the journal has it.
 *
 * @property text everything that resuming needs.
 * @property operation the operation's name: `alipay.pay_tax_refund`.
 * @property key the idempotency key.
 */
public class OpenRefund internal constructor(
    public val text: String,
    public val operation: String,
    public val key: String,
) {
    /** Whose it is, when all that is known is its key: the journal keeps the rest. */
    internal val account: String? get() = objectOf(text).takeIf { IN_JOURNAL in it }?.text(IN_JOURNAL)

    override fun equals(other: Any?): Boolean = other is OpenRefund && other.text == text

    override fun hashCode(): Int = text.hashCode()

    /** The operation and the key. */
    override fun toString(): String = "OpenRefund($operation, $key)"

    public companion object {
        private const val IN_JOURNAL = "in_journal_of"

        /**
         * From a text that was kept.
         *
         * @throws ConfigurationException for a text that is none.
         */
        @JvmStatic
        public fun of(text: String): OpenRefund {
            val state = objectOf(text)
            val (operation, key) = state.text("operation") to state.text("key")
            if (operation == null || key == null) {
                val message = "open: cannot be read: give the text exactly as the unknown outcome held it"
                throw ConfigurationException(ErrorCode.STATE_UNREADABLE, message, "open")
            }
            return OpenRefund(text, operation, key)
        }

        internal fun inJournal(operation: String, key: String, account: String): OpenRefund {
            val text = buildJsonObject {
                put("operation", operation)
                put("key", key)
                put(IN_JOURNAL, account)
            }
            return OpenRefund(text.toString(), operation, key)
        }
    }
}
