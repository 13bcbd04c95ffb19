package taxrefund

/**
 * What to say and do about an outcome.
 *
 * @property nextStep what must be done now.
 * @property title in a few words. One that is not known is never worded as paid or as failed.
 * @property traveller what the traveller is told.
 * @property clerk what the person at the counter does next.
 * @property mayStartNew whether a new refund may be started: only after one that verifiably failed.
 * @property mayAskAgain whether asking again (`client.resume`) is of use.
 */
public class Advice private constructor(
    public val nextStep: NextStep,
    public val title: String,
    public val traveller: String,
    public val clerk: String,
    public val mayStartNew: Boolean,
    public val mayAskAgain: Boolean,
) {
    override fun toString(): String = described("Advice", "nextStep" to nextStep, "title" to title)

    public companion object {
        /** On an outcome of any operation. */
        @JvmStatic
        @JvmOverloads
        public fun of(outcome: Outcome<*>, language: Language = Language.preferred()): Advice {
            val told = objectOf(advice(outcome.asTold, language))
            fun words(name: String) = told.text(name).orEmpty()
            return Advice(
                NextStep.of(words("next_step")),
                words("title"),
                words("traveller"),
                words("clerk"),
                mayStartNew = told.flag("may_start_new"),
                mayAskAgain = told.flag("may_ask_again"),
            )
        }
    }
}
