package taxrefund

import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray

/** An account whose signatures are in headers: Alipay+ and Antom. */
public abstract class CallerAccount internal constructor(
    protocol: String,
    clientId: String,
    key: MerchantKey,
    platformKeys: List<PlatformKey>,
    endpoint: String?,
    keyVersion: Int?,
    agentToken: String?,
    sandboxPath: Boolean?,
) : Account(
    key,
    protocol,
    {
        put("client_id", clientId)
        putJsonArray("platform_public_keys") {
            platformKeys.forEach {
                addJsonObject {
                    put("version", it.version)
                    put("key", it.key)
                }
            }
        }
        endpoint?.let { put("endpoint", it) }
        keyVersion?.let { put("key_version", it) }
        agentToken?.let { put("agent_token", it) }
        sandboxPath?.let { put("sandbox_path", it) }
    },
)
