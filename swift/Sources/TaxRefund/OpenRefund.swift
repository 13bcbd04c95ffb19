/// A refund that is not known to have succeeded or failed, to be taken up again: now, or later in another process.
///
/// ``text`` is all there is to store. It holds the frozen request, so keep it as carefully as the request itself; where a
/// journal keeps the refund, it is only a reference. Nothing that prints shows it.
public struct OpenRefund: Hashable, Sendable {
    /// The operation's name: `alipay.pay_tax_refund`.
    public let operation: String
    /// The app id or client id that it belongs to.
    public let account: String
    /// The idempotency key.
    public let key: String
    /// What to store. Confidential.
    public let text: String
    /// Whether the text holds the whole state; else only a journal can resume it.
    let isWhole: Bool

    /// Reads a stored text.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `configuration` for a text that is none.
    public init(_ text: String) throws(TaxRefundError) {
        guard let open = JSONValue(json: text)?.object.flatMap(OpenRefund.init(state:)) else {
            throw TaxRefundError(.configuration(field: "open"), code: .stateUnreadable, .notAnOpenRefund)
        }
        self = open
    }

    init?(state: [String: JSONValue]) {
        guard let operation = state.text("operation"), let account = state.text("account"), let key = state.text("key")
        else { return nil }
        (self.operation, self.account, self.key) = (operation, account, key)
        (text, isWhole) = (jsonText(state), state["business"] != nil)
    }

    init(operation: String, account: String, key: String) {
        (self.operation, self.account, self.key, isWhole) = (operation, account, key, false)
        text = jsonText(["operation": operation, "account": account, "key": key])
    }
}

extension OpenRefund: Redacted {
    /// Without the request.
    public var redaction: Redaction {
        Redaction("OpenRefund").shown("operation", operation).shown("account", account).shown("key", key)
    }
}

extension OpenRefund: Codable {
    /// Reads a stored text.
    public init(from decoder: any Decoder) throws {
        try self.init(try String(from: decoder))
    }

    /// Writes the text. Confidential.
    public func encode(to encoder: any Encoder) throws {
        try text.encode(to: encoder)
    }
}
