import Foundation
// Flows are scripted below the public face, which knows no virtual time beyond that of a whole call.
@testable import TaxRefund
import TaxRefundBridge

private let nowMs: UInt64 = 1_795_395_723_123
private let dayMs = 86_400_000

/// A scripted provider, virtual time.
func flow(_ asked: Members) throws -> Members {
    let account = try account(asked["profile"]?.object ?? [:])
    let request = String(decoding: try JSONEncoder().encode(asked["request"] ?? .null), as: UTF8.self)
    let prepared = try account.prepare(operation: try asked.needed("operation"), requestJson: request)
    // Scripts are about decisions: no deadline cuts them short.
    let policy = #"{"attempts": \#(asked["attempts"]?.integer ?? 5), "deadline_ms": \#(dayMs)}"#
    let seed = UInt64(asked["seed"]?.integer ?? 0)
    let flow = try account.begin(prepared: prepared, policyJson: policy, seed: seed)
    var script = Script(answers: (asked["answers"]?.array ?? []).compactMap(\.object))
    var event = NativeEvent.start
    while true {
        switch try flow.advance(event: event, monotonicMs: script.passedMs, epochMs: nowMs + script.passedMs) {
        case .sign: throw Trouble(description: "asked for a signature though it has the key")
        case .wait(let waitMs): event = script.wait(waitMs)
        case .done(let outcome):
            return script.told(try JSONDecoder().decode(Members.self, from: Data(outcome.utf8)))
        case .send(let request):
            let content = Data(try prepared.business(interface: request.interface).utf8)
            guard carries(request.body, content) else {
                throw Trouble(description: "\(request.interface): the frozen content is not what is sent")
            }
            guard let answered = try script.answer(to: request.interface, content) else { return script.told(nil) }
            event = answered
        }
    }
}

/// What the provider says, what was sent, and how much time passed.
private struct Script {
    let answers: [Members]
    private(set) var passedMs: UInt64 = 0
    private var waitedMs: UInt64 = 0
    private var sent: [JSONValue] = []
    private var waits: [JSONValue] = []

    init(answers: [Members]) {
        self.answers = answers
    }

    mutating func wait(_ waitMs: UInt64) -> NativeEvent {
        passedMs += waitMs
        waitedMs += waitMs
        return .woke
    }

    /// `nil` when there are no more answers.
    mutating func answer(to interface: String, _ content: Data) throws -> NativeEvent? {
        if !sent.isEmpty { waits.append(.number(Decimal(waitedMs) / 1000)) }
        waitedMs = 0
        sent.append(.object(["interface": .string(interface), "business_sha256": .string(sha256(content))]))
        guard sent.count <= answers.count else { return nil }
        let answer = answers[sent.count - 1]
        if let fault = answer.optional("fault") { return .faulted(fault: fault, detail: "") }
        let headers = try answer.headers().map { NativeHeader(name: $0.name, value: $0.value) }
        return .answered(
            response: NativeResponse(
                status: UInt16(answer["status"]?.integer ?? 200), headers: headers, body: try answer.bytes("body_hex")))
    }

    func told(_ outcome: Members?) -> Members {
        [
            "sent": .array(sent),
            "waits_s": .array(waits),
            "outcome": outcome?["outcome"] ?? .null,
            "next_step": outcome.map { $0["next_step"] ?? "none" } ?? .null,
            "code": outcome?["reason"]?.object?["code"] ?? .null,
            "reference": outcome?["reference"] ?? .null,
            "exhausted_answers": .bool(outcome == nil),
        ]
    }
}

private func account(_ profile: Members) throws -> NativeAccount {
    let key = MerchantKey.softwareKey(try profile.needed("private_key"), iUnderstand: .aKeyInAnAppCanBeExtracted)
    let platform = try profile.needed("public_key")
    guard let clientId = profile.optional("client_id") else {
        return try Alipay.Account(
            appId: try profile.needed("app_id"), merchantKey: key, platform: .publicKey(platform)
        ).core.native
    }
    if try profile.needed("protocol") == "antom" {
        return try Antom.Account(clientId: clientId, merchantKey: key, platformKeys: [PlatformKey(platform)])
            .core.native
    }
    return try AlipayPlus.Account(clientId: clientId, merchantKey: key, platformKeys: [PlatformKey(platform)])
        .core.native
}

/// Whether a request carries exactly this content: as its body, or within a form.
private func carries(_ body: Data, _ content: Data) -> Bool {
    if body == content { return true }
    let parameters = form(String(decoding: body, as: UTF8.self))
    if parameters.count == 1, let business = parameters["biz_content"] { return Data(business.utf8) == content }
    let expected = (try? JSONDecoder().decode([String: String].self, from: content)) ?? [:]
    return parameters == expected
}
