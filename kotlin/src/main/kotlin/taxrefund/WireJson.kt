package taxrefund

import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.longOrNull

/** JSON as the native library reads and writes it: what is absent is left out, what is unknown passed over. */
@OptIn(ExperimentalSerializationApi::class)
internal val WireJson = Json {
    explicitNulls = false
    ignoreUnknownKeys = true
}

/** An object; one without members in place of anything else. */
internal fun objectOf(text: String): JsonObject = try {
    WireJson.parseToJsonElement(text) as? JsonObject ?: noMembers
} catch (_: IllegalArgumentException) {
    noMembers
}

internal fun JsonObject.text(name: String): String? = (this[name] as? JsonPrimitive)?.contentOrNull

internal fun JsonObject.flag(name: String): Boolean = (this[name] as? JsonPrimitive)?.booleanOrNull == true

internal fun JsonObject.number(name: String): Long? = (this[name] as? JsonPrimitive)?.longOrNull

internal fun JsonObject.member(name: String): JsonObject? = this[name] as? JsonObject

internal fun JsonObject.list(name: String): List<JsonElement> = this[name] as? JsonArray ?: emptyList()

internal fun JsonObject.objects(name: String): List<JsonObject> = list(name).filterIsInstance<JsonObject>()
