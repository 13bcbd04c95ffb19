package taxrefund

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The exception for a problem of the native library, as JSON text. */
internal fun exceptionOf(text: String): TaxRefundException {
    val problem = objectOf(text)
    val code = problem.text("code") ?: ErrorCode.INTERNAL
    val message = problem.text("message") ?: return InternalException("a problem without a text")
    fun member(name: String) = problem.text(name).orEmpty()
    return when (problem.text("kind")) {
        "invalid_request" -> InvalidRequestException(member("operation"), violations(problem), text)
        "configuration" -> ConfigurationException(code, message, member("field"), text)
        "key_reused" -> KeyReusedException(
            code, message, member("operation"), member("key"), fields(problem), member("state"), text,
        )
        "form_taken" -> FormTakenException(code, message, member("form"), member("key"), member("state"), text)
        "busy" -> RefundBusyException(code, message, member("key"), member("owner"), text)
        "taken_over" -> TakenOverException(code, message, member("key"), text)
        "not_found" -> RefundNotFoundException(code, message, member("key"), text)
        "only_reads", "journal", "file" -> JournalException(code, message, text)
        "money" -> MoneyException(code, message, text)
        "date" -> DateException(code, message, text)
        "scanned_code" -> ScannedCodeException(code, message, text)
        "misuse" -> MisuseException(code, message, text)
        "notification_refused" -> NotificationRefusedException(
            code, message, member("fault"), replyOf(problem.member("reply") ?: noMembers), text,
        )
        "answer_refused" -> AnswerRefusedException(code, message, member("fault"), text)
        else -> InternalException("a problem of an unknown kind")
    }
}

private fun violations(problem: JsonObject): List<Violation> = problem.objects("violations").map {
    Violation(
        path = kotlinPath(it.text("path").orEmpty()),
        rule = it.text("rule").orEmpty(),
        message = it.text("message").orEmpty(),
        given = it.text("given").orEmpty(),
    )
}

private fun fields(problem: JsonObject): List<String> =
    problem.list("fields").mapNotNull { (it as? JsonPrimitive)?.content?.let(::kotlinPath) }
