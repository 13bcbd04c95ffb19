package taxrefund

import taxrefund.alipay.QueryUserInfoResponse

/**
 * Whether an account can receive refunds, and what to say about it.
 *
 * @property verdict yes, no, or not known.
 * @property code the provider's code, when it gave one.
 * @property title in a few words.
 * @property traveller what the traveller is told.
 * @property clerk what the person at the counter does next.
 */
public class Eligibility private constructor(
    public val verdict: Verdict,
    public val code: String?,
    public val title: String,
    public val traveller: String,
    public val clerk: String,
) {
    /** Whether an account can receive refunds. */
    public enum class Verdict {
        /** It can. */
        ELIGIBLE,

        /** A verified answer says that it cannot. */
        NOT_ELIGIBLE,

        /** Nobody knows: no verified answer said either. */
        UNDETERMINED,
    }

    override fun toString(): String = described("Eligibility", "verdict" to verdict, "code" to code)

    public companion object {
        /** Of the outcome of a `queryUserInfo`, whichever it is. */
        @JvmStatic
        @JvmOverloads
        public fun of(
            outcome: Outcome<QueryUserInfoResponse>,
            language: Language = Language.preferred(),
        ): Eligibility {
            val told = objectOf(eligibility(outcome.asTold, language))
            val verdict = when (told.text("verdict")) {
                "eligible" -> Verdict.ELIGIBLE
                "not_eligible" -> Verdict.NOT_ELIGIBLE
                else -> Verdict.UNDETERMINED
            }
            fun words(name: String) = told.text(name).orEmpty()
            return Eligibility(verdict, told.text("code"), words("title"), words("traveller"), words("clerk"))
        }
    }
}
