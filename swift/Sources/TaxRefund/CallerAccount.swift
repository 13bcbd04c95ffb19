/// The platform's public key, PEM or Base64; never your own.
public struct PlatformKey: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The version that answers name, while the platform changes its key.
    public let version: String?
    /// PEM or Base64.
    public let key: String

    /// A key, of a version where there are several.
    public init(_ key: String, version: String? = nil) {
        (self.key, self.version) = (key, version)
    }

    /// A key.
    public init(stringLiteral key: String) { self.init(key) }
}

/// The settings that accounts of Alipay+ and Antom share.
func callerSettings(
    _ protocol: JSONValue, _ clientId: String, _ keys: [PlatformKey], _ endpoint: String?, _ keyVersion: UInt32,
    _ agentToken: String?, _ sandboxPath: Bool?
) -> [String: JSONValue?] {
    [
        "protocol": `protocol`,
        "client_id": .string(clientId),
        "platform_public_keys": .array(
            keys.map { .object(["version": JSONValue($0.version) ?? .null, "key": .string($0.key)]) }),
        "endpoint": JSONValue(endpoint),
        "key_version": JSONValue(Int(keyVersion)),
        "agent_token": JSONValue(agentToken),
        "sandbox_path": JSONValue(sandboxPath),
    ]
}
