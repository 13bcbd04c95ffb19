internal import TaxRefundBridge

/// What the accounts of all protocols share: the native account, and who signs.
final class AccountCore: Sendable {
    let native: NativeAccount
    let facts: NativeAccountFacts
    let signer: (any Signer)?
    let signerPatienceMs: UInt64

    init(_ settings: [String: JSONValue?], key: MerchantKey) throws(TaxRefundError) {
        var config = settings.compactMapValues { $0 }
        var host: SignerBridge?
        switch key.kind {
        case .software(let pem):
            config["merchant_private_key"] = .string(pem)
            (signer, signerPatienceMs) = (nil, 0)
        case .signer(let own, let publicKey, let patienceMs):
            config["merchant_public_key"] = .string(publicKey)
            host = SignerBridge(signer: own, patienceMs: patienceMs)
            (signer, signerPatienceMs) = (own, patienceMs)
        }
        let (json, bridge) = (jsonText(config), host)
        native = try calling {
            try NativeAccount(configJson: json, signer: bridge, signerPatienceMs: bridge?.patienceMs ?? 0)
        }
        let made = native
        facts = try calling { try made.facts() }
    }
}

/// An account with one provider: who calls, and with which keys. Making one checks every key; it is cheap to share.
public protocol Account: Sendable, Redacted {
    /// The app id or client id.
    var name: String { get }
    /// Whether it is the provider's sandbox.
    var isSandbox: Bool { get }
    /// Where requests go.
    var endpoint: String { get }
}

/// Accounts as the client sees them.
protocol CoreAccount: Account {
    var core: AccountCore { get }
}

extension Account {
    /// Without keys.
    public var redaction: Redaction {
        Redaction("Account").shown("name", name).shown("isSandbox", isSandbox).shown("endpoint", endpoint)
    }
}

extension CoreAccount {
    /// The app id or client id.
    public var name: String { core.facts.name }

    /// Whether it is the provider's sandbox.
    public var isSandbox: Bool { core.facts.environment == "sandbox" }

    /// Where requests go.
    public var endpoint: String { core.facts.endpoint }
}
