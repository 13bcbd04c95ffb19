/// Alipay's open gateway: the FX tax refund product.
public enum Alipay {}

extension Alipay {
    /// An app at the open gateway.
    public struct Account: TaxRefund.Account {
        let core: AccountCore

        /// What Alipay's answers are checked with.
        public enum Platform: Sendable {
            /// Alipay's public key, never your own; PEM or Base64.
            case publicKey(String)
            /// Certificate mode: your application certificate, Alipay's certificate (several while it changes), and the bundle of
            /// root certificates; all PEM.
            case certificates(app: String, alipay: [String], roots: String)
        }

        /// Which gateway.
        public enum Environment: String, Sendable {
            /// Real money.
            case production
            /// Alipay's test gateway.
            case sandbox
        }

        /// In which character set the account's answers come.
        public enum Charset: String, Sendable {
            /// The usual one.
            case utf8 = "utf-8"
            /// Only for an account that is set up so.
            case gbk
        }

        /// Which hash signatures have.
        public enum SignType: String, Sendable {
            /// SHA-256, `RSA2`.
            case rsa2 = "RSA2"
            /// SHA-1, `RSA`: only for an account that cannot be moved.
            case rsa = "RSA"
        }

        /// Makes an account ready.
        ///
        /// - Parameters:
        ///   - appId: the app's id at Alipay.
        ///   - merchantKey: who signs.
        ///   - platform: what Alipay's answers are checked with.
        ///   - environment: which gateway.
        ///   - endpoint: where requests go, when it is not the environment's usual place. HTTPS, or HTTP to this device.
        ///   - charset: in which character set answers come.
        ///   - signType: which hash signatures have.
        ///   - appAuthToken: the merchant's authorisation, where the app acts for another one.
        ///   - notifyUrl: where Alipay sends notifications; it goes out with every refund.
        /// - Throws: ``TaxRefundError`` of the kind `configuration` that names the setting: what a key is and what was expected.
        public init(
            appId: String,
            merchantKey: MerchantKey,
            platform: Platform,
            environment: Environment = .production,
            endpoint: String? = nil,
            charset: Charset = .utf8,
            signType: SignType = .rsa2,
            appAuthToken: String? = nil,
            notifyUrl: String? = nil
        ) throws(TaxRefundError) {
            var settings: [String: JSONValue?] = [
                "protocol": "alipay",
                "app_id": .string(appId),
                "environment": .string(environment.rawValue),
                "endpoint": JSONValue(endpoint),
                "charset": .string(charset.rawValue),
                "sign_type": .string(signType.rawValue),
                "app_auth_token": JSONValue(appAuthToken),
                "notify_url": JSONValue(notifyUrl),
            ]
            switch platform {
            case .publicKey(let key):
                settings["alipay_public_key"] = .string(key)
            case .certificates(let app, let alipay, let roots):
                settings["app_certificate"] = .string(app)
                settings["alipay_certificates"] = .array(alipay.map(JSONValue.string))
                settings["alipay_root_certificates"] = .string(roots)
            }
            core = try AccountCore(settings, key: merchantKey)
        }
    }

    /// Pays tax refunds into wallets: a method per operation.
    public struct Client: TaxRefund.Client {
        let calls: Calls

        /// A client of an account.
        public init(account: Account, options: ClientOptions = ClientOptions()) throws(TaxRefundError) {
            calls = try Calls(account: account.core, options)
        }
    }
}

extension Alipay.Account: CoreAccount {}
extension Alipay.Client: CoreClient {}
