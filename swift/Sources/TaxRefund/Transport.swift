import Foundation

/// Sends requests: `URLSession` by default, or anything of the app's own.
///
/// One call is exactly one exchange. An implementation sends the bytes as they are, follows no redirect, and never sends a
/// second time by itself: a repeat is decided above it, and has a new signature. When its task is cancelled the time is up, or
/// nobody waits any more, and it lets go of everything.
public protocol Transport: Sendable {
    /// One exchange. An answer with any status is an answer.
    ///
    /// - Throws: ``TransportFault`` when there was no complete answer. Anything else counts as a broken connection, and nothing
    ///   of its text is shown.
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

/// A header.
public struct Header: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// Its value.
    public let value: String

    /// A header.
    public init(_ name: String, _ value: String) {
        (self.name, self.value) = (name, value)
    }
}

/// A request, ready to be sent: nothing of it may be changed, its signature covers bytes.
public struct TransportRequest: Hashable, Sendable {
    /// Always `POST`.
    public let method: String
    /// Absolute, query string included.
    public let url: String
    /// In the order to send them. `Host` and `Content-Length` are the transport's part.
    public let headers: [Header]
    /// Byte for byte. It holds the traveller's data.
    public let body: Data
    /// The exchange must be over after this, the last byte of the answer included.
    public let timeoutMs: UInt64
    /// Which interface it calls: `pay`, `query`, …
    public let interface: String

    /// A request; clients make them, and tests of transports.
    public init(
        method: String = "POST", url: String, headers: [Header], body: Data, timeoutMs: UInt64, interface: String
    ) {
        (self.method, self.url, self.headers, self.body) = (method, url, headers, body)
        (self.timeoutMs, self.interface) = (timeoutMs, interface)
    }
}

/// An answer as it came.
public struct TransportResponse: Hashable, Sendable {
    /// HTTP's status.
    public let status: Int
    /// As they came.
    public let headers: [Header]
    /// Byte for byte, transfer encoding removed.
    public let body: Data

    /// An answer.
    public init(status: Int, headers: [Header], body: Data) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }

    /// A body may have at most this many bytes (1 MiB), as in the core.
    public static let maxBodyBytes = 1_048_576
    /// Headers may have at most this many bytes together (64 KiB), as in the core.
    public static let maxHeaderBytes = 65_536
}

/// There was no complete answer. For money every fault says the same: it is not known.
public struct TransportFault: Error, Hashable, Sendable {
    /// The faults that a transport can tell.
    public enum Kind: String, CaseIterable, Sendable {
        /// Not in time.
        case timeout
        /// No connection.
        case connectFailed = "connect_failed"
        /// The other side refuses connections.
        case refused
        /// The connection broke.
        case reset
        /// TLS could not be agreed on, or its certificate is wrong.
        case tls
        /// The host's name has no address.
        case dns
        /// The proxy refuses.
        case proxy
        /// More than an answer may have.
        case tooLarge = "too_large"
        /// No HTTP, or an encoded body that nobody asked for.
        case malformed
    }

    /// What happened.
    public let kind: Kind
    /// For engineers; must hold nothing of the request.
    public let detail: String

    /// A fault.
    public init(_ kind: Kind, detail: String = "") {
        (self.kind, self.detail) = (kind, detail)
    }
}

extension TransportRequest: Redacted {
    /// Without the query, the headers and the body.
    public var redaction: Redaction {
        Redaction("TransportRequest").shown("interface", interface).shown("address", url.prefix { $0 != "?" })
            .shown("bytes", body.count).shown("timeoutMs", timeoutMs)
    }
}

extension TransportResponse: Redacted {
    /// Without headers and body.
    public var redaction: Redaction {
        Redaction("TransportResponse").shown("status", status).shown("bytes", body.count)
    }
}
