/// Alipay+: tax refund forms, and original credits (a draft of the provider's).
public enum AlipayPlus {}

extension AlipayPlus {
    /// A client at Alipay+.
    public struct Account: TaxRefund.Account {
        let core: AccountCore

        /// Makes an account ready.
        ///
        /// - Parameters:
        ///   - clientId: your own id there.
        ///   - merchantKey: who signs.
        ///   - platformKeys: the platform's public keys, never your own; several while it changes its key.
        ///   - endpoint: where requests go, when it is not the usual place. HTTPS, or HTTP to this device.
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
                "alipay_plus", clientId, platformKeys, endpoint, keyVersion, agentToken, sandboxPath)
            core = try AccountCore(settings, key: merchantKey)
        }
    }

    /// Records forms' states and credits refunds: a method per operation.
    public struct Client: TaxRefund.Client {
        let calls: Calls

        /// A client of an account.
        public init(account: Account, options: ClientOptions = ClientOptions()) throws(TaxRefundError) {
            calls = try Calls(account: account.core, options)
        }
    }
}

extension AlipayPlus.Account: CoreAccount {}
extension AlipayPlus.Client: CoreClient {}
