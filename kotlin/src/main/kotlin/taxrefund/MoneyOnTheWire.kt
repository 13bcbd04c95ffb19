package taxrefund

import kotlinx.serialization.KSerializer
import kotlinx.serialization.SerializationException
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.PrimitiveSerialDescriptor
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.encoding.Decoder
import kotlinx.serialization.encoding.Encoder
import kotlinx.serialization.json.JsonDecoder
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject

/** The count alone, as the open gateway has it: its currency is a member of its own, see [SplitMoney]. */
internal object MinorUnits : KSerializer<Money> {
    override val descriptor: SerialDescriptor = PrimitiveSerialDescriptor("taxrefund.MinorUnits", PrimitiveKind.STRING)

    override fun serialize(encoder: Encoder, value: Money) = encoder.encodeString(value.minor.toString())

    /** `SGD 10000`, as [SplitMoney] puts it together. */
    override fun deserialize(decoder: Decoder): Money {
        val (currency, minor) = decoder.decodeString().split(' ', limit = 2).takeIf { it.size == 2 }
            ?: throw SerializationException("an amount without its currency")
        return Amount(currency, minor).toMoney()
    }
}

/** Currency and count, as Alipay+ and Antom have them. */
internal object MoneyAsAmount : KSerializer<Money> {
    override val descriptor: SerialDescriptor = Amount.serializer().descriptor

    override fun serialize(encoder: Encoder, value: Money) =
        Amount.serializer().serialize(encoder, Amount(value.currency, value.minor.toString()))

    override fun deserialize(decoder: Decoder): Money = Amount.serializer().deserialize(decoder).toMoney()
}

/** A request whose amounts are two members each on the wire; [amounts] names them: the amount's, and its currency's. */
internal abstract class SplitMoney<T>(
    private val generated: KSerializer<T>,
    private vararg val amounts: Pair<String, String>,
) : KSerializer<T> {
    override val descriptor: SerialDescriptor get() = generated.descriptor

    override fun serialize(encoder: Encoder, value: T) = generated.serialize(encoder, value)

    override fun deserialize(decoder: Decoder): T {
        if (decoder !is JsonDecoder) throw SerializationException("requests are read from JSON alone")
        val members = decoder.decodeJsonElement().jsonObject.toMutableMap()
        for ((amount, currency) in amounts) {
            val minor = members[amount] as? JsonPrimitive ?: continue
            val of = members[currency] as? JsonPrimitive ?: continue
            if (minor.isString && of.isString) members[amount] = JsonPrimitive("${of.content} ${minor.content}")
        }
        return decoder.json.decodeFromJsonElement(generated, JsonObject(members))
    }
}
