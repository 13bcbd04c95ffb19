internal import TaxRefundBridge

/// Whose account a code belongs to, for the traveller to confirm before anything is paid. Masked, until it is revealed.
public struct Confirmation: Hashable, Sendable {
    /// The real name; `nil` where the answer did not say.
    public let name: String?
    /// The login account.
    public let login: String?
    /// The user id.
    public let userId: String?
    /// Whether this is unmasked.
    public let isRevealed: Bool

    private let response: Alipay.QueryUserInfoResponse

    /// From an answer of `queryUserInfo`, masked.
    public init(of response: Alipay.QueryUserInfoResponse) throws(TaxRefundError) {
        try self.init(of: response, revealed: false)
    }

    /// The same, unmasked: only where the traveller must see it, and nobody else.
    public func revealed() throws(TaxRefundError) -> Confirmation {
        try Confirmation(of: response, revealed: true)
    }

    private init(of response: Alipay.QueryUserInfoResponse, revealed: Bool) throws(TaxRefundError) {
        let answer = jsonText(response.members)
        let json = try calling { try nativeConfirmation(responseJson: answer, revealed: revealed) }
        let members = JSONValue(json: json)?.object ?? [:]
        name = members.text("name")
        login = members.text("login")
        userId = members.text("user_id")
        (isRevealed, self.response) = (revealed, response)
    }
}

extension Confirmation: Redacted {
    /// What is masked as it is, what is revealed not at all.
    public var redaction: Redaction {
        let redaction = Redaction("Confirmation")
        return isRevealed
            ? redaction.hidden("name", name).hidden("login", login).hidden("userId", userId)
            : redaction.shown("name", name).shown("login", login).shown("userId", userId)
    }
}
