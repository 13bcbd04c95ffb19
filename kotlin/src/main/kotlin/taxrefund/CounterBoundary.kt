package taxrefund

import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import taxrefund.bridge.nativeAdvice
import taxrefund.bridge.nativeConfirmation
import taxrefund.bridge.nativeEligibility
import taxrefund.bridge.nativeProblemText
import taxrefund.bridge.nativeScannedCode

/* The native library's functions for a counter, in one place. */

internal fun scannedCode(text: String): String = native { nativeScannedCode(text) }

internal fun confirmation(response: String, revealed: Boolean): String = native { nativeConfirmation(response, revealed) }

internal fun eligibility(outcome: String, language: Language): String = native { nativeEligibility(outcome, language.code) }

internal fun advice(outcome: String, language: Language): String = native { nativeAdvice(outcome, language.code) }

/** A problem for people. A text that cannot be had must not hide the problem itself, so the English one stands in for it. */
internal fun problemText(problem: String, language: Language): String = try {
    native { nativeProblemText(problem, language.code) }
} catch (_: TaxRefundException) {
    objectOf(problem).text("message").orEmpty()
}

/** A problem that this package found by itself. */
internal fun problemOf(code: String, message: String): String = buildJsonObject {
    put("code", code)
    put("message", message)
}.toString()
