import Foundation
internal import TaxRefundBridge

/// A client of one account. Cheap to copy, safe to share.
///
/// A method per operation gives an ``Outcome``. `Task.cancel()` ends a call at once: the outcome is *unknown* with the reason
/// `cancelled`, nothing is sent any more, and `resume` goes on.
public protocol Client: Sendable {
    /// Takes an open refund up again: asks what became of it, and goes on from there.
    ///
    /// With a journal it goes on in the journal, and in nothing else: what the journal does not have, its client pays for nobody.
    ///
    /// - Throws: ``TaxRefundError`` of the kind `refundNotFound` for a refund that the journal does not have; `configuration`
    ///   for one of another account or protocol.
    func resume(_ open: OpenRefund, options: CallOptions) async throws(TaxRefundError) -> Outcome<AnyResponse>

    /// The same, with the operation's own response.
    func resume<Request: OperationRequest>(
        _ open: OpenRefund, of request: Request.Type, options: CallOptions
    ) async throws(TaxRefundError) -> Outcome<Request.Response>

    /// Takes a recorded refund up again; `entry` is one of the client's journal.
    func resume(_ entry: JournalEntry, options: CallOptions) async throws(TaxRefundError) -> Outcome<AnyResponse>

    /// Verifies an inbound message and reads it. Most apps have a server for that.
    ///
    /// - Parameters:
    ///   - path: path and query at which it arrived, which Alipay+ and Antom sign.
    ///   - headers: as they came.
    ///   - body: the raw bytes.
    /// - Throws: ``TaxRefundError`` of the kind `notificationRefused`, with the reply to give.
    func notification(path: String, headers: [Header], body: Data) async throws(TaxRefundError) -> RefundNotification

    /// Checks an answer to an interface that this library does not know, by the same rules; gives its content.
    ///
    /// - Parameters:
    ///   - wire: the gateway's method name, or the path that was called.
    ///   - response: as it came.
    func verifiedAnswer(to wire: String, _ response: TransportResponse) throws(TaxRefundError) -> [String: JSONValue]
}

/// Clients as the package sees them.
protocol CoreClient: Client {
    var calls: Calls { get }
}

extension Client {
    /// Takes an open refund up again: asks what became of it, and goes on from there.
    public func resume(_ open: OpenRefund) async throws(TaxRefundError) -> Outcome<AnyResponse> {
        try await resume(open, options: CallOptions())
    }

    /// The same, with the operation's own response.
    public func resume<Request: OperationRequest>(
        _ open: OpenRefund, of request: Request.Type
    ) async throws(TaxRefundError) -> Outcome<Request.Response> {
        try await resume(open, of: request, options: CallOptions())
    }

    /// Takes a recorded refund up again.
    public func resume(_ entry: JournalEntry) async throws(TaxRefundError) -> Outcome<AnyResponse> {
        try await resume(entry, options: CallOptions())
    }
}

extension CoreClient {
    /// Takes an open refund up again: asks what became of it, and goes on from there.
    public func resume(
        _ open: OpenRefund, options: CallOptions
    ) async throws(TaxRefundError) -> Outcome<AnyResponse> {
        try await calls.resumed(open, options)
    }

    /// The same, with the operation's own response.
    public func resume<Request: OperationRequest>(
        _ open: OpenRefund, of request: Request.Type, options: CallOptions
    ) async throws(TaxRefundError) -> Outcome<Request.Response> {
        let needed = Request.operation.name
        guard open.operation == needed else {
            let text = OwnText.neededAnotherOperation(open.operation, needed: needed)
            throw TaxRefundError(.configuration(field: "open"), code: .stateUnreadable, text)
        }
        return try await calls.resumed(open, options)
    }

    /// Takes a recorded refund up again.
    public func resume(
        _ entry: JournalEntry, options: CallOptions
    ) async throws(TaxRefundError) -> Outcome<AnyResponse> {
        try await calls.resumed(entry.open, options)
    }

    /// Verifies an inbound message and reads it.
    public func notification(
        path: String, headers: [Header], body: Data
    ) async throws(TaxRefundError) -> RefundNotification {
        try await calls.notification(path: path, headers: headers, body: body)
    }

    /// Checks an answer to an interface that this library does not know.
    public func verifiedAnswer(
        to wire: String, _ response: TransportResponse
    ) throws(TaxRefundError) -> [String: JSONValue] {
        let native = calls.account.native
        let json = try calling { try native.verifyAnswer(wire: wire, response: NativeResponse(response)) }
        return JSONValue(json: json)?.object ?? [:]
    }
}

/// The answer to an operation that is known by its name only: a refund that was resumed.
public struct AnyResponse: ResponseModel {
    /// What the provider answered, under its own names. It may hold personal data.
    public let members: [String: JSONValue]

    /// The same: nothing of it is documented here.
    public var extra: [String: JSONValue] { members }

    /// Reads an answer.
    public init(members: [String: JSONValue]) {
        self.members = members
    }

    /// The same as an operation's own response.
    public func typed<Response: ResponseModel>(as response: Response.Type = Response.self) -> Response {
        Response(members: members)
    }

    /// Names only.
    public var redaction: Redaction { Redaction("AnyResponse").names("members", members) }
}
