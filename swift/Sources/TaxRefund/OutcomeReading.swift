import Foundation

extension Outcome {
    /// An outcome as the core writes it, of an account by its name.
    init(json: String, account: String) throws(TaxRefundError) {
        guard let outcome = JSONValue(json: json)?.object, let kind = outcome.text("outcome") else { throw .unexpected }
        let report = Report(members: outcome.object("report") ?? [:])
        if kind == "succeeded" {
            let response = Response(members: outcome.object("response") ?? [:])
            self = .succeeded(Succeeded(response: response, reference: outcome.text("reference"), report: report))
            return
        }
        let reason = Reason(members: outcome.object("reason") ?? [:])
        // A step of another version is none of ours, and nobody is told to start anew on a guess.
        let nextStep = outcome.text("next_step").flatMap(NextStep.init) ?? .contactSupport
        if kind == "failed" {
            self = .failed(Failed(reason: reason, nextStep: nextStep, report: report))
            return
        }
        let open = outcome.object("resume").flatMap(OpenRefund.init(state:))
        let kept = open ?? OpenRefund(operation: report.operation, account: account, key: report.key)
        self = .unknown(Unknown(reason: reason, nextStep: nextStep, open: kept, report: report))
    }

    /// The same as the core writes it, for texts about it: without the frozen request of what is open.
    var json: String {
        var members: [String: JSONValue] = ["outcome": .string(verdict), "report": .object(report.members)]
        members["reason"] = reason.map { .object($0.members) }
        if case .succeeded(let succeeded) = self {
            members["reference"] = JSONValue(succeeded.reference) ?? .null
            members["response"] = .object(succeeded.response.members)
        } else {
            members["next_step"] = .string(nextStep.rawValue)
        }
        return jsonText(members)
    }
}

extension Reason {
    var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["code": .string(code), "verified": .bool(isVerified)]
        members["sub_code"] = JSONValue(subCode)
        return members
    }
}

extension Report {
    var members: [String: JSONValue] {
        [
            "operation": .string(operation), "key": .string(key), "slow_down": .bool(slowDown),
            "attempts": .array(attempts.map { .object($0.members) }),
            "evidence": evidence.map { .object($0.members) } ?? .null,
        ]
    }
}

extension Attempt {
    var members: [String: JSONValue] {
        [
            "interface": .string(interface), "sent_at_ms": .number(.init(sentAt.epochMs)),
            "took_ms": .number(.init(tookMs)), "reason": reason.map { .object($0.members) } ?? .null,
        ]
    }
}

extension Evidence {
    var members: [String: JSONValue] {
        let headers = headers.map { JSONValue.array([.string($0.name), .string($0.value)]) }
        return [
            "status": .number(.init(status)), "verified": .bool(isVerified), "headers": .array(headers),
            "body": .string(body.base64EncodedString()), "truncated": .bool(isTruncated),
        ]
    }
}
