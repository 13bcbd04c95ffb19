import Foundation

/// Any JSON: what answers hold beyond their documented members.
///
/// Numbers are decimal, never binary floating point.
public enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, exactly.
    case number(Decimal)
    /// Text.
    case string(String)
    /// A list.
    case array([JSONValue])
    /// Members by their names.
    case object([String: JSONValue])
}

extension JSONValue: Codable {
    /// Reads any JSON.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let text = try? value.decode(String.self) {
            self = .string(text)
        } else if let flag = try? value.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? value.decode(Decimal.self) {
            self = .number(number)
        } else if let members = try? value.decode([String: JSONValue].self) {
            self = .object(members)
        } else {
            self = .array(try value.decode([JSONValue].self))
        }
    }

    /// Writes it as JSON.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let flag): try value.encode(flag)
        case .number(let number): try value.encode(number)
        case .string(let text): try value.encode(text)
        case .array(let items): try value.encode(items)
        case .object(let members): try value.encode(members)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral {
    /// Text.
    public init(stringLiteral text: String) { self = .string(text) }
}

extension JSONValue {
    typealias Members = [String: JSONValue]

    /// The members of an object; `nil` for anything else.
    public var object: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The items of a list; `nil` for anything else.
    public var array: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    /// A text as it is, a number or a flag as text; `nil` for anything else.
    public var text: String? {
        switch self {
        case .string(let text): text
        case .number(let number): "\(number)"
        case .bool(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// A whole number, also one that was written as text; `nil` for anything else.
    public var integer: Int? {
        switch self {
        case .number(let number): Int("\(number)")
        case .string(let text): Int(text)
        case .null, .bool, .array, .object: nil
        }
    }

    /// A flag, also one that was written as text; `nil` for anything else.
    public var flag: Bool? {
        switch self {
        case .bool(let flag): flag
        case .string("true"): true
        case .string("false"): false
        case .null, .number, .string, .array, .object: nil
        }
    }
}

extension JSONValue {
    /// Reads JSON text; `nil` for a text that is none.
    init?(json: String) {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)) else { return nil }
        self = value
    }
}

/// The JSON text of a value, its members in the order of their names.
func jsonText(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Nothing that goes out has numbers that JSON cannot hold.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
}
