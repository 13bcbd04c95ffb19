package taxrefund

import kotlinx.serialization.KSerializer

/** One operation of a protocol, as the generated clients name it. */
internal class Operation<Q : Any, R : Any>(
    val name: String,
    val effect: Effect,
    val request: KSerializer<Q>,
    val response: KSerializer<R>,
)

/** What an operation does at the provider. */
internal enum class Effect {
    MOVES_MONEY,
    RECORDS,
    READS,
}
