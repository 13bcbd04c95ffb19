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

    /// The same as the core writes it, for texts about it.
    var json: String {
        var members: [String: JSONValue] = ["report": .object(["operation": .string(report.operation), "key": .string(report.key)])]
        members["next_step"] = .string(nextStep.rawValue)
        members["reason"] = reason.map { .object($0.members) }
        switch self {
        case .succeeded(let succeeded):
            members["outcome"] = "succeeded"
            members["reference"] = JSONValue(succeeded.reference)
            members["response"] = .object(succeeded.response.members)
        case .failed: members["outcome"] = "failed"
        case .unknown: members["outcome"] = "unknown"
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

extension JSONValue: ExpressibleByStringLiteral {
    /// Text.
    public init(stringLiteral text: String) { self = .string(text) }
}
