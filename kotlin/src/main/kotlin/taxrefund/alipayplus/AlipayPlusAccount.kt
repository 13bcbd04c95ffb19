package taxrefund.alipayplus

import taxrefund.CallerAccount
import taxrefund.MerchantKey
import taxrefund.PlatformKey

/**
 * A client at Alipay+.
 *
 * @property clientId the client's id.
 * @param key who signs.
 * @param platformKeys the platform's public keys, never your own; several while it changes its key.
 * @param endpoint where requests go, when it is not the usual place.
 * @param keyVersion the version of your own key; 1.
 * @param agentToken of a merchant whom you act for.
 * @param sandboxPath whether the sandbox's paths are called; without it the client id's prefix `SANDBOX_` decides.
 * @throws taxrefund.ConfigurationException that names the setting.
 */
public class AlipayPlusAccount @JvmOverloads constructor(
    public val clientId: String,
    key: MerchantKey,
    platformKeys: List<PlatformKey>,
    endpoint: String? = null,
    keyVersion: Int? = null,
    agentToken: String? = null,
    sandboxPath: Boolean? = null,
) : CallerAccount("alipay_plus", clientId, key, platformKeys, endpoint, keyVersion, agentToken, sandboxPath)
