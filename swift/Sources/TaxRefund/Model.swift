/// What is asked of a provider, what it answers, and parts of either.
///
/// A model is plain data: its `Codable` form has the provider's own names. It holds personal data, and shows none of it:
/// `description`, `debugDescription` and `dump` leave out what is about the traveller.
public protocol RefundModel: Codable, Hashable, Sendable, Redacted {}

/// A model of answers. Providers and their documents disagree about types, so it is read leniently: numbers and flags read as
/// text where text is due, and a member without its documented shape reads as `nil`.
public protocol AnsweredModel: RefundModel {
    /// Reads an answer; whatever it holds, this gives one.
    init(members: [String: JSONValue])

    /// What is there, under its wire names.
    var members: [String: JSONValue] { get }
}

/// The answer to an operation.
public protocol ResponseModel: AnsweredModel {
    /// What no document names, as it came. It may hold personal data.
    var extra: [String: JSONValue] { get }
}

/// What an operation is asked with.
public protocol OperationRequest: RefundModel {
    /// What it is answered with.
    associatedtype Response: ResponseModel

    /// What it asks for.
    static var operation: RefundOperation { get }
}

/// One operation of a provider.
public struct RefundOperation: Hashable, Sendable {
    /// What an operation leaves behind.
    public enum Effect: Hashable, Sendable {
        /// Money may move.
        case movesMoney
        /// The provider keeps it; no money moves.
        case records
        /// Nothing.
        case reads
    }

    /// Its name in every language: `alipay.pay_tax_refund`, …
    public let name: String
    /// What it leaves behind.
    public let effect: Effect
    /// The members that every repeat of a request must keep.
    public let idempotencyKey: [String]
    /// Whether the provider publishes it as a draft, which may change.
    public let isDraft: Bool
}

extension AnsweredModel {
    /// Reads an answer from its wire names.
    public init(from decoder: any Decoder) throws {
        self.init(members: try [String: JSONValue](from: decoder))
    }

    /// Writes it under its wire names.
    public func encode(to encoder: any Encoder) throws {
        try members.encode(to: encoder)
    }
}
