package taxrefund

import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationException
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.elementNames
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonDecoder
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonEncoder
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject

private const val EXTRA = "extra"

/**
 * An answer, or part of one. Members that no document names are kept in `extra`, and so is a member that is not what the
 * documents say: what was answered is never a reason to lose the answer.
 */
internal abstract class OpenModel<T>(private val generated: KSerializer<T>) : KSerializer<T> {
    override val descriptor: SerialDescriptor get() = generated.descriptor

    @OptIn(ExperimentalSerializationApi::class)
    private val known: Set<String> by lazy { generated.descriptor.elementNames.toSet() - EXTRA }

    override fun serialize(encoder: Encoder, value: T) {
        if (encoder !is JsonEncoder) throw SerializationException("answers are written as JSON alone")
        val members = encoder.json.encodeToJsonElement(generated, value).jsonObject
        val extra = members[EXTRA] as? JsonObject ?: noMembers
        encoder.encodeJsonElement(JsonObject(members - EXTRA + extra))
    }

    override fun deserialize(decoder: Decoder): T {
        if (decoder !is JsonDecoder) throw SerializationException("answers are read from JSON alone")
        val members = decoder.decodeJsonElement() as? JsonObject ?: noMembers
        val (named, unnamed) = members.entries.partition { it.key in known }
        return try {
            read(decoder.json, named, unnamed)
        } catch (_: IllegalArgumentException) {
            val (fitting, others) = named.partition { fits(decoder.json, it) }
            read(decoder.json, fitting, unnamed + others)
        }
    }

    private fun read(json: Json, named: List<Member>, extra: List<Member>): T {
        val members = named.filter { it.value != JsonNull }.associate { it.key to it.value }
        val others = JsonObject(extra.associate { it.key to it.value })
        return json.decodeFromJsonElement(generated, JsonObject(members + (EXTRA to others)))
    }

    private fun fits(json: Json, member: Member): Boolean = try {
        read(json, listOf(member), emptyList())
        true
    } catch (_: IllegalArgumentException) {
        false
    }
}

private typealias Member = Map.Entry<String, JsonElement>
