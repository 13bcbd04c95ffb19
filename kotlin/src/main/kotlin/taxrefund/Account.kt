package taxrefund

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import taxrefund.bridge.NativeAccount
import taxrefund.bridge.NativeHeader
import taxrefund.bridge.NativeResponse

/**
 * An account with one provider: who calls, and with which keys. It is checked when it is made; share it between clients.
 *
 * @throws ConfigurationException that names the setting: what a key is and what was expected, an address, a charset.
 */
public abstract class Account internal constructor(
    private val key: MerchantKey,
    protocol: String,
    settings: JsonObjectBuilder.() -> Unit,
) {
    internal val native: NativeAccount = nativeAccount(key, protocol, settings)

    private val facts = native { native.facts() }

    /** `alipay`, `alipay_plus` or `antom`. */
    public val protocol: String get() = facts.protocol

    /** The app id or client id. */
    public val name: String get() = facts.name

    /** `production` or `sandbox`. */
    public val environment: String get() = facts.environment

    /** Where requests go. */
    public val endpoint: String get() = facts.endpoint

    internal val external: ExternalKey? get() = key as? ExternalKey

    /**
     * Checks an answer to an interface that this library does not know, by the same rules; gives its content.
     *
     * @param wire the gateway's method name, or the path that was called.
     * @throws AnswerRefusedException when nothing of it may be believed.
     */
    public fun verifyAnswer(wire: String, response: TransportResponse): JsonObject {
        val headers = response.headers.map { NativeHeader(it.name, it.value) }
        val answer = NativeResponse(response.status.toUShort(), headers, response.body)
        return objectOf(native { native.verifyAnswer(wire, answer) })
    }

    /** Who calls, and where; no keys. */
    override fun toString(): String = "${javaClass.simpleName}($name, $environment, $endpoint)"
}

/** A key of the platform, with the version that answers name it by while the platform changes its key. */
public data class PlatformKey @JvmOverloads constructor(val key: String, val version: String? = null)

private fun nativeAccount(
    key: MerchantKey,
    protocol: String,
    settings: JsonObjectBuilder.() -> Unit,
): NativeAccount {
    val config = buildJsonObject {
        put("protocol", protocol)
        when (key) {
            is SoftwareKey -> put("merchant_private_key", key.pem)
            is ExternalKey -> put("merchant_public_key", key.publicKey)
        }
        settings()
    }
    val signer = (key as? ExternalKey)?.let(::AskedSigner)
    val patienceMs = (key as? ExternalKey)?.patienceMs ?: 0
    return native { NativeAccount(config.toString(), signer, patienceMs.toULong()) }
}
