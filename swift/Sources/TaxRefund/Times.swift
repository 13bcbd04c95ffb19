import Foundation
internal import TaxRefundBridge

/// A moment as Alipay's open gateway writes it: `yyyy-MM-dd HH:mm:ss`, the wall clock of UTC+8 wherever the device is.
///
/// A text is taken as it is, and judged when a request is prepared: `let printed: GatewayTime = "2026-11-23 09:30:00"`.
public struct GatewayTime: Hashable, Sendable {
    /// As it is sent.
    public let text: String

    /// A text as it is.
    public init(_ text: String) {
        self.text = text
    }

    /// A moment; parts of a second are left out.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `date` outside of the years 1970 to 9999.
    public init(_ date: Date) throws(TaxRefundError) {
        let epochMs = try date.writableMs
        text = try calling { try nativeGatewayTime(epochMs: epochMs) }
    }

    /// The moment.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `date` for a text that is none.
    public var date: Date {
        get throws(TaxRefundError) { try moment(of: text) }
    }
}

/// A moment as Alipay+ and Antom write it: ISO 8601 with an offset.
///
/// A text is taken as it is, and judged when a request is prepared: `let stamped: OffsetTime = "2026-11-23T09:30:00+08:00"`.
public struct OffsetTime: Hashable, Sendable {
    /// As it is sent.
    public let text: String

    /// A text as it is.
    public init(_ text: String) {
        self.text = text
    }

    /// A moment. A `Date` has no offset of its own; without one it is written in UTC, whatever the device's zone is, so that a
    /// repeat sends the same bytes. `offsetMinutes` counts east of UTC: 480 for Singapore.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `date` outside of the years 1970 to 9999, and for an offset that no place has.
    public init(_ date: Date, offsetMinutes: Int32 = 0) throws(TaxRefundError) {
        let epochMs = try date.writableMs
        text = try calling { try nativeOffsetTime(epochMs: epochMs, offsetMinutes: offsetMinutes) }
    }

    /// The moment.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `date` for a text that is none.
    public var date: Date {
        get throws(TaxRefundError) { try moment(of: text) }
    }
}

extension GatewayTime: ExpressibleByStringLiteral, CustomStringConvertible, Codable {
    /// A text as it is.
    public init(stringLiteral text: String) { self.init(text) }

    /// As it is sent.
    public var description: String { text }

    /// Reads a text.
    public init(from decoder: any Decoder) throws { self.init(try String(from: decoder)) }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws { try text.encode(to: encoder) }
}

extension OffsetTime: ExpressibleByStringLiteral, CustomStringConvertible, Codable {
    /// A text as it is.
    public init(stringLiteral text: String) { self.init(text) }

    /// As it is sent.
    public var description: String { text }

    /// Reads a text.
    public init(from decoder: any Decoder) throws { self.init(try String(from: decoder)) }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws { try text.encode(to: encoder) }
}

private func moment(of text: String) throws(TaxRefundError) -> Date {
    Date(timeIntervalSince1970: Double(try calling { try nativeParseTime(text: text) }) / 1000)
}

extension Date {
    /// From 9999-12-31 10:00 UTC on it is the year 10000 somewhere, which neither shape can hold.
    private static let latestMs = 253_402_207_200_000.0

    fileprivate var writableMs: UInt64 {
        get throws(TaxRefundError) {
            let ms = (timeIntervalSince1970 * 1000).rounded()
            guard (0...Date.latestMs).contains(ms) else {
                throw TaxRefundError(.date, code: "time_out_of_range", .dateOutOfRange)
            }
            return UInt64(ms)
        }
    }
}
