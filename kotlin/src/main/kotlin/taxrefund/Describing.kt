package taxrefund

import kotlinx.serialization.json.JsonObject

/** An object that has no members. */
internal val noMembers = JsonObject(emptyMap())

/** What stands in place of personal data. */
private const val HIDDEN = "•••"

/** A value as texts may show it: that there is one. */
internal fun hidden(value: Any?): Any? = when (value) {
    null -> null
    is Map<*, *> -> if (value.isEmpty()) null else HIDDEN
    else -> HIDDEN
}

/** A model as text: its type, and the members that there are. */
internal fun described(type: String, vararg members: Pair<String, Any?>): String = members
    .filter { (_, value) -> value != null }
    .joinToString(", ", "$type(", ")") { (name, value) -> "$name=$value" }

/** Refuses a model that was built without what it needs; everything that is missing is named at once. */
internal fun requireMembers(type: String, vararg members: Pair<String, Any?>) {
    val missing = members.filter { (_, value) -> value == null }.map { (name, _) -> name }
    if (missing.isEmpty()) return
    throw InvalidRequestException(
        type,
        missing.map { name -> Violation(name, "required", "must be given", "nothing") },
    )
}
