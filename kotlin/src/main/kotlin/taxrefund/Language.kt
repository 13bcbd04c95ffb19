package taxrefund

import java.util.Locale

/** The languages that texts exist in. */
public enum class Language(internal val code: String) {
    /** English. */
    ENGLISH("english"),

    /** Chinese. */
    CHINESE("chinese"),
    ;

    public companion object {
        /** What a person with this locale reads: Chinese for every kind of it, English for everybody else. */
        @JvmStatic
        public fun of(locale: Locale): Language = if (locale.language == "zh") CHINESE else ENGLISH

        /** Of the machine's own locale. */
        @JvmStatic
        public fun preferred(): Language = of(Locale.getDefault())
    }
}
