package taxrefund

private val UNDERSCORE = Regex("_+([a-zA-Z0-9])")
private val ACRONYM = Regex("([A-Z])([A-Z]+)(?![a-z])")

/** A path of the wire as Kotlin writes it: `merchants.0.merchantMCC` is `merchants[0].merchantMcc`. */
internal fun kotlinPath(path: String): String = path.split('.').fold("") { written, step ->
    when {
        step.isNotEmpty() && step.all(Char::isDigit) -> "$written[$step]"
        written.isEmpty() -> camelCase(step)
        else -> "$written.${camelCase(step)}"
    }
}

/** `pay_tax_refund` is `payTaxRefund`, `merchantMCC` is `merchantMcc`. */
private fun camelCase(name: String): String = name
    .replace(UNDERSCORE) { it.groupValues[1].uppercase() }
    .replace(ACRONYM) { it.groupValues[1] + it.groupValues[2].lowercase() }
