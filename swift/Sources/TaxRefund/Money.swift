internal import TaxRefundBridge

/// An exact amount: a whole number of a currency's smallest unit. Nothing here is a floating-point number, and nothing rounds.
///
/// ```swift
/// let refund = try Money(parsing: "100.00", currency: "SGD")
/// refund.minor        // 10000
/// refund.description  // "SGD 100.00"
/// ```
///
/// Its `Codable` form is that of Alipay+ and Antom: `{"currency": "SGD", "value": "10000"}`.
public struct Money: Hashable, Sendable {
    /// A count of the smallest unit: cents for SGD, yen for JPY, fils for KWD.
    public let minor: UInt64
    /// ISO 4217 code, three capitals.
    public let currency: String
    /// How many decimals the currency has.
    public let minorUnits: Int

    /// An amount of so many smallest units.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `money` for a currency that does not exist.
    public init(minor: UInt64, currency: String) throws(TaxRefundError) {
        self.minorUnits = Int(try calling { try nativeMinorUnits(currency: currency) })
        self.minor = minor
        self.currency = currency
    }

    /// Reads exact decimal text in major units: `"100.00"`, `"100"`, `"0.5"`.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `money` for more decimals than the currency has, signs, exponents, spaces and
    ///   grouping marks, and for a currency that does not exist.
    public init(parsing text: String, currency: String) throws(TaxRefundError) {
        let minor = try calling { try nativeMoneyMinor(text: text, currency: currency) }
        try self.init(minor: minor, currency: currency)
    }

    /// Major units with all decimals of the currency: `100.00`, `100` (JPY). Reads back exactly.
    public var major: String {
        let major = try? calling { try nativeMoneyMajor(minor: minor, currency: currency) }
        // The currency exists, or there would be no such value.
        return major ?? minorText
    }

    /// The smallest units as text, as providers write them.
    var minorText: String { String(minor) }
}

extension Money: CustomStringConvertible {
    /// `SGD 100.00`
    public var description: String { "\(currency) \(major)" }
}

extension Money: Codable {
    private enum CodingKeys: CodingKey {
        case currency, value
    }

    /// Reads `{"currency", "value"}`.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self = try members.money(.value, in: .currency)
    }

    /// Writes `{"currency", "value"}`.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(currency, forKey: .currency)
        try members.encode(minorText, forKey: .value)
    }

    static func decoded(_ minor: String, _ currency: String, at path: [any CodingKey]) throws -> Money {
        guard let count = UInt64(minor), minor.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let money = try? Money(minor: count, currency: currency)
        else {
            let context = DecodingError.Context(codingPath: path, debugDescription: "no amount of a currency that exists")
            throw DecodingError.dataCorrupted(context)
        }
        return money
    }
}

/// Money as an answer of Alipay+ or Antom holds it: both members as they came.
public struct Amount: Hashable, Sendable, Codable {
    /// ISO 4217 code.
    public let currency: String
    /// Whole number of the smallest unit as text: `"10000"` is SGD 100.00.
    public let value: String

    /// Members as they are.
    public init(currency: String, value: String) {
        self.currency = currency
        self.value = value
    }

    init?(members: [String: JSONValue]) {
        guard case .string(let currency) = members["currency"] ?? .string(""),
            let value = (members["value"] ?? .string("")).text
        else { return nil }
        self.init(currency: currency, value: value)
    }

    /// The same as ``Money``.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `money` when the members are no amount.
    public var money: Money {
        get throws(TaxRefundError) {
            guard !value.isEmpty, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let minor = UInt64(value) else {
                throw TaxRefundError(.money, code: "amount", .notAnAmount)
            }
            return try Money(minor: minor, currency: currency)
        }
    }
}

extension Amount: CustomStringConvertible {
    /// `SGD 100.00`, or both members as they are when they are no amount.
    public var description: String {
        (try? money)?.description ?? "\(currency) \(value) (smallest unit)"
    }
}
