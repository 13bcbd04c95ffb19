import Foundation
internal import TaxRefundBridge

/// The strings that are signed, and signatures over bytes: for interfaces that this library does not know, and for tests.
///
/// Nothing here is needed to pay refunds: clients sign and verify by themselves.
public enum Signing {
    /// Where the signed bytes of a gateway answer are.
    public struct CutOut: Hashable, Sendable {
        /// The name of the signed member.
        public let root: String
        /// Where the signed bytes stand in the body.
        public let range: Range<Int>
        /// Base64; `nil` where the answer has none.
        public let signature: String?
        /// The serial number of Alipay's certificate, in certificate mode.
        public let alipayCertSn: String?
    }

    /// What Alipay's open gateway signs: parameters by name, without `sign` and empty ones.
    public static func formStringToSign(
        _ parameters: [String: String], charset: String = "utf-8"
    ) throws(TaxRefundError) -> Data {
        let json = jsonText(parameters)
        return try calling { try nativeFormStringToSign(parametersJson: json, charset: charset) }
    }

    /// What an open gateway notification signs under a rule (`V1`, `V2`), and its parameters.
    public static func formStringToVerify(
        _ body: Data, rule: String
    ) throws(TaxRefundError) -> (toVerify: String, parameters: [String: String]) {
        let json = try calling { try nativeFormStringToVerify(body: body, rule: rule) }
        let read = JSONValue(json: json)?.object ?? [:]
        return (read.text("to_verify") ?? "", (read.object("parameters") ?? [:]).compactMapValues(\.text))
    }

    /// What Alipay+ and Antom sign: the path, the client id, the time header's text and the body.
    public static func headerStringToSign(
        path: String, clientId: String, time: String, body: Data
    ) throws(TaxRefundError) -> Data {
        try calling { try nativeHeaderStringToSign(path: path, clientId: clientId, time: time, body: body) }
    }

    /// The `Signature` header.
    public static func signatureHeader(_ signature: Data, keyVersion: UInt32) throws(TaxRefundError) -> String {
        try calling { try nativeWriteSignatureHeader(signature: signature, keyVersion: keyVersion) }
    }

    /// A signature under `RSA2` (SHA-256) or `RSA` (SHA-1); the key is PEM or Base64.
    public static func sign(
        _ message: Data, privateKey: String, signType: String = "RSA2"
    ) throws(TaxRefundError) -> Data {
        try calling { try nativeSign(privateKey: Data(privateKey.utf8), message: message, signType: signType) }
    }

    /// Whether a signature is this key's over exactly this message.
    public static func verify(
        _ signature: Data, over message: Data, publicKey: String, signType: String = "RSA2"
    ) throws(TaxRefundError) -> Bool {
        try calling {
            try nativeVerify(
                publicKey: Data(publicKey.utf8), message: message, signature: signature, signType: signType)
        }
    }

    /// Where an open gateway answer's signed bytes stand.
    public static func cutOut(
        method: String, body: Data, charset: String = "utf-8"
    ) throws(TaxRefundError) -> CutOut {
        let json = try calling { try nativeCutOut(method: method, body: body, charset: charset) }
        guard let cut = JSONValue(json: json)?.object, let root = cut.text("root"), let start = cut.integer("start"),
            let end = cut.integer("end"), start <= end
        else { throw .unexpected }
        return CutOut(
            root: root, range: start..<end, signature: cut.text("signature"),
            alipayCertSn: cut.text("alipay_cert_sn"))
    }

    /// A certificate's serial number as the gateway wants it.
    public static func certificateSerial(_ certificate: String) throws(TaxRefundError) -> String {
        try calling { try nativeCertificateSerial(certificate: Data(certificate.utf8)) }
    }

    /// A root bundle's serial number.
    public static func rootSerial(_ bundle: String) throws(TaxRefundError) -> String {
        try calling { try nativeRootSerial(bundle: Data(bundle.utf8)) }
    }
}
