package taxrefund

/**
 * What was scanned, or typed: the traveller's payment code, or the name that they log in with.
 *
 * ```kotlin
 * val code = ScannedCode.parse(scanned)
 * QueryUserInfoRequest(code.accountType, code.accountNumber)
 * ```
 *
 * @property accountType for the request's `identifyAccountType`: `barcode` or `logonId`.
 * @property accountNumber for the request's `identifyAccountNo`. It is the traveller's.
 * @property masked for a screen: enough to tell two codes apart.
 * @property warnings what is unusual about it.
 */
public class ScannedCode private constructor(
    public val accountType: String,
    public val accountNumber: String,
    public val masked: String,
    public val warnings: List<Warning>,
) {
    /** What a screen may show. */
    override fun toString(): String = "ScannedCode($accountType, $masked)"

    public companion object {
        /**
         * Reads a text that was scanned or typed.
         *
         * @throws ScannedCodeException for one that is none; its code says what it is instead (`scan_passport`, …), its text
         * holds nothing of what was scanned.
         */
        @JvmStatic
        public fun parse(text: String): ScannedCode {
            val told = objectOf(scannedCode(text))
            return ScannedCode(
                told.text("identify_account_type").orEmpty(),
                told.text("identify_account_no").orEmpty(),
                told.text("masked").orEmpty(),
                warningsOf(told),
            )
        }
    }
}
