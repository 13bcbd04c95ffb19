internal import TaxRefundBridge

/// What to say and do about an outcome, at the counter.
public struct Advice: Hashable, Sendable {
    /// What must be done.
    public let nextStep: NextStep
    /// In a few words.
    public let title: String
    /// What the traveller is told.
    public let traveller: String
    /// What the clerk does next.
    public let clerk: String
    /// Whether a new refund may be started, under a new number: only after a verified failure that asks for it.
    public let mayStartNew: Bool
    /// Whether the same may be asked again.
    public let mayAskAgain: Bool

    /// For an outcome of any operation.
    public init<Response>(
        for outcome: Outcome<Response>, in language: Language = .preferred
    ) throws(TaxRefundError) {
        let told = outcome.json
        let json = try calling { try nativeAdvice(outcomeJson: told, language: language.rawValue) }
        let members = JSONValue(json: json)?.object ?? [:]
        nextStep = members.text("next_step").flatMap(NextStep.init) ?? outcome.nextStep
        title = members.text("title") ?? ""
        traveller = members.text("traveller") ?? ""
        clerk = members.text("clerk") ?? ""
        mayStartNew = members.flag("may_start_new") ?? false
        mayAskAgain = members.flag("may_ask_again") ?? false
    }
}
