package taxrefund

import java.util.Locale
import java.util.concurrent.ConcurrentHashMap
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import taxrefund.bridge.nativeMinorUnits
import taxrefund.bridge.nativeMoneyMajor
import taxrefund.bridge.nativeMoneyMinor

/**
 * An exact amount: a whole number of a currency's smallest unit. Nothing of it is a floating-point number, nothing rounds.
 *
 * ```kotlin
 * Money.parse("100.00", "SGD").minor    // 10000
 * Money(10000, "SGD").toString()        // "SGD 100.00"
 * ```
 *
 * @property minor a count of the smallest unit: cents for SGD, yen for JPY, fils for KWD; 0 to 2^63 - 1.
 * @property currency ISO 4217 code, three capitals.
 * @throws MoneyException for a currency that does not exist, and less than nothing.
 */
public class Money(public val minor: Long, public val currency: String) {
    init {
        if (minor < 0) throw MoneyException("money", "amount: must not be less than 0")
        requireCurrency(currency)
    }

    /** The amount in major units, with the decimals that the currency has: `"100.00"`. */
    public val major: String get() = native { nativeMoneyMajor(minor.toULong(), currency) }

    override fun equals(other: Any?): Boolean =
        other is Money && other.minor == minor && other.currency == currency

    override fun hashCode(): Int = 31 * minor.hashCode() + currency.hashCode()

    /** `SGD 100.00`. */
    override fun toString(): String = "$currency $major"

    public companion object {
        /** Currencies that exist, with their decimals. */
        private val known = ConcurrentHashMap<String, Int>()

        /**
         * Reads exact decimal text in major units: `"100.00"`, `"100"`, `"0.5"`.
         *
         * @throws MoneyException for more decimals than the currency has, signs, exponents, spaces and grouping marks.
         */
        @JvmStatic
        public fun parse(major: String, currency: String): Money {
            val minor = native { nativeMoneyMinor(major, currency) }
            if (minor > Long.MAX_VALUE.toULong()) throw MoneyException("money", "amount: is more than 2^63 - 1")
            return Money(minor.toLong(), currency)
        }

        private fun requireCurrency(currency: String) {
            if (!known.containsKey(currency)) known[currency] = native { nativeMinorUnits(currency) }.toInt()
        }
    }
}

/**
 * Money as Alipay+ and Antom answer it, exactly as it came.
 *
 * @property currency ISO 4217 code.
 * @property value a whole number of the smallest unit, as text.
 */
@Serializable
public data class Amount(
    @SerialName("currency") val currency: String = "",
    @SerialName("value") val value: String = "",
) {
    /**
     * The same as [Money].
     *
     * @throws MoneyException for what is none.
     */
    public fun toMoney(): Money {
        val isWhole = value.isNotEmpty() && value.all { it in '0'..'9' }
        val minor = value.takeIf { isWhole }?.toLongOrNull()
        return Money(
            minor ?: throw MoneyException("money", "value: is no whole number of the smallest unit"),
            currency.uppercase(Locale.ROOT),
        )
    }
}
