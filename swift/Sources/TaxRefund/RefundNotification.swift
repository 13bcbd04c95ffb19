import Foundation
internal import TaxRefundBridge

/// What to send back for a notification, exactly.
public struct Reply: Hashable, Sendable {
    /// HTTP's status.
    public let status: Int
    /// In their order.
    public let headers: [Header]
    /// Its text.
    public let body: String

    init(members: [String: JSONValue]) {
        status = members.integer("status") ?? 400
        headers = (members["headers"]?.array ?? []).compactMap { pair in
            guard let texts = pair.array?.compactMap(\.text), texts.count == 2 else { return nil }
            return Header(texts[0], texts[1])
        }
        body = members.text("body") ?? ""
    }

    var json: String {
        let headers = headers.map { JSONValue.array([.string($0.name), .string($0.value)]) }
        return jsonText(
            [
                "status": .number(.init(status)), "headers": .array(headers), "body": .string(body),
            ] as JSONValue.Members)
    }
}

/// A verified notification.
public struct RefundNotification: Hashable, Sendable {
    /// What it says of the refund.
    public enum Verdict: String, Hashable, Sendable {
        /// It was done.
        case succeeded
        /// It was not, and no money moved.
        case failed
    }

    /// `alipay`, `alipay_plus` or `antom`.
    public let `protocol`: String
    /// The gateway's `notify_id`: the same in every redelivery.
    public let id: String?
    /// The gateway's `notify_type`, Antom's `notifyType`.
    public let kind: String?
    /// The idempotency key of the refund it is about.
    public let key: String?
    /// The provider's own number.
    public let reference: String?
    /// What it says of the refund; `nil` when it says nothing final.
    public let verdict: Verdict?
    /// The provider's code.
    public let code: String?
    /// The refund's amount, where the message carries one: compare it with your own record.
    public let amount: Amount?
    /// Everything it carried. It may hold personal data.
    public let fields: [String: JSONValue]
    /// Send exactly this back, once the notification is safely recorded.
    public let reply: Reply

    init(members: [String: JSONValue], reply: Reply? = nil) {
        self.protocol = members.text("protocol") ?? ""
        id = members.text("id")
        kind = members.text("kind")
        key = members.text("key")
        reference = members.text("reference")
        verdict = members.text("settlement").flatMap(Verdict.init)
        code = members.text("code")
        amount = members.amount("amount")
        fields = members.object("fields") ?? [:]
        self.reply = reply ?? Reply(members: members.object("reply") ?? [:])
    }
}

extension RefundNotification: Redacted {
    /// Without the message's fields.
    public var redaction: Redaction {
        Redaction("RefundNotification").shown("protocol", self.protocol).shown("kind", kind).shown("key", key)
            .shown("verdict", verdict?.rawValue).shown("code", code)
    }
}

/// What a notification did to the journal.
public struct Settlement: Sendable {
    /// What was recorded: `settled`, `known`, `no_refund`, `conflict`, …; the core's own word.
    public let merged: String
    /// The key of the refund that it is about, where the journal has it.
    public let key: String?
    /// The notification, with the reply to send.
    public let notification: RefundNotification

    init(members: [String: JSONValue]) {
        let merged = members.object("merged") ?? [:]
        self.merged = merged.text("merged") ?? ""
        key = merged.text("key")
        notification = RefundNotification(members: members.object("notification") ?? [:])
    }
}

extension Calls {
    func notification(path: String, headers: [Header], body: Data) async throws(TaxRefundError) -> RefundNotification {
        let (native, nowMs) = (account.native, options.clock.epochMs)
        let given = headers.map(NativeHeader.init)
        let json = try calling { try native.notification(path: path, headers: given, body: body, nowMs: nowMs) }
        let members = JSONValue(json: json)?.object ?? [:]
        let unsigned = RefundNotification(members: members)
        guard let signer = account.signer else { return unsigned }
        let reply = unsigned.reply.json
        guard let message = try calling({ try native.replyToSign(path: path, replyJson: reply, nowMs: nowMs) }) else {
            return unsigned
        }
        let signed = await within(account.signerPatienceMs, on: options.clock) { try await signer.sign(message) }
        guard case .value(let signature) = signed else {
            throw TaxRefundError(.configuration(field: "signer"), code: .signerFailed, .signerFailed)
        }
        let whole = try calling {
            try native.signedReply(path: path, replyJson: reply, nowMs: nowMs, signature: signature)
        }
        return RefundNotification(members: members, reply: Reply(members: JSONValue(json: whole)?.object ?? [:]))
    }
}
