import Foundation
import TaxRefund

/// Verification needs no merchant's key, but an account has one.
private let stranger: Result<MerchantKey, any Error> = Result {
    let repository = ProcessInfo.processInfo.environment["TAXREFUND_REPOSITORY"] ?? "."
    let file = URL(fileURLWithPath: repository).appendingPathComponent("tests/vectors/alipay-plus.json")
    let vectors = try JSONDecoder().decode(Members.self, from: Data(contentsOf: file))
    let keys = vectors["keys"]?.object?["stranger"]?.object ?? [:]
    return .softwareKey(try keys.needed("private_pkcs8_pem"), iUnderstand: .aKeyInAnAppCanBeExtracted)
}

func gateway(_ asked: Members, appId: String) throws -> Alipay.Account {
    let platform: Alipay.Account.Platform =
        if let pem = asked["certificates"]?.object?.optional("alipay_cert_pem") {
            // Application certificate and root bundle name themselves in requests only.
            .certificates(app: pem, alipay: [pem], roots: pem)
        } else {
            .publicKey(try asked.needed("public_key"))
        }
    return try Alipay.Account(
        appId: appId, merchantKey: try stranger.get(), platform: platform,
        charset: asked.optional("charset")?.lowercased() == "gbk" ? .gbk : .utf8,
        signType: asked.optional("sign_type") == "RSA" ? .rsa : .rsa2)
}

func caller(_ asked: Members) throws -> AlipayPlus.Account {
    try AlipayPlus.Account(
        clientId: try asked.needed("client_id"), merchantKey: try stranger.get(),
        platformKeys: [PlatformKey(try asked.needed("public_key"))])
}

/// The parameters of a form.
func form(_ text: String) -> [String: String] {
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&") {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
            part.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? String(part)
        }
        fields[parts[0]] = parts.count == 2 ? parts[1] : ""
    }
    return fields
}
