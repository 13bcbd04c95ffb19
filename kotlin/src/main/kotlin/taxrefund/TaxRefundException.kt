package taxrefund

/**
 * Whatever this package throws on purpose.
 *
 * Nothing was sent by a call that threw one, unless its text says so. None holds personal data: not in its text, not in its
 * stack trace, not in a cause.
 *
 * @property code stable; programs compare it. All codes are constants of [ErrorCode]; texts may change.
 */
public sealed class TaxRefundException(
    public val code: String,
    message: String,
    private val problem: String? = null,
) : RuntimeException(message) {
    /** The whole of it for people, in a language of theirs. */
    public open fun text(language: Language): String =
        if (language == Language.ENGLISH) message else problemText(problem ?: problemOf(code, message), language)

    /** [text] in the language of the machine's locale. */
    override fun getLocalizedMessage(): String = text(Language.preferred())

    /** English, for logs; the locale has no say in it. */
    override val message: String = message

    /** The class and the English text. */
    override fun toString(): String = "${javaClass.name}: $message"
}

/**
 * One thing that is wrong with a request.
 *
 * @property path where, in Kotlin's names: `merchants[0].merchantAddress.region`; empty for the whole.
 * @property rule the rule's stable name: `required`, `type`, `length`, `alphabet`, `currency`, …
 * @property message the rule in words, with its numbers.
 * @property given what was given; personal data is masked, long texts are shortened.
 */
public data class Violation(val path: String, val rule: String, val message: String, val given: String)

/**
 * A request that breaks rules. All of them are named; nothing was signed, recorded or sent.
 *
 * @property operation the operation's name, such as `alipay.pay_tax_refund`.
 * @property violations everything that is wrong.
 */
public class InvalidRequestException internal constructor(
    public val operation: String,
    public val violations: List<Violation>,
    problem: String? = null,
) : TaxRefundException(ErrorCode.INVALID_REQUEST, listed(operation, violations), problem)

/**
 * A setting that cannot be used: a key, an address, an option. Nothing was sent.
 *
 * @property field which setting.
 */
public class ConfigurationException internal constructor(
    code: String,
    message: String,
    public val field: String,
    problem: String? = null,
) : TaxRefundException(code, message, problem) {
    internal constructor(field: String, message: String) :
        this(ErrorCode.CONFIGURATION, "$field: $message", field)
}

/**
 * The idempotency key was used before for a request with other content. Nothing was sent.
 *
 * @property operation the operation's name.
 * @property key the idempotency key.
 * @property fields what differs, in Kotlin's names; `operation` when another operation used the key.
 * @property state where the recorded refund stands.
 */
public class KeyReusedException internal constructor(
    code: String,
    message: String,
    public val operation: String,
    public val key: String,
    public val fields: List<String>,
    public val state: String,
    problem: String?,
) : TaxRefundException(code, message, problem)

/**
 * The tax refund form has another refund that did not fail. Nothing was sent.
 *
 * @property form the form's number.
 * @property key the other refund's key.
 * @property state where the other refund stands.
 */
public class FormTakenException internal constructor(
    code: String,
    message: String,
    public val form: String,
    public val key: String,
    public val state: String,
    problem: String?,
) : TaxRefundException(code, message, problem)

/**
 * Somebody else is at work on this refund; its outcome will be in the journal. Nothing was sent by this call.
 *
 * @property key its key.
 * @property owner who is at work on it.
 */
public class RefundBusyException internal constructor(
    code: String,
    message: String,
    public val key: String,
    public val owner: String,
    problem: String?,
) : TaxRefundException(code, message, problem)

/**
 * The refund was taken over by another program, or settled by a notification: look at its entry.
 *
 * @property key its key.
 */
public class TakenOverException internal constructor(
    code: String,
    message: String,
    public val key: String,
    problem: String?,
) : TaxRefundException(code, message, problem)

/**
 * The journal has no such refund.
 *
 * @property key its key.
 */
public class RefundNotFoundException internal constructor(
    code: String,
    message: String,
    public val key: String,
    problem: String? = null,
) : TaxRefundException(code, message, problem)

/** Trouble with the journal; [code] says which (`journal_full`, `journal_locked`, …). */
public class JournalException internal constructor(code: String, message: String, problem: String? = null) :
    TaxRefundException(code, message, problem)

/** An amount or a currency that does not exist. */
public class MoneyException internal constructor(code: String, message: String, problem: String? = null) :
    TaxRefundException(code, message, problem)

/** A moment that cannot be written or read. */
public class DateException internal constructor(code: String, message: String, problem: String? = null) :
    TaxRefundException(code, message, problem)

/** A scanned text that is no payment code; [code] says what it is instead (`scan_passport`, `scan_wrong_length`, …). */
public class ScannedCodeException internal constructor(code: String, message: String, problem: String?) :
    TaxRefundException(code, message, problem)

/** A call that makes no sense here: a fault of the program, or of this library. */
public class MisuseException internal constructor(code: String, message: String, problem: String? = null) :
    TaxRefundException(code, message, problem)

/**
 * A message that could not be verified. It changes nothing; send its [reply], which acknowledges nothing.
 *
 * @property fault what is wrong with it; [explain] knows the word.
 * @property reply what to send back, exactly.
 */
public class NotificationRefusedException internal constructor(
    code: String,
    message: String,
    public val fault: String,
    public val reply: Reply,
    problem: String?,
) : TaxRefundException(code, message, problem)

/**
 * An answer of which nothing may be believed.
 *
 * @property fault what is wrong with it; [explain] knows the word.
 */
public class AnswerRefusedException internal constructor(
    code: String,
    message: String,
    public val fault: String,
    problem: String?,
) : TaxRefundException(code, message, problem)

/** The native library is missing, or is none for this machine. */
public class NativeLibraryException private constructor(message: String) :
    TaxRefundException(ErrorCode.NATIVE_LIBRARY, message) {
    internal companion object {
        fun missing(cause: LinkageError) = NativeLibraryException(
            "the native library taxrefund_native is not there, or not for this machine (${cause.javaClass.simpleName})",
        )

        fun unreadable() = NativeLibraryException("the native library taxrefund_native cannot be used")
    }
}

/**
 * The native library is of another version than this package. Nothing was done with it.
 *
 * @property packageVersion the package's.
 * @property nativeVersion the library's.
 */
public class VersionMismatchException internal constructor(
    public val packageVersion: String,
    public val nativeVersion: String,
) : TaxRefundException(
    ErrorCode.VERSION_MISMATCH,
    "the package is version $packageVersion, its native library is $nativeVersion: both must be the same",
)

/** A fault of this library. What it said is not shown, for it may hold anything; [what] names its kind. */
public class InternalException internal constructor(what: String) :
    TaxRefundException(ErrorCode.INTERNAL, "a fault of the library itself ($what)")

private fun listed(operation: String, violations: List<Violation>): String {
    val count = "${violations.size} problem${if (violations.size == 1) "" else "s"}"
    val lines = violations.joinToString("") { "\n  ${it.path.ifEmpty { "the whole" }}: ${it.message} (given: ${it.given})" }
    return "$operation: nothing was sent; $count$lines"
}
