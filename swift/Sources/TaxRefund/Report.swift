import Foundation

/// Why: a provider's code, or our word for a fault.
public struct Reason: Hashable, Sendable {
    /// The gateway's `code`, a `resultCode`, or a ``Fault`` such as `timeout`; `explain` knows it.
    public let code: String
    /// The gateway's `sub_code`.
    public let subCode: String?
    /// The provider's own text, for engineers. It may repeat parts of the request, so nothing that prints shows it.
    public let message: String?
    /// Whether a verified answer said so.
    public let isVerified: Bool
}

/// One send and what came of it.
public struct Attempt: Hashable, Sendable {
    /// `pay`, `query`, …
    public let interface: String
    /// When it was sent, by the driver's clock.
    public let sentAt: Date
    /// How long until the answer or the fault.
    public let tookMs: Int
    /// The code that was answered, or the fault.
    public let reason: Reason?
}

/// Something unusual about a request that did not stop it: it was sent as given.
public struct RequestWarning: Hashable, Sendable {
    /// Where, in Swift's names.
    public let path: String
    /// The rule's stable name.
    public let rule: String
    /// The rule in words.
    public let message: String
}

/// Bytes received, kept as proof. They may hold personal data, so nothing that prints shows them.
public struct Evidence: Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// Whether the signature over exactly these bytes was good.
    public let isVerified: Bool
    /// The signature header, for the protocols that sign by header, with the time it covers.
    public let headers: [Header]
    /// As received, at most 64 KiB of it.
    public let body: Data
    /// Whether the body was longer than what is kept.
    public let isTruncated: Bool
}

/// What was sent and heard of one refund.
public struct Report: Hashable, Sendable {
    /// The operation's name: `alipay.pay_tax_refund`.
    public let operation: String
    /// The idempotency key.
    public let key: String
    /// Every send of this run, oldest first.
    public let attempts: [Attempt]
    /// Unusual things about the request that did not stop it.
    public let warnings: [RequestWarning]
    /// The provider asked for a lower call rate.
    public let slowDown: Bool
    /// The bytes that decided, or the last ones received.
    public let evidence: Evidence?
}

extension Reason: Redacted {
    /// The codes, and whether they are verified: `40004 INVALID_PARAMETER`, `timeout (not verified)`.
    public var description: String {
        let codes = [code, subCode].compactMap { $0 }.joined(separator: " ")
        return isVerified ? codes : "\(codes) (not verified)"
    }

    /// Without the provider's text.
    public var redaction: Redaction {
        Redaction("Reason").shown("code", code).shown("subCode", subCode).shown("isVerified", isVerified)
    }

    init(members: [String: JSONValue]) {
        code = members.text("code") ?? ""
        subCode = members.text("sub_code")
        message = members.text("message")
        isVerified = members.flag("verified") ?? false
    }
}

extension Attempt: Redacted {
    /// All of it.
    public var redaction: Redaction {
        Redaction("Attempt").shown("interface", interface).shown("sentAt", sentAt).shown("tookMs", tookMs)
            .shown("reason", reason)
    }

    init(members: [String: JSONValue]) {
        interface = members.text("interface") ?? ""
        sentAt = Date(epochMs: members.integer("sent_at_ms") ?? 0)
        tookMs = members.integer("took_ms") ?? 0
        reason = members.object("reason").map(Reason.init)
    }
}

extension RequestWarning {
    init(members: [String: JSONValue]) {
        path = swiftPath(members.text("path") ?? "")
        rule = members.text("rule") ?? ""
        message = members.text("message") ?? ""
    }
}

extension Evidence: Redacted {
    /// Without headers and body.
    public var redaction: Redaction {
        Redaction("Evidence").shown("status", status).shown("isVerified", isVerified).shown("bytes", body.count)
    }

    init(members: [String: JSONValue]) {
        status = members.integer("status") ?? 0
        isVerified = members.flag("verified") ?? false
        headers = (members["headers"]?.array ?? []).compactMap { pair in
            guard let texts = pair.array?.compactMap(\.text), texts.count == 2 else { return nil }
            return Header(texts[0], texts[1])
        }
        body = members.text("body").flatMap { Data(base64Encoded: $0) } ?? Data()
        isTruncated = members.flag("truncated") ?? false
    }
}

extension Report: Redacted {
    /// Without the bytes.
    public var redaction: Redaction {
        Redaction("Report").shown("operation", operation).shown("key", key).shown("attempts", attempts)
            .counted("warnings", warnings).shown("slowDown", slowDown).shown("evidence", evidence)
    }

    init(members: [String: JSONValue]) {
        operation = members.text("operation") ?? ""
        key = members.text("key") ?? ""
        attempts = (members.objects("attempts") ?? []).map(Attempt.init)
        warnings = (members.objects("warnings") ?? []).map(RequestWarning.init)
        slowDown = members.flag("slow_down") ?? false
        evidence = members.object("evidence").map(Evidence.init)
    }
}

extension Date {
    init(epochMs: Int) {
        self.init(timeIntervalSince1970: Double(epochMs) / 1000)
    }

    var epochMs: Int { Int((timeIntervalSince1970 * 1000).rounded()) }
}
