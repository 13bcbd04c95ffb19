package taxrefund

import kotlinx.serialization.KSerializer
import kotlinx.serialization.json.JsonNull

/** An outcome that the native library told. */
internal fun <R> outcomeOf(json: String, response: KSerializer<R>, account: String): Outcome<R> {
    val told = objectOf(json)
    val report = reportOf(told.member("report") ?: noMembers)
    val reason = reasonOf(told.member("reason") ?: noMembers)
    val nextStep = NextStep.of(told.text("next_step").orEmpty())
    return when (told.text("outcome")) {
        "succeeded" -> {
            val answer = WireJson.decodeFromJsonElement(response, told["response"] ?: noMembers)
            Outcome.Succeeded(answer, told.text("reference"), report, json)
        }
        "failed" -> Outcome.Failed(reason, nextStep, report, json)
        // Whatever is not one of the two above is not known.
        else -> {
            val state = told["resume"]?.takeUnless { it is JsonNull }
            val open = state?.let { OpenRefund(it.toString(), report.operation, report.key) }
                ?: OpenRefund.inJournal(report.operation, report.key, account)
            Outcome.Unknown(reason, nextStep, open, report, json)
        }
    }
}
