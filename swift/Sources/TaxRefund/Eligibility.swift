internal import TaxRefundBridge

/// Whether an account can receive refunds, and what traveller and clerk are told.
public struct Eligibility: Hashable, Sendable {
    /// What is known.
    public enum Verdict: String, Hashable, Sendable {
        /// It can: a verified answer says so.
        case eligible
        /// It cannot; `code` says why.
        case notEligible = "not_eligible"
        /// Nobody knows. Ask again; do not tell the traveller that it cannot.
        case undetermined
    }

    /// What is known.
    public let verdict: Verdict
    /// Why not: `REAL_NAME_UNCERTIFIED`, …; a provider's code or a fault where it is not known.
    public let code: String?
    /// In a few words.
    public let title: String
    /// What the traveller is told.
    public let traveller: String
    /// What the clerk does next.
    public let clerk: String

    /// From an outcome of `queryUserInfo`, whichever of the three it is.
    public init(
        of outcome: Outcome<Alipay.QueryUserInfoResponse>, in language: Language = .preferred
    ) throws(TaxRefundError) {
        let told = outcome.json
        let json = try calling { try nativeEligibility(outcomeJson: told, language: language.rawValue) }
        let members = JSONValue(json: json)?.object ?? [:]
        verdict = members.text("verdict").flatMap(Verdict.init) ?? .undetermined
        code = members.text("code")
        title = members.text("title") ?? ""
        traveller = members.text("traveller") ?? ""
        clerk = members.text("clerk") ?? ""
    }
}
