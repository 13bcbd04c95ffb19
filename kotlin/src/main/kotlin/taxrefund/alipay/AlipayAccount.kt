package taxrefund.alipay

import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.add
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import taxrefund.Account
import taxrefund.MerchantKey

/**
 * An app at Alipay's open gateway.
 *
 * @property appId the app's id.
 * @param key who signs.
 * @param platform what the gateway's answers are checked with.
 * @param environment production, unless said otherwise.
 * @param endpoint where requests go, when it is not the environment's usual place.
 * @param charset `gbk` only for an account that is set up so.
 * @param signType `RSA` only for an account that cannot be moved to `RSA2`.
 * @param appAuthToken of a merchant who has authorised this app.
 * @param notifyUrl where Alipay sends notifications; it goes out with every refund.
 * @throws taxrefund.ConfigurationException that names the setting.
 */
public class AlipayAccount @JvmOverloads constructor(
    public val appId: String,
    key: MerchantKey,
    platform: AlipayPlatform,
    environment: AlipayEnvironment = AlipayEnvironment.PRODUCTION,
    endpoint: String? = null,
    charset: String? = null,
    signType: String? = null,
    appAuthToken: String? = null,
    notifyUrl: String? = null,
) : Account(
    key,
    "alipay",
    {
        put("app_id", appId)
        platform.addTo(this)
        put("environment", environment.code)
        endpoint?.let { put("endpoint", it) }
        charset?.let { put("charset", it) }
        signType?.let { put("sign_type", it) }
        appAuthToken?.let { put("app_auth_token", it) }
        notifyUrl?.let { put("notify_url", it) }
    },
)

/** Which of Alipay's gateways. */
public enum class AlipayEnvironment(internal val code: String) {
    /** Where money moves. */
    PRODUCTION("production"),

    /** Where none does. */
    SANDBOX("sandbox"),
}

/** What the gateway's answers are checked with. */
public sealed interface AlipayPlatform {
    /**
     * Alipay's public key, never your own.
     *
     * @property text PEM or Base64.
     */
    public class PublicKey(public val text: String) : AlipayPlatform

    /**
     * Certificates, for an app in certificate mode.
     *
     * @property app your application's certificate.
     * @property alipay Alipay's, or several while it changes.
     * @property root the bundle of root certificates.
     */
    public class Certificates(
        public val app: String,
        public val alipay: List<String>,
        public val root: String,
    ) : AlipayPlatform
}

private fun AlipayPlatform.addTo(config: JsonObjectBuilder) {
    when (this) {
        is AlipayPlatform.PublicKey -> config.put("alipay_public_key", text)
        is AlipayPlatform.Certificates -> {
            config.put("app_certificate", app)
            config.putJsonArray("alipay_certificates") { alipay.forEach { add(it) } }
            config.put("alipay_root_certificates", root)
        }
    }
}
