internal import TaxRefundBridge

/// What one code means.
public struct Explanation: Hashable, Sendable {
    /// Whose code; `nil` for this library's own words for faults.
    public let `protocol`: String?
    /// The code.
    public let code: String
    /// What it means.
    public let meaning: String
    /// What to do.
    public let action: String
}

/// What the people around a refund do at a next step.
public struct StepExplanation: Hashable, Sendable {
    /// The step.
    public let step: NextStep
    /// What the person at the counter does.
    public let clerk: String
    /// What the engineer does.
    public let engineer: String
    /// What the traveller is told.
    public let traveller: String
}

/// Everything known of a code: provider codes, sub codes, faults (`timeout`), states (`status:F`); empty for an unknown one.
public func explain(_ code: String, in language: Language = .preferred) throws(TaxRefundError) -> [Explanation] {
    let known = try calling { try nativeExplain(code: code, language: language.rawValue) }
    return (JSONValue(json: known)?.array ?? []).compactMap(\.object).map { one in
        Explanation(
            protocol: one.text("protocol"), code: one.text("code") ?? "", meaning: one.text("meaning") ?? "",
            action: one.text("action") ?? "")
    }
}

/// What to do at a next step.
public func explain(_ step: NextStep, in language: Language = .preferred) throws(TaxRefundError) -> StepExplanation {
    let known = try calling { try nativeExplainStep(step: step.rawValue, language: language.rawValue) }
    guard let known, let one = JSONValue(json: known)?.object else {
        throw TaxRefundError.unexpected
    }
    return StepExplanation(
        step: step, clerk: one.text("clerk") ?? "", engineer: one.text("engineer") ?? "",
        traveller: one.text("traveller") ?? "")
}

/// What a reason means within one operation's protocol: the sub code first, which says more; `nil` when nothing is known.
func meaning(of reason: Reason, operation: String, in language: Language) -> String? {
    let owner = String(operation.prefix { $0 != "." })
    for code in [reason.subCode, reason.code].compactMap({ $0 }) {
        let known = (try? explain(code, in: language)) ?? []
        if let one = known.first(where: { $0.protocol == nil || $0.protocol == owner }) { return one.meaning }
    }
    return nil
}
