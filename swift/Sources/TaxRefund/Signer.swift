import Foundation

/// Makes the merchant's signatures outside of the app: a server of one's own, a KMS, a hardware key.
///
/// Every signature is checked with the account's public key before anything is sent, so a wrong one never leaves the device. When
/// `sign` throws, or has not answered in time, nothing is sent: the outcome is *unknown* with the reason `signer_failed`, and
/// nothing of what it threw is shown.
///
/// ```swift
/// struct CounterServer: Signer {
///     let address: URL
///
///     func sign(_ message: Data) async throws -> Data {
///         var request = URLRequest(url: address)
///         request.httpMethod = "POST"
///         let (signature, _) = try await URLSession.shared.upload(for: request, from: message)
///         return signature
///     }
/// }
/// ```
public protocol Signer: Sendable {
    /// Given the exact bytes, gives their signature: RSASSA-PKCS1-v1_5 over SHA-256 (SHA-1 for an old account with the sign type
    /// `rsa`). The bytes are the request: they hold the traveller's data.
    func sign(_ message: Data) async throws -> Data
}

/// The merchant's key: whoever signs with it.
public struct MerchantKey: Sendable {
    /// What it takes to put a private key into an app.
    public enum KeyInAnApp: Sendable {
        /// An app's files and memory can be read on a device that its owner controls. Whoever has the key signs refunds in the
        /// merchant's name, anywhere, until it is revoked. For tests, and for devices that only the merchant holds.
        case aKeyInAnAppCanBeExtracted
    }

    enum Kind: Sendable {
        case software(pem: String)
        case signer(any Signer, publicKey: String, patienceMs: UInt64)
    }

    let kind: Kind

    /// A signer outside of the app, which is asked for so long; `publicKey` is the merchant's own, PEM or Base64.
    public static func signer(
        _ signer: any Signer, publicKey: String, patience: Duration = .seconds(30)
    ) -> MerchantKey {
        MerchantKey(kind: .signer(signer, publicKey: publicKey, patienceMs: patience.wholeMs))
    }

    /// A private key in the app, PEM or Base64: see ``KeyInAnApp`` for why it should not be there.
    public static func softwareKey(_ pem: String, iUnderstand: KeyInAnApp) -> MerchantKey {
        MerchantKey(kind: .software(pem: pem))
    }
}

extension MerchantKey: Redacted {
    /// Who signs, without any key.
    public var redaction: Redaction {
        switch kind {
        case .software: Redaction("MerchantKey").shown("is", "a key in the app")
        case .signer: Redaction("MerchantKey").shown("is", "a signer")
        }
    }
}

extension Duration {
    /// Whole milliseconds, rounded up; 0 for what is negative.
    var wholeMs: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000)
        guard !overflow else { return .max }
        return whole &+ (UInt64(attoseconds) + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
