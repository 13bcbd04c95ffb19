internal import TaxRefundBridge

/// What a scanner read, or a clerk typed: a traveller's payment code, or a login account.
///
/// ```swift
/// let code = try ScannedCode(parsing: scanned)
/// label.text = code.masked
/// request.identifyAccountType = code.accountType
/// request.identifyAccountNo = code.accountNumber
/// ```
public struct ScannedCode: Hashable, Sendable {
    /// For `identifyAccountType`: `barcode` or `logonId`.
    public let accountType: String
    /// For `identifyAccountNo`. Personal; show ``masked`` instead.
    public let accountNumber: String
    /// What may be shown.
    public let masked: String
    /// Something unusual about it that stops nothing.
    public let warnings: [Warning]

    /// Something unusual about a code.
    public struct Warning: Hashable, Sendable {
        /// The rule's stable name.
        public let rule: String
        private let english: String
        private let chinese: String

        /// The rule in words.
        public func text(in language: Language = .preferred) -> String {
            language == .english ? english : chinese
        }

        init(members: [String: JSONValue]) {
            rule = members.text("rule") ?? ""
            english = members.text("message") ?? ""
            chinese = members.text("chinese") ?? english
        }
    }

    /// Reads a text.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `scannedCode`, whose code says what the text is instead (a passport, a web address,
    ///   half a code, …) and whose description what to do. It holds nothing of the text.
    public init(parsing text: String) throws(TaxRefundError) {
        let json = try calling { try nativeScannedCode(text: text) }
        let members = JSONValue(json: json)?.object ?? [:]
        accountType = members.text("identify_account_type") ?? ""
        accountNumber = members.text("identify_account_no") ?? ""
        masked = members.text("masked") ?? ""
        warnings = (members.objects("warnings") ?? []).map(Warning.init)
    }
}

extension ScannedCode: Redacted {
    /// Masked.
    public var redaction: Redaction {
        Redaction("ScannedCode").shown("accountType", accountType).shown("masked", masked)
    }
}
