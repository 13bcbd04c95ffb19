/// Antom: refunds of payments.
public enum Antom {}

extension Antom {
    /// A client at Antom.
    public struct Account: TaxRefund.Account {
        let core: AccountCore

        /// Makes an account ready.
        ///
        /// - Parameters:
        ///   - clientId: your own id there.
        ///   - merchantKey: who signs.
        ///   - platformKeys: the platform's public keys, never your own; several while it changes its key.
        ///   - endpoint: where requests go; ``Antom/asia`` when left out. HTTPS, or HTTP to this device.
        ///   - keyVersion: the version of your own key.
        ///   - agentToken: the platform's token, where you act for another merchant.
        ///   - sandboxPath: whether the sandbox's paths are called; without it the client id's prefix `SANDBOX_` decides.
        /// - Throws: ``TaxRefundError`` of the kind `configuration` that names the setting: what a key is and what was expected.
        public init(
            clientId: String,
            merchantKey: MerchantKey,
            platformKeys: [PlatformKey],
            endpoint: String? = nil,
            keyVersion: UInt32 = 1,
            agentToken: String? = nil,
            sandboxPath: Bool? = nil
        ) throws(TaxRefundError) {
            let settings = callerSettings(
                "antom", clientId, platformKeys, endpoint, keyVersion, agentToken, sandboxPath)
            core = try AccountCore(settings, key: merchantKey)
        }
    }

    /// Refunds payments: a method per operation.
    public struct Client: TaxRefund.Client {
        let calls: Calls

        /// A client of an account.
        public init(account: Account, options: ClientOptions = ClientOptions()) throws(TaxRefundError) {
            calls = try Calls(account: account.core, options)
        }
    }
}

extension Antom.Account: CoreAccount {}
extension Antom.Client: CoreClient {}

extension Antom {
    /// Endpoint: Asia.
    public static let asia = "https://open-sea-global.alipay.com"
    /// Endpoint: North America, merchants outside the United States.
    public static let northAmerica = "https://open-na-global.alipay.com"
    /// Endpoint: North America, merchants in the United States.
    public static let unitedStates = "https://open.antglobal-us.com"
    /// Endpoint: Europe.
    public static let europe = "https://open-de-global.alipay.com"
}
