@file:JvmName("Explain")

package taxrefund

import kotlinx.serialization.Serializable
import taxrefund.bridge.nativeExplain
import taxrefund.bridge.nativeExplainStep

/**
 * What one code means.
 *
 * @property protocol whose code; `null` for this library's own words for faults.
 * @property code the code.
 * @property meaning what it says.
 * @property action what to do.
 */
@Serializable
public data class Explanation(
    val protocol: String? = null,
    val code: String,
    val meaning: String,
    val action: String,
)

/**
 * What the people around a refund do at a next step.
 *
 * @property step the step's stable name.
 * @property clerk what the person at the counter does.
 * @property engineer what the engineer does.
 * @property traveller what the traveller is told.
 */
@Serializable
public data class StepExplanation(
    val step: String,
    val clerk: String,
    val engineer: String,
    val traveller: String,
)

/** Everything known of a code: provider codes, sub codes, faults (`timeout`), states (`status:F`); empty for an unknown one. */
@JvmOverloads
public fun explain(code: String, language: Language = Language.preferred()): List<Explanation> =
    WireJson.decodeFromString(native { nativeExplain(code, language.code) })

/** What to do at a next step. */
@JvmOverloads
public fun explain(step: NextStep, language: Language = Language.preferred()): StepExplanation {
    val told = native { nativeExplainStep(step.code, language.code) }
    return WireJson.decodeFromString(told ?: throw InternalException("a next step without a text"))
}
