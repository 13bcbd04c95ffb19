import Foundation

/// The key that seals what is personal in a journal: 32 bytes, which only the app has.
public struct SealingKey: Sendable {
    let bytes: Data

    /// A key of the app's own.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `configuration` unless it is 32 bytes.
    public init(_ bytes: Data) throws(TaxRefundError) {
        guard bytes.count == SealingKey.length else {
            throw TaxRefundError(
                .configuration(field: "sealingKey"), code: .journalSealing, .sealingKeyLength(bytes.count))
        }
        self.bytes = bytes
    }

    /// A new one, from the system's random numbers. Keep it: without it the journal cannot be opened.
    public static func random() -> SealingKey {
        var random = SystemRandomNumberGenerator()
        return SealingKey(fresh: Data((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }))
    }

    /// What to keep. Confidential.
    public func withBytes<Result>(_ use: (Data) throws -> Result) rethrows -> Result {
        try use(bytes)
    }

    static let length = 32

    private init(fresh bytes: Data) {
        self.bytes = bytes
    }
}

extension SealingKey: Redacted {
    /// Nothing of it.
    public var redaction: Redaction { Redaction("SealingKey").hidden("bytes", bytes) }
}
